package device

import "reprise/vm/state"

// FinisherSize is the length of the test finisher's register window in bytes.
const FinisherSize = 0x1000

// FinisherKind says what a guest asked the test finisher for.
type FinisherKind uint16

// The values of the low half of the finisher's register that mean something.
const (
	FinisherFail  FinisherKind = 0x3333 // the guest failed; its code is in the high half
	FinisherPass  FinisherKind = 0x5555 // the guest is done: power off
	FinisherReset FinisherKind = 0x7777 // the guest wants a reset
)

// String names the request.
func (k FinisherKind) String() string {
	switch k {
	case FinisherFail:
		return "fail"
	case FinisherPass:
		return "pass"
	case FinisherReset:
		return "reset"
	default:
		return "unknown"
	}
}

// Finisher is SiFive's test finisher: a register through which a guest ends or
// resets the machine. It has no state.
type Finisher struct {
	exit func(kind FinisherKind, code uint16) `state:"-"`
}

// NewFinisher returns a finisher that hands requests to exit. code is the
// guest's exit status of a FinisherFail and 0 otherwise.
func NewFinisher(exit func(kind FinisherKind, code uint16)) *Finisher {
	return &Finisher{exit: exit}
}

// Visit implements state.Component.
func (f *Finisher) Visit(*state.Visitor) {}

// Reset implements [Device].
func (f *Finisher) Reset() {}

// Read implements [Device]: every register reads as zero, in 2 or 4 bytes.
func (f *Finisher) Read(off uint64, size int) (uint64, bool) { return f.Peek(off, size) }

// Peek implements [Device].
func (f *Finisher) Peek(off uint64, size int) (uint64, bool) {
	return 0, within(off, size, FinisherSize) && (size == 2 || size == 4)
}

// Write implements [Device]. Only a store to offset 0 of one of the known
// values does something.
func (f *Finisher) Write(off, value uint64, size int) bool {
	if _, ok := f.Peek(off, size); !ok {
		return false
	}
	if off != 0 {
		return true
	}
	value = truncate(value, size)
	switch kind := FinisherKind(value & 0xffff); kind {
	case FinisherFail:
		f.exit(kind, uint16(value>>16))
	case FinisherPass, FinisherReset:
		f.exit(kind, 0)
	}
	return true
}
