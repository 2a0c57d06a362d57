package replay

import "reprise/internal/guard"

// guard runs fn on the owner's goroutine. A panic, a *[guard.PanicError], becomes
// the session's error: the session moves no more, and its recording is closed at
// the last event before.
func (d *Debugger) guard(fn func()) {
	err := guard.Run(func() error {
		fn()
		return nil
	})
	if err != nil {
		d.timeline.session.abandon(err)
		d.publish()
	}
}

// abandon ends a session whose machine stands in the middle of a step.
func (s *Session) abandon(err error) {
	s.err, s.abandoned = err, true
}

// finishAbandoned closes the recording at the last event: what the machine did
// before it can be replayed, its state now cannot be trusted.
func (s *Session) finishAbandoned() error {
	step, virtual := s.position(), s.machine.VirtualTime()
	if last := s.log.Last(); last > step {
		virtual += uint64(last-step) << s.machine.Config().Shift
		step = last
	}
	s.ended = true
	return s.writer.Finish(step, virtual)
}
