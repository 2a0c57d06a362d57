# Writes a megabyte to the UART and counts how often LSR says that the
# transmitter is busy; the first time, it tells a log by writing to LSR, which is
# read-only. Then it prints the count, and what LSR and RBR show of the first byte
# that comes, and powers off.

	.option norelax
	.globl	_start
_start:
	li	s0, 0x10000000
	li	t0, 7			# FIFOs on, and empty
	sb	t0, 2(s0)
	li	s1, 0			# times that it was busy
	li	s2, 1 << 20
1:	andi	a0, s2, 63
	addi	a0, a0, 48
	call	put
	addi	s2, s2, -1
	bnez	s2, 1b
	mv	s3, s1
	la	s2, busy
	call	text
	mv	a1, s3
	call	hex
	li	a0, 125			# the last byte before LSR is looked at for input
	call	put
2:	lbu	s3, 5(s0)
	andi	t0, s3, 1
	beqz	t0, 2b
	lbu	s4, 0(s0)
	la	s2, line
	call	text
	mv	a1, s3
	call	hex
	la	s2, byte
	call	text
	mv	a1, s4
	call	hex
	la	s2, end
	call	text
	li	t0, 0x00100000
	li	t1, 0x5555
	sw	t1, 0(t0)
3:	j	3b

put:					# the byte in a0
	lbu	t0, 5(s0)
	andi	t0, t0, 0x20
	bnez	t0, 2f
	bnez	s1, 1f
	sb	zero, 5(s0)
1:	addi	s1, s1, 1
	j	put
2:	sb	a0, 0(s0)
	ret

text:					# at s2, to a zero
	mv	s5, ra
1:	lbu	a0, 0(s2)
	beqz	a0, 2f
	call	put
	addi	s2, s2, 1
	j	1b
2:	jr	s5

hex:					# a1, in 8 digits
	mv	s5, ra
	li	s6, 32
1:	addi	s6, s6, -4
	srl	a0, a1, s6
	andi	a0, a0, 15
	addi	a0, a0, 48
	li	t0, 58
	bltu	a0, t0, 2f
	addi	a0, a0, 39
2:	call	put
	bnez	s6, 1b
	jr	s5

busy:	.asciz	"\nbusy "
line:	.asciz	"\nlsr "
byte:	.asciz	" byte "
end:	.asciz	"\n"
