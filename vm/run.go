package vm

import (
	"math"

	"reprise/vm/riscv"
)

// Stop says why [Machine.Run] returned.
type Stop uint8

// The reasons to stop.
const (
	// StopTarget: the step asked for is reached.
	StopTarget Stop = iota
	// StopIdle: every hart waits; EndIdle ends the wait.
	StopIdle
	// StopBreakpoint: the hart whose turn it is is about to execute an
	// instruction that has a breakpoint.
	StopBreakpoint
	// StopWatchpoint: the hart whose turn it is is about to access something
	// watched; WatchHit says what.
	StopWatchpoint
	// StopBlocked: the hart whose turn it is asks for input that is not there
	// yet. Nothing of its step has happened; Run tries it again.
	StopBlocked
	// StopShutdown: the guest has ended the machine; there are no more steps.
	StopShutdown
	// StopRequested: RequestStop was called.
	StopRequested
	// StopActed: the hart of StopAfter has done a step.
	StopActed
)

// String names the reason.
func (s Stop) String() string {
	switch s {
	case StopTarget:
		return "target"
	case StopIdle:
		return "idle"
	case StopBreakpoint:
		return "breakpoint"
	case StopWatchpoint:
		return "watchpoint"
	case StopBlocked:
		return "blocked"
	case StopShutdown:
		return "shutdown"
	case StopRequested:
		return "requested"
	case StopActed:
		return "acted"
	}
	return "unknown"
}

// Run goes forward to the step until, at most. With over set, a breakpoint or
// watchpoint at the instruction where it starts does not stop it.
func (m *Machine) Run(until Step, over bool) Stop {
	for {
		switch {
		case m.stop:
			m.stop = false
			return StopRequested
		case m.core.step >= until:
			return StopTarget
		case m.core.cause != 0:
			return StopShutdown
		case m.core.reset:
			m.Reset()
			over = false
			continue
		}
		current, left, ok := m.turn()
		if !ok {
			return StopIdle
		}
		h := m.harts[current]
		m.running = h
		begin := m.core.step
		budget := min(left, until-begin)
		if current == m.stopAfter {
			budget = 1
		}
		reached, why := h.Run(begin, min(until, m.deadline, begin+budget), over)
		m.running = nil
		if reached > begin {
			over = false
			m.core.current = uint32(current)
			m.core.left = left - (reached - begin)
			if why == riscv.StopYield || len(m.harts) == 1 {
				m.core.left = 0
			}
			if m.core.left == 0 && len(m.harts) > 1 {
				h.EndTurn()
			}
			m.acted[current] = reached - 1
			m.advance(reached)
			if current == m.stopAfter {
				return StopActed
			}
		}
		switch why {
		case riscv.StopBreakpoint:
			return StopBreakpoint
		case riscv.StopWatchpoint:
			return StopWatchpoint
		case riscv.StopBlocked:
			return StopBlocked
		case riscv.StopBudget, riscv.StopAttention, riscv.StopYield:
		}
	}
}

// turn tells which hart does the next step and how many steps its turn still
// has. It changes nothing; ok is false if no hart can do anything.
func (m *Machine) turn() (hart int, left Step, ok bool) {
	if len(m.harts) == 1 {
		return 0, math.MaxUint64, m.harts[0].Runnable()
	}
	hart = int(m.core.current)
	if m.core.left > 0 && m.harts[hart].Runnable() {
		return hart, m.core.left, true
	}
	for range m.harts {
		if hart++; hart == len(m.harts) {
			hart = 0
		}
		if m.harts[hart].Runnable() {
			return hart, m.turnLength(), true
		}
	}
	return int(m.core.current), 0, false
}

// Current is the hart that does the next step, or did the last one if every
// hart waits.
func (m *Machine) Current() int {
	hart, _, _ := m.turn()
	return hart
}

// advance moves the position to a step and lets take effect what is due there.
func (m *Machine) advance(to Step) {
	m.core.step = to
	if m.retimed || to >= m.deadline {
		m.settle()
	}
}

// Reset is the step that resets the machine: a guest asked for it, or a
// monitor between two slices.
func (m *Machine) Reset() {
	step := m.core.step
	m.initialise()
	m.retimed = true
	m.advance(step + 1)
	m.host.ResetDone(step)
}

// finish is called by the test finisher.
func (m *Machine) finish(s Shutdown) {
	m.core.cause, m.core.code = uint8(s.Cause), s.Code
	m.running.Attend()
	m.host.ShutDown(m.now(), s)
}

// now is the step that is being done, or the next one between steps.
func (m *Machine) now() Step {
	if m.running != nil {
		return m.running.Now()
	}
	return m.core.step
}

// Actor is the hart that does the next step, unless input comes first; -1 if
// that is the end of an idle wait or a reset.
func (m *Machine) Actor() int {
	hart, _, ok := m.turn()
	if !ok || m.core.reset {
		return -1
	}
	return hart
}

// StopAfter lets Run stop after each step of a hart; [riscv.AnyHart] ends that.
func (m *Machine) StopAfter(hart int) { m.stopAfter = hart }

// Acted is the last step that a hart did since the state was loaded, or since
// power-on; [Never] if it did none.
func (m *Machine) Acted(hart int) Step { return m.acted[hart] }

// forgetActed is for a machine whose steps begin anew.
func (m *Machine) forgetActed() {
	for i := range m.acted {
		m.acted[i] = Never
	}
}

// Resetting reports whether the next step, unless it is input, is a reset that
// the guest has asked for.
func (m *Machine) Resetting() bool { return m.core.reset }
