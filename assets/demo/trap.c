/* Interrupts, and the report that a crash leaves. */
#include "demo.h"

#define TICK (TIMEBASE_HZ / TICKS_PER_SECOND)

static volatile uint64_t ticks;
static uint64_t next_tick;

uint64_t ticks_now(void) { return ticks; }

void interrupts_start(void)
{
	next_tick = read64(MTIME) + TICK;
	timer_set(next_tick);
	csr_write(mie, 1ul << IRQ_M_TIMER | 1ul << IRQ_M_EXTERNAL);
	csr_set(mstatus, MSTATUS_MIE);
}

static void timer_interrupt(void)
{
	ticks++;
	jobs_tick();
	next_tick += TICK;
	timer_set(next_tick);
}

static void external_interrupt(void)
{
	uint32_t source = read32(PLIC_CLAIM);

	if (source == UART_IRQ)
		input_receive();
	write32(PLIC_CLAIM, source);
}

static const char *cause_name(uint64_t cause)
{
	static const char *const names[] = {
		"instruction address misaligned", "instruction access fault", "illegal instruction",
		"breakpoint", "load address misaligned", "load access fault",
		"store address misaligned", "store access fault",
	};

	return cause < sizeof names / sizeof *names ? names[cause] : "unexpected trap";
}

static void report_register(const char *name, uint64_t value, const char *after)
{
	put_padded(name, 8);
	put_hex(value, 16);
	put_text(after);
}

/* crash prints what a trap found and stops the machine; its code is mcause. */
static _Noreturn void crash(const struct frame *frame, uint64_t cause)
{
	static const char *const names[32] = {
		"mepc", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0",
		"a1", "a2", "a3", "a4", "a5", "a6", "a7", "s2", "s3", "s4", "s5",
		"s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
	};

	put_text("\n" RED "*** trap: ");
	put_text(cause_name(cause));
	put_text(" ***" PLAIN "\n");
	report_register("mcause", cause, "\n");
	report_register("mtval", csr_read(mtval), "\n");
	for (int i = 0; i < 32; i++)
		report_register(names[i], frame->regs[i], i % 4 == 3 ? "\n" : "  ");
	put_text("The machine has stopped.\n");
	fail((uint16_t)cause);
}

/* trap is called by start.S for every interrupt and exception. */
void trap(struct frame *frame)
{
	uint64_t cause = csr_read(mcause);

	if (cause == (CAUSE_INTERRUPT | IRQ_M_TIMER))
		timer_interrupt();
	else if (cause == (CAUSE_INTERRUPT | IRQ_M_EXTERNAL))
		external_interrupt();
	else
		crash(frame, cause);
}
