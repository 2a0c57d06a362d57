# What stepping and travelling have to get right, one thing after the other. The
# harts beside the first count with it, in their own time.

	.option norelax
	.globl	_start
_start:
	la	t0, handler
	csrw	mtvec, t0
	la	s0, shared
	csrr	a0, mhartid
	li	s1, 20
	bnez	a0, other

	# Reservations: stepping must not end them.
reserve:
	lr.d	t1, (s0)
	addi	t1, t1, 1
	sc.d	t2, t1, (s0)
	bnez	t2, reserve
	addi	s1, s1, -1
	bnez	s1, reserve
reserved:

	# An environment call goes to the handler and returns behind itself.
call:
	ecall
called:

	# A wait that the timer ends, by an interrupt.
	li	t0, 0x0200bff8
	ld	t1, 0(t0)
	addi	t1, t1, 1000
	li	t0, 0x02004000
	sd	t1, 0(t0)
	li	t0, 1 << 7
	csrw	mie, t0
	csrsi	mstatus, 1 << 3
sleep:
	wfi
slept:
	nop
	csrci	mstatus, 1 << 3

	# A wait that input ends, without one.
	li	s3, 0x10000000
	li	t1, 1
	sb	t1, 1(s3)
	li	t0, 0x0c000000
	sw	t1, 40(t0)
	li	t0, 0x0c002000
	li	t1, 1 << 10
	sw	t1, 0(t0)
	li	t0, 0x0c200000
	sw	zero, 0(t0)
	li	t0, 1 << 11
	csrw	mie, t0
	li	t1, '>'
	sb	t1, 0(s3)
input:
	wfi
typed:
	lbu	s2, 0(s3)
	la	t0, letter
	sd	s2, 0(t0)
kept:
	ld	s4, 0(t0)
used:
	li	t0, 0x100000
	li	t1, 0x5555
	sw	t1, 0(t0)
	j	.

other:
	lr.d	t1, (s0)
	addi	t1, t1, 1
	sc.d	t2, t1, (s0)
	bnez	t2, other
	addi	s1, s1, -1
	bnez	s1, other
	csrw	mie, zero
1:	wfi
	j	1b

	.balign	4
handler:
	csrr	t3, mcause
	bltz	t3, 1f
	csrr	t3, mepc
	addi	t3, t3, 4
	csrw	mepc, t3
	mret
1:	csrw	mie, zero
	mret

	.bss
	.balign	8
shared:
	.dword	0
letter:
	.dword	0
