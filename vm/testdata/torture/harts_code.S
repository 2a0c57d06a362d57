/*
 * One hart runs code while another changes it: the code itself, the entry of its page, and
 * the tables above, with fence.i on the hart that runs and without.
 */
#include "torture.h"

#define ROUNDS 120

interrupt:
	j	fail

main:
	la	s0, window_table
	PTE(t1, frame_one, V | X | A)
	sd	t1, 8(s0)
	jal	supervisor
	la	s1, turn
	la	s2, pass
	la	s3, bad
	li	s4, 0
	li	s5, ROUNDS
	li	t0, WINDOW + 4096
	li	t1, 1
	sd	t1, (s1)		/* off goes the other */
	jr	t0
bad:	li	a0, __LINE__
	j	fail

/*
 * What runs: a0 gets the count, if nothing was changed meanwhile. A count that
 * is negative says that something is being changed.
 */
	.macro	frame name
	.balign	4096
\name:	ld	t0, (s1)
	bltz	t0, . - 4
	beqz	s4, . + 8
	fence.i
	li	a0, 1
	ld	t1, (s1)
	bne	t0, t1, . - 24
	bne	a0, t0, . + 16
	xori	s4, s4, 1
	bltu	t0, s5, . - 36
	jr	s2
	jr	s3
	.balign	4096
	.endm
#define MARKER 16

/*
 * What changes it has of each level two parts, of which one is in use. It
 * prepares the other one down to the code, then switches at one level.
 */
other:
	la	s1, turn
1:	ld	t0, (s1)
	beqz	t0, 1b
	la	s2, frame_one
	la	s3, frame_two
	la	s4, window_table
	la	s5, other_table
	la	s6, window_directory
	la	s7, other_directory
	la	s8, root_table
	lw	s9, code
2:	addi	t0, t0, 1
	li	t1, -1
	sd	t1, (s1)
	slli	t2, t0, 20
	add	t2, t2, s9
	andi	t3, t0, 3
	beqz	t3, 6f
	/* Another frame. */
	sw	t2, MARKER(s3)
	srli	t1, s3, 2
	ori	t1, t1, V | X
	addi	t4, t3, -1
	beqz	t4, 5f
	/* In another table. */
	sd	t1, 8(s5)
	srli	t1, s5, 2
	ori	t1, t1, V
	addi	t4, t3, -2
	beqz	t4, 4f
	/* In another directory. */
	sd	t1, (s7)
	srli	t1, s7, 2
	ori	t1, t1, V
	sd	t1, 8(s8)
	mv	t1, s6
	mv	s6, s7
	mv	s7, t1
	j	3f
4:	sd	t1, (s6)
3:	mv	t1, s4
	mv	s4, s5
	mv	s5, t1
	j	3f
5:	sd	t1, 8(s4)
3:	mv	t1, s2
	mv	s2, s3
	mv	s3, t1
	j	7f
6:	sw	t2, MARKER(s2)
7:	sd	t0, (s1)
	/* So long that the other hart gets to look, and meets each place of it. */
	andi	t1, t0, 31
	addi	t1, t1, 40
8:	addi	t1, t1, -1
	bnez	t1, 8b
	j	2b

code:	li	a0, 0

	frame	frame_one
	frame	frame_two

	.data
	.balign	8
turn:	.dword	0

	.bss
	.balign	4096
other_table: .space 4096
other_directory: .space 4096
