/* idle sleeps, wakes at each whole second of mtime, and prints that second on a
 * line. It never ends. */
#include "board.h"

static uint64_t next;

void trap(struct frame *frame)
{
	uint64_t cause = csr_read(mcause);

	(void)frame;
	if (cause != (CAUSE_INTERRUPT | IRQ_M_TIMER))
		fail((uint16_t)cause);
	put_decimal(read64(MTIME) / TIMEBASE_HZ, 0);
	put_text("\n");
	next += TIMEBASE_HZ;
	timer_set(next);
}

void main(void)
{
	uart_open(false);
	put_text("idle: ready\n");
	next = (read64(MTIME) / TIMEBASE_HZ + 1) * TIMEBASE_HZ;
	timer_set(next);
	csr_write(mie, 1ul << IRQ_M_TIMER);
	csr_set(mstatus, MSTATUS_MIE);
	for (;;)
		wait_for_interrupt();
}
