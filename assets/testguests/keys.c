/* keys prints each byte that the UART receives as two hex digits on a line of
 * their own, asleep in between. It powers off after the bytes "poweroff\r". */
#include "board.h"

static const char end[] = "poweroff\r";

static void receive(void)
{
	static unsigned matched;

	while (read8(UART_LSR) & LSR_DATA_READY) {
		uint8_t c = read8(UART_DATA);

		put_hex(c, 2);
		put_text("\n");
		if (c != (uint8_t)end[matched])
			matched = 0;
		if (c == (uint8_t)end[matched])
			matched++;
		if (!end[matched])
			power_off();
	}
}

void trap(struct frame *frame)
{
	uint64_t cause = csr_read(mcause);

	(void)frame;
	if (cause != (CAUSE_INTERRUPT | IRQ_M_EXTERNAL))
		fail((uint16_t)cause);
	uint32_t source = read32(PLIC_CLAIM);
	receive();
	write32(PLIC_CLAIM, source);
}

void main(void)
{
	uart_open(true);
	put_text("keys: ready\n");
	csr_write(mie, 1ul << IRQ_M_EXTERNAL);
	csr_set(mstatus, MSTATUS_MIE);
	for (;;)
		wait_for_interrupt();
}
