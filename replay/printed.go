package replay

import (
	"context"

	"reprise/replay/recording"
	"reprise/vm"
)

// Print is a stretch of console output.
type Print struct {
	Device      uint8
	First, Last vm.Step // the steps that wrote its first and its last byte
	Offset      uint64  // of its first byte in the device's output
}

// Printed tells each of the places where a character device's output has a
// text, in their order and without those that overlap the one before, until each
// returns false. Only steps from begin to before end count. It reads the log and
// runs nothing.
func (t *Timeline) Printed(ctx context.Context, device uint8, text string, begin, end vm.Step, each func(Print) bool) error {
	if t.session.log == nil {
		return ErrNoHistory
	}
	if text == "" {
		return nil
	}
	m, offset := newMatcher([]byte(text)), uint64(0)
	return t.output(ctx, device, func(step vm.Step, p []byte) bool {
		switch {
		case step >= end:
			return false
		case step < begin:
			offset += uint64(len(p))
			return true
		}
		for _, b := range p {
			offset++
			if m.add(b, step) {
				found := Print{Device: device, First: m.steps[m.at], Last: step, Offset: offset - uint64(len(text))}
				if m.matched = 0; !each(found) {
					return false
				}
			}
		}
		return true
	})
}

// NextPrinted finds the first step, not before begin, with which a character
// device had printed a text: it wrote the last byte. LastPrinted finds the last
// one before end. Both read no more of the log than lies between, but for what
// the text itself takes.
func (t *Timeline) NextPrinted(ctx context.Context, device uint8, text string, begin vm.Step) (step vm.Step, found bool, err error) {
	log := t.session.log
	if log == nil || text == "" {
		return 0, false, t.historyError()
	}
	from, err := t.session.log.Find(begin)
	if err != nil {
		return 0, false, err
	}
	// What was written before may be the beginning of the text.
	before := make([]byte, 0, len(text)-1)
	err = log.EachBack(0, from, watchful(ctx, func(e *recording.Event) bool {
		p := outputOf(e, device)
		for i := len(p) - 1; i >= 0 && len(before) < len(text)-1; i-- {
			before = append(before, p[i])
		}
		return len(before) < len(text)-1
	}))
	m := newMatcher([]byte(text))
	for i := len(before) - 1; i >= 0; i-- {
		m.add(before[i], 0)
	}
	if err == nil && ctx.Err() == nil {
		err = log.Each(from, log.Len(), watchful(ctx, func(e *recording.Event) bool {
			for _, b := range outputOf(e, device) {
				if m.add(b, e.Step) {
					step, found = e.Step, true
					return false
				}
			}
			return true
		}))
	}
	return step, found, firstError(ctx, err)
}

// LastPrinted is described at [Timeline.NextPrinted].
func (t *Timeline) LastPrinted(ctx context.Context, device uint8, text string, end vm.Step) (step vm.Step, found bool, err error) {
	log := t.session.log
	if log == nil || text == "" {
		return 0, false, t.historyError()
	}
	to, err := log.Find(end)
	if err != nil {
		return 0, false, err
	}
	backwards := make([]byte, len(text))
	for i := range backwards {
		backwards[i] = text[len(text)-1-i]
	}
	m := newMatcher(backwards)
	err = log.EachBack(0, to, watchful(ctx, func(e *recording.Event) bool {
		p := outputOf(e, device)
		for i := len(p) - 1; i >= 0; i-- {
			if m.add(p[i], e.Step) {
				step, found = m.steps[m.at], true
				return false
			}
		}
		return true
	}))
	return step, found, firstError(ctx, err)
}

// PrintedAt finds the step that wrote the byte at an offset of a character
// device's output.
func (t *Timeline) PrintedAt(ctx context.Context, device uint8, offset uint64) (step vm.Step, found bool, err error) {
	if t.session.log == nil {
		return 0, false, ErrNoHistory
	}
	at := uint64(0)
	err = t.output(ctx, device, func(s vm.Step, p []byte) bool {
		if at += uint64(len(p)); at > offset {
			step, found = s, true
		}
		return !found
	})
	return step, found, err
}

// output tells each of what a character device has written, until it returns
// false.
func (t *Timeline) output(ctx context.Context, device uint8, each func(step vm.Step, p []byte) bool) error {
	log := t.session.log
	return firstError(ctx, log.Each(0, log.Len(), watchful(ctx, func(e *recording.Event) bool {
		p := outputOf(e, device)
		return len(p) == 0 || each(e.Step, p)
	})))
}

// historyError is the error of a session that has no log.
func (t *Timeline) historyError() error {
	if t.session.log == nil {
		return ErrNoHistory
	}
	return nil
}

// outputOf is what a character device has written with an event.
func outputOf(e *recording.Event, device uint8) []byte {
	if e.Kind != recording.CharWrite || e.Device != device || e.Result <= 0 {
		return nil
	}
	return e.Data[:min(int(e.Result), len(e.Data))]
}

// watchful makes going through events end with a context.
func watchful(ctx context.Context, fn func(*recording.Event) bool) func(*recording.Event) bool {
	n := 0
	return func(e *recording.Event) bool {
		if n++; n%4096 == 0 && ctx.Err() != nil {
			return false
		}
		return fn(e)
	}
}

// firstError is that of the context, if it has ended.
func firstError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// matcher finds a text in bytes that come one by one (Knuth, Morris, Pratt), and
// knows the steps of as many bytes as the text has.
type matcher struct {
	text    []byte
	back    []int // what of the text still matches when the byte after so many does not
	matched int
	steps   []vm.Step // a ring
	at      int       // in it: the oldest, which is replaced next
}

func newMatcher(text []byte) *matcher {
	m := &matcher{text: text, back: make([]int, len(text)+1), steps: make([]vm.Step, len(text))}
	m.back[0] = -1
	for i, k := 0, -1; i < len(text); {
		for k >= 0 && text[i] != text[k] {
			k = m.back[k]
		}
		i, k = i+1, k+1
		m.back[i] = k
	}
	return m
}

// add takes a byte, and reports whether the text ends with it.
func (m *matcher) add(b byte, step vm.Step) bool {
	m.steps[m.at] = step
	if m.at++; m.at == len(m.steps) {
		m.at = 0
	}
	if m.matched == len(m.text) {
		m.matched = m.back[m.matched]
	}
	for m.matched >= 0 && m.text[m.matched] != b {
		m.matched = m.back[m.matched]
	}
	m.matched++
	return m.matched == len(m.text)
}
