package vm

import (
	"fmt"

	"reprise/vm/boot"
	"reprise/vm/device"
	"reprise/vm/riscv"
)

// Observer is told of what a guest does, for people to read. It is no part of
// the machine's state, and what is nil is not asked for. Its functions are
// called during the step that they tell of; they may look at the machine but
// change nothing, and must not call it otherwise.
type Observer struct {
	// Trap is told of every interrupt and exception, when it has been taken.
	Trap func(Trap)
	// Code is told of code before a hart executes it: of every instruction at
	// least once. How often follows from the engine and not from the machine.
	Code func(Step, riscv.Code)
	// Remark is told of accesses that ask for what is not there.
	Remark func(Remark)
}

// Trap is an interrupt or an exception that a hart has taken.
type Trap struct {
	Step      Step
	Hart      int
	Interrupt bool
	Cause     uint64 // without the interrupt bit
	EPC       uint64 // where the trap came from
	TVal      uint64 // mtval or stval
}

// String is the trap in the words of qemu's log, with the step.
func (t Trap) String() string {
	async := 0
	if t.Interrupt {
		async = 1
	}
	return fmt.Sprintf("step:%v, hart:%d, async:%d, cause:%016x, epc:0x%016x, tval:0x%016x, desc=%s",
		t.Step, t.Hart, async, t.Cause, t.EPC, t.TVal, riscv.CauseName(t.Cause, t.Interrupt))
}

// Remark is an access to the board, outside of RAM, that asks for something that
// is not there: the guest may be told with an access fault, or not at all.
type Remark struct {
	Step          Step
	Hart          int
	PC            uint64 // of the instruction
	Addr          uint64 // physical
	Size          int    // bytes
	Write         bool
	Value         uint64 // that was written
	Unimplemented bool   // the real device has it, and this one does not
	Text          string // what is wrong, in words that do not depend on the value
}

// Observe replaces the observer.
func (m *Machine) Observe(o Observer) {
	m.observer = o
	for _, h := range m.harts {
		var met func(riscv.Code)
		if o.Code != nil {
			met = func(c riscv.Code) { o.Code(m.now(), c) }
		}
		h.Meet(met)
	}
}

// criticise looks at an access before it is made, and returns what tells the
// observer of it afterwards, if there is an observer.
func (m *Machine) criticise(pa, value uint64, size int, write bool) func(ok bool) {
	if m.observer.Remark == nil || m.running == nil {
		return nil
	}
	r := Remark{Step: m.now(), Hart: m.running.ID(), PC: m.running.PC(), Addr: pa, Size: size, Write: write, Value: value}
	s := m.at(pa)
	if s != nil {
		if d, ok := s.device.(device.Critic); ok {
			r.Text, r.Unimplemented = d.Criticise(pa-s.base, value, size, write)
		}
	}
	return func(ok bool) {
		switch {
		case ok:
		case s != nil:
			r.Text, r.Unimplemented = "takes no access of this size and alignment here", false
		case pa-boot.ROMBase < boot.ROMSize && write:
			r.Text = "cannot be written"
		default:
			r.Text = "there is nothing at this address"
		}
		if r.Text == "" {
			return
		}
		if name := m.regionName(pa); name != "" {
			r.Text = name + ": " + r.Text
		}
		m.observer.Remark(r)
	}
}

// regionName is what the board has at a physical address outside of RAM; empty
// for nothing.
func (m *Machine) regionName(pa uint64) string {
	switch s := m.at(pa); {
	case s != nil:
		return s.name
	case pa-boot.ROMBase < boot.ROMSize:
		return "rom"
	}
	return ""
}

// trapped tells the observer of a trap that was taken in the step before now.
func (m *Machine) trapped(hart int, interrupt bool, cause uint64) {
	if m.observer.Trap == nil {
		return
	}
	t := Trap{Step: m.now() - 1, Hart: hart, Interrupt: interrupt, Cause: cause}
	t.EPC, t.TVal = m.harts[hart].LastTrap()
	m.observer.Trap(t)
}
