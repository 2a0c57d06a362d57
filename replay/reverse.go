package replay

import (
	"context"

	"reprise/vm"
)

// found is a hit of a search.
type found struct {
	step vm.Step
	ok   bool
}

// ReverseContinue goes back to the last time before this step at which a hart
// was about to execute at a breakpoint, or to the start.
func (t *Timeline) ReverseContinue(ctx context.Context) (Stop, error) {
	if t.Position() == 0 {
		return t.ended(AtStart)
	}
	breakpoints := t.Breakpoints()
	if len(breakpoints) == 0 {
		stop, err := t.Seek(ctx, 0)
		if err == nil && stop.Reason == AtTarget {
			return t.ended(AtStart)
		}
		return stop, err
	}
	return t.searchBack(ctx, AtBreakpoint, func(end vm.Step) found {
		var last found
		over := false
		for t.Position() < end && ctx.Err() == nil {
			t.session.arm(breakpoints)
			out := t.session.run(ctx, end, over, t.between)
			if out != broke || t.Position() >= end {
				break
			}
			last = found{t.Position(), true}
			over = true
		}
		return last
	})
}

// searchBack looks for the last step before this one that scan finds, segment
// by segment from here to the start, and goes there. scan runs from a
// snapshot to the end of its segment and returns the last hit before that.
func (t *Timeline) searchBack(ctx context.Context, reason Reason, scan func(end vm.Step) found) (Stop, error) {
	if err := t.leaveLiveEnd(); err != nil {
		return t.stop, err
	}
	origin, err := t.snapshots.capture()
	if err != nil {
		return t.stop, err
	}
	defer t.snapshots.drop(origin)
	t.session.err = nil
	target, why := found{}, AtStart
	for end := origin.step; end > 0 && !target.ok; {
		near := t.snapshots.nearest(end - 1)
		if err := t.snapshots.restore(near); err != nil {
			return t.stop, err
		}
		begin := near.step
		target = scan(end)
		if ctx.Err() != nil {
			if err := t.snapshots.restore(origin); err != nil {
				return t.stop, err
			}
			return t.ended(Interrupted)
		}
		if t.session.err != nil {
			return t.ended(Diverged)
		}
		end = begin
	}
	if target.ok {
		why = reason
	}
	got, err := t.travel(ctx, target.step)
	if err != nil {
		return t.stop, err
	}
	if got == Interrupted {
		if err := t.snapshots.restore(origin); err != nil {
			return t.stop, err
		}
	}
	if got != AtTarget {
		why = got
	}
	return t.ended(why)
}

// noHart is who does a step that belongs to no hart.
const noHart = -1

// actor tells which hart does the next step; noHart if it is input, the end of
// an idle wait, or a reset.
func (t *Timeline) actor() int {
	s := t.session
	if s.following {
		if next, err := s.inputs.next(s.log, s.cursor.Ordinal(), s.position()); err != nil || next != nil {
			return noHart
		}
	}
	return s.machine.Actor()
}

// StepHart goes forward until a hart has done one step.
func (t *Timeline) StepHart(ctx context.Context, hart int) (Stop, error) {
	for {
		pos, actor := t.Position(), t.actor()
		reason := t.forward(ctx, pos+1, nil, "stepping")
		if t.Position() == pos || reason == Interrupted || reason == Diverged {
			return t.ended(reason)
		}
		if t.session.stepped(actor, hart) {
			if reason == AtEnd {
				reason = AtTarget
			}
			return t.ended(reason)
		}
		if reason != AtTarget {
			return t.ended(reason)
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
	if err != nil || stop.Reason != AtTarget || t.actor() == hart {
		return stop, err
	}
	return t.searchBack(ctx, AtTarget, func(end vm.Step) found {
		var last found
		for t.Position() < end && ctx.Err() == nil && t.session.err == nil {
			if t.actor() == hart {
				last = found{t.Position(), true}
			}
			t.forward(ctx, t.Position()+1, nil, "searching")
		}
		return last
	})
}

// stepped reports whether a step that actor was to do was one of hart. At the
// live end input may have come instead.
func (s *Session) stepped(actor, hart int) bool { return actor == hart }
