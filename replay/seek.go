package replay

import (
	"cmp"
	"context"
	"fmt"

	"reprise/replay/recording"
	"reprise/vm"
)

// NextEvent goes to the first step after this one that has an event.
func (t *Timeline) NextEvent(ctx context.Context) (Stop, error) { return t.NextEventOf(ctx, anyEvent) }

// PreviousEvent goes to the last step before this one that has an event.
func (t *Timeline) PreviousEvent(ctx context.Context) (Stop, error) {
	return t.PreviousEventOf(ctx, anyEvent)
}

func anyEvent(*recording.Event) bool { return true }

// NextEventOf goes to the first step after this one that has an event that
// matches, or to the end.
func (t *Timeline) NextEventOf(ctx context.Context, match func(*recording.Event) bool) (Stop, error) {
	if t.session.log == nil {
		return t.stop, ErrNoHistory
	}
	c := t.session.log.Cursor()
	c.SeekStep(t.Position() + 1)
	for n := 1; ; n++ {
		e, ok := c.Next()
		switch {
		case !ok && c.Err() != nil:
			return t.stop, c.Err()
		case !ok:
			return t.GoLive(ctx)
		case match(&e):
			return t.Seek(ctx, min(e.Step, t.Last()))
		case n%4096 == 0 && ctx.Err() != nil:
			return t.ended(Interrupted)
		}
	}
}

// PreviousEventOf goes to the last step before this one that has an event that
// matches, or to the start.
func (t *Timeline) PreviousEventOf(ctx context.Context, match func(*recording.Event) bool) (Stop, error) {
	if t.session.log == nil {
		return t.stop, ErrNoHistory
	}
	c := t.session.log.Cursor()
	c.SeekStep(t.Position())
	for n := c.Ordinal(); n > 0; n-- {
		c.SeekOrdinal(n - 1)
		e, ok := c.Peek()
		switch {
		case !ok:
			return t.stop, cmp.Or(c.Err(), fmt.Errorf("BUG: event %d is gone", n-1))
		case match(e):
			return t.Seek(ctx, e.Step)
		case n%4096 == 0 && ctx.Err() != nil:
			return t.ended(Interrupted)
		}
	}
	return t.toStart(ctx)
}

// SeekEvent goes to the step of an event, by its number from 0.
func (t *Timeline) SeekEvent(ctx context.Context, ordinal uint64) (Stop, error) {
	if t.session.log == nil {
		return t.stop, ErrNoHistory
	}
	c := t.session.log.Cursor()
	c.SeekOrdinal(ordinal)
	e, ok := c.Peek()
	switch {
	case !ok && c.Err() != nil:
		return t.stop, c.Err()
	case !ok:
		return t.stop, fmt.Errorf("there is no event %d: there are %d", ordinal, t.session.log.Len())
	}
	return t.Seek(ctx, min(e.Step, t.Last()))
}

// SeekPassed goes to the n-th step from power-on, counted from 1, at which a
// hart is about to execute at a virtual address.
func (t *Timeline) SeekPassed(ctx context.Context, addr, n uint64) (Stop, error) {
	if n == 0 {
		return t.stop, fmt.Errorf("passes are counted from 1")
	}
	step, count, err := t.NthPassed(ctx, addr, n)
	switch {
	case ctx.Err() != nil:
		return t.ended(Interrupted)
	case err != nil:
		return t.failed(err)
	case count < n:
		return t.stop, fmt.Errorf("0x%x was passed %d times, not %d", addr, count, n)
	}
	return t.Seek(ctx, step)
}

// SeekTime goes to the last step whose virtual time is not after the given one,
// in ns.
func (t *Timeline) SeekTime(ctx context.Context, virtual uint64) (Stop, error) {
	if t.session.mode == ModeNone {
		return t.stop, ErrNoHistory
	}
	workers, err := t.crew(1)
	if err != nil {
		return t.stop, err
	}
	near := t.snapshots.list[0]
	for _, shot := range t.snapshots.list {
		// Those of the recording that are not read do not tell their time.
		if shot.machine != nil && shot.virtual <= virtual {
			near = shot
		}
	}
	step, err := workers[0].stepAt(ctx, near, virtual, t.Last())
	switch {
	case ctx.Err() != nil:
		return t.ended(Interrupted)
	case err != nil:
		return t.failed(err)
	}
	return t.Seek(ctx, step)
}

// stepAt runs from a snapshot to the last step whose virtual time is not after
// the given one.
func (w *worker) stepAt(ctx context.Context, from *snapshot, virtual uint64, last vm.Step) (vm.Step, error) {
	if err := w.enter(ctx, segment{from, from.step, from.step}); err != nil {
		return 0, err
	}
	s, m := w.session, w.session.machine
	s.until = max(virtual, 1)
	defer func() { s.until = 0 }()
	for ctx.Err() == nil && s.err == nil {
		left := vm.Step(0)
		if now := m.VirtualTime(); now < virtual {
			left = vm.Step((virtual - now) >> m.Config().Shift)
		}
		if left == 0 || m.Position() == last || w.run(ctx, min(m.Position()+left, last), true) == exhausted {
			return m.Position(), nil // the next step is after that time
		}
	}
	return 0, cmp.Or(ctx.Err(), s.err)
}
