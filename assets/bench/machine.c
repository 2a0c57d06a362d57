/* What M-mode prepares for main: memory protection off, counters readable, the
 * timer running, and Sv39 page tables that map every address to itself. */
#include "bench.h"

#define PAGE 4096ul
#define MEGAPAGE (2ul << 20)
#define RAM 0x80000000ul
#define RAM_MAPPED (16ul << 20)

#define PTE_V 0x01ul
#define PTE_R 0x02ul
#define PTE_W 0x04ul
#define PTE_X 0x08ul
#define PTE_A 0x40ul
#define PTE_D 0x80ul
#define SATP_SV39 (8ul << 60)

#define MSTATUS_MPIE (1ul << 7)
#define MSTATUS_MPP_S (1ul << 11)
#define MSTATUS_MPP (3ul << 11)
#define MSTATUS_FS_INITIAL (1ul << 13)
#define SSTATUS_SIE (1ul << 1)
#define IRQ_S_SOFTWARE 1

typedef uint64_t page_table[512] __attribute__((aligned(4096)));

extern uint8_t text_end[];
static page_table root, middle, leaves[RAM_MAPPED / MEGAPAGE];

static uint64_t pte(uintptr_t address, uint64_t flags) { return address >> 12 << 10 | flags | PTE_V; }

/* map_memory gives devices one page of 1 GiB and RAM pages of 4 KiB. It returns
 * the value for satp. */
static uint64_t map_memory(void)
{
	root[0] = pte(0, PTE_R | PTE_W | PTE_A | PTE_D);
	root[RAM >> 30] = pte((uintptr_t)middle, 0);
	for (size_t i = 0; i < RAM_MAPPED / MEGAPAGE; i++) {
		middle[i] = pte((uintptr_t)leaves[i], 0);
		for (size_t j = 0; j < 512; j++) {
			uintptr_t page = RAM + i * MEGAPAGE + j * PAGE;
			bool text = page < (uintptr_t)text_end;

			leaves[i][j] = pte(page, PTE_R | PTE_A | (text ? PTE_X : PTE_W | PTE_D));
		}
	}
	return SATP_SV39 | (uintptr_t)root >> 12;
}

uint64_t machine_setup(void)
{
	csr_write(pmpaddr0, ~0ul >> 10); /* one region: everything, */
	csr_write(pmpcfg0, 0x1f);	 /* NAPOT, readable, writable, executable */
	csr_write(mcounteren, 7);
	csr_write(mideleg, 1ul << IRQ_S_SOFTWARE);
	csr_write(sie, 1ul << IRQ_S_SOFTWARE);
	csr_clear(mstatus, MSTATUS_MPP);
	csr_set(mstatus, MSTATUS_FS_INITIAL | MSTATUS_MPP_S | MSTATUS_MPIE | SSTATUS_SIE);
	timer_set(read64(MTIME) + TIMEBASE_HZ / 100);
	csr_write(mie, 1ul << IRQ_M_TIMER | 1ul << IRQ_S_SOFTWARE);
	return map_memory();
}
