# Runs the cases of a table, one after the other, and leaves the state in which
# each ends in a table of results. The layout is that of case_test.go, which also
# gives the addresses as macros: TABLE, RESULTS, TEMPLATE, DATA, CODE, HANDLER, VARS:
# the next case, its result, the number of cases left, the traps of the
# case; from VARS + 64 on the registers of the case while a trap is handled.
#
# A case begins with mret into its code and ends with an ecall at its address
# "end". Every other trap is noted and the instruction skipped; an interrupt is
# noted and disabled.

	.equ	LIMIT, 64		# traps before a case is given up

	# Offsets in a case.
	.equ	C_F, 256
	.equ	C_FCSR, 512
	.equ	C_MSTATUS, 520
	.equ	C_SATP, 528
	.equ	C_MEDELEG, 536
	.equ	C_MIDELEG, 544
	.equ	C_MIE, 552
	.equ	C_MIP, 560
	.equ	C_MCOUNTEREN, 568
	.equ	C_SCOUNTEREN, 576
	.equ	C_MENVCFG, 584
	.equ	C_SENVCFG, 592
	.equ	C_STVEC, 600
	.equ	C_SSCRATCH, 608
	.equ	C_ENTRY, 616
	.equ	C_CODEVA, 624
	.equ	C_END, 632
	.equ	C_POKES, 640
	.equ	C_START, 648		# physical address of the code
	.equ	C_LENGTH, 656		# of the code in bytes, a multiple of 8
	.equ	C_PMPCFG0, 664
	.equ	C_PMPADDR, 672		# of entries 0 to 3
	.equ	C_POKE, 736
	.equ	C_CODE, 1248
	.equ	C_SIZE, 2048

	# Offsets in a result.
	.equ	R_F, 256
	.equ	R_FCSR, 512
	.equ	R_CSRS, 520		# in the order in which they are stored below
	.equ	R_DATA, 672
	.equ	R_CODE, 680
	.equ	R_TRAPS, 688
	.equ	R_POKED, 704
	.equ	R_LOG, 960
	.equ	R_SIZE, 3072

	.text
	.globl	_start
_start:
	# A second hart is there only so that qemu performs atomic instructions
	# as one access, with the causes of one.
	csrr	t0, mhartid
1:	beqz	t0, 2f
	wfi
	j	1b
2:	li	t0, 0x2004000		# no timer
	li	t1, -1
	sd	t1, (t0)
	# What all cases need is not theirs to change, also in M-mode: this program,
	# the table, the data's template and the supervisor's handler.
	li	t0, 0x80000000 >> 2 | (0x8000 >> 3) - 1
	csrw	pmpaddr7, t0
	li	t0, TEMPLATE >> 2 | (0x2000 >> 3) - 1
	csrw	pmpaddr6, t0
	li	t0, HANDLER >> 2 | (0x1000 >> 3) - 1
	csrw	pmpaddr5, t0
	li	t0, TABLE >> 2 | (0x400000 >> 3) - 1
	csrw	pmpaddr4, t0
	li	t0, 0x9d999d99 << 32
	csrw	pmpcfg0, t0
	# The harts' devices are out of reach for good, also in M-mode, but for the
	# test finisher.
	li	t0, 0x100000 >> 2
	csrw	pmpaddr11, t0
	li	t0, 0x100004 >> 2
	csrw	pmpaddr12, t0
	li	t0, 0x80000000 >> 2
	csrw	pmpaddr13, t0
	li	t0, 0x82000000 >> 2
	csrw	pmpaddr14, t0
	li	t0, -1
	csrw	pmpaddr15, t0
	# RAM, with every right: entry 8.
	li	t0, 0x80000000 >> 2 | (0x2000000 >> 3) - 1
	csrw	pmpaddr8, t0
	csrw	pmpaddr10, zero
	li	t0, 0x880088008800001f
	csrw	pmpcfg2, t0
	li	s11, VARS
	li	t0, TABLE
	sd	t0, 0(s11)
	li	t0, RESULTS
	sd	t0, 8(s11)

next:
	li	s11, VARS
	ld	s0, 0(s11)
	ld	s1, 8(s11)
	ld	t0, 16(s11)
	beqz	t0, done
	addi	t0, t0, -1
	sd	t0, 16(s11)

	# The data, the code and the words that the case asks for.
	li	t0, TEMPLATE
	li	t1, DATA
	li	t2, 8192
	call	copy
	addi	t0, s0, C_CODE
	ld	t1, C_START(s0)
	ld	t2, C_LENGTH(s0)
	call	copy8
	ld	t2, C_POKES(s0)
	addi	t0, s0, C_POKE
1:	beqz	t2, 2f
	ld	t1, (t0)
	ld	t3, 8(t0)
	sd	t3, (t1)
	addi	t0, t0, 16
	addi	t2, t2, -1
	j	1b
2:	sd	zero, 24(s11)		# traps

	csrw	pmpcfg0, zero
	.altmacro
	.macro	pmp n
	ld	t0, C_PMPADDR+8*\n(s0)
	csrw	pmpaddr\n, t0
	.endm
	pmp	0
	pmp	1
	pmp	2
	pmp	3
	.macro	set csr, off
	ld	t0, \off(s0)
	csrw	\csr, t0
	.endm
	set	pmpcfg0, C_PMPCFG0
	li	t0, -1
	csrw	0x14d, t0		# stimecmp
	set	menvcfg, C_MENVCFG
	set	senvcfg, C_SENVCFG
	set	satp, C_SATP
	set	medeleg, C_MEDELEG
	set	mideleg, C_MIDELEG
	set	mip, C_MIP
	set	mcounteren, C_MCOUNTEREN
	set	scounteren, C_SCOUNTEREN
	set	stvec, C_STVEC
	set	sscratch, C_SSCRATCH
	csrw	scause, zero
	csrw	sepc, zero
	csrw	stval, zero
	li	t0, VARS + 64
	csrw	mscratch, t0
	addi	t0, t0, 512
	sc.d	zero, zero, (t0)	# no reservation is left
	sfence.vma
	fence.i
	la	t0, vectors
	ld	t1, 0(s0)		# the place of x0 holds the mode of mtvec
	or	t0, t0, t1
	csrw	mtvec, t0

	li	t0, 0x6000
	csrw	mstatus, t0
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fld	f\n, C_F+8*\n(s0)
	.endr
	ld	t0, C_FCSR(s0)
	fscsr	t0
	set	mepc, C_ENTRY
	set	mstatus, C_MSTATUS
	set	mie, C_MIE
	mv	x31, s0
	.irp	n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	x\n, 8*\n(x31)
	.endr
	sfence.vma			# with MPRV set, qemu would go on with M-mode's translations
	mret

	# Where a trap was taken to is in x1, once that is saved.
	.macro	vector n
	j	vector\n
	.endm
	.macro	arrive n
vector\n:
	csrrw	x31, mscratch, x31
	sd	x1, 8(x31)
	li	x1, \n
	j	trap
	.endm
	.balign	64
	.option	push
	.option	norvc
vectors:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11
	vector	\n
	.endr
	.option	pop
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11
	arrive	\n
	.endr

trap:
	.irp	n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	sd	x\n, 8*\n(x31)
	.endr
	csrr	t0, mscratch
	sd	t0, 8*31(x31)
	mv	s2, x1
	csrw	mscratch, x31
	addi	t0, x31, 512
	sc.d	zero, zero, (t0)	# a trap ends a reservation
	li	s11, VARS
	ld	s0, 0(s11)
	ld	s1, 8(s11)
	csrr	a0, mcause
	csrr	a1, mepc
	csrr	a2, mtval
	csrr	a3, mstatus
	li	t0, 9
	bne	a0, t0, 1f
	ld	t0, C_STVEC(s0)
	andi	t0, t0, -4
	sub	t0, a1, t0
	li	t1, 64
	bltu	t0, t1, reflected
1:	bgez	a0, 1f
	mv	a2, s2			# of an interrupt, where it was taken to
1:	call	ends
	beqz	t0, finish
	call	note
	csrw	mepc, a1
	j	resume

# The supervisor's handler is an ecall: its trap is the one that was delegated.
reflected:
	mv	a4, a1
	csrr	a0, scause
	csrr	a1, sepc
	csrr	a2, stval
	bgez	a0, 1f
	mv	a2, a4			# of an interrupt, where it was taken to
1:
	call	ends
	beqz	t0, finish
	call	note
	csrw	mepc, a1
	# What sret would do.
	li	t0, 1 << 11 | 1 << 12 | 1 << 1
	csrc	mstatus, t0
	srli	t0, a3, 8		# SPP
	andi	t0, t0, 1
	slli	t0, t0, 11
	csrs	mstatus, t0
	srli	t0, a3, 4		# SPIE
	andi	t0, t0, 2
	csrs	mstatus, t0
	li	t0, 1 << 8
	csrc	mstatus, t0
	li	t0, 1 << 5
	csrs	mstatus, t0

resume:
	ld	t0, 24(s11)
	li	t1, LIMIT
	bgeu	t0, t1, finish
	csrr	x31, mscratch
	.irp	n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	x\n, 8*\n(x31)
	.endr
	sfence.vma			# with MPRV set, qemu would go on with M-mode's translations
	mret

# ends: t0 = 0 if the trap with cause a0 at a1 is the end of the case.
ends:
	addi	t1, a0, -8
	li	t0, 4
	bgeu	t1, t0, 1f
	ld	t0, C_END(s0)
	sub	t0, a1, t0
	ret
1:	li	t0, 1
	ret

# note: notes the trap a0 (cause), a1 (pc), a2 (value), a3 (mstatus), and makes
# a1 the address where to go on.
note:
	ld	t0, 24(s11)
	addi	t1, t0, 1
	sd	t1, 24(s11)
	slli	t0, t0, 5
	add	t0, t0, s1
	addi	t0, t0, R_LOG
	sd	a0, 0(t0)
	sd	a1, 8(t0)
	sd	a2, 16(t0)
	sd	a3, 24(t0)
	bltz	a0, 3f
	ld	t0, C_CODEVA(s0)
	sub	t0, a1, t0
	li	t1, 8190
	bgeu	t0, t1, 2f
	li	t1, CODE
	add	t0, t0, t1
	lhu	t0, (t0)
	andi	t0, t0, 3
	addi	a1, a1, 2
	addi	t0, t0, -3
	bnez	t0, 4f
	addi	a1, a1, 2
	ret
2:	li	t0, LIMIT		# somewhere else: that is the end
	sd	t0, 24(s11)
	ret
3:	li	t0, 1			# an interrupt
	sll	t0, t0, a0
	csrc	mie, t0
4:	ret

finish:
	csrr	t0, mscratch
	.irp	n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	t1, 8*\n(t0)
	sd	t1, 8*\n(s1)
	.endr
	li	t0, 0x6000
	csrw	mstatus, t0
	frcsr	t0
	sd	t0, R_FCSR(s1)
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fsd	f\n, R_F+8*\n(s1)
	.endr
	sd	a3, R_CSRS(s1)
	.set	at, R_CSRS + 8
	.irp	csr, satp, medeleg, mideleg, mie, mip, mcounteren, scounteren, menvcfg, senvcfg, stvec, sscratch, sepc, scause, stval, 0x14d
	csrr	t0, \csr
	sd	t0, at(s1)
	.set	at, at + 8
	.endr
	csrw	mie, zero
	csrw	satp, zero
	csrw	pmpcfg0, zero		# an entry that covers part of an access stops M-mode too
	sfence.vma
	ld	t0, 24(s11)
	sd	t0, R_TRAPS(s1)
	li	t0, DATA
	li	t2, 8192
	call	checksum
	sd	t1, R_DATA(s1)
	ld	t0, C_START(s0)
	ld	t2, C_LENGTH(s0)
	call	checksum
	sd	t1, R_CODE(s1)

	# What the words have become; none is left for the next case.
	ld	t2, C_POKES(s0)
	addi	t0, s0, C_POKE
	addi	t4, s1, R_POKED
1:	beqz	t2, 2f
	ld	t1, (t0)
	ld	t3, (t1)
	sd	t3, (t4)
	addi	t0, t0, 16
	addi	t4, t4, 8
	addi	t2, t2, -1
	j	1b
2:	ld	t2, C_POKES(s0)
	addi	t0, s0, C_POKE
1:	beqz	t2, 2f
	ld	t1, (t0)
	sd	zero, (t1)
	addi	t0, t0, 16
	addi	t2, t2, -1
	j	1b
2:	ld	t1, C_START(s0)
	ld	t2, C_LENGTH(s0)
1:	sd	zero, (t1)
	addi	t1, t1, 8
	addi	t2, t2, -8
	bnez	t2, 1b

	li	t0, C_SIZE
	add	s0, s0, t0
	sd	s0, 0(s11)
	li	t0, R_SIZE
	add	s1, s1, t0
	sd	s1, 8(s11)
	j	next

done:
	li	t0, 0x100000
	li	t1, 0x5555
	sw	t1, (t0)
1:	j	1b

# copy: t2 bytes, a multiple of 64, from t0 to t1.
copy:
	.irp	n, 0,8,16,24,32,40,48,56
	ld	t3, \n(t0)
	sd	t3, \n(t1)
	.endr
	addi	t0, t0, 64
	addi	t1, t1, 64
	addi	t2, t2, -64
	bnez	t2, copy
	ret

# copy8: t2 bytes, a multiple of 8, from t0 to t1.
copy8:
	ld	t3, (t0)
	sd	t3, (t1)
	addi	t0, t0, 8
	addi	t1, t1, 8
	addi	t2, t2, -8
	bnez	t2, copy8
	ret

# checksum: t1 over the t2 bytes, a multiple of 8, at t0.
checksum:
	li	t1, 0
	li	t4, 0x9e3779b97f4a7c15
1:	ld	t3, (t0)
	xor	t1, t1, t3
	mul	t1, t1, t4
	addi	t0, t0, 8
	addi	t2, t2, -8
	bnez	t2, 1b
	ret
