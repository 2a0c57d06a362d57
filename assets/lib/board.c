#include "board.h"

/* uart_open enables the FIFOs, and the receive interrupt through the PLIC if
 * asked to. The caller still enables interrupts in mie and mstatus. */
void uart_open(bool receive_interrupts)
{
	write8(UART_LCR, LCR_8N1);
	write8(UART_FCR, FCR_ENABLE);
	if (!receive_interrupts)
		return;
	write32(PLIC_PRIORITY(UART_IRQ), 1);
	write32(PLIC_ENABLE, 1u << UART_IRQ);
	write32(PLIC_THRESHOLD, 0);
	write8(UART_IER, IER_RECEIVE);
}

/* timer_set makes the machine timer interrupt pending from mtime on. */
void timer_set(uint64_t mtime) { write64(MTIMECMP, mtime); }

static _Noreturn void finish(uint32_t request)
{
	write32(FINISHER, request);
	for (;;)
		wait_for_interrupt();
}

void power_off(void) { finish(FINISHER_PASS); }

void fail(uint16_t code) { finish((uint32_t)code << 16 | FINISHER_FAIL); }
