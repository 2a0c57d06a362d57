package device

import "reprise/vm/state"

// VirtioSize is the length of a virtio slot's register window in bytes: the
// registers, and as much again for the device's configuration.
const VirtioSize = 0x200

// Registers of virtio over MMIO (virtio 1.2, 4.2.2), and those of the legacy
// interface (4.2.4) that are different.
const (
	virtioMagic          = 0x000
	virtioVersion        = 0x004
	virtioDeviceID       = 0x008
	virtioVendor         = 0x00c
	virtioFeatures       = 0x010
	virtioFeaturesSel    = 0x014
	virtioDriver         = 0x020
	virtioDriverSel      = 0x024
	virtioPageSize       = 0x028 // legacy
	virtioQueueSel       = 0x030
	virtioQueueMax       = 0x034
	virtioQueueNum       = 0x038
	virtioQueueAlign     = 0x03c // legacy
	virtioQueuePFN       = 0x040 // legacy
	virtioQueueReady     = 0x044
	virtioQueueNotify    = 0x050
	virtioInterrupt      = 0x060
	virtioInterruptAck   = 0x064
	virtioStatus         = 0x070
	virtioQueueDescLow   = 0x080
	virtioQueueDescHigh  = 0x084
	virtioQueueAvailLow  = 0x090
	virtioQueueAvailHigh = 0x094
	virtioQueueUsedLow   = 0x0a0
	virtioQueueUsedHigh  = 0x0a4
	virtioSHMSel         = 0x0ac
	virtioSHMLenLow      = 0x0b0
	virtioSHMLenHigh     = 0x0b4
	virtioGeneration     = 0x0fc
	virtioConfig         = 0x100
)

// virtioIdentity returns the registers that every slot has, also an empty one.
func virtioIdentity(off uint64, legacy bool) uint64 {
	switch {
	case off == virtioMagic:
		return 0x74726976 // "virt"
	case off == virtioVersion && legacy:
		return 1
	case off == virtioVersion:
		return 2
	case off == virtioVendor:
		return 0x554d4551 // "QEMU"
	default:
		return 0
	}
}

// EmptyVirtio is a virtio-mmio slot without a device behind it (virtio 1.2,
// 4.2.2): all that it has is its identity, with device ID 0.
type EmptyVirtio struct {
	Legacy bool // it shows the version of the legacy interface
}

// Visit implements state.Component.
func (EmptyVirtio) Visit(*state.Visitor) {}

// Reset implements [Device].
func (EmptyVirtio) Reset() {}

// Read implements [Device].
func (d EmptyVirtio) Read(off uint64, size int) (uint64, bool) { return d.Peek(off, size) }

// Peek implements [Device]. A load of 8 bytes reads two registers.
func (d EmptyVirtio) Peek(off uint64, size int) (uint64, bool) {
	if !within(off, size, VirtioSize) {
		return 0, false
	}
	value := virtioIdentity(off, d.Legacy)
	if size == 8 {
		value = withHigh(value, virtioIdentity(off+4, d.Legacy))
	}
	return truncate(value, size), true
}

// Write implements [Device]: nothing listens.
func (EmptyVirtio) Write(off, _ uint64, size int) bool { return within(off, size, VirtioSize) }
