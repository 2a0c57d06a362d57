package device

import "reprise/vm/state"

// EmptyVirtio is a virtio-mmio slot without a device behind it (virtio 1.2,
// 4.2.2): it can be told from nothing, and has device ID 0. As qemu's it shows
// the legacy version.
type EmptyVirtio struct{}

// EmptyVirtioSize is the length of an empty slot's register window in bytes:
// the registers, and as much again for a configuration.
const EmptyVirtioSize = 0x200

const (
	virtioMagic   = 0x000
	virtioVersion = 0x004
	virtioVendor  = 0x00c
)

// Visit implements state.Component.
func (EmptyVirtio) Visit(*state.Visitor) {}

// Reset implements [Device].
func (EmptyVirtio) Reset() {}

// Read implements [Device].
func (d EmptyVirtio) Read(off uint64, size int) (uint64, bool) { return d.Peek(off, size) }

// Peek implements [Device]. A load of 8 bytes reads two registers.
func (EmptyVirtio) Peek(off uint64, size int) (uint64, bool) {
	if !within(off, size, EmptyVirtioSize) {
		return 0, false
	}
	value := emptyVirtioRegister(off)
	if size == 8 {
		value = withHigh(value, emptyVirtioRegister(off+4))
	}
	return truncate(value, size), true
}

func emptyVirtioRegister(off uint64) uint64 {
	switch off {
	case virtioMagic:
		return 0x74726976 // "virt"
	case virtioVersion:
		return 1
	case virtioVendor:
		return 0x554d4551 // "QEMU"
	default:
		return 0
	}
}

// Write implements [Device]: nothing listens.
func (EmptyVirtio) Write(off, _ uint64, size int) bool { return within(off, size, EmptyVirtioSize) }
