/* One hart changes the entry through which another loads, and code that it runs. */
#include "torture.h"

interrupt:
	j	fail

main:
	jal	supervisor
	ENTRY(s0, 0)
	PTE(t1, one, V | R | A)
	sd	t1, (s0)
	la	s1, turn
	li	s2, WINDOW
	li	s3, 1
	sd	s3, (s1)		/* off goes the other */
	li	s6, 0x1111
	li	s7, 0x2222

	/* Whatever it sees when, it never sees the old frame after the new count. */
1:	ld	t0, (s1)
	bltz	t0, 1b
	ld	t2, (s2)
	ld	t1, (s1)
	bne	t0, t1, 1b
	jal	patched
	ld	t1, (s1)
	andi	t3, t0, 1
	bnez	t3, 2f
	mv	t4, s7
	bne	t2, t4, bad
	j	3f
2:	bne	t2, s6, bad
3:	bne	t0, t1, 1b		/* the code was changed at some time */
	bne	a0, t0, bad
	li	t3, 60
	bltu	t0, t3, 1b
	j	pass
bad:	li	a0, __LINE__
	j	fail

/* Odd counts: frame one. The code gives the count. */
other:
	la	s1, turn
1:	ld	t0, (s1)
	beqz	t0, 1b
	ENTRY(s0, 0)
	PTE(s2, one, V | R | A)
	PTE(s3, two, V | R | A)
	la	s4, patched
	lw	s5, code
2:	addi	t0, t0, 1
	slli	t1, t0, 20
	add	t1, t1, s5
	andi	t2, t0, 1
	mv	t3, s3
	beqz	t2, 3f
	mv	t3, s2
	/* Between the three stores hart 0 must not look: it compares the counts
	 * before and after. */
3:	li	t4, -1
	sd	t4, (s1)
	sd	t3, (s0)
	sw	t1, (s4)
	sd	t0, (s1)
	li	t4, 40
4:	addi	t4, t4, -1
	bnez	t4, 4b
	j	2b

	.balign	4096
patched:
	li	a0, 1
	ret
code:	li	a0, 0

	.data
	.balign	4096
one:	.dword	0x1111
	.balign	4096
two:	.dword	0x2222
	.balign	4096
turn:	.dword	0
