package toysession

import (
	"context"
	"slices"

	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

// timeline is the toy as its owner's goroutine sees it: what only looks is
// called with the lock held or during a movement, what moves takes it.
type timeline struct{ *Toy }

func (t timeline) Machine() monitor.Machine { return machine(t) }
func (t timeline) Status() replay.Status    { return t.status }

func (t timeline) Breakpoints() []uint64 { return slices.Clone(t.breaks) }

func (t timeline) BreakpointList() []replay.Breakpoint {
	var list []replay.Breakpoint
	for _, addr := range t.breaks {
		list = append(list, replay.Breakpoint{Addr: addr, Disabled: t.disabled[addr], Hits: t.hits[addr]})
	}
	return list
}

func (t timeline) EnableBreakpoint(addr uint64, enabled bool) { t.disabled[addr] = !enabled }

// enabled are the breakpoints that stop a movement.
func (t timeline) enabled() []uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(t.breaks), func(addr uint64) bool { return t.disabled[addr] })
}

func (t timeline) SetBreakpoint(addr uint64) {
	if i, found := slices.BinarySearch(t.breaks, addr); !found {
		t.breaks = slices.Insert(t.breaks, i, addr)
	}
}

func (t timeline) ClearBreakpoint(addr uint64) {
	if i, found := slices.BinarySearch(t.breaks, addr); found {
		t.breaks = slices.Delete(t.breaks, i, i+1)
	}
}

func (t timeline) Events(around state.Step, before, after int) ([]recording.Event, error) {
	var list []recording.Event
	here := next(around)
	for n := max(here-before, 0); n < here+after; n++ {
		if e := t.event(n); e.Step < t.options.Last {
			list = append(list, e)
		}
	}
	return list, nil
}

// arrive goes to a step and reports it.
func (t timeline) arrive(to state.Step, reason replay.Reason) (replay.Stop, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runTo(to)
	return replay.Stop{Reason: reason, Step: t.step, Addr: t.hart.PC()}, nil
}

func (t timeline) at() (step, last state.Step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.step, t.options.Last
}

func (t timeline) Seek(ctx context.Context, step state.Step) (replay.Stop, error) {
	t.mu.Lock()
	stuck := t.stuck
	if stuck {
		t.status.Progress = replay.Progress{Active: true, What: "seek", Done: 40, Total: 100, PerSecond: 20}
		t.status.Running = true
	}
	t.mu.Unlock()
	if stuck {
		t.publish()
		<-ctx.Done()
		here, _ := t.at()
		return t.arrive(here, replay.Interrupted)
	}
	_, last := t.at()
	return t.arrive(min(step, last), replay.AtTarget)
}

func (t timeline) Step(_ context.Context, n uint64) (replay.Stop, error) {
	here, last := t.at()
	if here+state.Step(n) > last {
		return t.arrive(last, replay.AtEnd)
	}
	return t.arrive(here+state.Step(n), replay.AtTarget)
}

func (t timeline) StepBack(_ context.Context, n uint64) (replay.Stop, error) {
	here, _ := t.at()
	if state.Step(n) > here {
		return t.arrive(0, replay.AtStart)
	}
	return t.arrive(here-state.Step(n), replay.AtTarget)
}

// Continue runs to a breakpoint or the end. At a live end it records a hundred
// steps more and then waits to be interrupted.
func (t timeline) Continue(ctx context.Context) (replay.Stop, error) {
	here, last := t.at()
	if t.options.Live && here == last {
		return t.record(ctx)
	}
	breaks := t.enabled()
	for s := here + 1; s < last; s++ {
		stop, err := t.arrive(s, replay.AtBreakpoint)
		if err != nil || slices.Contains(breaks, stop.Addr) {
			t.hit(stop.Addr)
			return stop, err
		}
	}
	return t.arrive(last, replay.AtEnd)
}

func (t timeline) record(ctx context.Context) (replay.Stop, error) {
	t.mu.Lock()
	t.options.Last += 100
	t.runTo(t.options.Last)
	t.refresh(true)
	t.mu.Unlock()
	t.publish()
	<-ctx.Done()
	here, _ := t.at()
	return t.arrive(here, replay.Interrupted)
}

func (t timeline) ReverseContinue(context.Context) (replay.Stop, error) {
	here, _ := t.at()
	breaks, to, reason := t.enabled(), state.Step(0), replay.AtStart
	for s := state.Step(0); s < here; s++ {
		stop, err := t.arrive(s, replay.AtTarget)
		if err != nil {
			return stop, err
		}
		if slices.Contains(breaks, stop.Addr) {
			to, reason = s, replay.AtBreakpoint
		}
	}
	stop, err := t.arrive(to, reason)
	if reason == replay.AtBreakpoint {
		t.hit(stop.Addr)
	}
	return stop, err
}

// hit counts a breakpoint that has ended a movement.
func (t timeline) hit(addr uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hits[addr]++
}

func (t timeline) NextEvent(context.Context) (replay.Stop, error) {
	here, last := t.at()
	if to := t.event(next(here + 1)).Step; to < last {
		return t.arrive(to, replay.AtTarget)
	}
	return t.arrive(last, replay.AtEnd)
}

func (t timeline) PreviousEvent(context.Context) (replay.Stop, error) {
	here, _ := t.at()
	if n := next(here) - 1; n >= 0 {
		return t.arrive(t.event(n).Step, replay.AtTarget)
	}
	return t.arrive(0, replay.AtStart)
}

func (t timeline) GoLive(context.Context) (replay.Stop, error) {
	_, last := t.at()
	return t.arrive(last, replay.AtEnd)
}

// machine is the toy as something to look at.
type machine struct{ *Toy }

func (m machine) Harts() int                           { return 1 }
func (m machine) Current() int                         { return 0 }
func (m machine) Hart(int) *riscv.Hart                 { return m.hart }
func (m machine) VirtualTime() uint64                  { return uint64(m.step) }
func (m machine) PeekPhysical(pa uint64, p []byte) int { return m.ram.ReadAt(p, pa) }
func (m machine) Digest() vm.Digest                    { return vm.Digest{{Name: "step", Sum: uint64(m.step)}} }
