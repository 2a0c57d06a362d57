/*
 * One hart loads and stores while another changes what it may do there, and
 * clears the bits A and D.
 */
#include "torture.h"

#define ROUNDS 150

interrupt:
	j	fail

/* By the count modulo 3: nothing is allowed; loads are; stores too. */
main:
	jal	supervisor
	la	s1, turn
	li	s2, WINDOW
	ENTRY(s3, 0)
	li	s4, 3
	li	s5, ROUNDS
	li	t0, 3
	sd	t0, (s1)		/* off goes the other */
1:	ld	t0, (s1)
	bltz	t0, 1b
	li	a7, 0
	ld	t2, (s2)
	mv	s6, a7
	li	a7, 0
	sd	t0, 8(s2)
	mv	s7, a7
	lbu	s8, (s3)
	ld	t1, (s1)
	bne	t0, t1, 1b
	beq	t0, s4, 1b		/* nothing is mapped yet */
	remu	t1, t0, s4
	beqz	t1, 2f
	addi	t1, t1, -1
	beqz	t1, 3f
	CHECK(s6, 0)
	CHECK(s7, 0)
	CHECK(t2, 0x1111)
	CHECK(s8, V | R | W | A | D)
	j	4f
2:	CHECK(s6, 13)
	CHECK(s7, 15)
	CHECK(s8, 0)
	j	4f
3:	CHECK(s6, 0)
	CHECK(s7, 15)
	CHECK(t2, 0x1111)
	CHECK(s8, V | R | A)
4:	bltu	t0, s5, 1b
	j	pass

other:
	la	s1, turn
1:	ld	t0, (s1)
	beqz	t0, 1b
	ENTRY(s3, 0)
	PTE(s4, one, 0)
	li	s5, 3
2:	addi	t0, t0, 1
	li	t1, -1
	sd	t1, (s1)
	remu	t1, t0, s5
	li	t2, 0
	beqz	t1, 3f
	ori	t2, s4, V | R
	addi	t1, t1, -1
	beqz	t1, 3f
	ori	t2, t2, W
3:	sd	t2, (s3)
	sd	t0, (s1)
	/* So long that the other hart gets to look, and meets each place of it. */
	andi	t1, t0, 31
	addi	t1, t1, 50
4:	addi	t1, t1, -1
	bnez	t1, 4b
	j	2b

	.data
	.balign	4096
one:	.dword	0x1111
	.balign	4096
turn:	.dword	0
