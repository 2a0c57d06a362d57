package vm

import "reprise/vm/riscv"

// Breakpoints and watchpoints are a debugger's. They are no part of the state.

// SetBreakpoints names the virtual addresses before which Run stops, whichever
// hart executes there.
func (m *Machine) SetBreakpoints(addrs []uint64) {
	for _, h := range m.harts {
		h.SetBreakpoints(addrs)
	}
}

// Watch replaces what is watched. Without note, Run stops before a hart accesses
// it. With note nothing stops, and note is called with every access as it
// happens, in the order of steps; it must not call the machine.
func (m *Machine) Watch(list []riscv.Watch, note func(riscv.Access)) {
	if note == nil {
		m.ram.Watch(list, nil)
		return
	}
	m.ram.Watch(list, func(a riscv.Access) {
		if a.Hart == riscv.AnyHart {
			a.Step = m.now()
			if m.running != nil {
				a.Hart, a.PC = m.running.ID(), m.running.PC()
			}
		}
		note(a)
	})
}

// Foresee tells whether the next step, unless it is input, is an access for
// which Run would stop; WatchHit says what. It changes nothing.
func (m *Machine) Foresee() bool {
	hart, _, ok := m.turn()
	return ok && !m.core.reset && m.core.cause == 0 && m.harts[hart].Foresee()
}

// WatchHit is the access before which Run has stopped, and what it was watched
// for.
func (m *Machine) WatchHit() (riscv.Watch, riscv.Access) { return m.ram.WatchHit() }

// Heed says whether breakpoints and watchpoints stop Run. They do not until it
// is called.
func (m *Machine) Heed(points bool) {
	for _, h := range m.harts {
		h.Heed(points)
	}
}
