package vm

import (
	"errors"
	"fmt"
	"io"

	"reprise/vm/boot"
	"reprise/vm/device"
)

// VirtioKind is a kind of virtio device.
type VirtioKind uint8

// The kinds of virtio device.
const (
	VirtioNone    VirtioKind = iota // the slot is empty
	VirtioBlock                     // a disk
	VirtioRNG                       // a source of entropy
	VirtioConsole                   // a character device
	VirtioNet                       // a network card
)

// String is the kind in QEMU's words.
func (k VirtioKind) String() string {
	switch k {
	case VirtioNone:
		return "none"
	case VirtioBlock:
		return "virtio-blk-device"
	case VirtioRNG:
		return "virtio-rng-device"
	case VirtioConsole:
		return "virtio-serial-device"
	case VirtioNet:
		return "virtio-net-device"
	}
	return "unknown"
}

// VirtioKinds are the kinds of device that there are.
func VirtioKinds() []VirtioKind {
	return []VirtioKind{VirtioBlock, VirtioRNG, VirtioConsole, VirtioNet}
}

// Virtio is what is in one of the board's virtio slots.
type Virtio struct {
	Kind VirtioKind

	// Of a disk: its image, which never changes and of which any part can be
	// read at any time, the size of that in bytes, whether the guest can only
	// read it, and what the guest is told as its serial number, up to 20 bytes.
	Image    io.ReaderAt
	Size     uint64
	ReadOnly bool
	Serial   string

	// Of a console: the id of its character device, which is not SerialDevice.
	// Of a network card: the id by which the host and input know it.
	Device uint8
	// Of a network card: its hardware address.
	MAC MAC
}

// MAC is the hardware address of a network card.
type MAC [6]byte

// netDevice is a network card and the id by which input names it.
type netDevice struct {
	id uint8
	*device.VirtioNet
}

// MaxSerial is the length in bytes of the longest serial number of a disk.
const MaxSerial = 20

// maxDisk is the size of the largest disk, in bytes: a table of what was
// written to it is kept.
const maxDisk = 1 << 42

func (v *Virtio) check() error {
	switch {
	case v.Kind == VirtioConsole && v.Device == SerialDevice:
		return fmt.Errorf("a console with the id %d of the serial port", v.Device)
	case v.Kind != VirtioBlock:
		return nil
	case v.Image == nil:
		return errors.New("a disk without an image")
	case v.Size > maxDisk:
		return fmt.Errorf("a disk of %d bytes: the largest has %d", v.Size, uint64(maxDisk))
	case len(v.Serial) > MaxSerial:
		return fmt.Errorf("the serial number %q has more than %d bytes", v.Serial, MaxSerial)
	}
	return nil
}

// DiskBlock is the unit in bytes in which what was written to a disk is kept.
const DiskBlock = device.DiskBlock

// DiskState is what had been written to a disk at some moment.
type DiskState = device.DiskState

// disk is a disk and the name that digests give it.
type disk struct {
	name string
	*device.Disk
}

// timed is a device that does something at a time.
type timed interface {
	// Deadline is the virtual time in ns at which it does.
	Deadline() (ns uint64, never bool)
	// Expire does it if the time has come.
	Expire()
}

// addVirtio fills the virtio slots.
func (m *Machine) addVirtio() {
	for i, v := range m.config.Virtio {
		source := boot.VirtioIRQ + i
		ports := device.VirtioPorts{
			Memory: m.ram,
			IRQ:    func(level bool) { m.plic.SetIRQ(source, level) },
			Legacy: m.config.VirtioLegacy,
		}
		m.slots = append(m.slots, slot{
			boot.VirtioBase + uint64(i)*boot.VirtioStride, boot.VirtioStride, fmt.Sprintf("virtio%d", i), m.newVirtio(i, v, ports),
		})
	}
}

// newVirtio makes what is in slot number i.
func (m *Machine) newVirtio(i int, v Virtio, ports device.VirtioPorts) device.Device {
	switch v.Kind {
	case VirtioBlock:
		d := device.NewDisk(v.Image, v.Size)
		b := device.NewVirtioBlock(ports, device.VirtioBlockPorts{
			Disk: d, ReadOnly: v.ReadOnly, Serial: v.Serial, Clock: m.clock, Changed: m.retime,
			Failed: func(err error) { m.host.DiskFailed(m.now(), fmt.Errorf("virtio%d: %w", i, err)) },
		})
		m.disks = append(m.disks, disk{fmt.Sprintf("disk%d", i), d})
		m.timed = append(m.timed, b)
		return b
	case VirtioRNG:
		return device.NewVirtioRNG(ports, func(p []byte) { m.host.Random(m.now(), p) })
	case VirtioConsole:
		c := device.NewVirtioConsole(ports, func(p []byte) int { return m.host.CharWrite(m.now(), v.Device, p) })
		m.chars = append(m.chars, charDevice{v.Device, c})
		return c
	case VirtioNet:
		n := device.NewVirtioNet(ports, v.MAC, func(frame []byte) { m.host.NetSend(m.now(), v.Device, frame) })
		m.nets = append(m.nets, netDevice{v.Device, n})
		return n
	case VirtioNone:
	}
	return device.EmptyVirtio{Legacy: m.config.VirtioLegacy}
}

// FrameMax is the size of the largest frame of a network, in bytes.
const FrameMax = device.FrameMax

// CanReceiveFrame reports whether a network card takes a frame now. It is a
// function of the state alone.
func (m *Machine) CanReceiveFrame(device uint8) bool {
	for _, n := range m.nets {
		if n.id == device {
			return n.CanReceive()
		}
	}
	return false
}

// ReceiveFrame delivers a frame of at most FrameMax bytes to a network card that
// can receive one. It is one step.
func (m *Machine) ReceiveFrame(device uint8, frame []byte) {
	if len(frame) > FrameMax || !m.CanReceiveFrame(device) {
		panic("BUG: a frame that the device cannot take")
	}
	for _, n := range m.nets {
		if n.id == device {
			n.Receive(frame)
		}
	}
	m.advance(m.core.step + 1)
}

// DiskStates is what has been written to each disk, in the order of the slots.
// It costs no copy, and like RAM is not part of [Machine.Save].
func (m *Machine) DiskStates() []DiskState {
	var list []DiskState
	for _, d := range m.disks {
		list = append(list, d.State())
	}
	return list
}

// Disks is the number of disks.
func (m *Machine) Disks() int { return len(m.disks) }

// NewDiskState is the state of a disk, by its number, to which these blocks have
// been written. They are not to be changed any more.
func (m *Machine) NewDiskState(disk int, blocks map[uint64]*[DiskBlock]byte) (DiskState, error) {
	const sectors = DiskBlock / device.SectorSize
	size := m.disks[disk].Sectors()
	scratch := device.NewDisk(nil, size*device.SectorSize)
	for number, block := range blocks { // the order does not matter
		if number >= (size+sectors-1)/sectors {
			return DiskState{}, fmt.Errorf("block %d is behind the end of disk %d", number, disk)
		}
		scratch.SetBlock(number, block)
	}
	return scratch.State(), nil
}

// SetDiskStates makes what has been written to the disks that of another
// moment.
func (m *Machine) SetDiskStates(list []DiskState) {
	for i, d := range m.disks {
		d.SetState(list[i])
	}
}
