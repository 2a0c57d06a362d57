/* The demo firmware: a table of jobs, a shell to drive it, and the interrupts
 * beneath. */
#ifndef DEMO_H
#define DEMO_H

#include "board.h"

/* jobs.c */
#define JOBS 8
#define NAME_SIZE 16
#define DATA_SIZE 4096
#define TICK_LIMIT 4

struct job {
	uint64_t sum; /* of the data; 0 until it is computed */
	struct job *next;
	unsigned ticks; /* of computing so far; at TICK_LIMIT the job expires */
	char name[NAME_SIZE];
	uint8_t data[DATA_SIZE];
};

struct usage {
	unsigned used, expired;
};

void jobs_init(void);
bool jobs_add(const char *name);
bool jobs_delete(const char *name);
bool jobs_exists(const char *name);
const struct job *jobs_first(void);
struct usage jobs_usage(void);
void jobs_sum(void);
void jobs_tick(void);

/* input.c */
void input_receive(void);
uint8_t input_byte(void);
void input_line(char *line, size_t size);

/* trap.c */
#define TICKS_PER_SECOND 100

void interrupts_start(void);
uint64_t ticks_now(void);

/* shell.c */
_Noreturn void shell(void);

#define BOLD "\033[1m"
#define RED "\033[1;31m"
#define GREEN "\033[32m"
#define CYAN "\033[36m"
#define PLAIN "\033[0m"

#endif
