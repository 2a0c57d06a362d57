/* hostile prints every escape sequence it can think of: what a terminal might do
 * to a frame around it if it were let. After each chapter stands the line
 * "hostile: NAME", and at the end "hostile: done"; then it powers off. */
#include "board.h"

#define ESC "\033"
#define CSI ESC "["
#define ST ESC "\\"

static void put_raw(const char *text, unsigned long length)
{
	for (unsigned long i = 0; i < length; i++)
		put_byte((uint8_t)text[i]);
}

#define RAW(text) put_raw(text, sizeof(text) - 1)

/* chapter ends one: out of every string and mode, on a line of its own. */
static void chapter(const char *name)
{
	RAW("\030" ST CSI "0m" ESC "(B\017" CSI "?6l" CSI "?7h" CSI "4l" CSI "20l" CSI "?1049l" CSI "r" CSI "H" CSI "2J");
	put_text("hostile: ");
	put_text(name);
	put_text("\n");
}

static void controls(void)
{
	for (unsigned c = 0; c < 0x20; c++) {
		put_byte('a');
		put_byte((uint8_t)c);
		put_byte('b');
	}
	put_byte(0x7f);
	for (unsigned c = 0x80; c < 0xa0; c++) { /* C1 as bytes, and as UTF-8 */
		put_byte((uint8_t)c);
		put_byte(0xc2);
		put_byte((uint8_t)c);
		put_byte('x');
	}
	RAW("\f\f\v\v\b\b\b\b\b\b\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\r\r\a\a\005\016\017");
	chapter("controls");
}

static void escapes(void)
{
	static const char between[] = " !\"#$%&'()*+-./";

	for (unsigned c = 0x30; c < 0x7f; c++) {
		if (c == 'X' || c == ']' || c == '^' || c == '_' || c == 'P' || c == '[')
			continue; /* they have chapters of their own */
		put_byte(033);
		put_byte((uint8_t)c);
		put_byte('x');
		for (const char *i = between; *i; i++) {
			put_byte(033);
			put_byte((uint8_t)*i);
			put_byte((uint8_t)c);
		}
	}
	RAW(ESC "#8" ESC "#3" ESC "#6" ESC ESC ESC ESC "[" ESC "\030" ESC "\032");
	chapter("escapes");
}

static void sequences(void)
{
	static const char *const parameters[] = {
		"", "0", "1", "2", "3", "6", "25", "1000", "65535", "4294967296", "99999999999999999999", ";", "1;1", "999;999",
		"5;3", ":", "4:3", "38;2;1;2;3", "38;5;300", "48:2::9:9:9", ";;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;1", "?", "?1", "?2004", "?1049", ">",
		">1", "=", "=5", "<", "<1", "!", "\"", "$", "'", " ", "1 ", "1$", "?1$", "1;2;3;4;5$", "8;1;1", "8;500;500",
	};

	for (unsigned i = 0; i < sizeof(parameters) / sizeof(*parameters); i++)
		for (unsigned final = 0x40; final < 0x7f; final++) {
			RAW(CSI);
			put_text(parameters[i]);
			put_byte((uint8_t)final);
			put_byte('x');
		}
	chapter("sequences");
}

static void modes(void)
{
	for (unsigned on = 0; on < 2; on++)
		for (unsigned mode = 0; mode < 2100; mode++) {
			if (mode > 110 && (mode < 995 || mode > 1070) && mode < 1995)
				continue;
			RAW(CSI "?");
			put_decimal(mode, 0);
			put_byte(on ? 'h' : 'l');
			RAW("m\n");
			RAW(CSI);
			put_decimal(mode, 0);
			put_byte(on ? 'h' : 'l');
		}
	/* Left with everything on, as a program that was killed leaves it. */
	RAW(CSI "?1049h" CSI "?1000h" CSI "?1002h" CSI "?1003h" CSI "?1006h" CSI "?1015h" CSI "?2004h" CSI "?1h" ESC "=");
	RAW(CSI "?25l" CSI "?5h" CSI "?3h" CSI "3;3r" CSI "?6h" CSI "5;2s" CSI "?69h" CSI "20h" CSI "4h" CSI "12h");
	chapter("modes");
	RAW(CSI "?5l" CSI "?3l" CSI "?69l");
}

static void strings(void)
{
	static const char *const ends[] = {"\a", ST, "\030", "\032", "\xc2\x9c", ""};

	for (unsigned code = 0; code < 120; code++)
		for (unsigned end = 0; end < sizeof(ends) / sizeof(*ends); end++) {
			RAW(ESC "]");
			put_decimal(code, 0);
			RAW(";hostile \033[31m title \r\n\t\f\x80");
			put_text(ends[end]);
		}
	RAW(ESC "]52;c;aG9zdGlsZQ==\a" ESC "]52;c;?\a" ESC "]4;1;?\a" ESC "]10;?\a" ESC "]11;rgb:ff/00/00\a");
	RAW(ESC "]8;;file:///etc/passwd" ST "link" ESC "]8;;" ST ESC "]9;4;3\a" ESC "]777;notify;a;b\a" ESC "]1337;File=inline=1:aGk=\a");
	RAW(ESC "P1$r0m" ST ESC "P+q544e" ST ESC "Pq#0;2;0;0;0#0~~@@vv$-" ST ESC "Ptmux;" ESC ESC "[2J" ST);
	RAW(ESC "_Ga=T,f=24;AAAA" ST ESC "^private" ST ESC "Xstart of string" ST);
	RAW(ESC "Pnever ended");
	chapter("strings");
	RAW(ESC "]2;never ended either");
	for (unsigned i = 0; i < 5000; i++)
		put_byte((uint8_t)('a' + i % 26));
	chapter("long strings");
}

static void text(void)
{
	RAW("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xf0\x9f\x99\x82 \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 \xf0\x9f\x87\xa9\xf0\x9f\x87\xaa e\xcc\x81 \xe2\x98\xb9\xef\xb8\x8f\n");
	for (unsigned i = 0; i < 300; i++)
		RAW("\xcc\x81\xcd\xa0\xe2\x83\xa0"); /* combining, on nothing and without end */
	RAW("\xe2\x80\xae right to left \xe2\x80\xac\xe2\x80\x8b\xe2\x81\xa6\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf\xd7\xa9\xd7\x9c\xd9\x88\n");
	RAW("\xc0\x80 \xc1\xbf \xe0\x80\x80 \xed\xa0\x80 \xf4\x90\x80\x80 \xf8\x88\x80\x80\x80 \xff\xfe \xe6\x97 \xf0\x9f\x99 \xef\xbf\xbf\n");
	for (unsigned i = 0; i < 79; i++)
		put_byte('.');
	RAW("\xe6\x97\xa5\xe6\x97\xa5\n"); /* a wide one that does not fit */
	RAW(CSI "1;80H\xf0\x9f\x99\x82" CSI "1;79H\xf0\x9f\x99\x82" CSI "1;80Hx" CSI "1;2H\xe6\x97\xa5" CSI "1;3Hx" CSI "1;2HX\n");
	/* Split: escape sequences and others in the middle of a character. */
	RAW("\xe6" CSI "31m\x97\xa5 \xf0\x9f\r\x99\n\x82 \xe6\x97" ESC "c\xa5");
	for (unsigned i = 0; i < 20000; i++)
		put_byte("\xe6\x97\xa5 wide"[i % 8]);
	chapter("text");
}

static void noise(void)
{
	uint64_t state = 20240607;

	for (unsigned i = 0; i < 20000; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		uint8_t c = (uint8_t)(state >> 56);

		put_byte(state >> 32 & 7 ? c : 033);
		if (!(state >> 40 & 15))
			RAW(CSI);
	}
	chapter("noise");
}

void trap(struct frame *frame)
{
	(void)frame;
	fail((uint16_t)csr_read(mcause));
}

void main(void)
{
	uart_open(false);
	controls();
	escapes();
	sequences();
	modes();
	strings();
	text();
	noise();
	chapter("done");
	power_off();
}
