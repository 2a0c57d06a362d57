/* calls is a kernel in S-mode and a program in U-mode, each with pages of its
 * own under Sv39. The program does little but call: it asks for the time, and
 * moves small blocks to the kernel and back. Then the kernel prints lines, a byte
 * at a time. Instructions are counted for both. */
#include "board.h"

#define PAGE 4096ul
#define GIGAPAGE (1ul << 30)
#define MEGAPAGE (2ul << 20)
#define RAM 0x80000000ul
#define USER_TEXT 0x40000000ul
#define USER_STACK (USER_TEXT + MEGAPAGE)

#define PTE_V 0x01ul
#define PTE_R 0x02ul
#define PTE_W 0x04ul
#define PTE_X 0x08ul
#define PTE_U 0x10ul
#define PTE_A 0x40ul
#define PTE_D 0x80ul
#define SATP_SV39 (8ul << 60)

#define MSTATUS_MPP_S (1ul << 11)
#define MSTATUS_MPP (3ul << 11)
#define SSTATUS_SPP (1ul << 8)
#define SSTATUS_SUM (1ul << 18)
#define CAUSE_CALL_U 8

#define CALLS 600000
#define LINES 4000
#define BLOCK 64

/* What the program must come to. */
#define EXPECTED 0x51c1e733044189cdul

enum { CALL_TIME, CALL_SEND, CALL_RECEIVE, CALL_EXIT };

typedef uint64_t page_table[512] __attribute__((aligned(4096)));

extern uint8_t text_end[];
static page_table root, middle, text, stack;
static uint8_t user_stack[PAGE] __attribute__((aligned(4096)));
static uint8_t block[BLOCK];
static uint64_t began, served;

_Noreturn void start_user(struct frame *frame);

static uint64_t pte(uintptr_t address, uint64_t flags) { return address >> 12 << 10 | flags | PTE_V; }

/* map_memory gives the kernel devices and RAM in pages of 1 GiB, and the
 * program the text and a stack in pages of 4 KiB. It returns the value for satp. */
static uint64_t map_memory(void)
{
	root[0] = pte(0, PTE_R | PTE_W | PTE_A | PTE_D);
	root[RAM / GIGAPAGE] = pte(RAM, PTE_R | PTE_W | PTE_X | PTE_A | PTE_D);
	root[USER_TEXT / GIGAPAGE] = pte((uintptr_t)middle, 0);
	middle[0] = pte((uintptr_t)text, 0);
	middle[1] = pte((uintptr_t)stack, 0);
	for (uintptr_t page = RAM; page < (uintptr_t)text_end; page += PAGE)
		text[(page - RAM) / PAGE] = pte(page, PTE_R | PTE_X | PTE_U | PTE_A);
	stack[0] = pte((uintptr_t)user_stack, PTE_R | PTE_W | PTE_U | PTE_A | PTE_D);
	return SATP_SV39 | (uintptr_t)root >> 12;
}

uint64_t machine_setup(void)
{
	csr_write(pmpaddr0, ~0ul >> 10); /* one region: everything, */
	csr_write(pmpcfg0, 0x1f);	 /* NAPOT, readable, writable, executable */
	csr_write(mcounteren, 7);
	csr_write(scounteren, 7);
	csr_write(medeleg, 1ul << CAUSE_CALL_U);
	csr_clear(mstatus, MSTATUS_MPP);
	csr_set(mstatus, MSTATUS_MPP_S);
	return map_memory();
}

static void report(const char *name, uint64_t since, uint64_t sum)
{
	uint64_t instructions = csr_read(instret) - since;

	put_text(name);
	put_decimal(instructions, 0);
	put_text(" instructions, checksum ");
	put_hex(sum, 16);
	put_text("\n");
}

/* print_lines writes to the console, and powers off. */
static _Noreturn void print_lines(void)
{
	uint64_t since = csr_read(instret);

	for (uint64_t i = 0; i < LINES; i++) {
		put_text("line ");
		put_decimal(i, 8);
		put_text(": the quick brown fox jumps over the lazy dog\n");
	}
	report("printed: ", since, LINES);
	power_off();
}

/* call serves a call: a7 says which, a0 and a1 are its arguments, and a0 takes
 * the answer. */
void call(struct frame *frame)
{
	uint64_t *a = &frame->regs[10];
	uint8_t *there = (uint8_t *)a[0];

	served++;
	frame->regs[0] += 4;
	switch (frame->regs[17]) {
	case CALL_TIME:
		a[0] = served;
		break;
	case CALL_SEND:
		csr_set(sstatus, SSTATUS_SUM);
		memcpy(block, there, a[1]);
		csr_clear(sstatus, SSTATUS_SUM);
		a[0] = a[1];
		break;
	case CALL_RECEIVE:
		csr_set(sstatus, SSTATUS_SUM);
		memcpy(there, block, a[1]);
		csr_clear(sstatus, SSTATUS_SUM);
		a[0] = a[1];
		break;
	default:
		report("done: ", began, a[0]);
		if (a[0] != EXPECTED)
			fail(1);
		print_lines();
	}
}

static inline uint64_t ask(uint64_t number, uint64_t first, uint64_t second)
{
	register uint64_t a0 __asm__("a0") = first;
	register uint64_t a1 __asm__("a1") = second;
	register uint64_t a7 __asm__("a7") = number;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
	return a0;
}

/* program runs in U-mode, where it has its text and a stack and nothing else. */
static _Noreturn void program(void)
{
	uint8_t buffer[BLOCK];
	uint64_t sum = 0;

	for (size_t i = 0; i < BLOCK; i++)
		buffer[i] = (uint8_t)i;
	for (uint64_t i = 0; i < CALLS / 3; i++) {
		sum = (sum ^ ask(CALL_TIME, 0, 0)) * 0x9e3779b97f4a7c15;
		buffer[i % BLOCK] += (uint8_t)sum;
		ask(CALL_SEND, (uint64_t)buffer, BLOCK);
		buffer[(i + 1) % BLOCK] = 0;
		ask(CALL_RECEIVE, (uint64_t)buffer, BLOCK);
		sum += buffer[(i + 1) % BLOCK];
	}
	ask(CALL_EXIT, sum, 0);
	for (;;)
		;
}

void main(void)
{
	struct frame user = {0}; /* calls are served on the stack beneath it */

	put_text("calls: S-mode and U-mode, Sv39\n");
	csr_clear(sstatus, SSTATUS_SPP);
	user.regs[0] = (uintptr_t)program - RAM + USER_TEXT;
	user.regs[2] = USER_STACK + PAGE;
	began = csr_read(instret);
	start_user(&user);
}
