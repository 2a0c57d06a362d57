package vm

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"reprise/vm/boot"
	"reprise/vm/device"
	"reprise/vm/riscv"
)

// slot is a device at its place.
type slot struct {
	base, size uint64
	name       string
	device     device.Device
}

// The character devices of the board.
const (
	SerialDevice      uint8 = 0    // the UART
	SemihostingDevice uint8 = 0xff // the console of semihosting
)

// addDevices puts the devices on the board.
func (m *Machine) addDevices() {
	m.plic = device.NewPLIC(len(m.harts), func(hart int, supervisor, level bool) {
		line := riscv.MEIP
		if supervisor {
			line = riscv.SEIP
		}
		m.harts[hart].SetLine(line, level)
	})
	m.aclint = device.NewACLINT(len(m.harts), m.clock, device.ACLINTLines{
		SetMSIP: func(hart int, level bool) { m.harts[hart].SetLine(riscv.MSIP, level) },
		Changed: m.retime,
	})
	m.uart = device.NewUART(
		func(level bool) { m.plic.SetIRQ(boot.UARTIRQ, level) },
		func(p []byte) int { return m.host.CharWrite(m.now(), SerialDevice, p) },
	)
	m.chars = append(m.chars, charDevice{SerialDevice, m.uart})
	m.rtc = device.NewRTC(device.RTCPorts{
		Clock:     m.clock,
		HostClock: func() uint64 { return m.host.HostClock(m.now()) },
		IRQ:       func(level bool) { m.plic.SetIRQ(boot.RTCIRQ, level) },
		Changed:   m.retime,
	})
	m.finisher = device.NewFinisher(m.finisherAsked)
	m.slots = []slot{
		{boot.FinisherBase, boot.FinisherSize, "finisher", m.finisher},
		{boot.RTCBase, boot.RTCSize, "rtc", m.rtc},
		{boot.CLINTBase, boot.CLINTSize, "aclint", m.aclint},
		{boot.PLICBase, boot.PLICSize, "plic", m.plic},
		{boot.UARTBase, boot.UARTSize, "uart0", m.uart},
	}
	m.timed = append(m.timed, m.rtc)
	m.addVirtio()
	for i := range uint64(2) {
		m.slots = append(m.slots, slot{boot.FlashBase + i*boot.FlashSize, boot.FlashSize, fmt.Sprintf("flash%d", i), device.NewFlash()})
	}
	m.addSemihosting()
	m.listComponents()
}

// finisherAsked is what the guest asked the test finisher for.
func (m *Machine) finisherAsked(kind device.FinisherKind, code uint16) {
	switch kind {
	case device.FinisherPass:
		m.finish(Shutdown{Cause: GuestShutdown})
	case device.FinisherFail:
		m.finish(Shutdown{Cause: GuestFailure, Code: code})
	case device.FinisherReset:
		if m.config.NoReboot {
			m.finish(Shutdown{Cause: GuestReset})
			return
		}
		m.core.reset = true
		m.running.Attend()
	}
}

// at finds the device at a physical address.
func (m *Machine) at(pa uint64) *slot {
	for i := range m.slots {
		if s := &m.slots[i]; pa-s.base < s.size {
			return s
		}
	}
	return nil
}

// board is the machine as its harts see it.
type board Machine

func (b *board) machine() *Machine { return (*Machine)(b) }

// Load implements [riscv.Board].
func (b *board) Load(pa uint64, size int) (value uint64, ok bool) {
	s, tell := b.machine().at(pa), b.machine().criticise(pa, 0, size, false)
	if s != nil {
		value, ok = s.device.Read(pa-s.base, size)
	} else {
		value, ok = b.machine().loadROM(pa, size)
	}
	if tell != nil {
		tell(ok)
	}
	return value, ok
}

// Store implements [riscv.Board].
func (b *board) Store(pa, value uint64, size int) bool {
	s, tell := b.machine().at(pa), b.machine().criticise(pa, value, size, true)
	ok := s != nil && s.device.Write(pa-s.base, value, size)
	if tell != nil {
		tell(ok)
	}
	return ok
}

// Peek implements [riscv.Board].
func (b *board) Peek(pa uint64, size int) (uint64, bool) { return b.machine().peek(pa, size) }

// peek reads outside RAM without side effects. A debugger may ask for any size:
// a register that is wider than it asks for is read and taken apart.
func (m *Machine) peek(pa uint64, size int) (uint64, bool) {
	s := m.at(pa)
	if s == nil {
		return m.loadROM(pa, size)
	}
	off := pa - s.base
	for wide := size; wide <= 8; wide *= 2 {
		start := off &^ uint64(wide-1)
		if off+uint64(size) > start+uint64(wide) {
			continue
		}
		if value, ok := s.device.Peek(start, wide); ok {
			value >>= 8 * (off - start)
			if size < 8 {
				value &= 1<<(8*size) - 1
			}
			return value, true
		}
	}
	return 0, false
}

// loadROM reads the mask ROM, which holds the reset vector. Stores to it are
// access faults.
func (m *Machine) loadROM(pa uint64, size int) (uint64, bool) {
	off := pa - boot.ROMBase
	if off >= boot.ROMSize || uint64(size) > boot.ROMSize-off {
		return 0, false
	}
	var word [8]byte
	copy(word[:size], m.rom[off:])
	return binary.LittleEndian.Uint64(word[:]), true
}

// Time implements [riscv.Board].
func (b *board) Time() uint64 { return b.aclint.Time() }

// Retimed implements [riscv.Board].
func (b *board) Retimed() { b.machine().retime() }

// Interrupted implements [riscv.Board]. It comes when the step is done.
func (b *board) Interrupted(hart int, cause uint64) {
	b.machine().trapped(hart, true, cause)
	b.host.Interrupted(b.machine().now()-1, hart, cause)
}

// Excepted implements [riscv.Board]. It comes when the step is done.
func (b *board) Excepted(hart int, cause uint64) {
	b.machine().trapped(hart, false, cause)
	b.host.Excepted(b.machine().now()-1, hart, cause)
}

// PeekPhysical reads physical memory without side effects and returns how many
// bytes could be read.
func (m *Machine) PeekPhysical(pa uint64, p []byte) int {
	if n := m.ram.ReadAt(p, pa); n > 0 {
		return n
	}
	for i := range p {
		value, ok := m.peek(pa+uint64(i), 1)
		if !ok {
			return i
		}
		p[i] = uint8(value)
	}
	return len(p)
}

// Region is a part of the board's address space.
type Region struct {
	Name       string
	Base, Size uint64 // physical, in bytes
}

// Regions lists what the board has where, by rising address. Between them there
// is nothing.
func (m *Machine) Regions() []Region {
	list := []Region{{"rom", boot.ROMBase, boot.ROMSize}}
	for _, s := range m.slots {
		list = append(list, Region{s.name, s.base, s.size})
	}
	list = append(list, Region{"ram", boot.RAMBase, m.ram.Size()})
	slices.SortFunc(list, func(a, b Region) int { return cmp.Compare(a.Base, b.Base) })
	return list
}
