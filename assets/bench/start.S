# Entry of the benchmark. Hart 0 calls machine_setup in M-mode, and goes on in
# S-mode at main under the page tables whose satp machine_setup returned.

	.file	"bench/start.S"
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
	la	t0, machine_scratch
	csrw	mscratch, t0
	la	t0, supervisor_trap
	csrw	stvec, t0
	call	machine_setup
	csrw	satp, a0
	sfence.vma
	la	t0, main
	csrw	mepc, t0
	la	ra, power_off
	mret

park:	wfi
	j	park

# The timer interrupt moves mtimecmp on by a tick, and goes to S-mode as a
# software interrupt. Anything else that comes to M-mode is an error.
	.text
	.balign	4
	.globl	machine_trap
	.type	machine_trap, @function
machine_trap:
	csrrw	a0, mscratch, a0
	sd	a1, 0(a0)
	sd	a2, 8(a0)
	csrr	a1, mcause
	bgez	a1, 1f
	li	a1, 0x02004000		# mtimecmp
	ld	a2, 0(a1)
	li	a0, 100000		# of mtime: 100 Hz
	add	a2, a2, a0
	sd	a2, 0(a1)
	csrsi	mip, 1 << 1		# supervisor software interrupt
	la	a0, machine_scratch
	ld	a1, 0(a0)
	ld	a2, 8(a0)
	csrrw	a0, mscratch, a0
	mret
1:	la	sp, stack_top
	mv	a0, a1
	tail	fail
	.size	machine_trap, .-machine_trap

	.balign	4
	.globl	supervisor_trap
	.type	supervisor_trap, @function
supervisor_trap:
	addi	sp, sp, -256
	.irp	n, 1,5,6,7,10,11,12,13,14,15,16,17,28,29,30,31
	sd	x\n, 8*\n(sp)
	.endr
	call	tick
	.irp	n, 1,5,6,7,10,11,12,13,14,15,16,17,28,29,30,31
	ld	x\n, 8*\n(sp)
	.endr
	addi	sp, sp, 256
	sret
	.size	supervisor_trap, .-supervisor_trap

	.bss
	.balign	8
machine_scratch:
	.zero	16
