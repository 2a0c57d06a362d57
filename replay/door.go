package replay

import (
	"context"
	"fmt"
	"time"

	"reprise/replay/recording"
	"reprise/vm"
)

// door is the session as the machine's host: live it asks the real one and logs
// the answers, following it takes them from the log.
type door Session

func (d *door) session() *Session { return (*Session)(d) }

// CharWrite implements [vm.Host].
func (d *door) CharWrite(step vm.Step, device uint8, p []byte) int {
	s := d.session()
	met := recording.Event{Step: step, Kind: recording.CharWrite, Device: device, Data: p}
	if s.following {
		e := s.expect(met)
		if e == nil {
			return len(p)
		}
		s.emit(step, device, p[:e.Result])
		return int(e.Result)
	}
	n := len(p)
	if c := s.console(device); c != nil && c.Backend != nil {
		n = c.Backend.Write(p)
		defer func() { c.sent = s.recorded() }() // with this event
	}
	met.Result = int32(n)
	s.record(met)
	s.observe(step, device, p[:n])
	return n
}

// CharWriteAll implements [vm.Host].
func (d *door) CharWriteAll(step vm.Step, device uint8, p []byte) {
	s := d.session()
	met := recording.Event{Step: step, Kind: recording.CharWrite, Device: device, Data: p, Result: int32(len(p))}
	if s.following && s.expect(met) == nil {
		return
	}
	if !s.following {
		s.record(met)
	}
	s.emit(step, device, p)
}

// CharReadAll implements [vm.Host].
func (d *door) CharReadAll(step vm.Step, device uint8, p []byte) (n int, ok bool) {
	s := d.session()
	met := recording.Event{Step: step, Kind: recording.CharReadAll, Device: device, Result: int32(len(p))}
	if s.following {
		if e := s.expect(met); e != nil {
			n = copy(p, e.Data)
		}
		return n, true
	}
	if c := s.console(device); c != nil && c.Backend != nil {
		if met.Data, ok = c.queue.takeOrEnd(len(p)); !ok {
			return 0, false
		}
	}
	met.Result = 0
	s.record(met)
	return copy(p, met.Data), true
}

// HostClock implements [vm.Host].
func (d *door) HostClock(step vm.Step) uint64 {
	s := d.session()
	met := recording.Event{Step: step, Kind: recording.ClockHost}
	if s.following {
		if e := s.expect(met); e != nil {
			return e.Value
		}
		return 0
	}
	met.Value = uint64(time.Now().UnixNano())
	s.record(met)
	return met.Value
}

// Random implements [vm.Host].
func (d *door) Random(step vm.Step, p []byte) {
	s := d.session()
	met := recording.Event{Step: step, Kind: recording.Random, Result: int32(len(p))}
	if s.following {
		if e := s.expect(met); e != nil {
			copy(p, e.Data)
		}
		return
	}
	_, _ = s.entropy.Read(p) // it does not fail
	met.Data = append([]byte(nil), p...)
	s.record(met)
}

// DiskFailed implements [vm.Host].
func (d *door) DiskFailed(step vm.Step, err error) {
	d.session().fail(fmt.Errorf("step %v: %w", step, err))
}

// Interrupted implements [vm.Host].
func (d *door) Interrupted(step vm.Step, hart int, cause uint64) {
	d.session().trap(recording.Event{Step: step, Kind: recording.Interrupt, Hart: uint8(hart), Cause: cause})
}

// trap notices a trap that a hart has just taken.
func (s *Session) trap(met recording.Event) {
	s.traps++
	if s.trapped != nil {
		s.trapped(met)
	}
	s.crossCheck(met)
}

// Excepted implements [vm.Host].
func (d *door) Excepted(step vm.Step, hart int, cause uint64) {
	d.session().trap(recording.Event{Step: step, Kind: recording.Exception, Hart: uint8(hart), Cause: cause})
}

// ResetDone implements [vm.Host].
func (d *door) ResetDone(step vm.Step) {
	d.session().crossCheck(recording.Event{Step: step, Kind: recording.CheckpointReset, Checkpoint: recording.AtReset})
}

// ShutDown implements [vm.Host].
func (d *door) ShutDown(step vm.Step, sh vm.Shutdown) {
	e := recording.Event{Step: step, Kind: recording.Shutdown, Value: uint64(sh.Code)}
	switch sh.Cause {
	case vm.GuestShutdown:
		e.Shutdown = recording.ShutdownGuestShutdown
	case vm.GuestFailure:
		e.Shutdown = recording.ShutdownGuestPanic
	case vm.GuestReset:
		e.Shutdown = recording.ShutdownGuestReset
	case vm.StillRunning:
	}
	d.session().crossCheck(e)
}

// crossCheck records what the machine announces, or compares it.
func (s *Session) crossCheck(e recording.Event) {
	if s.following {
		s.expect(e)
		return
	}
	s.record(e)
}

// expect takes the next event from the log, which has to be what the machine
// did. It returns nil after a divergence.
func (s *Session) expect(met recording.Event) *recording.Event {
	if s.err != nil {
		return nil
	}
	e, ok := s.cursor.Peek()
	if !ok {
		if err := s.cursor.Err(); err != nil {
			s.fail(err)
			return nil
		}
		met := met // so that only what differs is on the heap
		s.fail(&DivergenceError{Step: met.Step, Met: &met, LastGood: s.lastGood})
		return nil
	}
	if e.Step < met.Step {
		s.missed(met.Step)
		return nil
	}
	if !agrees(e, &met) {
		expected, met := *e, met
		s.fail(&DivergenceError{Step: met.Step, Expected: &expected, Met: &met, LastGood: s.lastGood})
		return nil
	}
	s.cursor.Next()
	return e
}

// agrees compares what the log has with what the machine did, as far as the
// machine decides it.
func agrees(e, met *recording.Event) bool {
	if e.Step != met.Step || e.Kind != met.Kind || e.Device != met.Device || e.Hart != met.Hart || e.Cause != met.Cause {
		return false
	}
	switch met.Kind {
	case recording.CharWrite:
		return string(e.Data) == string(met.Data) && e.Result >= 0 && int(e.Result) <= len(met.Data)
	case recording.CharReadAll:
		return len(e.Data) <= int(met.Result)
	case recording.Random:
		return len(e.Data) == int(met.Result)
	case recording.Shutdown:
		return e.Shutdown == met.Shutdown && e.Value == met.Value
	default:
		return true
	}
}

// observe shows output to those who watch it.
func (s *Session) observe(step vm.Step, device uint8, p []byte) {
	if len(p) == 0 {
		return
	}
	for _, o := range s.observers {
		o.Output(device, step, p)
	}
}

// emit is output that is replayed, whose event has just been passed: the backend
// gets it once, however often the session goes there.
func (s *Session) emit(step vm.Step, device uint8, p []byte) {
	s.observe(step, device, p)
	c := s.console(device)
	if c == nil || c.Backend == nil || s.ordinal() <= c.sent {
		return
	}
	c.sent = s.ordinal()
	c.waiting = append(c.waiting, p...)
}

// handOver waits until the backends have taken the output that they were to get.
func (s *Session) handOver(ctx context.Context) {
	stopWaking := context.AfterFunc(ctx, s.wake)
	defer stopWaking()
	for !s.drain() && ctx.Err() == nil {
		<-s.woken
	}
}

// drain hands replayed output to the backends, and reports whether they took
// it all. What they refuse waits outside the machine.
func (s *Session) drain() bool {
	done := true
	for _, c := range s.consoles {
		if len(c.waiting) > 0 {
			n := c.Backend.Write(c.waiting)
			c.waiting = append(c.waiting[:0], c.waiting[n:]...)
			done = done && len(c.waiting) == 0
		}
	}
	return done
}
