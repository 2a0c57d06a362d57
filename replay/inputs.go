package replay

import (
	"sort"

	"reprise/replay/recording"
	"reprise/vm"
)

// inputs finds, ahead of the position, the events that the session itself acts
// upon: everything between them the machine does by itself and the door
// compares. What was found is kept, so that going back costs no search.
type inputs struct {
	ahead *recording.Cursor // everything before it has been looked at
	found []input
	seen  vm.Step // events of steps before this one have been looked at
}

type input struct {
	ordinal uint64
	event   recording.Event
}

// acts reports whether an event comes from outside of the machine.
func acts(e *recording.Event) bool {
	switch e.Kind {
	case recording.CheckpointClockVirtual, recording.AsyncCharRead, recording.AsyncCharReady, recording.AsyncNet,
		recording.ClockVirtualRT, recording.DebugWrite, recording.End:
		return true
	case recording.Shutdown:
		return e.Shutdown == recording.ShutdownHostReset || endsSession(e)
	default:
		return false
	}
}

// next returns the first such event at or after an ordinal, if its step is not
// after the given one.
func (in *inputs) next(log *recording.Log, ordinal uint64, until vm.Step) (*input, error) {
	if in.ahead == nil {
		in.ahead = log.Cursor()
	}
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
	i := sort.Search(len(in.found), func(i int) bool { return in.found[i].ordinal >= ordinal })
	if i == len(in.found) || in.found[i].event.Step > until {
		return nil, nil
	}
	return &in.found[i], nil
}
