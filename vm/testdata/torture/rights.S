/* SUM, MXR, MPRV and satp change what a translation is good for, without sfence.vma. */
#include "torture.h"

other:
interrupt:
	j	fail

main:
	jal	supervisor
	ENTRY(a1, 0)
	PTE(a2, one, V | R | W | U | A | D)
	sd	a2, (a1)
	ENTRY(a1, 1)
	PTE(a2, one, V | X | A)
	sd	a2, (a1)
	li	s2, WINDOW
	li	s3, WINDOW + 4096
	li	s4, 1 << 18		/* SUM */
	li	s5, 1 << 19		/* MXR */

	li	s6, 10
1:	csrs	sstatus, s4
	li	a7, 0
	ld	t0, (s2)
	sd	t0, 8(s2)
	CHECK(a7, 0)
	csrc	sstatus, s4
	ld	t0, (s2)
	CHECK(a7, 13)
	sd	t0, 8(s2)
	CHECK(a7, 15)
	csrs	sstatus, s5
	li	a7, 0
	ld	t0, (s3)
	CHECK(a7, 0)
	CHECK(t0, 0x1111)
	csrc	sstatus, s5
	ld	t0, (s3)
	CHECK(a7, 13)
	addi	s6, s6, -1
	bnez	s6, 1b

	/* M-mode that loads as U-mode and as S-mode. */
	machine
	li	s4, 1 << 17		/* MPRV */
	li	s5, 1 << 11		/* MPP: S */
	li	s7, 3 << 11
	li	s6, 10
1:	li	a7, 0
	csrc	mstatus, s7
	csrs	mstatus, s4
	ld	t0, (s2)		/* as U-mode */
	csrc	mstatus, s4
	CHECK(a7, 0)
	CHECK(t0, 0x1111)
	csrc	mstatus, s7
	csrs	mstatus, s5
	csrs	mstatus, s4
	ld	t0, (s2)		/* as S-mode, without SUM; the handler returns to M-mode and leaves MPP at U */
	csrc	mstatus, s4
	CHECK(a7, 13)
	li	a7, 0
	ld	t0, (s2)		/* as M-mode: nothing is there */
	CHECK(a7, 5)
	addi	s6, s6, -1
	bnez	s6, 1b

	/* Two roots: as mode and ASID stay, only the tables differ. */
	la	t0, second_root
	la	t1, root_table
	ld	t2, 0(t1)
	sd	t2, 0(t0)
	ld	t2, 16(t1)
	sd	t2, 16(t0)
	PTE(t2, second_directory, V)
	sd	t2, 8(t0)
	la	t0, second_directory
	PTE(t2, second_table, V)
	sd	t2, (t0)
	la	t0, second_table
	PTE(t2, two, V | R | W | U | A | D)
	sd	t2, (t0)
	csrr	s8, satp
	la	t0, second_root
	srli	t0, t0, 12
	li	t1, 8 << 60
	or	s9, t0, t1
	li	s6, 10
1:	csrc	mstatus, s7
	csrs	mstatus, s4
	ld	t0, (s2)
	csrw	satp, s9
	ld	t1, (s2)
	csrw	satp, zero
	li	a7, 0
	ld	t2, (s2)
	csrw	satp, s8
	csrc	mstatus, s7
	ld	t3, (s2)
	csrc	mstatus, s4
	CHECK(t0, 0x1111)
	CHECK(t1, 0x2222)
	CHECK(a7, 5)
	CHECK(t3, 0x1111)
	addi	s6, s6, -1
	bnez	s6, 1b
	j	pass

	.data
	.balign	4096
one:	.dword	0x1111
	.balign	4096
two:	.dword	0x2222
	.balign	4096
second_root: .space 4096
second_directory: .space 4096
second_table: .space 4096
