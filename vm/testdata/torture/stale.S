/* Translations that a store to a page-table entry makes stale, without sfence.vma. */
#include "torture.h"

other:
interrupt:
	j	fail

main:
	jal	supervisor
	la	s0, one
	la	s1, two
	li	s2, WINDOW

	/* A leaf is changed between two loads. */
	ENTRY(a1, 0)
	PTE(a2, one, V | R | A)
	PTE(a3, two, V | R | A)
	li	s3, 20
1:	sd	a2, (a1)
	ld	t0, (s2)
	CHECK(t0, 0x1111)
	sd	a3, (a1)
	ld	t0, (s2)
	CHECK(t0, 0x2222)
	addi	s3, s3, -1
	bnez	s3, 1b

	/* Half of the entry, and one byte. */
	sw	a2, (a1)
	ld	t0, (s2)
	CHECK(t0, 0x1111)
	srli	t0, a3, 8
	sb	t0, 1(a1)
	srli	t0, a3, 16
	sb	t0, 2(a1)
	ld	t0, (s2)
	CHECK(t0, 0x2222)

	/* The right to write goes, and comes back. */
	PTE(a2, one, V | R | W | A | D)
	sd	a2, (a1)
	sd	zero, 8(s2)
	li	t0, V | R | A | D
	sb	t0, (a1)
	li	a7, 0
	sd	zero, 8(s2)
	CHECK(a7, 15)
	sd	a2, (a1)
	li	a7, 0
	sd	zero, 8(s2)
	CHECK(a7, 0)
	sd	zero, (a1)
	ld	t0, (s2)
	CHECK(a7, 13)

	/* Hardware sets A and D again each time that they are cleared. */
	li	s3, 5
1:	PTE(a2, one, V | R | W)
	sd	a2, (a1)
	ld	t0, (s2)
	lbu	t0, (a1)
	CHECK(t0, V | R | W | A)
	sd	t0, 16(s2)
	lbu	t0, (a1)
	CHECK(t0, V | R | W | A | D)
	li	t0, V | R | W | A
	sb	t0, (a1)
	sd	t0, 16(s2)
	lbu	t0, (a1)
	CHECK(t0, V | R | W | A | D)
	addi	s3, s3, -1
	bnez	s3, 1b

	/* A pointer to a table is changed: all below it changes. */
	PTE(a2, one, V | R | A)
	sd	a2, (a1)
	la	t1, other_table
	PTE(a3, two, V | R | A)
	sd	a3, (t1)
	la	s4, window_directory
	PTE(s5, window_table, V)
	PTE(s6, other_table, V)
	li	s3, 10
1:	ld	t0, (s2)
	CHECK(t0, 0x1111)
	sd	s6, (s4)
	ld	t0, (s2)
	CHECK(t0, 0x2222)
	sd	s5, (s4)
	addi	s3, s3, -1
	bnez	s3, 1b

	/* The pointer becomes a leaf of 2 MiB, and a pointer again. */
	li	t0, (0x80000000 >> 2) | V | R | A
	sd	t0, (s4)
	lw	t0, (s2)
	la	t1, _start
	lw	t1, (t1)
	beq	t0, t1, 1f
	li	a0, __LINE__
	j	fail
1:	sd	s5, (s4)
	ld	t0, (s2)
	CHECK(t0, 0x1111)

	/* The page being executed goes to another frame, and back: the next
	 * instruction is the other frame's. */
	ENTRY(a1, 1)
	PTE(a2, code_one, V | X | A)
	PTE(a3, code_two, V | X | A)
	li	s3, 10
1:	sd	a2, (a1)
	li	t0, WINDOW + 4096
	jalr	t0
	CHECK(a0, 12)
	addi	s3, s3, -1
	bnez	s3, 1b

	/* It becomes not executable under itself. */
	PTE(a3, code_one, V | R | A)
	PTE(a4, code_one, V | X | A)
	sd	a4, (a1)
	li	t0, WINDOW + 4096
	li	a7, 0
	la	t1, faulted
	machine
	la	t5, fetch_fault
	csrw	mtvec, t5
	li	t5, 3 << 11
	csrc	mstatus, t5
	li	t5, 1 << 11
	csrs	mstatus, t5
	csrw	mepc, t0
	mret
fetch_fault:
	csrr	a7, mcause
	csrr	t2, mepc
	csrr	t3, mtval
	jr	t1
faulted:
	CHECK(a7, 12)
	CHECK(t2, WINDOW + 4096 + 8)
	CHECK(t3, WINDOW + 4096 + 8)
	j	pass

	/* Both leave the sum of what they execute in a0. */
	.balign	4096
code_one:
	li	a0, 0
	sd	a3, (a1)
	li	a0, 1
	addi	a0, a0, 1
	ret
	.balign	4096
code_two:
	li	a0, 0
	nop
	li	a0, 10
	addi	a0, a0, 2
	ret

	.data
	.balign	4096
one:	.dword	0x1111
	.balign	4096
two:	.dword	0x2222
	.balign	4096
other_table: .space 4096
