/* Matrices, planets and polynomials in floating point. Nothing here overflows or
 * becomes NaN, so that the checksums say something. */
#include "bench.h"

static uint64_t bits(double x)
{
	uint64_t b;

	__builtin_memcpy(&b, &x, sizeof b);
	return b;
}

/* random_unit returns a number in [-1, 1). */
static double random_unit(uint64_t *seed) { return (double)((int64_t)random_next(seed) >> 11) * 0x1p-52; }

/* multiply_float_matrices squares a matrix of doubles. */
uint64_t multiply_float_matrices(void)
{
	enum { N = 96 };
	double(*a)[N] = (double(*)[N])arena, (*c)[N] = a + N;
	uint64_t seed = 6, sum = 0;

	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++)
			a[i][j] = random_unit(&seed);
	for (int i = 0; i < N; i++) {
		for (int j = 0; j < N; j++) {
			double dot = 0;

			for (int k = 0; k < N; k++)
				dot += a[i][k] * a[k][j];
			c[i][j] = dot;
		}
	}
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++)
			sum = mix(sum, bits(c[i][j]));
	return sum;
}

/* simulate_planets moves bodies under gravity that is softened at close range. */
uint64_t simulate_planets(void)
{
	enum { BODIES = 8, STEPS = 5000 };
	static struct body {
		double at[3], speed[3], mass;
	} bodies[BODIES];
	uint64_t seed = 7, sum = 0;

	for (int i = 0; i < BODIES; i++) {
		for (int d = 0; d < 3; d++) {
			bodies[i].at[d] = random_unit(&seed);
			bodies[i].speed[d] = random_unit(&seed) / 4;
		}
		bodies[i].mass = 1 + random_unit(&seed) / 2;
	}
	for (int step = 0; step < STEPS; step++) {
		for (int i = 0; i < BODIES; i++) {
			for (int j = 0; j < BODIES; j++) {
				double away[3], square = 0.01;

				for (int d = 0; d < 3; d++) {
					away[d] = bodies[j].at[d] - bodies[i].at[d];
					square += away[d] * away[d];
				}
				double pull = 0.001 * bodies[j].mass / (square * __builtin_sqrt(square));
				for (int d = 0; d < 3; d++)
					bodies[i].speed[d] += away[d] * pull;
			}
		}
		for (int i = 0; i < BODIES; i++)
			for (int d = 0; d < 3; d++)
				bodies[i].at[d] += 0.001 * bodies[i].speed[d];
	}
	for (int i = 0; i < BODIES; i++)
		for (int d = 0; d < 3; d++)
			sum = mix(sum, bits(bodies[i].at[d]));
	return sum;
}

/* evaluate_polynomials uses Horner's scheme in both precisions. */
uint64_t evaluate_polynomials(void)
{
	enum { DEGREE = 15, POINTS = 50000 };
	double coefficients[DEGREE + 1];
	float singles[DEGREE + 1];
	uint64_t seed = 8, sum = 0;

	for (int i = 0; i <= DEGREE; i++) {
		coefficients[i] = random_unit(&seed);
		singles[i] = (float)coefficients[i];
	}
	for (int point = 0; point < POINTS; point++) {
		double x = random_unit(&seed), y = 0;
		float fx = (float)x, fy = 0;

		for (int i = 0; i <= DEGREE; i++) {
			y = y * x + coefficients[i];
			fy = fy * fx + singles[i];
		}
		sum = mix(sum, bits(y > fy ? y - fy : y + fy));
		sum += (uint64_t)(int64_t)(y * 1000);
	}
	return sum;
}
