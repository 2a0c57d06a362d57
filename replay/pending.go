package replay

import (
	"reprise/replay/recording"
	"reprise/vm"
)

// pending is the event that a replay waits for. While steps remain before it,
// it is Instruction and nothing else, with the number of steps that remain as
// its value. A shutdown that is met on the way is consumed, and requested. It
// reports false at the end of what there is.
func (s *Session) pending() (recording.Event, bool) {
	for {
		e, ok := s.cursor.Peek()
		switch {
		case !ok:
			return recording.Event{}, false
		case e.Step > s.position():
			return recording.Event{Step: s.position(), Kind: recording.Instruction, Value: uint64(e.Step - s.position())}, true
		case !endsSession(e):
			return *e, true
		}
		s.requested = e.Shutdown
		s.cursor.Next()
	}
}

// endsSession reports whether an event is the host's request to end a session.
func endsSession(e *recording.Event) bool {
	if e.Kind != recording.Shutdown {
		return false
	}
	switch e.Shutdown {
	case recording.ShutdownHostSignal, recording.ShutdownHostQuit, recording.ShutdownHostUI, recording.ShutdownHostError, recording.ShutdownHostLimit:
		return true
	default:
		return false
	}
}

// Pending is the event that the session waits for: Instruction, with the number
// of steps that remain before the next event as its Value, or that event. It
// reports false at the end of the recording, and at a live end.
func (t *Timeline) Pending() (recording.Event, bool) {
	if !t.session.following {
		return recording.Event{}, false
	}
	return t.session.pending()
}

// Requested is the shutdown that the recording has asked for, once it is met.
func (t *Timeline) Requested() recording.ShutdownCause { return t.session.requested }

// Reset resets the machine as a monitor's system_reset does. It is possible at
// the live end only, takes a step, and is recorded.
func (t *Timeline) Reset() error {
	s := t.session
	switch {
	case !t.AtLiveEnd():
		return ErrNotLive
	case s.machine.Shutdown().Cause != vm.StillRunning:
		return ErrPoweredOff
	case s.machine.Config().NoReboot:
		return ErrNoReboot
	}
	step := s.position()
	s.record(recording.Event{Step: step, Kind: recording.Shutdown, Shutdown: recording.ShutdownHostReset})
	s.record(recording.Event{Step: step, Kind: recording.CheckpointResetRequested, Checkpoint: recording.AtResetRequested})
	s.machine.Reset()
	t.generation++
	return s.err
}

// playReset does what Reset did when this was recorded.
func (s *Session) playReset() {
	step := s.position()
	s.cursor.Next() // the shutdown
	s.expect(recording.Event{Step: step, Kind: recording.CheckpointResetRequested, Checkpoint: recording.AtResetRequested})
	if s.err == nil {
		s.machine.Reset()
	}
}
