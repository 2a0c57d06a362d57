package replay

import (
	"context"
	"errors"

	"reprise/vm"
	"reprise/vm/riscv"
)

// lastHit is the last thing that a search for points has found in a segment.
type lastHit struct {
	at     vm.Step // a hart was about to execute at a breakpoint
	broke  bool    // at is such a step
	access riscv.Access
	used   bool // access is one
}

// ReverseContinue goes back to the last time before this step at which a hart
// was about to execute at a breakpoint or to access what is watched, or to the
// start.
func (t *Timeline) ReverseContinue(ctx context.Context) (Stop, error) {
	return t.reverseContinue(ctx, 0, t.points)
}

// ReverseContinueAfter is ReverseContinue for gdb: where something watched was
// accessed, it stops after that step, so that going back one more undoes it. It
// stays where it is if the step before this one was such a step.
func (t *Timeline) ReverseContinueAfter(ctx context.Context) (Stop, error) {
	return t.reverseContinue(ctx, 1, t.points)
}

// reverseContinue stops the given number of steps after a watchpoint.
func (t *Timeline) reverseContinue(ctx context.Context, after vm.Step, p points) (Stop, error) {
	origin := t.Position()
	if origin == 0 {
		return t.ended(AtStart)
	}
	if p.none() {
		return t.toStart(ctx)
	}
	if err := t.leaveLiveEnd(); err != nil {
		return t.stop, err
	}
	scan := func(ctx context.Context, w *worker, seg segment) (lastHit, error) { return w.lastHit(ctx, seg, p) }
	var last lastHit
	err := search(ctx, t, backwards(t.snapshots.segments(0, origin)), scan, func(_ segment, found lastHit) bool {
		last = found
		return last.broke || last.used
	})
	switch {
	case ctx.Err() != nil:
		return t.ended(Interrupted)
	case err != nil:
		return t.failed(err)
	case last.broke && (!last.used || last.at >= last.access.Step+after):
		return t.arriveAt(ctx, last.at, AtBreakpoint)
	case !last.used:
		return t.toStart(ctx)
	}
	stop, err := t.arriveAt(ctx, last.access.Step+after, AtTarget)
	if err == nil && stop.Reason == AtTarget {
		t.stop.Reason, t.stop.Access, t.stop.Watch = AtWatchpoint, last.access, p.watches[last.access.Watch]
		t.hit(t.stop)
	}
	return t.stop, err
}

// lastHit runs through a segment and keeps the last time that it met a point.
func (w *worker) lastHit(ctx context.Context, seg segment, p points) (last lastHit, err error) {
	m := w.session.machine
	if len(p.watches) > 0 {
		m.Watch(p.watches, func(a riscv.Access) { last.access, last.used = a, true })
	}
	m.SetBreakpoints(p.breaks)
	m.Heed(len(p.breaks) > 0)
	over := false
	for ; w.run(ctx, seg.end, over) == broke && m.Position() < seg.end; over = true {
		if p.stop(m) {
			last.at, last.broke = m.Position(), true
		}
	}
	return last, w.session.err
}

// arriveAt goes to a step and says why.
func (t *Timeline) arriveAt(ctx context.Context, step vm.Step, why Reason) (Stop, error) {
	if step == t.Position() {
		return t.ended(why)
	}
	got, err := t.travel(ctx, step)
	if err != nil {
		return t.stop, err
	}
	if got != AtTarget {
		why = got
	}
	return t.ended(why)
}

// toStart goes to the start of history.
func (t *Timeline) toStart(ctx context.Context) (Stop, error) { return t.arriveAt(ctx, 0, AtStart) }

// failed is how a movement ends whose search has failed. A divergence is a
// reason to stop, other errors are returned.
func (t *Timeline) failed(err error) (Stop, error) {
	var d *DivergenceError
	if errors.As(err, &d) {
		t.session.err = err
		return t.ended(Diverged)
	}
	return t.stop, err
}

// noHart is who does a step that belongs to no hart.
const noHart = -1

// actor tells which hart does the next step; noHart if it is input, the end of
// an idle wait, or a reset.
func (s *Session) actor() int {
	if s.following {
		if next, err := s.inputs.next(s.log, s.cursor.Ordinal(), s.position()); err != nil || next != nil {
			return noHart
		}
	}
	return s.machine.Actor()
}

// StepHart goes forward until a hart has done one step.
func (t *Timeline) StepHart(ctx context.Context, hart int) (Stop, error) {
	m := t.session.machine
	m.StopAfter(hart)
	defer m.StopAfter(noHart)
	begin := t.Position()
	reason := t.forward(ctx, vm.Never, points{}, "stepping")
	if at := m.Acted(hart); reason == AtEnd && at != vm.Never && at >= begin {
		reason = AtTarget
	}
	return t.ended(reason)
}

// StepHartThrough goes forward until a hart has done at least one step and is
// about to execute outside of a range of virtual addresses, or at a breakpoint.
func (t *Timeline) StepHartThrough(ctx context.Context, hart int, begin, end uint64) (Stop, error) {
	h := t.session.machine.Hart(hart)
	for {
		stop, err := t.StepHart(ctx, hart)
		switch pc := h.PC(); {
		case err != nil || stop.Reason != AtTarget || pc < begin || pc >= end:
			return stop, err
		case contains(t.points.breaks, pc) && t.points.stop(t.session.machine):
			return t.ended(AtBreakpoint)
		}
		if t.between != nil {
			t.between()
		}
	}
}

// StepHartBack goes back to before the last step that a hart did.
func (t *Timeline) StepHartBack(ctx context.Context, hart int) (Stop, error) {
	if t.Position() == 0 {
		return t.ended(AtStart)
	}
	if err := t.leaveLiveEnd(); err != nil {
		return t.stop, err
	}
	// Nearly always the last step was this hart's.
	origin := t.Position()
	stop, err := t.Seek(ctx, origin-1)
	if err != nil || stop.Reason != AtTarget || t.session.actor() == hart {
		return stop, err
	}
	scan := func(ctx context.Context, w *worker, seg segment) (found lastHit, err error) {
		err = w.goOn(ctx, seg.end)
		found.at = w.session.machine.Acted(hart)
		found.broke = found.at != vm.Never && found.at >= seg.begin
		return found, err
	}
	target, reason := vm.Step(0), AtStart
	err = search(ctx, t, backwards(t.snapshots.segments(0, origin)), scan, func(_ segment, found lastHit) bool {
		if found.broke {
			target, reason = found.at, AtTarget
		}
		return found.broke
	})
	switch {
	case ctx.Err() != nil:
		stop, err := t.arriveAt(context.WithoutCancel(ctx), origin, Interrupted)
		return stop, err
	case err != nil:
		return t.failed(err)
	}
	return t.arriveAt(ctx, target, reason)
}
