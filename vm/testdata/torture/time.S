/* mtime is written, forwards and backwards, under mtimecmp and stimecmp. */
#include "torture.h"
#define MTIMECMP 0x2004000
#define MTIME 0x200bff8

other:
	j	fail

/* Counts in s11 and puts the comparators off. */
interrupt:
	addi	s11, s11, 1
	li	t5, -1
	li	t6, MTIMECMP
	sd	t5, (t6)
	csrw	0x14d, t5
	mret

main:
	li	s0, MTIMECMP
	li	s1, MTIME
	li	s2, 1 << 7 | 1 << 5	/* MTIE, STIE */
	li	s11, 0
	li	t0, -1
	sd	t0, (s0)
	csrw	0x14d, t0
	li	t0, 1 << 63		/* menvcfg.STCE */
	csrw	0x30a, t0
	csrw	mie, s2
	csrsi	mstatus, 8

	/* Forwards past mtimecmp: the interrupt comes before the next instruction. */
	li	t0, 1000000
	sd	t0, (s0)
	addi	t0, t0, 5
	sd	t0, (s1)
	CHECK(s11, 1)

	/* Backwards: what was pending is pending no more. */
	csrci	mstatus, 8
	li	t0, 500
	sd	t0, (s0)
	csrr	t1, mip
	andi	t1, t1, 1 << 7
	CHECK(t1, 1 << 7)
	sd	zero, (s1)
	csrr	t1, mip
	andi	t1, t1, 1 << 7
	CHECK(t1, 0)
	csrsi	mstatus, 8

	/* It comes by itself, to a loop that only counts. */
	csrr	t0, time
	addi	t0, t0, 3
	sd	t0, (s0)
	li	s3, 0
1:	addi	s3, s3, 1
	li	t1, 1
	beq	s11, t1, 1b

	/* The same by stimecmp. */
	csrr	t0, time
	addi	t0, t0, 3
	csrw	0x14d, t0
1:	addi	s3, s3, 1
	li	t1, 2
	beq	s11, t1, 1b
	li	t0, 2000000
	csrw	0x14d, t0
	sw	t0, (s1)
	CHECK(s11, 4)

	/* To a hart that waits; and a write that takes the end of the wait away and
	 * gives it back is seen exactly. */
	csrr	t0, time
	addi	t0, t0, 50
	sd	t0, (s0)
1:	wfi
	li	t1, 4
	beq	s11, t1, 1b
	CHECK(s11, 5)
	csrr	t0, time
	addi	t1, t0, 20
	sd	t1, (s0)
	addi	t1, t0, -40
	sd	t1, (s1)
1:	addi	s3, s3, 1
	li	t1, 5
	beq	s11, t1, 1b

	/* STCE off: STIP is software's again. */
	csrw	0x30a, zero
	csrw	0x14d, zero
	csrr	t1, mip
	andi	t1, t1, 1 << 5
	CHECK(t1, 0)
	j	pass
