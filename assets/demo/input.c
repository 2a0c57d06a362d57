/* Typed input: the UART's interrupt fills a ring buffer, the shell empties it. */
#include "demo.h"

#define RING 256

static volatile uint8_t ring[RING];
static volatile unsigned head, tail; /* bytes ever put in and taken out */

/* input_receive takes what the UART has. When the ring is full the rest stays
 * there, and the interrupt is off until the shell has made room. */
void input_receive(void)
{
	while (read8(UART_LSR) & LSR_DATA_READY) {
		if (head - tail == RING) {
			write8(UART_IER, 0);
			return;
		}
		ring[head % RING] = read8(UART_DATA);
		head++;
	}
}

/* input_byte waits for a byte. Interrupts are off between the look at the ring
 * and the wfi, which a pending interrupt ends all the same. */
uint8_t input_byte(void)
{
	csr_clear(mstatus, MSTATUS_MIE);
	while (head == tail) {
		wait_for_interrupt();
		csr_set(mstatus, MSTATUS_MIE);
		csr_clear(mstatus, MSTATUS_MIE);
	}
	uint8_t c = ring[tail % RING];
	tail++;
	csr_set(mstatus, MSTATUS_MIE);
	write8(UART_IER, IER_RECEIVE);
	return c;
}

static void erase(size_t count)
{
	while (count--)
		put_text("\b \b");
}

/* input_line reads a line with echo. Backspace, Ctrl-U and Ctrl-C edit it;
 * other control characters are ignored. */
void input_line(char *line, size_t size)
{
	size_t length = 0;

	for (;;) {
		uint8_t c = input_byte();

		if (c == '\r' || c == '\n')
			break;
		if ((c == '\b' || c == 0x7f) && length) {
			length--;
			erase(1);
		} else if (c == 0x15) {
			erase(length);
			length = 0;
		} else if (c == 0x03) {
			put_text("^C");
			length = 0;
			break;
		} else if (c >= ' ' && c < 0x7f && length + 1 < size) {
			line[length++] = (char)c;
			put_byte(c);
		}
	}
	line[length] = 0;
	put_text("\n");
}
