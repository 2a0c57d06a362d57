# Entry of a guest with two harts, in M-mode. Hart 0 clears its memory and calls
# first; hart 1 waits for its software interrupt and calls second. Other harts
# sleep. A trap is a failure with its cause as code.

#define MSIP 0x02000000
#define MSIE 8

	.file	"testguests/race.S"
	.section .text.start, "ax"
	.globl	_start
_start:
	csrw	mie, zero
	.option	push
	.option	norelax
	la	gp, __global_pointer$
	.option	pop
	la	t0, trapped
	csrw	mtvec, t0
	csrr	t0, mhartid
	la	sp, stack_top
	slli	t1, t0, 12
	sub	sp, sp, t1
	bnez	t0, 3f
	la	t0, bss_start
	la	t1, bss_end
1:	bgeu	t0, t1, 2f
	sd	zero, 0(t0)
	addi	t0, t0, 8
	j	1b
2:	call	first
	call	power_off

3:	addi	t0, t0, -1
	bnez	t0, 5f
	csrw	mie, MSIE
4:	wfi
	csrr	t0, mip
	andi	t0, t0, MSIE
	beqz	t0, 4b
	li	t0, MSIP
	sw	zero, 4(t0)
	csrw	mie, zero
	call	second
5:	wfi
	j	5b

	.text
	.balign	4
trapped:
	csrr	a0, mcause
	call	fail
