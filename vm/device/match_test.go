package device

import "testing"

// The tests of this file compare what a guest sees with the real qemu. They
// leave out what a device's comment says is different.

func TestFinisherMatchesQEMU(t *testing.T) {
	table := append(sizes(finisherAt), sizes(finisherAt+0xff8)...)
	sameAsQEMU(t, append(table,
		store(finisherAt, 0x1234, 4), store(finisherAt, 0x1234, 2), store(finisherAt, 0x12, 1), store(finisherAt, 0x12, 8),
		store(finisherAt+4, 0x5555, 4), load(finisherAt+0x1000, 1),
	))
}

func TestACLINTMatchesQEMU(t *testing.T) {
	const compare, clock = aclintAt + 0x4000, aclintAt + 0xbff8
	table := append(sizes(aclintAt), sizes(compare)...)
	table = append(table, sizes(aclintAt+0x8)...)
	sameAsQEMU(t, append(table,
		store(aclintAt, 0xffffffff, 4), load(aclintAt, 4), pending(),
		store(aclintAt, 2, 4), load(aclintAt, 4), pending(),
		store(aclintAt+4, 1, 4), load(aclintAt+4, 4), pending(),
		store(aclintAt, 1, 8), store(aclintAt, 1, 1),

		store(compare, 0x123456789abcdef0, 8), load(compare, 8), load(compare, 4), load(compare+4, 4), pending(),
		store(compare, 0x11111111, 4), load(compare, 8), store(compare+4, 0x22222222, 4), load(compare, 8),
		store(compare+8, 5, 8), load(compare+8, 8), load(compare+16, 8), load(compare, 2), store(compare, 0, 1),

		store(clock+4, 0x22222221, 4), load(clock+4, 4), pending(),
		store(clock+4, 0x33333333, 4), load(clock+4, 4), pending(),
		store(clock, 0x1_0000_0000, 8), load(clock+4, 4),
		store(compare, 0x1_0010_0000, 8), pending(), spin(60000), pending(),
		store(compare, ^uint64(0), 8), pending(), store(compare, 0, 8), pending(),
		load(aclintAt+0xc000, 4), load(aclintAt+0x3ffc, 4), load(aclintAt+0xbff0, 8),
	))
}

func TestRTCMatchesQEMU(t *testing.T) {
	table := sizes(rtcAt + 0x18)
	table = append(table, plicSetup(rtcSource)...)
	sameAsQEMU(t, append(table,
		load(rtcAt+4, 4),
		store(rtcAt+4, 0x10, 4), store(rtcAt, 0, 4), load(rtcAt+4, 4),
		access{op: opSpin, value: 1}, store(rtcAt, 0x100, 4),
		load(rtcAt+8, 4), load(rtcAt+0xc, 4), load(rtcAt+0x10, 4), load(rtcAt+0x14, 4), load(rtcAt+0x1c, 4), load(rtcAt+0x20, 4),

		store(rtcAt+0xc, 0x40000000, 4), store(rtcAt+8, 0x1234, 4), load(rtcAt+8, 4), load(rtcAt+0xc, 4), load(rtcAt+0x18, 4), pending(),
		store(rtcAt+0x14, 0, 4), load(rtcAt+0x18, 4),
		store(rtcAt+0x10, 3, 4), load(rtcAt+0x10, 4), pending(),
		store(rtcAt+0xc, 0, 4), store(rtcAt+8, 1, 4), load(rtcAt+0x18, 4), pending(),
		store(rtcAt+0x10, 0, 4), pending(), store(rtcAt+0x10, 1, 4), pending(),
		store(rtcAt+0x1c, 0, 4), pending(),
		load(rtcAt+0x24, 4), load(rtcAt+0x20, 8), store(rtcAt+0x10, 1, 1),

		// Two registers at once.
		store(rtcAt+8, 0x40000000_00000001, 8), load(rtcAt+8, 8), load(rtcAt+0x18, 8), load(rtcAt+0x10, 8),
		store(rtcAt+0x10, 0xffffffff_00000000, 8), load(rtcAt+0x10, 8),
		store(rtcAt, 0x5_0000_0000, 8), load(rtcAt+4, 4), load(rtcAt, 2),
	))
}

// plicSetup lets a source interrupt hart 0 in M-mode.
func plicSetup(source uint64) []access {
	return []access{
		store(plicAt+4*source, 1, 4),
		store(plicAt+plicEnable, 1<<source, 4),
		store(plicAt+plicContext, 0, 4),
	}
}

func TestPLICMatchesQEMU(t *testing.T) {
	const enable, context = plicAt + plicEnable, plicAt + plicContext
	const (
		raise = 2 // in IER: transmitter empty
		ier   = uartAt + 1
	)
	table := append(sizes(plicAt+40), sizes(context+4)...)
	table = append(table,
		// Registers and their gaps.
		store(plicAt, 7, 4), load(plicAt, 4), store(plicAt+4, 0xff, 4), load(plicAt+4, 4),
		store(plicAt+4*95, 9, 4), load(plicAt+4*95, 4), load(plicAt+4*97, 4), store(plicAt+40, 1, 8), store(plicAt+40, 1, 1),
		load(enable+8, 4), store(enable+8, 0xffffffff, 4), load(enable+8, 4), store(enable+12, 0xffffffff, 4), load(enable+12, 4),
		store(enable+3*0x80, 0x12345678, 4), load(enable+3*0x80, 4), store(enable+4*0x80, 1, 4), load(enable+4*0x80, 4),
		store(context, 15, 4), load(context, 4), load(context+8, 4), store(context+0x3000, 5, 4), load(context+0x3000, 4),
		store(context+0x4000, 5, 4), load(context+0x4000, 4), load(context+0x4004, 4),
		load(plicAt+0x5ffffc, 4), load(plicAt+0x600000, 4), store(plicAt+0x1000, 0xffffffff, 4), load(plicAt+0x1000, 4),

		// Pending, enabled, above the threshold.
		store(ier, raise, 1), load(plicAt+0x1000, 4), pending(),
		store(plicAt+40, 3, 4), store(enable, 0x400, 4), store(context, 3, 4), pending(),
		store(context, 2, 4), pending(), store(plicAt+40, 2, 4), pending(), store(plicAt+40, 10, 4), load(plicAt+40, 4), pending(),
		store(plicAt+40, 7, 4), pending(), store(context, 0, 4), pending(),
		store(enable+0x80, 0x400, 4), store(context+0x1000, 0, 4), pending(),

		// Claimed by one context, and gone for both; lowered; completed.
		load(context+4, 4), pending(), load(context+4, 4), load(context+0x1004, 4), load(plicAt+0x1000, 4),
		load(uartAt+2, 1), store(context+4, 10, 4), pending(), load(plicAt+0x1000, 4), load(context+4, 4),

		// Lowered before it is claimed; completed by the other context.
		store(ier, 0, 1), store(ier, raise, 1), pending(), store(ier, 0, 1), pending(), load(context+0x1004, 4), pending(),
		store(context+4, 10, 4), pending(),

		// A line that stays high, as the driver of the UART in xv6 leaves it: what
		// reads something else announces nothing.
		store(ier, raise, 1), load(context+4, 4), store(context+4, 10, 4), pending(), load(uartAt+5, 1), load(uartAt+6, 1), pending(),
		load(context+4, 4), load(plicAt+0x1000, 4), store(uartAt, 0x2e, 1), pending(), load(plicAt+0x1000, 4), load(context+4, 4), store(uartAt, 0x2e, 1),
		load(plicAt+0x1000, 4), pending(), store(context+4, 10, 4), pending(), load(context+4, 4), store(ier, 0, 1), store(context+4, 10, 4), pending(),

		// Two sources: the lower number first, unless the other is above.
		store(rtcAt+0x10, 1, 4), store(rtcAt+0xc, 0, 4), store(rtcAt+8, 1, 4), store(ier, raise, 1),
		store(plicAt+44, 7, 4), store(enable, 0xc00, 4), store(context, 0, 4), load(plicAt+0x1000, 4),
		load(context+4, 4), pending(), load(context+4, 4), pending(), load(context+4, 4),
		store(ier, 0, 1), store(rtcAt+0x1c, 0, 4), store(context+4, 96, 4), store(context+4, 10, 4), store(context+4, 11, 4),
		store(rtcAt+8, 1, 4), store(plicAt+40, 6, 4), store(ier, raise, 1), load(context+0x1004, 4), load(context+4, 4), load(context+4, 4),
	)
	sameAsQEMU(t, table)
}

func TestUARTMatchesQEMU(t *testing.T) {
	const data, ier, iir, lcr, mcr, lsr, msr, scr = uartAt, uartAt + 1, uartAt + 2, uartAt + 3, uartAt + 4, uartAt + 5, uartAt + 6, uartAt + 7
	var table []access
	for reg := range uint64(9) {
		table = append(table, load(uartAt+reg, 1))
	}
	table = append(table, sizes(data)...)
	table = append(table, load(mcr, 4), load(mcr, 2), load(uartAt+8, 4), load(uartAt+0x20, 1), load(uartAt+0xff, 1),
		// Scratch, divisor, what MCR keeps, its outputs in MSR.
		store(scr, 0x5a, 1), load(scr, 1), store(lcr, 0x83, 1), load(data, 1), load(ier, 1),
		store(data, 0x34, 1), store(ier, 0x12, 1), load(data, 1), load(ier, 1), store(data, 0x5678, 2), load(data, 1), load(ier, 1),
		store(data, 0xff, 1), store(ier, 0xff, 1), store(lcr, 3, 1), load(lcr, 1), load(ier, 1),
		store(mcr, 0xff, 1), load(mcr, 1), load(msr, 1), store(mcr, 0x11, 1), load(msr, 1), store(mcr, 0x12, 1), load(msr, 1),
		store(mcr, 0x14, 1), load(msr, 1), store(mcr, 0x18, 1), load(msr, 1), store(lsr, 0, 1), store(msr, 0, 1), load(lsr, 1),

		// Loopback without FIFO: received, overrun, taken.
		store(data, 0x41, 1), load(lsr, 1), load(iir, 1), store(ier, 0x0f, 1), load(ier, 1), load(iir, 1),
		store(data, 0x42, 1), load(iir, 1), load(lsr, 1), load(lsr, 1), load(iir, 1), load(data, 1), load(lsr, 1),
		load(iir, 1), load(iir, 1), load(data, 1),

		// With FIFO and trigger level 4. The divisor is large so that no timeout
		// comes in between, then small, so that it comes.
		store(iir, 0x47, 1), load(iir, 1), load(iir, 1))
	for b := range uint64(5) {
		table = append(table, store(data, 0x60+b, 1))
	}
	table = append(table, load(iir, 1), load(data, 1), load(iir, 1), load(data, 1), load(data, 1), load(lsr, 1),
		store(lcr, 0x83, 1), store(data, 100, 1), store(ier, 0, 1), store(lcr, 3, 1), load(data, 1), spin(20000), load(iir, 1),
		load(data, 1), load(iir, 1), load(iir, 1), load(data, 1),
		store(lcr, 0x83, 1), store(data, 0xff, 1), store(ier, 0xff, 1), store(lcr, 3, 1))

	// FIFO overrun, then emptied; disabled; changes of IER.
	for b := range uint64(18) {
		table = append(table, store(data, 0x30+b, 1))
	}
	table = append(table, load(iir, 1), load(lsr, 1), load(lsr, 1), load(iir, 1), load(data, 1),
		store(iir, 0xc3, 1), load(lsr, 1), load(iir, 1), store(data, 0x33, 1), store(iir, 0, 1), load(lsr, 1), load(iir, 1),
		store(mcr, 8, 1), store(ier, 0, 1), load(iir, 1), store(ier, 2, 1), load(iir, 1), load(iir, 1),
		store(data, 0x2e, 1), load(lsr, 1), store(ier, 3, 1), load(iir, 1), store(ier, 1, 1), load(iir, 1),
		store(data, 0x2e, 1), load(iir, 1), store(ier, 2, 1), load(iir, 1), store(iir, 0x01, 1), load(iir, 1), load(iir, 1))

	// Its interrupt.
	table = append(table, plicSetup(uartSource)...)
	table = append(table, pending(), store(data, 0x2e, 1), pending(), load(iir, 1), pending())
	sameAsQEMU(t, table)
}

func TestEmptyVirtioMatchesQEMU(t *testing.T) {
	const last = virtioAt + 7*virtioStride
	var table []access
	for _, reg := range []uint64{0, 4, 8, 0xc, 0x10, 0x34, 0x50, 0x60, 0x70, 0xfc, 0x100, 0x200, 0xff8, 0xffc} {
		table = append(table, load(virtioAt+reg, 1), load(virtioAt+reg, 2), load(virtioAt+reg, 4))
		if reg%8 == 0 {
			table = append(table, load(virtioAt+reg, 8))
		}
	}
	table = append(table, load(virtioAt+2, 2), load(virtioAt+1, 1), load(virtioAt+0xd, 1))
	for _, size := range []int{1, 2, 4, 8} {
		table = append(table, store(virtioAt+0x70, 3, size), load(virtioAt+0x70, 4), store(virtioAt+0x100, 3, size), load(virtioAt+0x100, 4))
	}
	sameAsQEMU(t, append(table, load(last, 4), load(last+8, 4), load(last+virtioStride, 4)))
}

func TestFlashMatchesQEMU(t *testing.T) {
	const sector = flashAt + flashSectorSize
	table := append(sizes(flashAt), store(flashAt, 0x98, 1))
	for entry := range uint64(0x60) {
		table = append(table, load(flashAt+4*entry, 4))
	}
	table = append(table, sizes(flashAt+0x40)...)
	table = append(table, load(flashAt+0x41, 1), load(flashAt+0x42, 2), load(flashAt+0x48, 8), load(sector, 4),
		store(flashAt, 0xf0, 1), load(flashAt+0x40, 4), store(flashAt, 0xff, 1), load(flashAt+0x40, 4))

	table = append(table, store(flashAt, 0x90, 4), load(flashAt, 4), load(flashAt+4, 4), load(flashAt+8, 4), load(flashAt, 8), load(flashAt+4, 2),
		store(flashAt, 0x70, 4))
	table = append(table, sizes(flashAt)...)
	table = append(table, store(flashAt, 0x50, 4), load(flashAt, 4), store(flashAt, 0x70, 4), load(flashAt, 4),

		// Erase: the sector reads as ones, the others and the other bank as before.
		store(sector+0x100, 0x200020, 4), load(sector, 4), store(sector, 0xd000d0, 4), load(sector, 4),
		store(sector, 0xff00ff, 4), load(sector, 4), load(sector+flashSectorSize-8, 8), load(sector+flashSectorSize, 8), load(flashAt+FlashSize, 4),
		store(sector, 0x20, 4), store(sector, 0x11, 4), load(sector, 4), store(sector, 0x20, 4), store(sector, 0xff, 4), load(sector, 4),

		// Program words of each size.
		store(sector, 0x40, 4), store(sector+8, 0x12345678, 4), load(sector+8, 4), store(sector, 0x10, 1), store(sector+12, 0xab, 1),
		store(sector, 0x10, 2), store(sector+14, 0xcdef, 2), store(sector, 0xff, 4), load(sector+8, 8),
		store(sector+0x10, 0x11223344_00000040, 8), store(sector, 0xff, 4), load(sector+0x10, 8),

		// The buffer: number of writes less one, the writes, confirm or not.
		store(sector, 0xe800e8, 4), load(sector, 4), store(sector, 0x10001, 4),
		store(sector+0x20, 0xaaaaaaaa, 4), store(sector+0x24, 0xbbbbbbbb, 4), store(sector, 0xd000d0, 4), load(sector, 4),
		store(sector, 0xff, 4), load(sector+0x20, 8),
		store(sector, 0xe8, 4), store(sector, 0, 4), store(sector+0x28, 0xcccccccc, 4), store(sector, 0x12, 4), load(sector+0x28, 4),
		store(sector, 0xe8, 4), store(sector+0x1800, 0, 4), store(sector+0x1ffc, 0xdddddddd, 4), store(sector, 0xd0, 4), load(sector, 4),
		store(sector, 0xff, 4), load(sector+0x1ff8, 8),
		store(sector, 0xe8, 4), store(sector, 1, 4), store(sector+0x40, 0x22222222_11111111, 8), store(sector, 0xd0, 4), store(sector, 0xff, 4), load(sector+0x40, 8),

		// A buffer that is left, and what it does to the next.
		store(sector, 0xe8, 4), store(sector, 2, 4), store(sector+0x1000, 1, 4), load(sector, 4), store(sector+0x50, 2, 4), store(sector+0x54, 3, 4),
		store(sector, 0xd0, 4), load(sector+0x1000, 4), load(sector+0x50, 8), store(sector, 0x70, 4), load(sector, 4),
		store(sector, 0xe8, 4), store(sector, 0, 4), store(sector+0x60, 1, 4), store(sector, 0xd0, 4), load(sector+0x60, 4),
		store(sector, 0x40, 4), store(sector+0x64, 1, 4), load(sector, 4), store(sector, 0xff, 4), load(sector+0x60, 8),
		store(sector, 0x50, 4), store(sector, 0xe8, 4), store(sector, 0, 4), store(sector+0x60, 4, 1), store(sector, 0xd0, 1), store(sector, 0xff, 1), load(sector+0x60, 8),

		// Lock and unlock, cancel, unknown.
		store(sector, 0x60, 4), store(sector, 0x01, 4), load(sector, 4), store(sector, 0x60, 4), store(sector, 0xd0, 4), load(sector, 4),
		store(sector, 0x60, 4), store(sector, 0xff, 4), load(sector, 4), store(sector, 0x60, 4), store(sector, 0x33, 4), load(sector, 4),
		store(sector, 0x12, 4), load(sector, 4), store(sector, 0, 4), load(sector, 4),
		store(flashAt+FlashSize, 0x90, 4), load(flashAt+FlashSize, 4), load(flashAt, 4), load(flashAt+2*FlashSize, 4))
	sameAsQEMU(t, table)
}
