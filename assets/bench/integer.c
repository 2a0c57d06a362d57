/* Sorting, hashing, matrices and lists on integers. */
#include "bench.h"

static void swap(uint64_t *a, uint64_t *b)
{
	uint64_t t = *a;

	*a = *b;
	*b = t;
}

/* quicksort leaves runs of up to 16 elements to the insertion sort. */
static void quicksort(uint64_t *a, size_t n)
{
	while (n > 16) {
		size_t middle = n / 2, i = 0, j = n - 1;

		if (a[0] > a[middle])
			swap(&a[0], &a[middle]);
		if (a[middle] > a[n - 1])
			swap(&a[middle], &a[n - 1]);
		if (a[0] > a[middle])
			swap(&a[0], &a[middle]);
		uint64_t pivot = a[middle];
		for (;;) {
			while (a[i] < pivot)
				i++;
			while (a[j] > pivot)
				j--;
			if (i >= j)
				break;
			swap(&a[i++], &a[j--]);
		}
		quicksort(a, i);
		a += i;
		n -= i;
	}
}

static void insertion_sort(uint64_t *a, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t value = a[i];
		size_t j = i;

		for (; j > 0 && a[j - 1] > value; j--)
			a[j] = a[j - 1];
		a[j] = value;
	}
}

/* sort_integers sorts half a million bytes of random numbers. */
uint64_t sort_integers(void)
{
	enum { COUNT = 1 << 16 };
	uint64_t *a = (uint64_t *)arena, seed = 1, sum = 0;

	for (size_t i = 0; i < COUNT; i++)
		a[i] = random_next(&seed);
	quicksort(a, COUNT);
	insertion_sort(a, COUNT);
	for (size_t i = 1; i < COUNT; i++)
		sum = mix(sum, a[i - 1] <= a[i] ? a[i] : i);
	return sum;
}

static uint64_t rotate(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32) + v[3];
	v[2] += v[1];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/* siphash is SipHash-2-4 of whole words. */
static uint64_t siphash(const uint64_t *data, size_t n, uint64_t k0, uint64_t k1)
{
	uint64_t v[4] = {
		k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
		k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573,
	};
	uint64_t length = (uint64_t)n * 8 << 56;

	for (size_t i = 0; i <= n; i++) {
		uint64_t word = i < n ? data[i] : length;

		v[3] ^= word;
		sip_round(v);
		sip_round(v);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* hash_blocks hashes a megabyte, page by page. */
uint64_t hash_blocks(void)
{
	enum { WORDS = 1 << 17, BLOCK = 512 };
	uint64_t *data = (uint64_t *)arena, seed = 2, sum = 0;

	for (size_t i = 0; i < WORDS; i++)
		data[i] = random_next(&seed);
	for (size_t i = 0; i < WORDS; i += BLOCK)
		sum = mix(sum, siphash(data + i, BLOCK, sum, i));
	return sum;
}

/* hash_table fills an open-addressing table of 2 MiB and looks keys up in it,
 * half of them in vain. */
uint64_t hash_table(void)
{
	enum { SLOTS = 1 << 17, KEYS = 80000 };
	struct slot {
		uint64_t key, value;
	} *table = (struct slot *)arena;
	uint64_t seed = 3, sum = 0;

	for (size_t i = 0; i < SLOTS; i++)
		table[i].key = table[i].value = 0;
	for (size_t i = 0; i < KEYS; i++) {
		uint64_t key = random_next(&seed);
		size_t at = mix(0, key) % SLOTS;

		while (table[at].key && table[at].key != key)
			at = (at + 1) % SLOTS;
		table[at].key = key;
		table[at].value = i;
	}
	seed = 3;
	for (size_t i = 0; i < 2 * KEYS; i++) {
		uint64_t key = random_next(&seed);
		size_t at = mix(0, key) % SLOTS;

		while (table[at].key && table[at].key != key)
			at = (at + 1) % SLOTS;
		sum += table[at].key ? table[at].value : at;
	}
	return sum;
}

/* multiply_matrices squares a matrix of 64-bit integers. */
uint64_t multiply_matrices(void)
{
	enum { N = 128 };
	uint64_t(*a)[N] = (uint64_t(*)[N])arena, (*c)[N] = a + N, seed = 4, sum = 0;

	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++)
			a[i][j] = random_next(&seed);
	for (int i = 0; i < N; i++) {
		for (int j = 0; j < N; j++) {
			uint64_t dot = 0;

			for (int k = 0; k < N; k++)
				dot += a[i][k] * a[k][j];
			c[i][j] = dot;
		}
	}
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++)
			sum = mix(sum, c[i][j]);
	return sum;
}
