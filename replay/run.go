package replay

import (
	"context"
	"slices"
	"time"

	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/state"
)

// outcome is how a slice ended.
type outcome uint8

const (
	goOn       outcome = iota // nothing special
	broke                     // about to execute at a breakpoint
	watched                   // about to access something watched
	acted                     // the hart that is stepped has done a step
	exhausted                 // there is no more: end of the recording, or the live end
	guestEnded                // the guest has ended its machine
	met                       // what Options.Until waits for has happened
	limited                   // the recording has reached a limit
	failed                    // Session.err says why
)

// A slice is the time in which the machine cannot be spoken to.
const (
	sliceTime = time.Millisecond
	minSlice  = 20_000    // steps
	maxSlice  = 2_000_000 // steps
	busySlice = 20_000    // steps, while input waits for the guest to take it
)

// run goes forward to a step, or until something else ends it. between is
// called after each slice. over lets it pass a breakpoint where it starts.
func (s *Session) run(ctx context.Context, until vm.Step, over bool, between func()) outcome {
	stopWaking := context.AfterFunc(ctx, s.wake)
	defer stopWaking()
	if !s.following {
		defer s.goLive()()
	}
	for s.err == nil {
		if s.position() >= until {
			return goOn
		}
		if ctx.Err() != nil {
			return goOn
		}
		before := s.position()
		var out outcome
		if s.following {
			out = s.follow(until, over)
			s.compareDigest() // a delivery may have led to it
		} else {
			out = s.advance(until, over)
		}
		if s.err != nil {
			break
		}
		if s.position() != before {
			over = false
		}
		if s.met && out == goOn {
			s.met, out = false, met
		}
		if between != nil {
			between()
		}
		for !s.drain() && ctx.Err() == nil {
			<-s.woken
		}
		if out != goOn {
			return out
		}
	}
	return failed
}

// execute runs the machine for a slice, and learns from it how many steps a
// slice has.
func (s *Session) execute(limit vm.Step, over bool) vm.Stop {
	begin, from := time.Now(), s.position()
	limit = min(limit, from+s.slice)
	stop := s.options.Engine.Run(s.machine, limit, over)
	took := time.Since(begin)
	s.ran += took
	if stop == vm.StopTarget && limit == from+s.slice {
		switch {
		case took > sliceTime && s.slice > minSlice:
			s.slice -= s.slice / 4
		case took < sliceTime/2 && s.slice < maxSlice:
			s.slice += s.slice / 4
		}
	}
	return stop
}

// follow does a slice of what the log says.
func (s *Session) follow(until vm.Step, over bool) outcome {
	pos := s.position()
	until = min(until, s.last())
	if pos >= until {
		return exhausted
	}
	next, err := s.inputs.next(s.log, s.cursor.Ordinal(), min(until, pos+s.slice))
	if err != nil {
		s.fail(err)
		return failed
	}
	if next != nil && next.event.Step <= pos {
		return s.apply(next, until)
	}
	if next != nil {
		until = min(until, next.event.Step)
	}
	if check := s.nextDigest(); check != nil {
		until = min(until, check.Step)
	}
	stop := s.execute(until, over)
	s.missed(s.position())
	s.compareDigest()
	switch stop {
	case vm.StopIdle:
		return s.followIdle()
	case vm.StopBreakpoint:
		return broke
	case vm.StopWatchpoint:
		return watched
	case vm.StopActed:
		return acted
	case vm.StopShutdown:
		return guestEnded
	case vm.StopTarget, vm.StopRequested, vm.StopBlocked: // the log never blocks
	}
	return goOn
}

// followIdle ends the wait of an idle machine when its deadline does. A wait
// that input ended is in the log, and comes first.
func (s *Session) followIdle() outcome {
	if next, err := s.inputs.next(s.log, s.cursor.Ordinal(), s.position()); err != nil || next != nil {
		if err != nil {
			s.fail(err)
		}
		return goOn
	}
	ns, never := s.machine.Wake()
	if never {
		e, _ := s.cursor.Peek()
		s.fail(&DivergenceError{Step: s.position(), Expected: e, LastGood: s.lastGood})
		return failed
	}
	if s.until != 0 && ns > s.until {
		return exhausted
	}
	s.machine.EndIdle(ns)
	return goOn
}

// apply does the step that an event from outside is.
func (s *Session) apply(in *input, until vm.Step) outcome {
	e := &in.event
	if in.ordinal != s.cursor.Ordinal() || e.Step != s.position() {
		s.missed(s.position())
		if s.err == nil {
			s.fail(&DivergenceError{Step: s.position(), Expected: e, LastGood: s.lastGood})
		}
		return failed
	}
	switch e.Kind {
	case recording.CheckpointClockVirtual, recording.AsyncCharRead, recording.AsyncCharReady, recording.AsyncInput, recording.AsyncNet:
		s.checkpoint(e.Checkpoint, until)
		return goOn
	case recording.Shutdown:
		if e.Shutdown == recording.ShutdownHostReset {
			s.playReset()
			return goOn
		}
		s.pending() // consumes and requests it
		return exhausted
	case recording.ClockVirtualRT:
		if s.until != 0 && e.Value > s.until {
			return exhausted
		}
		s.machine.EndIdle(e.Value)
	case recording.DebugWrite:
		if !s.applyDebugWrite(e) {
			s.fail(&DivergenceError{Step: s.position(), Expected: e, LastGood: s.lastGood})
			return failed
		}
	default: // end
		return exhausted
	}
	s.cursor.Next()
	return goOn
}

// applyDebugWrite does what a debugger did when this was recorded: with data it
// wrote memory at the physical address Value, without, register Cause.
func (s *Session) applyDebugWrite(e *recording.Event) bool {
	if len(e.Data) > 0 {
		return s.machine.WriteMemory(e.Value, e.Data)
	}
	return int(e.Hart) < s.machine.Harts() && s.machine.WriteRegister(int(e.Hart), vm.Register(e.Cause), e.Value)
}

// missed notices an event of the log that the machine has passed before a step.
func (s *Session) missed(before vm.Step) {
	if e, ok := s.cursor.Peek(); ok && e.Step < before && s.err == nil {
		expected := *e
		s.fail(&DivergenceError{Step: e.Step, Expected: &expected, LastGood: s.lastGood})
	}
}

// nextDigest is the digest that is compared next, if digests are. Those that a
// snapshot has led past are left out.
func (s *Session) nextDigest() *recording.DigestMark {
	for s.checked < len(s.digests) && s.digests[s.checked].Step < s.position() {
		s.checked++
	}
	if !s.options.Verify || s.checked >= len(s.digests) {
		return nil
	}
	return &s.digests[s.checked]
}

// compareDigest compares the digest of this step, if there is one.
func (s *Session) compareDigest() {
	for s.err == nil {
		mark := s.nextDigest()
		if mark == nil || mark.Step != s.position() {
			return
		}
		want, err := s.log.Digest(*mark)
		if err != nil {
			s.fail(err)
			return
		}
		got := s.machine.DigestOf(s.schema)
		if where := digestDifference(want, got, s.schema < state.Schema); where != "" {
			s.fail(&DivergenceError{Step: s.position(), Component: where, LastGood: s.lastGood})
			return
		}
		s.lastGood = s.position()
		s.checked++
		s.verified++
	}
}

// digestDifference names the first component that a recorded digest and that of
// the machine do not agree about; it is empty if there is none. Of an older
// recording only what it has is compared: it does not know components that came
// later.
func digestDifference(want []recording.ComponentDigest, got vm.Digest, older bool) string {
	for _, w := range want {
		for older && len(got) > 0 && got[0].Name != w.Name {
			got = got[1:]
		}
		if len(got) == 0 || got[0].Name != w.Name || got[0].Sum != w.Sum {
			return w.Name
		}
		got = got[1:]
	}
	if len(got) > 0 && !older {
		return got[0].Name
	}
	return ""
}

// advance does a slice at the live end.
func (s *Session) advance(until vm.Step, over bool) outcome {
	if s.limited() {
		return limited
	}
	if last := s.options.Limits.Steps; last != 0 {
		until = min(until, last)
	}
	if from := s.position(); !s.checkpoint(recording.AtClockVirtual, until) || s.position() != from {
		return goOn
	}
	limit := s.allowed(until)
	if s.inputWaits() {
		limit = min(limit, s.position()+busySlice)
	}
	stop := s.execute(min(limit, s.digested), over)
	if s.position() >= s.digested {
		s.digest()
		s.digested = s.position()&^(digestSpacing-1) + digestSpacing
	}
	if time.Since(s.flushed) > flushInterval {
		s.flush()
	}
	switch stop {
	case vm.StopIdle:
		s.idle()
	case vm.StopBreakpoint:
		return broke
	case vm.StopWatchpoint:
		return watched
	case vm.StopActed:
		return acted
	case vm.StopShutdown:
		return guestEnded
	case vm.StopBlocked:
		s.wait(min(flushInterval, s.timeLeft()))
		s.pace.resume(s.machine.VirtualTime())
	case vm.StopTarget, vm.StopRequested:
		s.pace.forgive(s.machine.VirtualTime())
		if ahead := s.pace.ahead(s.machine.VirtualTime()); ahead > 0 {
			s.wait(ahead)
		}
	}
	return goOn
}

// allowed is how far the machine may run before it has to wait for the host's
// clock: until, or where its virtual time would be a slice ahead.
func (s *Session) allowed(until vm.Step) vm.Step {
	if !s.pace.enabled {
		return until
	}
	room := max(0, sliceTime-s.pace.ahead(s.machine.VirtualTime()))
	return min(until, s.position()+max(1, vm.Step(room)>>s.machine.Config().Shift))
}

// idle waits with an idle machine, and ends the wait if its time has come or
// input has. It returns without a step if something else wants attention.
func (s *Session) idle() {
	ns, never := s.machine.Wake()
	if !never && (!s.options.Sleep || s.pace.ahead(ns) <= 0) {
		s.machine.EndIdle(ns)
		return
	}
	now := s.machine.VirtualTime()
	if !s.asyncWaits() {
		timeout := min(flushInterval, s.timeLeft())
		if !never {
			timeout = min(timeout, s.pace.ahead(ns))
		}
		s.wait(timeout)
		if s.asyncWaits() {
			now = s.pace.virtual(now)
		}
	}
	if s.asyncWaits() {
		if !never {
			now = min(now, ns)
		}
		s.record(recording.Event{Step: s.position(), Kind: recording.ClockVirtualRT, Value: now})
		s.machine.EndIdle(now)
	}
}

// inputWaits reports whether there is input, also if the machine cannot take it
// yet.
func (s *Session) inputWaits() bool {
	for _, c := range s.consoles {
		if c.queue.waiting() > 0 || c.queue.isBroken() {
			return true
		}
	}
	return slices.ContainsFunc(s.networks, (*network).waits)
}

// wait lets time pass until something happens.
func (s *Session) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.woken:
	}
}
