#include "bench.h"

#define SSIP (1ul << 1)

/* What the parts must come to. */
#define INTEGER_SUM 0xd84c1e5ea0a363c8
#define FLOAT_SUM 0x5125c91ce2aa2014

uint8_t arena[ARENA_SIZE] __attribute__((aligned(4096)));
static volatile uint64_t ticks;

/* tick is called by supervisor_trap for each timer interrupt. */
void tick(void)
{
	csr_clear(sip, SSIP);
	ticks++;
}

struct workload {
	const char *name;
	uint64_t (*run)(void);
	int rounds; /* chosen for 250 million instructions each, 100 in floating point */
};

static void print_result(const char *name, int width, uint64_t instructions, uint64_t sum)
{
	put_text(name);
	put_text(": ");
	put_decimal(instructions, width);
	put_text(" instructions, checksum ");
	put_hex(sum, 16);
	put_text("\n");
}

/* run_part runs workloads and prints their results, and says whether the
 * checksum of all of them is the expected one. */
static bool run_part(const char *name, const struct workload *work, size_t count, uint64_t expected)
{
	uint64_t start = csr_read(instret), sum = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t began = csr_read(instret), part = 0;

		for (int round = 0; round < work[i].rounds; round++)
			part = mix(part, work[i].run());
		print_result(work[i].name, 10, csr_read(instret) - began, part);
		sum = mix(sum, part);
	}
	print_result(name, 0, csr_read(instret) - start, sum);
	return sum == expected;
}

void main(void)
{
	static const struct workload integer[] = {
		{"  sorting ", sort_integers, 25},
		{"  siphash ", hash_blocks, 20},
		{"  table   ", hash_table, 32},
		{"  matrix  ", multiply_matrices, 15},
		{"  lists   ", walk_lists, 23},
		{"  bytecode", interpret_bytecode, 3},
	};
	static const struct workload floating[] = {
		{"  fmatrix ", multiply_float_matrices, 15},
		{"  planets ", simulate_planets, 5},
		{"  horner  ", evaluate_polynomials, 14},
	};
	bool good;

	put_text("bench: S-mode, Sv39, timer at 100 Hz\n");
	good = run_part("integer", integer, sizeof integer / sizeof *integer, INTEGER_SUM);
	good &= run_part("float", floating, sizeof floating / sizeof *floating, FLOAT_SUM);
	put_text("timer: ");
	put_decimal(ticks, 0);
	put_text(" interrupts\n");
	if (good)
		power_off();
	put_text("bench: wrong checksum\n");
	fail(1);
}
