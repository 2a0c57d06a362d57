# Entry of calls. Hart 0 calls machine_setup in M-mode, and goes on in S-mode at
# main under the page tables whose satp machine_setup returned. A call from
# U-mode saves every register in the frame at sscratch and calls
# call(struct frame *); any other trap is an error.

	.file	"calls/start.S"
	.section .text.start, "ax"
	.globl	_start
_start:
	csrw	mie, zero
	csrr	t0, mhartid
	bnez	t0, park
	.option	push
	.option	norelax
	la	gp, __global_pointer$
	.option	pop
	la	sp, stack_top
	la	t0, bss_start
	la	t1, bss_end
1:	bgeu	t0, t1, 2f
	sd	zero, 0(t0)
	addi	t0, t0, 8
	j	1b
2:	la	t0, machine_trap
	csrw	mtvec, t0
	la	t0, supervisor_trap
	csrw	stvec, t0
	call	machine_setup
	csrw	satp, a0
	sfence.vma
	la	t0, main
	csrw	mepc, t0
	mret

park:	wfi
	j	park

	.text
	.balign	4
machine_trap:
	csrr	a0, mcause
	la	sp, stack_top
	tail	fail

	.balign	4
	.globl	supervisor_trap
	.type	supervisor_trap, @function
supervisor_trap:
	csrrw	sp, sscratch, sp
	.irp	n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	sd	x\n, 8*\n(sp)
	.endr
	csrr	t0, sscratch
	csrr	t1, sepc
	csrr	t2, scause
	sd	t0, 16(sp)
	sd	t1, 0(sp)
	li	t0, 8			# a call from U-mode
	bne	t2, t0, 1f
	.option	push
	.option	norelax
	la	gp, __global_pointer$
	.option	pop
	mv	a0, sp
	call	call
	.globl	enter_user
# enter_user starts or resumes U-mode with the registers of the frame at sp.
enter_user:
	ld	t0, 0(sp)
	ld	t1, 16(sp)
	csrw	sepc, t0
	csrw	sscratch, t1
	.irp	n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	x\n, 8*\n(sp)
	.endr
	csrrw	sp, sscratch, sp
	sret
1:	mv	a0, t2
	tail	fail
	.size	supervisor_trap, .-supervisor_trap

# start_user(frame) enters U-mode. The frame lies on top of the stack that calls
# are then served on.
	.globl	start_user
	.type	start_user, @function
start_user:
	mv	sp, a0
	j	enter_user
	.size	start_user, .-start_user
