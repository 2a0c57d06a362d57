package device

import (
	"math/bits"

	"reprise/vm/state"
)

// Bits of the device status (virtio 1.2, 2.1).
const (
	statusFeaturesOK = 8
	statusDriverOK   = 4
	statusNeedsReset = 0x40
)

// Bits of the interrupt status.
const (
	interruptUsed   = 1
	interruptConfig = 2
)

// Features that belong to no kind of device (virtio 1.2, 6).
const (
	featureIndirect = 1 << 28
	featureEventIdx = 1 << 29
	featureVersion1 = 1 << 32
)

// VirtioPorts is what every virtio device uses and drives.
type VirtioPorts struct {
	Memory Memory
	// IRQ sets the interrupt line.
	IRQ func(level bool)
	// Legacy makes the transport that of version 1 (virtio 1.2, 4.2.4).
	Legacy bool
}

// virtioKind is what a transport carries: a disk, a network card.
type virtioKind interface {
	// describe tells the device ID, the features of the kind, and the queues by
	// their initial sizes.
	describe() (id uint32, features uint64, queues []uint16)
	// config is the configuration space.
	config() []byte
	// setConfig is a store to the configuration space.
	setConfig(off, value uint64, size int)
	// notified is called when the driver says that a queue, which is ready, has
	// something.
	notified(queue int)
	// forget is called by a reset.
	forget()
}

// virtio is the transport over MMIO of one device (virtio 1.2, 4.2), version 2
// or 1, with split virtqueues. The kinds of device embed it.
//
// A driver that breaks the rules of the rings makes the device say
// DEVICE_NEEDS_RESET and do nothing more until it is reset (2.1.2); the legacy
// interface has no such bit, and it falls silent. A kick of a queue that is not
// set up, or before DRIVER_OK, is ignored.
//
// Registers behave as qemu's except that FEATURES_OK does not stick if a
// feature was accepted that was not offered (2.2.2), that DEVICE_NEEDS_RESET
// stays until the reset, and that features of qemu's are missing: those are
// listed by the test that compares them.
type virtio struct {
	ports   VirtioPorts `state:"-"`
	kind    virtioKind  `state:"-"`
	id      uint32      `state:"-"`
	offered uint64      `state:"-"`

	status      uint8
	interrupt   uint8
	generation  uint32 // of the configuration
	offeredSel  bool   // the high half of the features is shown
	acceptedSel bool   // the high half of the accepted features is written
	accepted    uint64 // features, as the driver has written them
	features    uint64 // features in effect
	queueSel    uint16
	pageShift   uint32 // of the legacy interface
	queues      []virtqueue
	broken      bool // the driver broke the rules
}

// attach makes the transport for a kind of device.
func (d *virtio) attach(kind virtioKind, ports VirtioPorts) {
	id, features, queues := kind.describe()
	features |= featureIndirect | featureEventIdx
	if !ports.Legacy {
		features |= featureVersion1
	}
	*d = virtio{ports: ports, kind: kind, id: id, offered: features}
	for _, size := range queues {
		d.queues = append(d.queues, virtqueue{initial: size, size: size})
	}
}

// Visit implements state.Component. The number of queues is fixed.
func (d *virtio) Visit(v *state.Visitor) {
	v.Uint8(&d.status)
	v.Uint8(&d.interrupt)
	v.Uint32(&d.generation)
	v.Bool(&d.offeredSel)
	v.Bool(&d.acceptedSel)
	v.Uint64(&d.accepted)
	v.Uint64(&d.features)
	v.Uint16(&d.queueSel)
	v.Uint32(&d.pageShift)
	for i := range d.queues {
		d.queues[i].Visit(v)
	}
	v.Bool(&d.broken)
}

// Reset implements [Device].
func (d *virtio) Reset() {
	d.restart()
	d.offeredSel, d.acceptedSel, d.accepted, d.pageShift, d.generation = false, false, 0, 0, 0
}

// restart is the reset that a driver asks for by writing 0 to the status.
func (d *virtio) restart() {
	for i := range d.queues {
		d.queues[i].reset()
	}
	d.status, d.interrupt, d.features, d.queueSel, d.broken = 0, 0, 0, 0, false
	d.kind.forget()
	d.ports.IRQ(false)
}

// Read implements [Device]. No load has a side effect.
func (d *virtio) Read(off uint64, size int) (uint64, bool) { return d.Peek(off, size) }

// Peek implements [Device]. A load of 8 bytes reads two registers; one of 1 or
// 2 bytes reads zero outside the configuration space.
func (d *virtio) Peek(off uint64, size int) (uint64, bool) {
	switch {
	case !within(off, size, VirtioSize):
		return 0, false
	case size == 8:
		low, _ := d.Peek(off, 4)
		high, _ := d.Peek(off+4, 4)
		return withHigh(low, high), true
	case off >= virtioConfig:
		return d.peekConfig(off-virtioConfig, size), true
	case size < 4:
		return 0, true
	}
	return truncate(d.register(off), 4), true
}

// peekConfig reads the configuration space. What is outside reads as ones.
func (d *virtio) peekConfig(off uint64, size int) uint64 {
	config := d.kind.config()
	if off+uint64(size) > uint64(len(config)) {
		return truncate(^uint64(0), size)
	}
	var value uint64
	for i := range size {
		value |= uint64(config[off+uint64(i)]) << (8 * i)
	}
	return value
}

// queue is the queue that is selected; nil if there is none.
func (d *virtio) queue() *virtqueue {
	if int(d.queueSel) < len(d.queues) {
		return &d.queues[d.queueSel]
	}
	return nil
}

// register returns a register, in the low half.
func (d *virtio) register(off uint64) uint64 {
	q := d.queue()
	switch {
	case off == virtioDeviceID:
		return uint64(d.id)
	case off == virtioFeatures && d.offeredSel:
		return d.offered >> 32
	case off == virtioFeatures:
		return d.offered
	case off == virtioQueueMax && q != nil:
		return virtqueueMax
	case off == virtioQueuePFN && q != nil:
		return uint64(q.pfn)
	case off == virtioQueueReady && q != nil && !d.ports.Legacy:
		return bit(q.ready)
	case off == virtioInterrupt:
		return uint64(d.interrupt)
	case off == virtioStatus:
		return uint64(d.status)
	case off == virtioSHMLenLow, off == virtioSHMLenHigh:
		return ^uint64(0) // no shared memory
	case off == virtioGeneration && !d.ports.Legacy:
		return uint64(d.generation)
	}
	return virtioIdentity(off, d.ports.Legacy)
}

// Write implements [Device]. A store of 8 bytes is one to each of two
// registers; one of 1 or 2 bytes counts in the configuration space only.
func (d *virtio) Write(off, value uint64, size int) bool {
	switch {
	case !within(off, size, VirtioSize):
		return false
	case size == 8:
		d.Write(off, value, 4)
		d.Write(off+4, value>>32, 4)
	case off >= virtioConfig:
		d.kind.setConfig(off-virtioConfig, truncate(value, size), size)
	case size == 4 && d.ports.Legacy && d.setLegacy(off, uint32(value)):
	case size == 4 && !d.ports.Legacy && d.setModern(off, uint32(value)):
	case size == 4:
		d.setRegister(off, uint32(value))
	}
	return true
}

// setRegister stores to a register that both versions have.
func (d *virtio) setRegister(off uint64, value uint32) {
	switch off {
	case virtioFeaturesSel:
		d.offeredSel = value != 0
	case virtioDriverSel:
		d.acceptedSel = value != 0
	case virtioQueueSel:
		if value < virtqueueMax {
			d.queueSel = uint16(value)
		}
	case virtioQueueNotify:
		d.kick(value)
	case virtioInterruptAck:
		d.interrupt &^= uint8(value)
		d.ports.IRQ(d.interrupt != 0)
	case virtioStatus:
		d.setStatus(uint8(value))
	}
}

// setStatus is a store to the status (3.1).
func (d *virtio) setStatus(value uint8) {
	if value == 0 {
		d.restart()
		return
	}
	if !d.ports.Legacy && value&statusFeaturesOK != 0 && d.status&statusFeaturesOK == 0 {
		if d.accepted&^d.offered != 0 {
			value &^= statusFeaturesOK
		} else {
			d.features = d.accepted
		}
	}
	d.status = value | d.status&statusNeedsReset
}

// setModern stores to a register that version 2 has, or has otherwise.
func (d *virtio) setModern(off uint64, value uint32) bool {
	q := d.queue()
	switch {
	case off == virtioDriver && d.acceptedSel:
		d.accepted = withHigh(d.accepted, uint64(value))
		return true
	case off == virtioDriver:
		d.accepted = withLow(d.accepted, uint64(value))
		return true
	case q == nil:
		return false
	}
	half := uint64(value)
	switch off {
	case virtioQueueNum:
		q.resize(value)
	case virtioQueueReady:
		q.ready = value != 0
	case virtioQueueDescLow:
		q.desc = withLow(q.desc, half)
	case virtioQueueDescHigh:
		q.desc = withHigh(q.desc, half)
	case virtioQueueAvailLow:
		q.avail = withLow(q.avail, half)
	case virtioQueueAvailHigh:
		q.avail = withHigh(q.avail, half)
	case virtioQueueUsedLow:
		q.used = withLow(q.used, half)
	case virtioQueueUsedHigh:
		q.used = withHigh(q.used, half)
	default:
		return false
	}
	return true
}

// setLegacy stores to a register that version 1 has, or has otherwise.
func (d *virtio) setLegacy(off uint64, value uint32) bool {
	q := d.queue()
	switch {
	case off == virtioDriver:
		if !d.acceptedSel {
			d.accepted = uint64(value)
			d.features = d.accepted & d.offered
		}
		return true
	case off == virtioPageSize:
		if d.pageShift = uint32(bits.TrailingZeros32(value)); d.pageShift > 31 {
			d.pageShift = 0
		}
		return true
	case q == nil:
		return false
	}
	switch off {
	case virtioQueueNum:
		q.resize(value)
	case virtioQueueAlign:
		q.align = value
	case virtioQueuePFN:
		if value == 0 {
			d.restart()
			return true
		}
		q.pfn = value
	default:
		return false
	}
	q.placeLegacy(d.pageShift)
	return true
}

// setConfig is for kinds whose configuration cannot be written.
func (d *virtio) setConfig(uint64, uint64, int) {}
