package device

import (
	"fmt"
	"testing"
)

// Where the devices are on qemu's board.
const (
	finisherAt = 0x10_0000
	rtcAt      = 0x10_1000
	aclintAt   = 0x200_0000
	plicAt     = 0xc00_0000
	uartAt     = 0x1000_0000
	virtioAt   = 0x1000_1000 // the first slot of eight
	flashAt    = 0x2000_0000

	virtioStride = 0x1000

	scratchAt   = 0x8300_0000 // RAM that the program of the test does not use
	scratchSize = 0x10_0000

	uartSource = 10
	rtcSource  = 11

	mipMSIP = 1 << 3
	mipMTIP = 1 << 7
	mipSEIP = 1 << 9
	mipMEIP = 1 << 11
)

const spinNS = 2 * 1024 // a round of access.S's spin: two instructions at shift=10

// board has the devices wired as on qemu's board with two harts, and a clock
// that only the spin operation moves.
type board struct {
	devices []mapped
	mip     uint64 // external and software interrupts of hart 0
	now     uint64

	aclint *ACLINT
	plic   *PLIC
	uart   *UART
	rtc    *RTC
	disk   *VirtioBlock // nil unless a test puts one there
}

// mtip is the machine timer interrupt line of a hart.
func (b *board) mtip(hart int) bool { return mtip(b.aclint, hart) }

func mtip(a *ACLINT, hart int) bool { return a.Time() >= a.Compare(hart) }

type mapped struct {
	base, size uint64
	Device
}

func newBoard() *board {
	b := &board{}
	clock := func() uint64 { return b.now }
	line := func(mask uint64) func(hart int, level bool) {
		return func(hart int, level bool) {
			if hart == 0 {
				b.mip &^= mask
				b.mip |= mask * bit(level)
			}
		}
	}
	external := map[bool]func(int, bool){false: line(mipMEIP), true: line(mipSEIP)}
	b.aclint = NewACLINT(2, clock, ACLINTLines{SetMSIP: line(mipMSIP), Changed: func() {}})
	b.plic = NewPLIC(2, func(hart int, supervisor, level bool) { external[supervisor](hart, level) })
	b.uart = NewUART(
		func(level bool) { b.plic.SetIRQ(uartSource, level) },
		func(p []byte) int { return len(p) })
	b.rtc = NewRTC(RTCPorts{
		Clock:     clock,
		HostClock: func() uint64 { return 1_700_000_000_000_000_000 },
		IRQ:       func(level bool) { b.plic.SetIRQ(rtcSource, level) },
		Changed:   func() {},
	})
	b.devices = []mapped{
		{finisherAt, FinisherSize, NewFinisher(func(FinisherKind, uint16) {})},
		{rtcAt, RTCSize, b.rtc},
		{aclintAt, ACLINTSize, b.aclint},
		{plicAt, PLICSize, b.plic},
		{uartAt, UARTSize, b.uart},
		{virtioAt, VirtioSize, EmptyVirtio{Legacy: true}},
		{virtioAt + 7*virtioStride, VirtioSize, EmptyVirtio{Legacy: true}},
		{scratchAt, scratchSize, newScratch()},
		{flashAt, FlashSize, NewFlash()},
		{flashAt + FlashSize, FlashSize, NewFlash()},
	}
	for _, d := range b.devices {
		d.Reset()
	}
	return b
}

// perform does what access.S does.
func (b *board) perform(table []access) []access {
	done := make([]access, len(table))
	for i, a := range table {
		done[i] = a
		switch a.op {
		case opPending:
			done[i].result = b.mip | mipMTIP*bit(b.mtip(0))
		case opSpin:
			b.pass(a.value)
		case opAwait:
			load := access{op: 2, addr: a.addr}
			for range 1000 {
				if done[i].result = b.access(load); done[i].result == a.value {
					break
				}
				b.pass(1)
			}
		default:
			done[i].result = b.access(a)
		}
	}
	return done
}

// pass lets time go on for as many rounds as access.S spins.
func (b *board) pass(rounds uint64) {
	b.now += rounds * spinNS
	b.rtc.Expire()
	if b.disk != nil {
		b.disk.Expire()
	}
}

func (b *board) access(a access) uint64 {
	for _, d := range b.devices {
		if a.addr < d.base || a.addr-d.base >= d.size {
			continue
		}
		value, ok := uint64(0), false
		if a.op > opStore {
			ok = d.Write(a.addr-d.base, a.value, int(a.op-opStore))
		} else {
			value, ok = d.Read(a.addr-d.base, int(a.op))
		}
		if ok {
			return value
		}
	}
	return trapped
}

func (a access) String() string {
	switch {
	case a.op == opPending:
		return "mip"
	case a.op == opSpin:
		return fmt.Sprintf("spin %d", a.value)
	case a.op == opAwait:
		return fmt.Sprintf("wait for %#x at %#x", a.value, a.addr)
	case a.op > opStore:
		return fmt.Sprintf("store of %d bytes at %#x, %#x", a.op-opStore, a.addr, a.value)
	default:
		return fmt.Sprintf("load of %d bytes at %#x", a.op, a.addr)
	}
}

// pending reads mip of hart 0; spin passes time, about 2 us a round.
func pending() access           { return access{op: opPending} }
func spin(rounds uint64) access { return access{op: opSpin, value: rounds} }

// await passes time until a halfword has a value.
func await(addr, value uint64) access { return access{op: opAwait, addr: addr, value: value} }

// sameAsQEMU does the accesses here and on the real qemu.
func sameAsQEMU(t *testing.T, table []access) {
	t.Helper()
	newBoard().sameAsQEMU(t, table)
}

// sameAsQEMU does the accesses on this board, and on the real qemu with the
// arguments that give it the same devices.
func (b *board) sameAsQEMU(t *testing.T, table []access, args ...string) {
	t.Helper()
	want := onQEMU(t, table, args...)
	for i, got := range b.perform(table) {
		if got.result != want[i].result {
			t.Errorf("access %d, %v: %#x, and qemu's is %#x", i, got, got.result, want[i].result)
		}
	}
}

// sizes loads from an address in every size.
func sizes(addr uint64) []access {
	return []access{load(addr, 1), load(addr, 2), load(addr, 4), load(addr, 8)}
}

func get(t *testing.T, d Device, off uint64, size int) uint64 {
	t.Helper()
	value, ok := d.Read(off, size)
	if !ok {
		t.Fatalf("load of %d bytes at %#x refused", size, off)
	}
	return value
}

func put(t *testing.T, d Device, off, value uint64, size int) {
	t.Helper()
	if !d.Write(off, value, size) {
		t.Fatalf("store of %d bytes at %#x refused", size, off)
	}
}
