/* race counts on two harts at a time: one counter the right way, with LR and SC,
 * and one with a plain load, add and store, which loses a count if a hart's turn
 * ends between the load and the store and the other hart counts then. The turns
 * of a machine without chaos never end there. A lost count is a failure with
 * code 1, one lost by LR and SC with code 2. */
#include "board.h"

#define MSIP(hart) (CLINT + 4 * (hart))
#define ROUNDS 4

static volatile uint64_t plain, exact;
static volatile bool done[2];

/* count_exactly adds one to exact. */
static void count_exactly(void)
{
	uint64_t value, failed;

	do {
		__asm__ volatile("lr.d %0, (%2)\n\taddi %0, %0, 1\n\tsc.d %1, %0, (%2)"
				 : "=&r"(value), "=&r"(failed)
				 : "r"(&exact)
				 : "memory");
	} while (failed);
}

/* work takes some time, not always the same. */
static void work(uint64_t *random)
{
	*random = *random * 6364136223846793005ul + 1442695040888963407ul;
	for (uint64_t n = 300 + (*random >> 56); n; n--)
		__asm__ volatile("" ::: "memory");
}

static void count(int hart)
{
	uint64_t random = (uint64_t)hart;

	for (int i = 0; i < ROUNDS; i++) {
		work(&random);
		plain = plain + 1;
		count_exactly();
	}
	done[hart] = true;
}

void second(void) { count(1); }

void first(void)
{
	write32(MSIP(1), 1);
	count(0);
	while (!done[1])
		;
	if (exact != 2 * ROUNDS)
		fail(2);
	if (plain != 2 * ROUNDS)
		fail(1);
	put_text("race: all counted\n");
}
