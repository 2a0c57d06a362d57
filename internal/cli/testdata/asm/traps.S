# A trap of every sort that the machine has, in a fixed order: exceptions in M-,
# S- and U-mode, delegated ones among them, and interrupts. Then accesses that
# ask for what is not there, some of them twice. The handlers go on behind the
# instruction that trapped, or at t6 after a fetch that failed.

	.option norelax
	.option norvc
	.globl	_start
_start:
	la	t0, machine
	csrw	mtvec, t0
	la	t0, supervisor
	csrw	stvec, t0
	li	t0, -1			# all of memory for all modes
	csrw	pmpaddr0, t0
	li	t0, 0x1f
	csrw	pmpcfg0, t0

	ecall
	.word	0
	li	t0, 0x05000000
	ld	t1, 0(t0)
	sw	t1, 4(t0)
	lr.w	t1, (t0)
	la	t6, 1f
	jr	t0
1:	csrr	t1, 0x123
	la	t0, somewhere
	addi	t0, t0, 2
	lr.d	t1, (t0)

	# The software interrupt of this hart, and the timer's.
	li	t0, 0x02000000
	li	t1, 1
	li	t2, 1 << 3 | 1 << 7
	csrw	mie, t2
	sw	t1, 0(t0)
	csrsi	mstatus, 1 << 3
	csrci	mstatus, 1 << 3
	li	t0, 0x02004000
	sd	zero, 0(t0)
	csrsi	mstatus, 1 << 3
	csrci	mstatus, 1 << 3
	csrw	mie, zero

	# S-mode, to which page faults and the environment calls of U-mode go.
	li	t0, 1 << 8 | 1 << 12 | 1 << 13 | 1 << 15 | 1 << 2
	csrw	medeleg, t0
	li	t0, 1 << 11
	csrs	mstatus, t0
	li	t0, 1 << 12
	csrc	mstatus, t0
	la	t0, inside
	csrw	mepc, t0
	mret
inside:
	ecall
	.word	0
	csrr	t0, mstatus
	la	t0, table		# one gigabyte page, and nothing else
	srli	t0, t0, 12
	li	t1, 8 << 60
	or	t0, t0, t1
	csrw	satp, t0
	sfence.vma
	li	t0, 0x12345678
	ld	t1, 0(t0)
	sb	t1, 1(t0)
	la	t6, 1f
	jr	t0
1:	li	t0, 1 << 8
	csrc	sstatus, t0
	la	t0, user
	csrw	sepc, t0
	sret
user:					# the page is not the user's
	nop

	.balign	4
supervisor:
	csrr	t4, scause
	li	t5, 12
	beq	t4, t5, 1f
	csrr	t4, sepc
	addi	t4, t4, 4
	csrw	sepc, t4
	sret
1:	li	t5, 1 << 8		# back to S-mode
	csrs	sstatus, t5
	csrr	t4, sepc
	la	t5, user
	beq	t4, t5, last
	csrw	sepc, t6
	sret
last:					# out of S-mode, for good
	li	a7, 1
	ecall

	.balign	4
machine:
	csrr	t4, mcause
	bltz	t4, interrupt
	li	t5, 1
	beq	t4, t5, 1f
	li	t5, 1
	beq	a7, t5, errors
	csrr	t4, mepc
	addi	t4, t4, 4
	csrw	mepc, t4
	mret
1:	csrw	mepc, t6
	mret
interrupt:
	li	t5, 0x02000000
	sw	zero, 0(t5)
	li	t5, 0x02004000
	li	t4, -1
	sd	t4, 0(t5)
	mret

# Devices that are asked for what they have not, each of it twice from one place.
errors:
	li	a7, 0
	csrw	satp, zero
	li	s1, 2
again:
	li	t0, 0x10000000
	li	t1, 0xf1
	sb	t1, 5(t0)		# LSR
	sb	t1, 1(t0)		# IER
	sb	zero, 1(t0)
	li	t1, 0x40
	sb	t1, 3(t0)		# LCR: a break
	sb	zero, 3(t0)
	li	t0, 0x0c000000
	sw	t1, 0x400(t0)
	li	t2, 8
	sw	t2, 4(t0)		# a priority
	li	t0, 0x00101000
	lw	t2, 0x14(t0)
	li	t0, 0x00100000
	sw	t2, 0(t0)
	li	t0, 0x1000
	sw	t2, 0(t0)
	li	t0, 0x10001000
	sw	t2, 0x70(t0)
	addi	s1, s1, -1
	bnez	s1, again
	li	t0, 0x00100000
	li	t1, 0x5555
	sw	t1, 0(t0)
1:	j	1b

	.balign	4096
table:
	.dword	0, 0, 0x200000cf, 0
	.balign	4096
somewhere:
	.dword	0
