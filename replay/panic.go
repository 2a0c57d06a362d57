package replay

import (
	"fmt"
	"runtime/debug"
)

// PanicError is a bug of ours that was met while a session moved. The session
// moves no more, and its recording is closed at the last event before.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // of the goroutine, as [debug.Stack] prints it
}

// Error is one line.
func (e *PanicError) Error() string { return fmt.Sprintf("a bug of reprise: %v", e.Value) }

// guard runs fn on the owner's goroutine. A panic becomes the session's error,
// so that the recording can be closed and the terminal restored.
func (d *Debugger) guard(fn func()) {
	defer func() {
		if value := recover(); value != nil {
			err := &PanicError{Value: value, Stack: debug.Stack()}
			d.timeline.session.abandon(err)
		}
	}()
	fn()
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
