package replay

import (
	"slices"

	"reprise/replay/recording"
	"reprise/vm"
)

// inputs finds, ahead of the position, the events that the session itself acts
// upon: everything between them the machine does by itself and the door
// compares. It keeps those that it has found ahead, and nothing of the past.
type inputs struct {
	ahead *recording.Cursor // everything from the position to here has been looked at
	found []input           // in it, by ordinal
	begin uint64            // ordinal of the position
	seen  vm.Step           // events of steps before this one have been looked at
}

type input struct {
	ordinal uint64
	event   recording.Event
}

// acts reports whether an event comes from outside of the machine.
func acts(e *recording.Event) bool {
	switch e.Kind {
	case recording.CheckpointClockVirtual, recording.AsyncCharRead, recording.AsyncCharReady, recording.AsyncInput, recording.AsyncNet,
		recording.ClockVirtualRT, recording.DebugWrite, recording.End:
		return true
	case recording.Shutdown:
		return e.Shutdown == recording.ShutdownHostReset || endsSession(e)
	default:
		return false
	}
}

// next returns the first such event at or after an ordinal, which is that of the
// position, if its step is not after the given one.
func (in *inputs) next(log *recording.Log, ordinal uint64, until vm.Step) (*input, error) {
	in.moveTo(log, ordinal)
	for in.seen <= until {
		e, ok := in.ahead.Peek()
		if !ok {
			if err := in.ahead.Err(); err != nil {
				return nil, err
			}
			break // more may come, if this is a live session
		}
		in.seen = e.Step
		if e.Step > until {
			break
		}
		if acts(e) {
			in.found = append(in.found, input{in.ahead.Ordinal(), *e})
		}
		in.ahead.Next()
	}
	if len(in.found) == 0 || in.found[0].event.Step > until {
		return nil, nil
	}
	return &in.found[0], nil
}

// moveTo forgets what is before an ordinal. Behind what is known, and beyond it,
// looking begins anew.
func (in *inputs) moveTo(log *recording.Log, ordinal uint64) {
	if in.ahead == nil {
		in.ahead = log.Cursor()
	}
	if ordinal < in.begin || ordinal > in.ahead.Ordinal() {
		in.ahead.SeekOrdinal(ordinal)
		in.found, in.seen = nil, 0
	}
	in.begin = ordinal
	passed := 0
	for passed < len(in.found) && in.found[passed].ordinal < ordinal {
		passed++
	}
	in.found = slices.Delete(in.found, 0, passed)
}
