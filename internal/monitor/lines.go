package monitor

import (
	"context"
	"errors"

	"reprise/internal/debuginfo"
	"reprise/replay"
	"reprise/vm/state"
)

// Steps by lines of source. A step goes on, with calls and traps as one, until
// the hart stands in another line, or has come back to the beginning of the same
// one; code whose line is not known is passed.

// line is a place in the source.
type line struct {
	file   string
	number int
}

// errNoLine is that steps by lines have nothing to go by.
var errNoLine = errors.New("no line of source is known here: s and n go by instructions")

// lineAt is where the hart stands whose turn it is.
func lineAt(t Timeline, lines *debuginfo.Lines) (at line, ok bool) {
	m := t.Machine()
	at.file, at.number, ok = lines.Find(m.Hart(m.Current()).PC())
	return at, ok
}

// NextLine goes on to the next line.
func NextLine(ctx context.Context, t Timeline, p Past, lines *debuginfo.Lines) (replay.Stop, error) {
	begin, ok := lineAt(t, lines)
	if !ok {
		return replay.Stop{}, errNoLine
	}
	for {
		stop, err := p.Over(ctx)
		if err != nil || stop.Reason != replay.AtTarget {
			return stop, err
		}
		if ctx.Err() != nil {
			stop.Reason = replay.Interrupted
			return stop, nil
		}
		if at, ok := lineAt(t, lines); ok && at != begin {
			return stop, nil
		}
	}
}

// PreviousLine goes back to the beginning of the line before.
func PreviousLine(ctx context.Context, t Timeline, p Past, lines *debuginfo.Lines) (replay.Stop, error) {
	begin, ok := lineAt(t, lines)
	if !ok {
		return replay.Stop{}, errNoLine
	}
	var before line // empty while still in the line of the beginning
	var first state.Step
	left := false
	for {
		stop, err := p.OverBack(ctx)
		if err != nil || stop.Reason != replay.AtTarget {
			return stop, err
		}
		if ctx.Err() != nil {
			stop.Reason = replay.Interrupted
			return stop, nil
		}
		at, ok := lineAt(t, lines)
		switch {
		case !left && ok && at != begin:
			before, first, left = at, stop.Step, true
		case left && ok && at == before:
			first = stop.Step
		case left:
			return p.Seek(ctx, first)
		}
	}
}

// byLine is the command that steps by lines.
func byLine(fn func(context.Context, Timeline, Past, *debuginfo.Lines) (replay.Stop, error)) func(context.Context, Env, []string) (string, error) {
	return func(ctx context.Context, env Env, _ []string) (string, error) {
		info := env.debug()
		if info == nil {
			return "", errNoLine
		}
		return env.move(ctx, func(ctx context.Context, t Timeline) (replay.Stop, error) {
			p, err := PastOf(t)
			if err != nil {
				return replay.Stop{}, err
			}
			return fn(ctx, t, p, info.Lines)
		})
	}
}
