/* semihost speaks with the host only: it tells what requests are answered, and
 * then each byte of its input in hex, on a line of its own. At the byte q it ends
 * with the code 42, at the end of the input with success. */
#include "board.h"

enum {
	OPEN = 0x01, CLOSE, WRITEC, WRITE0, WRITE, READ, READC, ISERROR, ISTTY,
	SEEK, FLEN = 0x0c, CLOCK = 0x10, TIME, SYSTEM, ERRNO, GET_CMDLINE = 0x15,
	HEAPINFO, EXIT_EXTENDED = 0x20, ELAPSED = 0x30, TICKFREQ,
};

#define APPLICATION_EXIT 0x20026

/* ask is a request: the three instructions lie in one page. */
int64_t ask(uint64_t request, const void *argument);
__asm__(".text\n\t.balign 16\n"
	"ask:\n\t.option push\n\t.option norvc\n\t"
	"slli x0, x0, 31\n\tebreak\n\tsrai x0, x0, 7\n\t"
	".option pop\n\tret");

static void say(const char *text) { ask(WRITE0, text); }

static void say_number(const char *name, int64_t n)
{
	char text[24];
	int at = sizeof(text) - 1;
	uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;

	text[at] = 0;
	do
		text[--at] = (char)('0' + rest % 10);
	while (rest /= 10);
	if (n < 0)
		text[--at] = '-';
	say(name);
	say(text + at);
	say("\n");
}

static int64_t open_file(const char *name, uint64_t mode)
{
	size_t length = 0;

	while (name[length])
		length++;
	return ask(OPEN, (const void *[]){name, (void *)mode, (void *)length});
}

static void answers(void)
{
	char line[64];
	uint64_t block[3] = {(uint64_t)line, sizeof(line)}, heap[4] = {1, 1, 1, 1}, ticks = 0;
	static const char written[] = "written\n";
	uint64_t out = (uint64_t)open_file(":tt", 4);

	say("semihost: ready\n");
	ask(WRITEC, "c");
	ask(WRITEC, "\n");
	say_number("left: ", ask(WRITE, (uint64_t[]){out, (uint64_t)written, sizeof(written) - 1}));
	say_number("tty: ", ask(ISTTY, &out));
	say_number("file: ", open_file("/no/such/file", 0));
	say_number("system: ", ask(SYSTEM, (const void *[]){"touch ran", (void *)9}));
	say_number("write to input: ", ask(WRITE, (uint64_t[]){(uint64_t)open_file(":tt", 0), (uint64_t)written, 8}));
	say_number("unknown: ", ask(0x99, NULL));
	say_number("errno: ", ask(ERRNO, NULL));
	say_number("command line: ", ask(GET_CMDLINE, block));
	say(line);
	say_number("\nits length: ", (int64_t)block[1]);
	block[1] = 3;
	say_number("command line in 3 bytes: ", ask(GET_CMDLINE, block));
	ask(HEAPINFO, &(uint64_t *){heap});
	say_number("heap: ", (int64_t)(heap[0] | heap[1] | heap[2] | heap[3]));
	say_number("clock: ", ask(CLOCK, NULL));
	say_number("ticks per second: ", ask(TICKFREQ, NULL));
	say_number("elapsed: ", ask(ELAPSED, &ticks));
	say(ticks > 1000 && ticks < 1000000 ? "in time\n" : "at another time\n");
	say(ask(TIME, NULL) > 1700000000 ? "after 2023\n" : "before 2023\n");
	say_number("read into nowhere: ", ask(READ, (uint64_t[]){(uint64_t)open_file(":tt", 0), 8, 4}));
	say_number("block nowhere: ", ask(READ, (void *)8));
}

void trap(struct frame *frame)
{
	(void)frame;
	fail((uint16_t)csr_read(mcause));
}

void main(void)
{
	char word[5] = "....";
	int64_t c;

	answers();
	say_number("read, left: ", ask(READ, (uint64_t[]){(uint64_t)open_file(":tt", 0), (uint64_t)word, 4}));
	say(word);
	say("\n");
	while ((c = ask(READC, NULL)) >= 0) {
		static const char digits[] = "0123456789abcdef";

		say((char[]){digits[c >> 4], digits[c & 15], '\n', 0});
		if (c == 'q')
			ask(EXIT_EXTENDED, (uint64_t[]){APPLICATION_EXIT, 42});
	}
	say("end of input\n");
	ask(EXIT_EXTENDED, (uint64_t[]){APPLICATION_EXIT, 0});
}
