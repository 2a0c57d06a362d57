package replay

import (
	"slices"

	"reprise/vm"
	"reprise/vm/riscv"
)

// points are what stops a movement. They belong to the timeline, never to the
// machine's state.
type points struct {
	breaks  []uint64 // ascending
	watches []riscv.Watch
	frames  bool // the calls and returns that a hart was told to watch
	// conditions tell of some breakpoints whether they stop. The map is not
	// changed, but replaced.
	conditions map[uint64]Condition
}

// Condition tells whether a breakpoint stops a hart that is about to execute
// there. It is a function of the machine's state alone, changes nothing, and may
// be called for several machines at once.
type Condition func(m *vm.Machine, hart int) bool

func (p points) none() bool { return len(p.breaks) == 0 && len(p.watches) == 0 && !p.frames }

// stop reports whether a machine that stands at a breakpoint is to stop there.
func (p points) stop(m *vm.Machine) bool {
	hart := m.Current()
	holds := p.conditions[m.Hart(hart).PC()]
	return holds == nil || holds(m, hart)
}

// arm lets the points stop the machine, or nothing if there are none.
func (s *Session) arm(p points) {
	if !p.none() { // setting the same again costs nothing, unlike clearing it
		s.machine.SetBreakpoints(p.breaks)
		s.machine.Watch(p.watches, nil)
	}
	s.machine.Heed(!p.none())
}

// union is an ascending list with one more element. The list stays as it is.
func union(list []uint64, more uint64) []uint64 {
	i, found := slices.BinarySearch(list, more)
	if found {
		return list
	}
	return slices.Insert(slices.Clone(list), i, more)
}

// contains reports whether an ascending list has an element.
func contains(list []uint64, addr uint64) bool {
	_, found := slices.BinarySearch(list, addr)
	return found
}
