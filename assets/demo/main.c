#include "demo.h"

void main(void)
{
	put_text("\n" CYAN "  *  " PLAIN BOLD "the job table" PLAIN ", a small firmware with a bug\n"
		 CYAN "  *  " PLAIN "type help, or read about the bug in assets/demo/README.md\n\n");
	jobs_init();
	uart_open(true);
	interrupts_start();
	shell();
}
