package replay

import (
	"context"

	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/riscv"
)

// Movements by frames go by what the machine does, not by debugging
// information: a call links to ra or t0, a return jumps to it, and a frame is
// left when a return is met that no call belongs to, among those with the stack
// pointer of the frame or further out, in its mode and address space. A hart
// that switches stacks within one mode, as a kernel does between its threads,
// is followed as far as that goes. Interrupts on the way are part of what they
// interrupt.

// Over does a step, or, if that is a call or an environment call, goes on until
// it is back. Breakpoints and watchpoints end it early, as they end Continue.
func (t *Timeline) Over(ctx context.Context) (Stop, error) {
	h := t.turn()
	for {
		inst, ok := h.FetchAt(h.PC())
		frame, begin := h.Frame(), h.PC()
		if ok && t.session.actor() == h.ID() && (inst.IsCall() || inst.Op == riscv.OpECALL) {
			return t.returnTo(ctx, h.ID(), begin+uint64(inst.Size), frame)
		}
		traps := t.session.traps
		stop, err := t.Step(ctx, 1)
		if from, _ := h.LastTrap(); err != nil || stop.Reason != AtTarget || t.session.traps == traps || from != begin {
			return stop, err
		}
		// A trap came instead. What it has interrupted is still to be done.
		stop, err = t.returnTo(ctx, h.ID(), begin, frame)
		if err != nil || stop.Reason != AtTarget {
			return stop, err
		}
	}
}

// turn is the hart whose turn it is.
func (t *Timeline) turn() *riscv.Hart {
	return t.session.machine.Hart(t.session.machine.Current())
}

// returnTo goes forward until a hart is about to execute at an address in a
// frame or further out.
func (t *Timeline) returnTo(ctx context.Context, hart int, addr uint64, frame riscv.Frames) (Stop, error) {
	own := t.points
	p := points{breaks: union(own.breaks, addr), watches: own.watches}
	for {
		reason := t.forward(ctx, vm.Never, p, "stepping over")
		h := t.turn()
		switch {
		case reason != AtBreakpoint:
			return t.ended(reason)
		case h.PC() == addr && h.ID() == hart && frame.In(h):
			return t.ended(AtTarget)
		case contains(own.breaks, h.PC()) && own.stop(t.session.machine):
			return t.ended(AtBreakpoint)
		}
	}
}

// Out goes forward until the frame in which the hart executes has returned.
func (t *Timeline) Out(ctx context.Context) (Stop, error) {
	h := t.turn()
	frame := h.Frame()
	h.WatchFrames(&frame)
	defer h.WatchFrames(nil)
	own := t.points
	for depth := 0; ; {
		reason := t.forward(ctx, vm.Never, points{breaks: own.breaks, watches: own.watches, frames: true}, "stepping out")
		if reason != AtBreakpoint {
			return t.ended(reason)
		}
		at := t.turn()
		inst, _ := at.FetchAt(at.PC())
		switch {
		case contains(own.breaks, at.PC()) && own.stop(t.session.machine):
			return t.ended(AtBreakpoint)
		case inst.IsCall():
			depth++
		case depth > 0:
			depth--
		default:
			return t.ended(t.forward(ctx, t.Position()+1, points{}, "stepping out"))
		}
	}
}

// OverBack goes a step back, or, if that step was a return, to before the call
// that it belongs to. A trap that interrupted what was executed is gone over
// together with its handler, as Over does.
func (t *Timeline) OverBack(ctx context.Context) (Stop, error) {
	origin := t.Position()
	for {
		h := t.turn()
		back := place{h.ID(), h.PC(), h.Frame()}
		stop, err := t.StepBack(ctx, 1)
		if err != nil || stop.Reason != AtTarget {
			return t.unlessInterrupted(ctx, origin, stop, err)
		}
		inst, ok := h.FetchAt(h.PC())
		scan := back.lastCall
		switch {
		case !ok || t.session.actor() != h.ID() || t.turn() != h:
			return stop, nil
		case inst.Op == riscv.OpMRET || inst.Op == riscv.OpSRET:
			scan = back.lastTrap
		case !inst.IsReturn():
			return stop, nil
		}
		var begin entry
		err = search(ctx, t, backwards(t.snapshots.segments(0, t.Position())), scan, func(_ segment, e entry) bool {
			begin = e
			return e.found
		})
		switch {
		case ctx.Err() != nil:
			return t.unlessInterrupted(ctx, origin, stop, nil)
		case err != nil:
			return t.failed(err)
		case !begin.found: // it was no ordinary return
			return t.ended(AtTarget)
		}
		stop, err = t.arriveAt(ctx, begin.at, AtTarget)
		if err != nil || stop.Reason != AtTarget || !begin.again {
			return t.unlessInterrupted(ctx, origin, stop, err)
		}
	}
}

// unlessInterrupted is how a movement of several ends, which stays where it was
// if it is interrupted.
func (t *Timeline) unlessInterrupted(ctx context.Context, origin vm.Step, stop Stop, err error) (Stop, error) {
	if err == nil && ctx.Err() != nil {
		return t.arriveAt(context.WithoutCancel(ctx), origin, Interrupted)
	}
	return stop, err
}

// place is where a call or a trap has returned to.
type place struct {
	hart  int
	pc    uint64
	frame riscv.Frames
}

// entry is the step that led away from a place.
type entry struct {
	at    vm.Step
	found bool
	again bool // it was interrupted, and what stands at the place was still to be done
}

// lastCall finds the last call in a segment that returns to the place: it stands
// right before it.
func (p place) lastCall(ctx context.Context, w *worker, seg segment) (last entry, err error) {
	m := w.session.machine
	h := m.Hart(p.hart)
	m.SetBreakpoints([]uint64{p.pc - 4, p.pc - 2})
	m.Heed(true)
	for over := false; w.run(ctx, seg.end, over) == broke && m.Position() < seg.end; over = true {
		inst, ok := h.FetchAt(h.PC())
		if m.Current() == p.hart && ok && inst.IsCall() && h.PC()+uint64(inst.Size) == p.pc && p.sameFrame(h.Frame()) {
			last = entry{at: m.Position(), found: true}
		}
	}
	return last, w.session.err
}

// lastTrap finds the last trap in a segment that was taken in the frame of the
// place and returns to it: before the instruction there, or by an environment
// call right before it.
func (p place) lastTrap(ctx context.Context, w *worker, seg segment) (last entry, err error) {
	h := w.session.machine.Hart(p.hart)
	w.session.trapped = func(e recording.Event) {
		if int(e.Hart) != p.hart {
			return
		}
		from := h.Frame()
		from.Mode = h.TrapMode()
		epc, _ := h.LastTrap()
		called := e.Kind == recording.Exception && riscv.IsCallCause(e.Cause) && epc+4 == p.pc
		if p.sameFrame(from) && (epc == p.pc || called) {
			last = entry{at: e.Step, found: true, again: !called}
		}
	}
	defer func() { w.session.trapped = nil }()
	err = w.goOn(ctx, seg.end)
	return last, err
}

// sameFrame reports whether a frame is that of the place.
func (p place) sameFrame(f riscv.Frames) bool {
	return f.SP == p.frame.SP && f.Mode == p.frame.Mode && f.SATP == p.frame.SATP
}

// unmatched is what calls and returns of a segment leave when those that belong
// together are taken away: returns, then calls.
type unmatched struct {
	returns int
	calls   []vm.Step
}

// OutBack goes back to before the call of the frame in which the hart executes.
func (t *Timeline) OutBack(ctx context.Context) (Stop, error) {
	if err := t.leaveLiveEnd(); err != nil {
		return t.stop, err
	}
	origin := t.turn()
	frame, hart := origin.Frame(), origin.ID()
	scan := func(ctx context.Context, w *worker, seg segment) (u unmatched, err error) {
		h, own := w.session.machine.Hart(hart), frame
		own.Note = func(step vm.Step, call bool) {
			switch {
			case call:
				u.calls = append(u.calls, step)
			case len(u.calls) > 0:
				u.calls = u.calls[:len(u.calls)-1]
			default:
				u.returns++
			}
		}
		h.WatchFrames(&own)
		defer h.WatchFrames(nil)
		return u, w.goOn(ctx, seg.end)
	}
	pending, target, found := 0, vm.Step(0), false
	err := search(ctx, t, backwards(t.snapshots.segments(0, t.Position())), scan, func(_ segment, u unmatched) bool {
		if n := len(u.calls); n > pending {
			target, found = u.calls[n-1-pending], true
			return true
		}
		pending += u.returns - len(u.calls)
		return false
	})
	switch {
	case ctx.Err() != nil:
		return t.ended(Interrupted)
	case err != nil:
		return t.failed(err)
	case !found:
		return t.toStart(ctx)
	}
	return t.arriveAt(ctx, target, AtTarget)
}
