package vm

import (
	"math"

	"reprise/vm/device"
)

// Under chaos a machine does what a real one may do, but seldom does: turns of
// harts end early or late, and timer interrupts come late. Everything is a
// function of the seed and of the state, so that a run under chaos is recorded,
// replayed and travelled as any other.

// Limits of chaos.
const (
	longestTurn = 8192     // steps
	maxDelay    = 64 << 10 // ns
)

// turnLength is the number of steps of a turn that begins at the current step.
func (m *Machine) turnLength() Step {
	if !m.config.Chaos {
		return m.config.Quantum
	}
	return Step(MinQuantum + spread(m.draw(uint64(m.core.step), 0), longestTurn-MinQuantum))
}

// timer tells whether the timer of a hart that compares mtime with a tick is due,
// and otherwise at which virtual time in ns it is. never is true if virtual time
// ends before that.
func (m *Machine) timer(hart int, tick uint64) (due bool, ns uint64, never bool) {
	now := m.clock()
	if ns, never = m.aclint.Deadline(tick); never {
		return false, 0, true
	}
	late, delay := uint64(0), m.delay(hart, tick)
	if mtime := m.aclint.Time(); mtime >= tick {
		if mtime-tick > maxDelay/device.TickNS {
			return true, ns, false
		}
		late = (mtime-tick)*device.TickNS + now%device.TickNS
		if late >= delay {
			return true, ns, false
		}
	}
	if delay -= late; ns > math.MaxUint64-delay {
		return false, 0, true
	}
	return false, ns + delay, false
}

// delay is how many ns after its time the timer of a hart that waits for a tick
// becomes pending.
func (m *Machine) delay(hart int, tick uint64) uint64 {
	if !m.config.Chaos {
		return 0
	}
	return spread(m.draw(tick, uint64(hart)+1), maxDelay)
}

// draw is a number that follows from the seed and two others, and looks random.
func (m *Machine) draw(a, b uint64) uint64 { return mix(mix(mix(m.config.Seed)+a) + b) }

// mix spreads a number over 64 bits, one to one: the output function of
// SplitMix64 (Steele, Lea and Flood, 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// spread makes of a random number one below limit. Small ones are as frequent as
// large ones, over two orders of magnitude.
func spread(random, limit uint64) uint64 {
	const magnitudes = 8
	return (random >> 8) % (limit >> (random % magnitudes))
}
