package device

import "reprise/vm/state"

// Device is a memory-mapped device. Offsets are relative to its base; sizes
// are 1, 2, 4 or 8 bytes; values are little-endian in the low bits. An access
// that is not naturally aligned, has a size that the device does not take, or
// lies outside its registers is refused (ok is false), which the hart sees as
// an access fault. A hart that supports misaligned accesses splits them first.
type Device interface {
	state.Component

	// Read performs a load with its side effects.
	Read(off uint64, size int) (value uint64, ok bool)
	// Write performs a store. Bits of value above size are ignored.
	Write(off, value uint64, size int) (ok bool)
	// Peek is Read without side effects, for debuggers: nothing is popped,
	// latched, claimed or acknowledged.
	Peek(off uint64, size int) (value uint64, ok bool)
	// Reset puts the device into its power-on state and lowers its lines.
	Reset()
}

// within reports whether a naturally aligned access lies inside a window of
// limit bytes.
func within(off uint64, size int, limit uint64) bool {
	n := uint64(size)
	return off < limit && n <= limit-off && off&(n-1) == 0
}

// truncate returns the low size bytes of value.
func truncate(value uint64, size int) uint64 {
	if size >= 8 {
		return value
	}
	return value & (1<<(8*size) - 1)
}

// withLow and withHigh return value with one 32-bit half replaced.
func withLow(value, half uint64) uint64  { return value&^0xffffffff | half&0xffffffff }
func withHigh(value, half uint64) uint64 { return value&0xffffffff | half<<32 }

// after returns the virtual time that lies delta ns after now; never is true
// if virtual time does not reach that far.
func after(now, delta uint64) (ns uint64, never bool) {
	ns = now + delta
	if ns < now {
		return 0, true
	}
	return ns, false
}
