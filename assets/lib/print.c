#include "board.h"

void put_byte(uint8_t c)
{
	while (!(read8(UART_LSR) & LSR_THR_EMPTY))
		;
	write8(UART_DATA, c);
}

/* put_text writes s with each newline as carriage return and line feed. */
void put_text(const char *s)
{
	for (; *s; s++) {
		if (*s == '\n')
			put_byte('\r');
		put_byte((uint8_t)*s);
	}
}

/* put_padded writes s and then blanks up to width. */
void put_padded(const char *s, int width)
{
	put_text(s);
	for (; *s; s++)
		width--;
	while (width-- > 0)
		put_byte(' ');
}

/* put_decimal writes n, right-aligned in width. */
void put_decimal(uint64_t n, int width)
{
	char digits[20];
	int count = 0;

	do {
		digits[count++] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	while (width-- > count)
		put_byte(' ');
	while (count)
		put_byte((uint8_t)digits[--count]);
}

/* put_hex writes the low digits of n. */
void put_hex(uint64_t n, int digits)
{
	while (digits--)
		put_byte((uint8_t)"0123456789abcdef"[n >> (4 * digits) & 15]);
}
