package vm

import "reprise/vm/riscv"

// charDevice is a character device and the id by which input names it.
type charDevice struct {
	id uint8
	frontend
}

// frontend is the guest's side of a character device.
type frontend interface {
	CanReceive() int  // bytes that Receive has room for
	Receive(p []byte) // input
	Ready()           // the backend that refused output can take more
}

// char finds a character device; nil if there is none.
func (m *Machine) char(device uint8) frontend {
	for _, c := range m.chars {
		if c.id == device {
			return c.frontend
		}
	}
	return nil
}

// CanReceive is how many bytes of input a character device takes now. It is a
// function of the state alone.
func (m *Machine) CanReceive(device uint8) int {
	c := m.char(device)
	if c == nil {
		return 0
	}
	return c.CanReceive()
}

// CharRead delivers input to a character device, at most CanReceive bytes. It
// is one step.
func (m *Machine) CharRead(device uint8, p []byte) {
	if len(p) > m.CanReceive(device) {
		panic("BUG: input that the device cannot take")
	}
	m.char(device).Receive(p)
	m.advance(m.core.step + 1)
}

// breakable is a frontend whose line can be broken.
type breakable interface{ Break() }

// TakesBreaks reports whether a break of its line means something to a character
// device.
func (m *Machine) TakesBreaks(device uint8) bool {
	_, ok := m.char(device).(breakable)
	return ok
}

// CharBreak delivers a break to a character device that takes them and has room
// for a byte. It is one step.
func (m *Machine) CharBreak(device uint8) {
	if m.CanReceive(device) == 0 {
		panic("BUG: a break that the device cannot take")
	}
	m.char(device).(breakable).Break()
	m.advance(m.core.step + 1)
}

// CharReady tells a character device whose output was refused that it may try
// again. It is one step.
func (m *Machine) CharReady(device uint8) {
	if c := m.char(device); c != nil {
		c.Ready()
	}
	m.advance(m.core.step + 1)
}

// WriteMemory stores at a physical address for a debugger, as one step. Only
// RAM can be written: it reports false, and does nothing, for anything else.
func (m *Machine) WriteMemory(pa uint64, p []byte) bool {
	if !m.ram.Contains(pa, uint64(len(p))) {
		return false
	}
	m.ram.WriteAt(p, pa)
	m.advance(m.core.step + 1)
	return true
}

// WriteRegister sets a register of a hart for a debugger, as one step. It
// reports false, and does nothing, for one that does not exist or cannot be
// written.
func (m *Machine) WriteRegister(hart int, r Register, value uint64) bool {
	h := m.harts[hart]
	h.SetNow(m.core.step)
	switch {
	case r < RegF0:
		h.SetX(int(r), value)
	case r < RegPC:
		h.SetF(int(r-RegF0), value)
	case r == RegPC:
		h.SetPC(value)
	case r >= RegCSR0 && r < RegCSR0+4096:
		if !h.PokeCSR(uint16(r-RegCSR0), value) {
			return false
		}
	default:
		return false
	}
	m.retimed = true
	m.advance(m.core.step + 1)
	return true
}

// Register names a register of a hart: x0 to x31, f0 to f31, the pc, and the
// CSRs by their numbers.
type Register uint16

// The first register of each kind.
const (
	RegX0   Register = 0
	RegF0   Register = 32
	RegPC   Register = 64
	RegCSR0 Register = 128
)

// String is what people call the register.
func (r Register) String() string {
	switch {
	case r < RegF0:
		return riscv.RegName(uint8(r))
	case r < RegPC:
		return riscv.FRegName(uint8(r - RegF0))
	case r == RegPC:
		return "pc"
	}
	return riscv.CSRName(uint16(r - RegCSR0))
}

// ReadRegister reads a register without side effects. It reports false for one
// that does not exist.
func (m *Machine) ReadRegister(hart int, r Register) (uint64, bool) {
	h := m.harts[hart]
	switch {
	case r < RegF0:
		return h.X(int(r)), true
	case r < RegPC:
		return h.F(int(r - RegF0)), true
	case r == RegPC:
		return h.PC(), true
	case r >= RegCSR0 && r < RegCSR0+4096:
		h.SetNow(m.core.step)
		return h.PeekCSR(uint16(r - RegCSR0))
	}
	return 0, false
}
