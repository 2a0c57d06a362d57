/*
 * What the torture guests share. They check themselves and end by the test
 * finisher: power-off, or failure with the line of the check as code. Every
 * instruction has four bytes unless a guest says otherwise, so that the trap
 * handler can skip one.
 *
 * Paging is Sv39: the first GiB and RAM are mapped as they are, and WINDOW is a
 * region of 4 KiB pages whose entries are at window_table.
 */
#define FINISHER 0x100000
#define WINDOW 0x40000000
#define V 0x01
#define R 0x02
#define W 0x04
#define X 0x08
#define U 0x10
#define A 0x40
#define D 0x80
#define RWX (V | R | W | X | A | D)

/* Fails unless reg holds value. Uses t6. */
#define CHECK(reg, value) \
	li	t6, value; \
	beq	reg, t6, 9f; \
	li	a0, __LINE__; \
	j	fail; \
9:

/* The entry of page n of the window. */
#define ENTRY(reg, n) la reg, window_table + 8 * (n)

/* A page-table entry for a symbol's page. */
#define PTE(reg, symbol, flags) \
	la	reg, symbol; \
	srli	reg, reg, 2; \
	ori	reg, reg, (flags) & 0x3f; \
	.if (flags) & ~0x3f; \
	li	t6, (flags) & ~0x3f; \
	or	reg, reg, t6; \
	.endif

	.option	norvc
	.text
	.globl	_start
_start:
	csrr	t0, mhartid
	bnez	t0, secondary
	la	t0, trap
	csrw	mtvec, t0
	li	t0, -1
	csrw	pmpaddr0, t0
	li	t0, 0x1f
	csrw	pmpcfg0, t0
	j	main

secondary:
	la	t0, trap
	csrw	mtvec, t0
	li	t0, -1
	csrw	pmpaddr0, t0
	li	t0, 0x1f
	csrw	pmpcfg0, t0
	j	other

/* Notes the cause in a7 and goes on after the instruction; an ecall with a6 = 0
 * ends in M-mode instead. */
	.balign	4
trap:
	csrr	a7, mcause
	bltz	a7, 2f
	csrr	t5, mepc
	addi	t5, t5, 4
	csrw	mepc, t5
	addi	t6, a7, -9
	or	t6, t6, a6
	bnez	t6, 1f
	li	t6, 3 << 11
	csrs	mstatus, t6
1:	mret
2:	j	interrupt

fail:
	slli	a0, a0, 16
	li	t0, 0x3333
	or	a0, a0, t0
	li	t0, FINISHER
	sw	a0, (t0)
1:	j	1b

pass:
	li	t0, FINISHER
	li	a0, 0x5555
	sw	a0, (t0)
1:	j	1b

/* Goes to S-mode with paging on, and returns there. */
supervisor:
	la	t0, root_table
	PTE(t1, window_directory, V)
	sd	t1, 8(t0)
	li	t1, RWX
	sd	t1, 0(t0)
	li	t1, (0x80000000 >> 2) | RWX
	sd	t1, 16(t0)
	la	t0, window_directory
	PTE(t1, window_table, V)
	sd	t1, (t0)
	la	t0, root_table
	srli	t0, t0, 12
	li	t1, 8 << 60
	or	t0, t0, t1
	csrw	satp, t0
	li	t0, 3 << 11
	csrc	mstatus, t0
	li	t0, 1 << 11
	csrs	mstatus, t0
	csrw	mepc, ra
	li	a6, 1
	mret

/* Goes to M-mode and returns there. */
	.macro	machine
	li	a6, 0
	ecall
	.endm

	.bss
	.balign	4096
root_table:	.space 4096
window_directory: .space 4096
window_table:	.space 4096
	.text
