/* A register machine and two programs for it. */
#include "bench.h"

enum op { HALT, SET, ADD, ADDI, ANDI, SHR, LOAD, STORE, JUMP, LESS, ZERO };

/* An instruction: LESS and ZERO jump to target when they hold. */
struct instruction {
	uint8_t op, a, b, c;
	int32_t n;
};

#define REGISTERS 8

/* run interprets until HALT and returns register 0. Loads and stores address
 * bytes of memory, modulo its size of a power of two. */
static uint64_t run(const struct instruction *program, uint8_t *memory, uint64_t size)
{
	uint64_t r[REGISTERS] = {0};
	const struct instruction *i = program;

	for (;; i++) {
		switch ((enum op)i->op) {
		case HALT:
			return r[0];
		case SET:
			r[i->a] = (uint64_t)(int64_t)i->n;
			break;
		case ADD:
			r[i->a] = r[i->b] + r[i->c];
			break;
		case ADDI:
			r[i->a] = r[i->b] + (uint64_t)(int64_t)i->n;
			break;
		case ANDI:
			r[i->a] = r[i->b] & (uint64_t)(int64_t)i->n;
			break;
		case SHR:
			r[i->a] = r[i->b] >> i->n;
			break;
		case LOAD:
			r[i->a] = memory[r[i->b] & (size - 1)];
			break;
		case STORE:
			memory[r[i->b] & (size - 1)] = (uint8_t)r[i->a];
			break;
		case JUMP:
			i = program + i->n - 1;
			break;
		case LESS:
			if (r[i->a] < r[i->b])
				i = program + i->n - 1;
			break;
		case ZERO:
			if (r[i->a] == 0)
				i = program + i->n - 1;
			break;
		}
	}
}

/* The sum of the lengths of the Collatz sequences that start at 2 to r1. */
static const struct instruction collatz[] = {
	{SET, 1, 0, 0, 6000},
	{SET, 2, 0, 0, 1},
	{ADDI, 2, 2, 0, 1}, /* 2: the next start */
	{ADD, 3, 2, 7, 0},
	{ANDI, 4, 3, 0, 1}, /* 4: one element */
	{ADDI, 0, 0, 0, 1},
	{ZERO, 4, 0, 0, 11},
	{ADD, 4, 3, 3, 0}, /* odd: times 3 plus 1, which is never 1 */
	{ADD, 3, 3, 4, 0},
	{ADDI, 3, 3, 0, 1},
	{JUMP, 0, 0, 0, 4},
	{SHR, 3, 3, 0, 1}, /* 11, even: halved */
	{ADDI, 5, 3, 0, -1},
	{ZERO, 5, 0, 0, 15},
	{JUMP, 0, 0, 0, 4},
	{LESS, 2, 1, 0, 2}, /* 15 */
	{HALT, 0, 0, 0, 0},
};

/* The number of primes below 65536, by the sieve of Eratosthenes. */
static const struct instruction sieve[] = {
	{SET, 1, 0, 0, 65536},
	{SET, 2, 0, 0, 2},
	{SET, 5, 0, 0, 1},
	{LOAD, 3, 2, 0, 0}, /* 3: one number */
	{ZERO, 3, 0, 0, 6},
	{JUMP, 0, 0, 0, 12},
	{ADDI, 0, 0, 0, 1}, /* 6: a prime, its multiples are none */
	{ADD, 4, 2, 2, 0},
	{JUMP, 0, 0, 0, 11},
	{STORE, 5, 4, 0, 0}, /* 9 */
	{ADD, 4, 4, 2, 0},
	{LESS, 4, 1, 0, 9}, /* 11 */
	{ADDI, 2, 2, 0, 1}, /* 12 */
	{LESS, 2, 1, 0, 3},
	{HALT, 0, 0, 0, 0},
};

uint64_t interpret_bytecode(void)
{
	enum { SIZE = 1 << 16 };

	memset(arena, 0, SIZE);
	return mix(run(collatz, arena, SIZE), run(sieve, arena, SIZE));
}
