/* The command line. */
#include "demo.h"

static void help(const char *argument);

static void list(const char *argument)
{
	(void)argument;
	if (!jobs_first()) {
		put_text("no jobs: add NAME makes one\n");
		return;
	}
	put_text(BOLD "name             ticks  sum" PLAIN "\n");
	for (const struct job *job = jobs_first(); job; job = job->next) {
		put_padded(job->name, NAME_SIZE);
		put_decimal(job->ticks, 6);
		put_text("  ");
		if (job->sum)
			put_hex(job->sum, 16);
		else
			put_text("-");
		put_text("\n");
	}
}

static void add(const char *name)
{
	size_t length = 0;

	while (name[length])
		length++;
	if (length == 0 || length >= NAME_SIZE)
		put_text("add: a name of 1 to 15 characters, please\n");
	else if (jobs_exists(name))
		put_text("add: there is a job of that name\n");
	else if (!jobs_add(name))
		put_text("add: the table is full: del NAME makes room\n");
}

static void delete(const char *name)
{
	if (!jobs_delete(name))
		put_text("del: no such job: ps lists them\n");
}

static void sum(const char *argument)
{
	uint64_t start = ticks_now();

	(void)argument;
	jobs_sum();
	put_text("done in ");
	put_decimal(ticks_now() - start, 0);
	put_text(" ticks\n");
}

static void mem(const char *argument)
{
	struct usage usage = jobs_usage();

	(void)argument;
	put_decimal(usage.used, 0);
	put_text(" slots used, ");
	put_decimal(JOBS - usage.used, 0);
	put_text(" free; ");
	put_decimal(usage.expired, 0);
	put_text(" jobs expired so far\n");
}

static void time(const char *argument)
{
	uint64_t now = ticks_now();

	(void)argument;
	put_text("up ");
	put_decimal(now / TICKS_PER_SECOND, 0);
	put_byte('.');
	put_decimal(now % TICKS_PER_SECOND / 10, 0);
	put_decimal(now % 10, 0);
	put_text(" s\n");
}

static void off(const char *argument)
{
	(void)argument;
	put_text("bye\n");
	power_off();
}

static const struct command {
	const char *name, *argument, *help;
	void (*run)(const char *argument);
} commands[] = {
	{"help", "", "this list", help},
	{"ps", "", "list the jobs (also: list)", list},
	{"list", "", NULL, list},
	{"add", "NAME", "add a job", add},
	{"del", "NAME", "delete a job", delete},
	{"sum", "", "compute the sum of each job's data; a job expires after 4 ticks of that", sum},
	{"mem", "", "how full the table is", mem},
	{"time", "", "time since power-on", time},
	{"off", "", "power off", off},
};

#define COMMANDS (sizeof commands / sizeof *commands)

static void help(const char *argument)
{
	(void)argument;
	for (size_t i = 0; i < COMMANDS; i++) {
		if (!commands[i].help)
			continue;
		put_text("  " CYAN);
		put_padded(commands[i].name, 5);
		put_padded(commands[i].argument, 6);
		put_text(PLAIN);
		put_text(commands[i].help);
		put_text("\n");
	}
}

/* execute cuts a line into a command and its argument, and runs it. */
static void execute(char *line)
{
	while (*line == ' ')
		line++;
	char *end = line;
	while (*end && *end != ' ')
		end++;
	char *argument = end;
	while (*argument == ' ')
		argument++;
	*end = 0;
	if (!*line)
		return;
	for (size_t i = 0; i < COMMANDS; i++) {
		if (text_equal(line, commands[i].name)) {
			commands[i].run(argument);
			return;
		}
	}
	put_text(line);
	put_text(": no such command: help lists them\n");
}

void shell(void)
{
	char line[80];

	for (;;) {
		put_text(GREEN "demo> " PLAIN);
		input_line(line, sizeof line);
		execute(line);
	}
}
