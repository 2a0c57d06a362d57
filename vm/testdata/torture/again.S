/* Resets in mid-run: twice with paging on, code changed and a timer running. */
#include "torture.h"

other:
interrupt:
	j	fail

main:
	/* The count of the runs is beyond the image, where a reset leaves it. */
	li	s0, 0x80100000
	ld	s1, (s0)
	addi	s1, s1, 1
	sd	s1, (s0)
	csrr	t0, satp
	CHECK(t0, 0)
	csrr	t0, mie
	CHECK(t0, 0)
	jal	patched
	CHECK(a0, 1)
	li	t0, 0x00200513		/* li a0, 2 */
	la	t1, patched
	sw	t0, (t1)
	jal	patched
	CHECK(a0, 2)
	li	t0, 0x2004000
	li	t1, 100000
	sd	t1, (t0)
	li	t0, 1 << 7
	csrw	mie, t0
	jal	supervisor
	ENTRY(a1, 0)
	PTE(a2, patched, V | R | W | X | A)
	sd	a2, (a1)
	li	t0, WINDOW
	lw	t1, (t0)
	li	t2, 3
	beq	s1, t2, pass
	li	t0, FINISHER
	li	t1, 0x7777
	sw	t1, (t0)
1:	j	1b

	.balign	4096
patched:
	li	a0, 1
	ret
