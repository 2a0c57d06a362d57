package vm

import "reprise/vm/riscv"

// VirtualTime is the time of the next step in ns: steps take 1<<Shift ns each,
// and idle waits add to it.
func (m *Machine) VirtualTime() uint64 { return m.timeOf(m.core.step) }

func (m *Machine) timeOf(step Step) uint64 { return uint64(step)<<m.config.Shift + m.core.warp }

// clock is the virtual time of the step that is being done.
func (m *Machine) clock() uint64 { return m.timeOf(m.now()) }

// stepOf is the first step whose virtual time is at least ns.
func (m *Machine) stepOf(ns uint64) Step {
	if ns <= m.core.warp {
		return 0
	}
	d := ns - m.core.warp
	step := d >> m.config.Shift
	if step<<m.config.Shift < d {
		step++
	}
	return Step(step)
}

// retime notes that a deadline may have moved. It takes effect at the next
// step.
func (m *Machine) retime() {
	m.retimed = true
	if m.running != nil {
		m.running.Attend()
	}
}

// settle lets everything take effect that is due at the current step, and
// computes when time will next change something.
func (m *Machine) settle() {
	m.retimed = false
	for _, d := range m.timed {
		d.Expire()
	}
	m.retimed = false
	m.deadline = Never
	for i, h := range m.harts {
		pending := uint64(0)
		if due, ns, never := m.timer(i, m.aclint.Compare(i)); due {
			pending |= riscv.MTIP
		} else {
			m.due(ns, never)
		}
		if tick, ok := h.Stimecmp(); ok {
			if due, ns, never := m.timer(i, tick); due {
				pending |= riscv.STIP
			} else {
				m.due(ns, never)
			}
		}
		h.SetTimers(pending)
	}
	for _, d := range m.timed {
		m.due(d.Deadline())
	}
}

// due brings the deadline forward, if this one is earlier.
func (m *Machine) due(ns uint64, never bool) {
	if !never {
		m.deadline = min(m.deadline, max(m.stepOf(ns), m.core.step+1))
	}
}

// Wake is the earliest virtual time in ns at which an idle machine goes on by
// itself. never is true if only input can wake it.
func (m *Machine) Wake() (ns uint64, never bool) {
	ns, never = 0, true
	earliest := func(t uint64, no bool) {
		if !no && (never || t < ns) {
			ns, never = t, false
		}
	}
	for i, h := range m.harts {
		if h.WaitsFor(riscv.MTIP) {
			_, ns, never := m.timer(i, m.aclint.Compare(i))
			earliest(ns, never)
		}
		if tick, ok := h.Stimecmp(); ok && h.WaitsFor(riscv.STIP) {
			_, ns, never := m.timer(i, tick)
			earliest(ns, never)
		}
	}
	for _, d := range m.timed {
		earliest(d.Deadline())
	}
	return ns, never
}

// EndIdle ends the wait of an idle machine at the virtual time ns, or as soon
// after it as a step allows. It is one step.
func (m *Machine) EndIdle(ns uint64) {
	next := m.core.step + 1
	if t := m.timeOf(next); ns > t {
		m.core.warp += ns - t
	}
	m.core.step = next
	m.settle()
}
