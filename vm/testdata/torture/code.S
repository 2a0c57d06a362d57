/* Code that changes itself, with fence.i and without, and instructions across pages. */
#include "torture.h"

other:
interrupt:
	j	fail

main:
	li	s0, 0x00100513		/* li a0, 1 */
	li	s1, 0x00200513		/* li a0, 2 */

	/* The very next instruction, in a loop whose blocks are linked. */
	li	s2, 20
1:	la	t0, 2f
	sw	s0, (t0)
2:	li	a0, 0
	CHECK(a0, 1)
	la	t0, 3f
	sw	s1, (t0)
	fence.i
3:	li	a0, 0
	CHECK(a0, 2)
	addi	s2, s2, -1
	bnez	s2, 1b

	/* An instruction behind a jump back, changed each time around. */
	li	s2, 20
	li	s3, 0
	la	t0, 1f
	lw	t1, 1f
	li	t2, 1 << 20
1:	li	a0, 0
	add	s3, s3, a0
	add	t1, t1, t2
	sw	t1, (t0)
	addi	s2, s2, -1
	bnez	s2, 1b
	CHECK(s3, 190)			/* 0 + 1 + ... + 19 */

	/* Half an instruction. */
	la	t0, 1f
	li	t1, 0x0010
	sh	t1, 2(t0)
1:	li	a0, 0
	CHECK(a0, 1)

	/* An instruction across two pages: its first half, its second half, the
	 * page of its second half. */
	la	t0, crossing
	li	t1, 0x0010
	sh	t1, 2(t0)
	jal	before
	CHECK(a0, 1)
	li	t1, 0x0030
	sh	t1, 2(t0)
	jal	before
	CHECK(a0, 3)
	li	t1, 0x0593		/* li a1, 3 */
	sh	t1, (t0)
	li	a1, 0
	li	a0, 0
	jal	before
	CHECK(a1, 3)
	CHECK(a0, 0)
	li	t1, 0x0513
	sh	t1, (t0)

	jal	supervisor
	ENTRY(s4, 0)
	PTE(t1, page, V | X | A)
	sd	t1, (s4)
	PTE(s5, crossing + 2, V | X | A)
	PTE(s6, copy, V | X | A)
	la	t0, before
	li	t1, 0xfff
	and	t0, t0, t1
	li	s3, WINDOW
	add	s3, s3, t0
	li	s2, 10
1:	sd	s5, 8(s4)
	li	a0, 0
	jalr	s3
	CHECK(a0, 3)
	sd	s6, 8(s4)
	jalr	s3
	CHECK(a0, 7)
	sd	zero, 8(s4)
	la	t1, 2f
	machine
	la	t0, second_fault
	csrw	mtvec, t0
	li	t0, 1 << 11
	csrc	mstatus, t0
	li	t0, 3 << 11
	csrc	mstatus, t0
	li	t0, 1 << 11
	csrs	mstatus, t0
	csrw	mepc, s3
	mret
second_fault:
	csrr	a7, mcause
	csrr	t2, mepc
	csrr	t3, mtval
	la	t0, trap
	csrw	mtvec, t0
	CHECK(a7, 12)
	CHECK(t2, WINDOW + 4096 - 2)
	CHECK(t3, WINDOW + 4096)
	li	a6, 1
	li	t0, 3 << 11
	csrc	mstatus, t0
	li	t0, 1 << 11
	csrs	mstatus, t0
	csrw	mepc, t1
	mret
2:	addi	s2, s2, -1
	bnez	s2, 1b
	j	pass

	/* before ... crossing (at the last two bytes of a page), then a return. */
	.balign	4096
page:	.space	4096 - 10
before:
	nop
	nop
	.option	rvc
crossing:
	.2byte	0x0513
	.2byte	0x0030
	ret
	.option	norvc
	.balign	4096
copy:
	.2byte	0x0070
	.2byte	0x8082			/* ret */
