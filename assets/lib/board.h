/* What the guests share: the board's registers, the hart's CSRs, and a few
 * functions in place of a C library. */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory map of the board. */
#define FINISHER 0x00100000ul
#define CLINT 0x02000000ul
#define PLIC 0x0c000000ul
#define UART 0x10000000ul

/* ACLINT in CLINT layout, hart 0. mtime counts at TIMEBASE_HZ. */
#define MTIMECMP (CLINT + 0x4000)
#define MTIME (CLINT + 0xbff8)
#define TIMEBASE_HZ 10000000ul

/* PLIC, context 0: hart 0 in M-mode. */
#define PLIC_PRIORITY(source) (PLIC + 4 * (source))
#define PLIC_ENABLE (PLIC + 0x2000)
#define PLIC_THRESHOLD (PLIC + 0x200000)
#define PLIC_CLAIM (PLIC + 0x200004)
#define UART_IRQ 10

/* UART 16550A. */
#define UART_DATA (UART + 0)
#define UART_IER (UART + 1)
#define UART_FCR (UART + 2)
#define UART_LCR (UART + 3)
#define UART_LSR (UART + 5)
#define IER_RECEIVE 0x01
#define FCR_ENABLE 0x01
#define LCR_8N1 0x03
#define LSR_DATA_READY 0x01
#define LSR_THR_EMPTY 0x20

/* Test finisher: a failure carries a code in the high half. */
#define FINISHER_PASS 0x5555u
#define FINISHER_FAIL 0x3333u

/* mcause, and the bits of mstatus and mie that the guests use. */
#define CAUSE_INTERRUPT (1ul << 63)
#define IRQ_M_TIMER 7
#define IRQ_M_EXTERNAL 11
#define MSTATUS_MIE (1ul << 3)

#define csr_read(csr)                                          \
	({                                                     \
		uint64_t value_;                               \
		__asm__ volatile("csrr %0, " #csr : "=r"(value_)); \
		value_;                                        \
	})
#define csr_write(csr, value) __asm__ volatile("csrw " #csr ", %0" ::"rK"((uint64_t)(value)) : "memory")
#define csr_set(csr, bits) __asm__ volatile("csrs " #csr ", %0" ::"rK"((uint64_t)(bits)) : "memory")
#define csr_clear(csr, bits) __asm__ volatile("csrc " #csr ", %0" ::"rK"((uint64_t)(bits)) : "memory")

static inline void wait_for_interrupt(void) { __asm__ volatile("wfi" ::: "memory"); }

static inline uint8_t read8(uintptr_t a) { return *(volatile uint8_t *)a; }
static inline uint32_t read32(uintptr_t a) { return *(volatile uint32_t *)a; }
static inline uint64_t read64(uintptr_t a) { return *(volatile uint64_t *)a; }
static inline void write8(uintptr_t a, uint8_t v) { *(volatile uint8_t *)a = v; }
static inline void write32(uintptr_t a, uint32_t v) { *(volatile uint32_t *)a = v; }
static inline void write64(uintptr_t a, uint64_t v) { *(volatile uint64_t *)a = v; }

/* What start.S saves at a trap: regs[n] is x(n). regs[0] holds mepc. */
struct frame {
	uint64_t regs[32];
};

/* board.c */
void uart_open(bool receive_interrupts);
void timer_set(uint64_t mtime);
_Noreturn void power_off(void);
_Noreturn void fail(uint16_t code);

/* print.c: everything goes to the UART, waiting until it takes the byte. */
void put_byte(uint8_t c);
void put_text(const char *s);
void put_padded(const char *s, int width);
void put_decimal(uint64_t n, int width);
void put_hex(uint64_t n, int digits);

/* memory.c; memcpy and memset are also what the compiler calls. */
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
bool text_equal(const char *a, const char *b);

#endif
