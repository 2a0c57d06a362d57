# Entry of a guest that stays in M-mode. Hart 0 gets a stack and a trap vector
# and calls main; other harts sleep. A trap calls trap(struct frame *).

	.file	"lib/start.S"
	.cfi_sections .debug_frame
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
	la	t0, trap_entry
	csrw	mtvec, t0
	la	t0, bss_start
	la	t1, bss_end
1:	bgeu	t0, t1, 2f
	sd	zero, 0(t0)
	addi	t0, t0, 8
	j	1b
2:	call	main
	call	power_off

park:	wfi
	j	park

# For debuggers: the trap returns to mepc, a CSR in DWARF's numbering.
#define MEPC 4929 /* 4096 + 0x341 */

# All integer registers go to the stack as a struct frame, so that a report can
# show them. Floating-point registers are left alone: handlers do not use them.
	.text
	.balign	4
	.globl	trap_entry
	.type	trap_entry, @function
trap_entry:
	.cfi_startproc
	.cfi_signal_frame
	.cfi_return_column MEPC
	addi	sp, sp, -256
	.cfi_def_cfa sp, 256
	.irp	n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	sd	x\n, 8*\n(sp)
	.cfi_offset \n, 8*\n-256
	.endr
	addi	t0, sp, 256
	sd	t0, 16(sp)
	csrr	t0, mepc
	sd	t0, 0(sp)
	.cfi_offset MEPC, -256
	mv	a0, sp
	call	trap
	ld	t0, 0(sp)
	csrw	mepc, t0
	.irp	n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	x\n, 8*\n(sp)
	.endr
	addi	sp, sp, 256
	mret
	.cfi_endproc
	.size	trap_entry, .-trap_entry
