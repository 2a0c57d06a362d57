package replay

import (
	"context"

	"reprise/replay/recording"
	"reprise/vm"
)

// Doing is what a step is.
type Doing uint8

const (
	// Nothing says that there is no next step.
	Nothing Doing = iota
	// Executes is a hart's instruction, or the trap that it takes instead.
	Executes
	// WaitEnds is the end of an idle wait, by time or input.
	WaitEnds
	// Input is a delivery of what came from outside, or a debugger's write.
	Input
	// Resets is a reset of the machine.
	Resets
)

// Next is what the next step of a recording does.
type Next struct {
	Doing Doing
	Hart  int             // of Executes
	Event recording.Event // of Input
}

// Next tells what the next step does. It changes nothing. At the end of what is
// recorded it is Nothing.
func (t *Timeline) Next() (Next, error) {
	s := t.session
	if s.following {
		if s.position() >= s.last() {
			return Next{}, nil
		}
		in, err := s.inputs.next(s.log, s.cursor.Ordinal(), s.position())
		if in != nil && in.event.Kind.IsCheckpoint() {
			in, err = s.inputs.next(s.log, in.ordinal+1, s.position()) // what it delivers
		}
		if in != nil || err != nil {
			return nextOf(in), err
		}
	}
	switch hart := s.machine.Actor(); {
	case s.machine.Shutdown().Cause != vm.StillRunning:
		return Next{}, nil
	case hart != noHart:
		return Next{Doing: Executes, Hart: hart}, nil
	case s.machine.Resetting():
		return Next{Doing: Resets}, nil
	}
	return Next{Doing: WaitEnds}, nil
}

// nextOf is what an event from outside does, if there is one.
func nextOf(in *input) Next {
	switch {
	case in == nil:
		return Next{}
	case in.event.Kind == recording.ClockVirtualRT:
		return Next{Doing: WaitEnds}
	case in.event.Kind == recording.Shutdown && in.event.Shutdown == recording.ShutdownHostReset:
		return Next{Doing: Resets}
	case in.event.Kind == recording.Shutdown || in.event.Kind == recording.End:
		return Next{}
	}
	return Next{Doing: Input, Event: in.event}
}

// Walk does the steps up to one of them in a replay, one by one, and calls
// before and after with each. Both only look; an error of theirs ends it.
func (t *Timeline) Walk(ctx context.Context, until vm.Step, before, after func(Next) error) (Stop, error) {
	s := t.session
	if !s.following {
		return t.ended(AtEnd)
	}
	s.arm(points{})
	for n := 1; s.err == nil && s.position() < min(until, s.last()); n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return t.ended(Interrupted)
		}
		next, err := t.Next()
		if err == nil {
			err = before(next)
		}
		if err != nil {
			return t.failed(err)
		}
		for from := s.position(); s.err == nil && s.position() == from; {
			if out := s.follow(from+1, true); out != goOn && s.position() == from {
				return t.ended(t.atEnd())
			}
		}
		s.drain()
		if s.err != nil {
			break
		}
		if err := after(next); err != nil {
			return t.failed(err)
		}
	}
	switch {
	case s.err != nil:
		return t.ended(Diverged)
	case s.position() == s.last():
		return t.ended(t.atEnd())
	}
	return t.ended(AtTarget)
}
