package device

import "reprise/vm/state"

// EmptyVirtio is a virtio-mmio slot without a device behind it (virtio 1.2,
// 4.2.2): it can be told from nothing, and has device ID 0. As qemu's it shows
// the legacy version.
type EmptyVirtio struct{}

const (
	virtioSize    = 0x1000
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

// Peek implements [Device].
func (EmptyVirtio) Peek(off uint64, size int) (uint64, bool) {
	if !within(off, size, virtioSize) {
		return 0, false
	}
	var value uint64
	switch off {
	case virtioMagic:
		value = 0x74726976 // "virt"
		if size == 8 {
			value |= 1 << 32
		}
	case virtioVersion:
		value = 1
	case virtioVendor:
		value = 0x554d4551 // "QEMU"
	}
	return truncate(value, size), true
}

// Write implements [Device]: nothing listens.
func (EmptyVirtio) Write(off, _ uint64, size int) bool { return within(off, size, virtioSize) }
