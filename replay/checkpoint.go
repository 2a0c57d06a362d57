package replay

import (
	"bytes"
	"slices"

	"reprise/replay/recording"
	"reprise/vm"
)

// checkpoint lets asynchronous events happen: those that wait, or, following,
// those that the log has for this checkpoint. It reports false while some are
// left: the session is to stop before them, or the log is not there yet.
func (s *Session) checkpoint(id recording.CheckpointID, until vm.Step) bool {
	if s.following {
		return s.playCheckpoint(id, until)
	}
	return s.recordCheckpoint(id, until)
}

// recordCheckpoint writes the checkpoint, if anything waits for it, and
// delivers that. Each delivery is a step.
func (s *Session) recordCheckpoint(id recording.CheckpointID, until vm.Step) bool {
	announced := false
	deliver := func(e recording.Event) {
		if !announced {
			s.record(recording.Event{Step: s.position(), Kind: id.Kind(), Checkpoint: id})
			announced = true
		}
		e.Step, e.Checkpoint = s.position(), id
		s.record(e)
		s.deliver(&e)
	}
	for _, c := range s.consoles {
		for _, kind := range []recording.Kind{recording.AsyncCharReady, recording.AsyncCharRead, recording.AsyncInput} {
			if !s.waits(c, kind) {
				continue
			}
			if s.position() >= until {
				return false
			}
			e := recording.Event{Kind: kind, Device: c.ID}
			switch kind {
			case recording.AsyncCharRead:
				e.Data = c.queue.take(s.machine.CanReceive(c.ID))
			case recording.AsyncInput:
				e.Data = lineBreak
				c.queue.takeBreak()
			default:
				c.queue.takeReady()
			}
			deliver(e)
		}
	}
	for _, n := range s.networks {
		for s.frameWaits(n) {
			if s.position() >= until {
				return false
			}
			deliver(recording.Event{Kind: recording.AsyncNet, Device: n.ID, Data: n.take()})
		}
	}
	return true
}

// waits reports whether a character device has an event of the kind that the
// machine can take now.
func (s *Session) waits(c *console, kind recording.Kind) bool {
	switch kind {
	case recording.AsyncCharReady:
		return c.queue.isReady()
	case recording.AsyncInput:
		return c.queue.isBroken() && s.machine.CanReceive(c.ID) > 0
	default:
		return c.queue.waiting() > 0 && s.machine.CanReceive(c.ID) > 0
	}
}

// lineBreak is the data of an input that is a break of a character device's
// line.
var lineBreak = []byte("break")

// asyncWaits reports whether a checkpoint would deliver anything.
func (s *Session) asyncWaits() bool {
	for _, c := range s.consoles {
		if s.waits(c, recording.AsyncCharReady) || s.waits(c, recording.AsyncCharRead) || s.waits(c, recording.AsyncInput) {
			return true
		}
	}
	return slices.ContainsFunc(s.networks, s.frameWaits)
}

// playCheckpoint consumes the checkpoint if it is next, and delivers the events
// that are tagged with it.
func (s *Session) playCheckpoint(id recording.CheckpointID, until vm.Step) bool {
	e, ok := s.cursor.Peek()
	if !ok || e.Step > s.position() {
		return false
	}
	if e.Kind == id.Kind() {
		s.cursor.Next()
	}
	for s.err == nil {
		e, ok := s.cursor.Peek()
		switch {
		case !ok || !e.Kind.IsAsync() || e.Checkpoint != id:
			return true
		case e.Step != s.position() || e.Step >= until:
			return false
		}
		event := *e
		s.cursor.Next() // what the delivery makes the machine do comes after it
		if !s.deliver(&event) {
			s.fail(&DivergenceError{Step: s.position(), Expected: &event, LastGood: s.lastGood})
		}
	}
	return false
}

// deliver hands an asynchronous event to the machine, as a step. It reports
// false, and does nothing, if the machine cannot take it.
func (s *Session) deliver(e *recording.Event) bool {
	switch e.Kind {
	case recording.AsyncCharReady:
		s.machine.CharReady(e.Device)
	case recording.AsyncCharRead:
		if len(e.Data) > s.machine.CanReceive(e.Device) {
			return false
		}
		s.machine.CharRead(e.Device, e.Data)
	case recording.AsyncInput:
		if !bytes.Equal(e.Data, lineBreak) || !s.machine.TakesBreaks(e.Device) || s.machine.CanReceive(e.Device) == 0 {
			return false
		}
		s.machine.CharBreak(e.Device)
	case recording.AsyncNet:
		if len(e.Data) > vm.FrameMax || !s.machine.CanReceiveFrame(e.Device) {
			return false
		}
		s.machine.ReceiveFrame(e.Device, e.Data)
	default:
		return false
	}
	return true
}
