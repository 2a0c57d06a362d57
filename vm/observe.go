package vm

import (
	"fmt"

	"reprise/vm/riscv"
)

// Observer is told of what a guest does, for people to read. It is no part of
// the machine's state, and what is nil is not asked for. Its functions are
// called during the step that they tell of; they may look at the machine but
// change nothing, and must not call it otherwise.
type Observer struct {
	// Trap is told of every interrupt and exception, when it has been taken.
	Trap func(Trap)
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

// Observe replaces the observer.
func (m *Machine) Observe(o Observer) { m.observer = o }

// trapped tells the observer of a trap that was taken in the step before now.
func (m *Machine) trapped(hart int, interrupt bool, cause uint64) {
	if m.observer.Trap == nil {
		return
	}
	t := Trap{Step: m.now() - 1, Hart: hart, Interrupt: interrupt, Cause: cause}
	t.EPC, t.TVal = m.harts[hart].LastTrap()
	m.observer.Trap(t)
}
