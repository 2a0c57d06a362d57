package boot

// The memory map of the board: physical addresses and sizes in bytes.
const (
	ROMBase      = 0x1000 // mask ROM, where every hart starts
	ROMSize      = 0xf000
	FinisherBase = 0x0010_0000 // test finisher: poweroff and reset
	FinisherSize = 0x1000
	RTCBase      = 0x0010_1000 // goldfish RTC
	RTCSize      = 0x1000
	CLINTBase    = 0x0200_0000 // ACLINT in CLINT layout
	CLINTSize    = 0x1_0000
	PLICBase     = 0x0c00_0000
	PLICSize     = 0x60_0000
	UARTBase     = 0x1000_0000 // UART 16550A
	UARTSize     = 0x100
	VirtioBase   = 0x1000_1000 // first virtio-mmio slot
	VirtioStride = 0x1000      // from one slot to the next, and the size of each
	FlashBase    = 0x2000_0000 // two banks, one after the other
	FlashSize    = 0x0200_0000 // of one bank
	RAMBase      = 0x8000_0000
)

// Interrupt sources of the PLIC. Virtio slot n has source VirtioIRQ+n.
const (
	VirtioIRQ = 1
	UARTIRQ   = 10
	RTCIRQ    = 11
)

// Limits and rates of the board.
const (
	MaxHarts     = 512
	VirtioSlots  = 8
	PLICSources  = 96         // highest interrupt source
	TimebaseHz   = 10_000_000 // of mtime and the time CSR
	UARTClockHz  = 3_686_400
	SeedSize     = 32     // bytes of entropy in /chosen/rng-seed
	FinisherPass = 0x5555 // written to the finisher: power off
	FinisherBoot = 0x7777 // written to the finisher: reset
)

const mib = 1 << 20
