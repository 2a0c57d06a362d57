/* The job table: a list of jobs in slots of a fixed pool. The first word of a
 * free slot links to the next free one. */
#include "demo.h"

union slot {
	union slot *next;
	struct job job;
};

static union slot pool[JOBS];
static union slot *free_slots;
static struct job *jobs;
static struct job *volatile running; /* what jobs_sum is computing, for jobs_tick */
static struct usage usage;

static void pool_give(struct job *job)
{
	union slot *slot = (union slot *)job;

	slot->next = free_slots;
	free_slots = slot;
	usage.used--;
}

static struct job *pool_take(void)
{
	union slot *slot = free_slots;

	if (!slot)
		return NULL;
	free_slots = slot->next;
	usage.used++;
	return &slot->job;
}

void jobs_init(void)
{
	for (int i = JOBS - 1; i >= 0; i--) {
		pool[i].next = free_slots;
		free_slots = &pool[i];
	}
}

const struct job *jobs_first(void) { return jobs; }

struct usage jobs_usage(void) { return usage; }

/* find returns the link that points to the job with this name, or else the one
 * that ends the list. */
static struct job **find(const char *name)
{
	struct job **link = &jobs;

	while (*link && !text_equal((*link)->name, name))
		link = &(*link)->next;
	return link;
}

bool jobs_exists(const char *name) { return *find(name) != NULL; }

/* jobs_add puts a new job at the end of the list. Its data follows from its
 * name. False means that the table is full. */
bool jobs_add(const char *name)
{
	struct job *job = pool_take();
	uint64_t seed = 13;

	if (!job)
		return false;
	job->sum = 0;
	job->next = NULL;
	job->ticks = 0;
	memset(job->name, 0, NAME_SIZE);
	for (int i = 0; i < NAME_SIZE - 1 && name[i]; i++) {
		job->name[i] = name[i];
		seed = seed * 31 + (uint8_t)name[i];
	}
	for (int i = 0; i < DATA_SIZE; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		job->data[i] = (uint8_t)(seed >> 56);
	}
	*find(job->name) = job;
	return true;
}

static void remove(struct job **link)
{
	struct job *job = *link;

	*link = job->next;
	pool_give(job);
}

/* jobs_delete returns false if there is no such job. */
bool jobs_delete(const char *name)
{
	struct job **link = find(name);

	if (!*link)
		return false;
	remove(link);
	return true;
}

/* checksum is FNV-1a, many times over the data: a job is meant to be slow. */
static uint64_t checksum(const uint8_t *data)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (int round = 0; round < 601; round++)
		for (int i = 0; i < DATA_SIZE; i++)
			hash = (hash ^ data[i]) * 0x100000001b3;
	return hash;
}

/* jobs_sum computes the sum of every job's data. */
void jobs_sum(void)
{
	for (struct job *job = jobs; job; job = job->next) {
		running = job;
		uint64_t sum = checksum(job->data);
		running = NULL;
		job->sum = sum;
	}
}

/* jobs_tick charges a clock tick to the running job, and removes the job when
 * it has had its share. Called by the timer interrupt. */
void jobs_tick(void)
{
	if (!running || ++running->ticks < TICK_LIMIT)
		return;
	remove(find(running->name));
	usage.expired++;
	running = NULL;
}
