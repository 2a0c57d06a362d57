package replay

import (
	"context"
	"slices"

	"reprise/vm"
	"reprise/vm/riscv"
)

// Breakpoint stops movements before any hart executes at an address.
type Breakpoint struct {
	Addr      uint64 // virtual
	Disabled  bool   // it is kept, but stops nothing
	Condition string // as it was given; empty if it stops always
	Hits      int    // movements that it has ended

	holds Condition
}

// Watchpoint stops movements before any hart accesses what it watches.
type Watchpoint struct {
	riscv.Watch
	Disabled bool // it is kept, but stops nothing
	Hits     int  // movements that it has ended
}

// arrange makes the points that stop movements from the lists.
func (t *Timeline) arrange() {
	p := points{}
	for _, b := range t.breakpoints {
		if b.Disabled {
			continue
		}
		p.breaks = append(p.breaks, b.Addr)
		if b.holds != nil {
			if p.conditions == nil {
				p.conditions = map[uint64]Condition{}
			}
			p.conditions[b.Addr] = b.holds
		}
	}
	for _, w := range t.watchpoints {
		if !w.Disabled {
			p.watches = append(p.watches, w.Watch)
		}
	}
	t.points = p
}

// hit counts a stop for what has caused it.
func (t *Timeline) hit(stop Stop) {
	switch stop.Reason {
	case AtBreakpoint:
		if b := t.breakpoint(stop.Addr); b != nil {
			b.Hits++
		}
	case AtWatchpoint:
		if w := t.watchpoint(stop.Watch); w != nil {
			w.Hits++
		}
	default:
	}
}

func (t *Timeline) breakpoint(addr uint64) *Breakpoint {
	i := slices.IndexFunc(t.breakpoints, func(b Breakpoint) bool { return b.Addr == addr })
	if i < 0 {
		return nil
	}
	return &t.breakpoints[i]
}

func (t *Timeline) watchpoint(w riscv.Watch) *Watchpoint {
	i := slices.IndexFunc(t.watchpoints, func(set Watchpoint) bool { return set.Watch == w })
	if i < 0 {
		return nil
	}
	return &t.watchpoints[i]
}

// SetBreakpoint stops movements before any hart executes at a virtual address.
// One that is there and disabled is enabled.
func (t *Timeline) SetBreakpoint(addr uint64) {
	if t.breakpoint(addr) == nil {
		i := 0
		for i < len(t.breakpoints) && t.breakpoints[i].Addr < addr {
			i++
		}
		t.breakpoints = slices.Insert(t.breakpoints, i, Breakpoint{Addr: addr})
	}
	t.EnableBreakpoint(addr, true)
}

// ClearBreakpoint removes a breakpoint.
func (t *Timeline) ClearBreakpoint(addr uint64) {
	t.breakpoints = slices.DeleteFunc(t.breakpoints, func(b Breakpoint) bool { return b.Addr == addr })
	t.arrange()
}

// EnableBreakpoint lets a breakpoint that is set stop movements, or not.
func (t *Timeline) EnableBreakpoint(addr uint64, enabled bool) {
	if b := t.breakpoint(addr); b != nil {
		b.Disabled = !enabled
		t.arrange()
	}
}

// SetCondition lets a breakpoint that is set stop only where the condition
// holds, which people read as text; nil lets it stop always.
func (t *Timeline) SetCondition(addr uint64, text string, c Condition) {
	if b := t.breakpoint(addr); b != nil {
		b.Condition, b.holds = text, c
		if c == nil {
			b.Condition = ""
		}
		t.arrange()
	}
}

// BreakpointList is what is known of the breakpoints, by ascending addresses.
func (t *Timeline) BreakpointList() []Breakpoint { return slices.Clone(t.breakpoints) }

// Breakpoints are the addresses of the breakpoints, ascending, of disabled ones
// too.
func (t *Timeline) Breakpoints() []uint64 {
	var addrs []uint64
	for _, b := range t.breakpoints {
		addrs = append(addrs, b.Addr)
	}
	return addrs
}

// SetWatchpoint stops movements before any hart accesses memory. Only memory
// can be watched in this way; see [Timeline.LastAccess] for registers. One that
// is there and disabled is enabled.
func (t *Timeline) SetWatchpoint(w riscv.Watch) {
	if t.watchpoint(w) == nil {
		t.watchpoints = append(t.watchpoints, Watchpoint{Watch: w})
	}
	t.EnableWatchpoint(w, true)
}

// ClearWatchpoint removes a watchpoint.
func (t *Timeline) ClearWatchpoint(w riscv.Watch) {
	t.watchpoints = slices.DeleteFunc(t.watchpoints, func(set Watchpoint) bool { return set.Watch == w })
	t.arrange()
}

// EnableWatchpoint lets a watchpoint that is set stop movements, or not.
func (t *Timeline) EnableWatchpoint(w riscv.Watch, enabled bool) {
	if set := t.watchpoint(w); set != nil {
		set.Disabled = !enabled
		t.arrange()
	}
}

// WatchpointList is what is known of the watchpoints, in the order in which they
// were set.
func (t *Timeline) WatchpointList() []Watchpoint { return slices.Clone(t.watchpoints) }

// Watchpoints are what the watchpoints watch, of disabled ones too.
func (t *Timeline) Watchpoints() []riscv.Watch {
	var list []riscv.Watch
	for _, w := range t.watchpoints {
		list = append(list, w.Watch)
	}
	return list
}

// ToBreakpoint goes on, or else back, until a hart is about to execute at a
// virtual address and the condition of the breakpoint there holds, if there is
// one. No other breakpoint or watchpoint ends it.
func (t *Timeline) ToBreakpoint(ctx context.Context, addr uint64, onwards bool) (Stop, error) {
	p := points{breaks: []uint64{addr}}
	if b := t.breakpoint(addr); b != nil && b.holds != nil {
		p.conditions = map[uint64]Condition{addr: b.holds}
	}
	return t.toPoint(ctx, p, onwards)
}

// ToWatchpoint goes on, or else back, until a hart is about to access what w
// watches. Nothing else ends it.
func (t *Timeline) ToWatchpoint(ctx context.Context, w riscv.Watch, onwards bool) (Stop, error) {
	return t.toPoint(ctx, points{watches: []riscv.Watch{w}}, onwards)
}

func (t *Timeline) toPoint(ctx context.Context, p points, onwards bool) (Stop, error) {
	if onwards {
		return t.ended(t.forward(ctx, vm.Never, p, "running"))
	}
	return t.reverseContinue(ctx, 0, p)
}
