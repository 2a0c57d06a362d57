package device

import (
	"math/bits"

	"reprise/vm/state"
)

// ACLINTSize is the length of the ACLINT's register window in bytes: the
// software interrupt registers and the timer, in the layout of SiFive's CLINT.
const ACLINTSize = 0xc000

// TickNS is the length of one tick of mtime in ns: the timebase is 10 MHz.
const TickNS = 100

const (
	aclintTimer    = 0x4000 // the timer's registers begin with mtimecmp
	aclintTime     = 0xbff8 // mtime
	aclintMaxHarts = (aclintTime - aclintTimer) / 8
)

// ACLINTLines is what an ACLINT drives.
type ACLINTLines struct {
	// SetMSIP sets the machine software interrupt line of a hart.
	SetMSIP func(hart int, level bool)
	// Changed is called after mtime or an mtimecmp was written: MTIP, the time
	// CSR and every deadline that rests on them must be computed again.
	Changed func()
}

// ACLINT is the core-local interruptor (RISC-V ACLINT specification 1.0,
// MSWI and MTIMER). mtime follows the virtual time, so MTIP is not a latch: it
// follows from mtime and mtimecmp, and [ACLINT.Deadline] says when it rises.
type ACLINT struct {
	clock func() uint64 `state:"-"`
	lines ACLINTLines   `state:"-"`

	offset uint64 // mtime minus the ticks of virtual time, modulo 2^64
	harts  []aclintHart
}

type aclintHart struct {
	mtimecmp uint64
	msip     bool
}

// NewACLINT returns an ACLINT for 1 to 4095 harts in its power-on state. clock
// returns the virtual time in ns.
func NewACLINT(harts int, clock func() uint64, lines ACLINTLines) *ACLINT {
	if harts < 1 || harts > aclintMaxHarts {
		panic("BUG: number of harts out of range")
	}
	return &ACLINT{clock: clock, lines: lines, harts: make([]aclintHart, harts)}
}

// Visit implements state.Component.
func (a *ACLINT) Visit(v *state.Visitor) {
	v.Uint64(&a.offset)
	for i := range a.harts {
		v.Uint64(&a.harts[i].mtimecmp)
		v.Bool(&a.harts[i].msip)
	}
}

// Reset implements [Device]: mtime restarts at zero, mtimecmp too.
func (a *ACLINT) Reset() {
	a.offset = -(a.clock() / TickNS)
	for i := range a.harts {
		a.harts[i] = aclintHart{}
		a.lines.SetMSIP(i, false)
	}
	a.lines.Changed()
}

// Time returns mtime in ticks of [TickNS] ns, which is also the time CSR.
func (a *ACLINT) Time() uint64 { return a.clock()/TickNS + a.offset }

// MSIP returns the machine software interrupt line of a hart.
func (a *ACLINT) MSIP(hart int) bool { return a.harts[hart].msip }

// Compare returns the mtimecmp of a hart: its machine timer interrupt is pending
// once mtime has reached that.
func (a *ACLINT) Compare(hart int) uint64 { return a.harts[hart].mtimecmp }

// Deadline returns the earliest virtual time in ns, not before now, at which
// mtime has reached the given tick. never is true if virtual time ends before
// that.
func (a *ACLINT) Deadline(tick uint64) (ns uint64, never bool) {
	now := a.clock()
	elapsed := now / TickNS
	mtime := elapsed + a.offset
	if mtime >= tick {
		return now, false
	}
	target, carry := bits.Add64(elapsed, tick-mtime, 0)
	high, ns := bits.Mul64(target, TickNS)
	if carry != 0 || high != 0 {
		return 0, true
	}
	return ns, false
}

// Read implements [Device]. Software interrupt registers take 4 bytes, timer
// registers 4 or 8; what lies between the registers reads as zero.
func (a *ACLINT) Read(off uint64, size int) (uint64, bool) { return a.Peek(off, size) }

// Peek implements [Device].
func (a *ACLINT) Peek(off uint64, size int) (uint64, bool) {
	if !aclintTakes(off, size) {
		return 0, false
	}
	if off < aclintTimer {
		if hart := off / 4; hart < uint64(len(a.harts)) && a.harts[hart].msip {
			return 1, true
		}
		return 0, true
	}
	var value uint64
	switch hart := (off - aclintTimer) / 8; {
	case hart < uint64(len(a.harts)):
		value = a.harts[hart].mtimecmp
	case off&^7 == aclintTime:
		value = a.Time()
	}
	return truncate(value>>(off%8*8), size), true
}

// Write implements [Device].
func (a *ACLINT) Write(off, value uint64, size int) bool {
	if !aclintTakes(off, size) {
		return false
	}
	if off < aclintTimer {
		if hart := off / 4; hart < uint64(len(a.harts)) {
			a.harts[hart].msip = value&1 != 0
			a.lines.SetMSIP(int(hart), a.harts[hart].msip)
		}
		return true
	}
	switch hart := (off - aclintTimer) / 8; {
	case hart < uint64(len(a.harts)):
		a.harts[hart].mtimecmp = merge(a.harts[hart].mtimecmp, off, value, size)
		a.lines.Changed()
	case off&^7 == aclintTime:
		a.offset = merge(a.Time(), off, value, size) - a.clock()/TickNS
		a.lines.Changed()
	}
	return true
}

// aclintTakes reports whether the ACLINT takes an access.
func aclintTakes(off uint64, size int) bool {
	if !within(off, size, ACLINTSize) {
		return false
	}
	return size == 4 || size == 8 && off >= aclintTimer
}

// merge returns the 64-bit register old after a store of 4 or 8 bytes at off.
func merge(old, off, value uint64, size int) uint64 {
	switch {
	case size == 8:
		return value
	case off&4 != 0:
		return withHigh(old, value)
	default:
		return withLow(old, value)
	}
}
