/* Linked lists, their nodes scattered over many pages. */
#include "bench.h"

struct node {
	struct node *next;
	uint64_t key;
	uint64_t padding[6];
};

#define NODES (1 << 15)

static struct node *merge(struct node *a, struct node *b)
{
	struct node *first = NULL, **link = &first;

	while (a && b) {
		struct node **smaller = a->key <= b->key ? &a : &b;

		*link = *smaller;
		link = &(*link)->next;
		*smaller = *link;
	}
	*link = a ? a : b;
	return first;
}

/* merge_sort sorts n nodes from *rest on, and moves *rest behind them. */
static struct node *merge_sort(struct node **rest, size_t n)
{
	if (n == 1) {
		struct node *node = *rest;

		*rest = node->next;
		node->next = NULL;
		return node;
	}
	struct node *a = merge_sort(rest, n / 2);
	struct node *b = merge_sort(rest, n - n / 2);
	return merge(a, b);
}

static struct node *reverse(struct node *list)
{
	struct node *done = NULL;

	while (list) {
		struct node *next = list->next;

		list->next = done;
		done = list;
		list = next;
	}
	return done;
}

/* walk_lists links nodes in random order, sorts the list, and walks it. */
uint64_t walk_lists(void)
{
	struct node *nodes = (struct node *)arena, *list = NULL;
	uint64_t seed = 5, sum = 0;

	for (size_t i = 0; i < NODES; i++) {
		nodes[i].key = random_next(&seed);
		nodes[i].next = list;
		list = &nodes[i];
	}
	list = merge_sort(&list, NODES);
	for (int pass = 0; pass < 8; pass++) {
		list = reverse(list);
		for (struct node *node = list; node; node = node->next)
			sum = mix(sum, node->key);
	}
	return sum;
}
