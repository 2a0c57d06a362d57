package replay

import (
	"math"
	"time"

	"reprise/replay/recording"
	"reprise/vm"
)

// Limits end a recording by themselves: it is closed at the live end, with the
// cause [recording.ShutdownHostLimit]. What is zero is no limit.
type Limits struct {
	// Steps is the step before which the recording ends.
	Steps vm.Step
	// Time is host time in which the live machine goes on. Pauses and travel in
	// its past do not count.
	Time time.Duration
	// Size is that of the file, in bytes. It is looked at after each slice, and
	// closing the recording adds its index. Snapshots are saved as far as there
	// is room.
	Size int64
}

// limited reports whether the live session has reached one of its limits.
func (s *Session) limited() bool {
	l := &s.options.Limits
	return s.writer != nil && (l.Steps != 0 && s.position() >= l.Steps ||
		s.timeLeft() <= 0 || l.Size != 0 && s.writer.Size() >= l.Size)
}

// timeLeft is the host time that a live session still has.
func (s *Session) timeLeft() time.Duration {
	if s.options.Limits.Time == 0 || s.writer == nil {
		return math.MaxInt64
	}
	return s.options.Limits.Time - s.lived - time.Since(s.resumed)
}

// goLive begins a run at the live end; the time until what it returns is called
// counts.
func (s *Session) goLive() (leave func()) {
	s.pace.enabled = s.options.Sleep
	s.pace.resume(s.machine.VirtualTime())
	s.resumed = time.Now()
	return func() { s.lived += time.Since(s.resumed) }
}

// awaited asks Options.Until about an event that was recorded. If it is the one
// that is waited for, the machine stops after the step that it is in.
func (s *Session) awaited(e recording.Event) {
	if s.options.Until != nil && s.options.Until(e) {
		s.met = true
		s.machine.RequestStop()
	}
}
