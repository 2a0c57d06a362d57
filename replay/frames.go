package replay

import (
	"context"

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
// that it belongs to.
func (t *Timeline) OverBack(ctx context.Context) (Stop, error) {
	origin := t.Position()
	h := t.turn()
	back, frame := h.PC(), h.Frame()
	stop, err := t.StepBack(ctx, 1)
	if err != nil || stop.Reason != AtTarget {
		return stop, err
	}
	h = t.turn()
	inst, ok := h.FetchAt(h.PC())
	if !ok || !inst.IsReturn() || t.session.actor() != h.ID() {
		return stop, nil
	}
	// The call stands right before the place that it returns to.
	p := points{breaks: union(union(nil, back-4), back-2)}
	hart := h.ID()
	accept := func(s *Session) bool {
		h := s.machine.Hart(hart)
		inst, ok := h.FetchAt(h.PC())
		here := h.Frame()
		return ok && inst.IsCall() && h.PC()+uint64(inst.Size) == back && here.SP == frame.SP && here.Mode == frame.Mode && here.SATP == frame.SATP
	}
	scan := func(ctx context.Context, w *worker, seg segment) (last lastHit, err error) {
		m := w.session.machine
		m.SetBreakpoints(p.breaks)
		m.Heed(true)
		for over := false; w.run(ctx, seg.end, over) == broke && m.Position() < seg.end; over = true {
			if m.Current() == hart && accept(w.session) {
				last.at, last.broke = m.Position(), true
			}
		}
		return last, w.session.err
	}
	var call lastHit
	err = search(ctx, t, backwards(t.snapshots.segments(0, t.Position())), scan, func(_ segment, h lastHit) bool {
		call = h
		return h.broke
	})
	switch {
	case ctx.Err() != nil:
		return t.arriveAt(context.WithoutCancel(ctx), origin, Interrupted)
	case err != nil:
		return t.failed(err)
	case !call.broke: // it was no ordinary return
		return t.ended(AtTarget)
	}
	return t.arriveAt(ctx, call.at, AtTarget)
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
