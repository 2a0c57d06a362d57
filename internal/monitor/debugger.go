package monitor

import (
	"context"

	"reprise/replay"
)

// Of is a debugger as a session.
func Of(d *replay.Debugger) Session { return debugger{d} }

// debugger narrows the methods that hand out a timeline to what commands need;
// the others are the debugger's own.
type debugger struct{ *replay.Debugger }

func (d debugger) Inspect(fn func(Timeline)) bool {
	return d.Debugger.Inspect(func(t *replay.Timeline) { fn(timeline{t}) })
}

func (d debugger) Move(ctx context.Context, holder string, fn Movement) (<-chan replay.Result, error) {
	return d.Debugger.Move(ctx, holder, func(ctx context.Context, t *replay.Timeline) (replay.Stop, error) {
		return fn(ctx, timeline{t})
	})
}

type timeline struct{ *replay.Timeline }

func (t timeline) Machine() Machine { return t.Timeline.Machine() }
