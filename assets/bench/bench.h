/* The benchmark: the same computation everywhere, so that only the time that it
 * takes differs. */
#ifndef BENCH_H
#define BENCH_H

#include "board.h"

/* What the workloads compute in, one after the other; 4 KiB pages. */
#define ARENA_SIZE (4ul << 20)
extern uint8_t arena[ARENA_SIZE];

/* Each workload returns a checksum over its results. */
uint64_t sort_integers(void);
uint64_t hash_blocks(void);
uint64_t hash_table(void);
uint64_t multiply_matrices(void);
uint64_t walk_lists(void);
uint64_t interpret_bytecode(void);

uint64_t multiply_float_matrices(void);
uint64_t simulate_planets(void);
uint64_t evaluate_polynomials(void);

static inline uint64_t mix(uint64_t sum, uint64_t value)
{
	sum = (sum ^ value) * 0x9e3779b97f4a7c15;
	return sum ^ sum >> 29;
}

/* random_next is xorshift64*: the state must not be zero. */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1d;
}

#endif
