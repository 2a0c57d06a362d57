/* LR and SC: a reservation is an address and the value that was there. */
#include "torture.h"

other:
interrupt:
	j	fail

main:
	la	s0, word
	li	s1, 5
	li	a6, 1
	li	s2, 10

	/* Another store of the same value is not seen; one of another value is. */
1:	sd	s1, (s0)
	lr.d	t0, (s0)
	sd	s1, (s0)
	sc.d	t1, zero, (s0)
	CHECK(t1, 0)
	sd	s1, (s0)
	lr.d	t0, (s0)
	sd	zero, (s0)
	sc.d	t1, s1, (s0)
	CHECK(t1, 1)
	lr.d	t0, (s0)
	sd	s1, (s0)
	sd	zero, (s0)
	sc.d	t1, s1, (s0)
	CHECK(t1, 0)

	/* One SC for one LR, and at its address. */
	lr.d	t0, (s0)
	sc.d	t1, s1, (s0)
	sc.d	t2, zero, (s0)
	CHECK(t1, 0)
	CHECK(t2, 1)
	lr.d	t0, (s0)
	addi	t3, s0, 8
	sc.d	t1, zero, (t3)
	sc.d	t2, zero, (s0)
	CHECK(t1, 1)
	CHECK(t2, 1)

	/* A trap and a return end it. */
	lr.d	t0, (s0)
	ecall
	sc.d	t1, zero, (s0)
	CHECK(t1, 1)
	la	t0, 2f
	csrw	mepc, t0
	li	t0, 3 << 11
	csrs	mstatus, t0
	lr.d	t0, (s0)
	mret
2:	sc.d	t1, zero, (s0)
	CHECK(t1, 1)

	/* Words: the other half does not matter. */
	lr.w	t0, (s0)
	sw	s1, 4(s0)
	sc.w	t1, zero, (s0)
	CHECK(t1, 0)
	sd	s1, (s0)
	addi	s2, s2, -1
	bnez	s2, 1b
	j	pass

	.data
	.balign	8
word:	.dword	0, 0
