package replay

import (
	"maps"
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

// SetBreakpoint stops movements before any hart executes at a virtual address.
func (t *Timeline) SetBreakpoint(addr uint64) {
	if i, found := slices.BinarySearch(t.points.breaks, addr); !found {
		t.points.breaks = slices.Insert(slices.Clone(t.points.breaks), i, addr)
	}
}

// ClearBreakpoint removes a breakpoint.
func (t *Timeline) ClearBreakpoint(addr uint64) {
	if i, found := slices.BinarySearch(t.points.breaks, addr); found {
		t.points.breaks = slices.Delete(slices.Clone(t.points.breaks), i, i+1)
		t.SetCondition(addr, nil)
	}
}

// SetCondition lets a breakpoint stop only where the condition holds; nil lets
// it stop always.
func (t *Timeline) SetCondition(addr uint64, c Condition) {
	conditions := maps.Clone(t.points.conditions)
	if c == nil {
		delete(conditions, addr)
	} else {
		if conditions == nil {
			conditions = map[uint64]Condition{}
		}
		conditions[addr] = c
	}
	t.points.conditions = conditions
}

// Breakpoints are the addresses of the breakpoints, ascending.
func (t *Timeline) Breakpoints() []uint64 { return slices.Clone(t.points.breaks) }

// SetWatchpoint stops movements before any hart accesses memory. Only memory
// can be watched in this way; see [Timeline.LastAccess] for registers.
func (t *Timeline) SetWatchpoint(w riscv.Watch) {
	if !slices.Contains(t.points.watches, w) {
		t.points.watches = append(slices.Clone(t.points.watches), w)
	}
}

// ClearWatchpoint removes a watchpoint.
func (t *Timeline) ClearWatchpoint(w riscv.Watch) {
	if i := slices.Index(t.points.watches, w); i >= 0 {
		t.points.watches = slices.Delete(slices.Clone(t.points.watches), i, i+1)
	}
}

// Watchpoints are the watchpoints in the order in which they were set.
func (t *Timeline) Watchpoints() []riscv.Watch { return slices.Clone(t.points.watches) }

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
