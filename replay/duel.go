package replay

import (
	"context"
	"errors"

	"reprise/vm"
)

// Difference is the first step that two engines do differently.
type Difference struct {
	// Step begins with the same state on both, and does not end so.
	Step vm.Step
	// Changes are what differs after the step, with the first engine's as the
	// old state; nothing if all that differs is what the machines announce.
	Changes
	// Errs say how each differs from the recording there; nil if it does not.
	Errs [2]error
}

// maxDifferences bounds the runs of bytes that a Difference has.
const maxDifferences = 64

// CompareEngines lets two engines replay the steps from begin to before end, and
// returns the first that they do differently, or nil if they agree. What differs
// from the recording ends neither before the end of its step, so that the step
// of a [DivergenceError] can be the last one. The timeline stays where it is.
//
// State(begin) is reached with the timeline's own engine. A difference that
// leaves no trace within a million steps is not seen.
func (t *Timeline) CompareEngines(ctx context.Context, begin, end vm.Step, engines [2]Engine) (*Difference, error) {
	if t.session.mode == ModeNone {
		return nil, ErrNoHistory
	}
	d := &duel{timeline: t}
	defer d.free()
	if err := d.begin(ctx, begin, engines); err != nil {
		return nil, err
	}
	for d.same.step < end {
		next := min(end, d.same.step+duelStride)
		agree, err := d.run(ctx, next)
		switch {
		case err != nil:
			return nil, err
		case !agree:
			return d.narrow(ctx, next)
		case d.workers[0].session.position() < next: // both have ended there
			return nil, nil
		}
		if err := d.keep(); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// duelStride is the number of steps after which the states are compared first.
const duelStride = 1 << 20

// duel is two machines that follow one log with different engines.
type duel struct {
	timeline *Timeline
	workers  [2]*worker
	same     *snapshot // the last state that is the same on both
}

// begin makes the machines and brings them to a step.
func (d *duel) begin(ctx context.Context, step vm.Step, engines [2]Engine) error {
	t := d.timeline
	for i := range d.workers {
		w, err := newWorker(t.session, t.snapshots)
		if err != nil {
			return err
		}
		d.workers[i] = w
		w.session.live = t.session.last()
	}
	if err := d.workers[0].enter(ctx, segment{t.snapshots.nearest(step), step, step}); err != nil {
		return err
	}
	for i, w := range d.workers {
		w.session.options.Engine = engines[i]
	}
	return d.keep()
}

// keep remembers the state of both.
func (d *duel) keep() error {
	w := d.workers[0]
	shot, err := w.session.capture(w.tracker)
	if err != nil {
		return err
	}
	d.drop()
	d.same = shot
	return d.back()
}

// back goes to the last state that is the same.
func (d *duel) back() error {
	for _, w := range d.workers {
		if err := w.session.restore(w.tracker, d.same); err != nil {
			return err
		}
	}
	return nil
}

// run goes from the state that is the same to a step and tells whether the
// engines still agree.
func (d *duel) run(ctx context.Context, step vm.Step) (agree bool, err error) {
	for _, w := range d.workers {
		if err := w.attempt(ctx, step); err != nil {
			return false, err
		}
	}
	a, b := d.workers[0].session, d.workers[1].session
	return a.position() == b.position() && (a.err == nil) == (b.err == nil) && a.machine.Digest().Difference(b.machine.Digest()) == "", nil
}

// attempt runs to a step, or as far as the machine does what was recorded.
func (w *worker) attempt(ctx context.Context, step vm.Step) error {
	s := w.session
	for s.position() < step && s.err == nil {
		before := s.position()
		out := w.run(ctx, step, true)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if s.position() == before && out != goOn {
			break
		}
	}
	var divergence *DivergenceError
	if s.err != nil && !errors.As(s.err, &divergence) {
		return s.err
	}
	return nil
}

// narrow finds the first step that differs, of those before a step at which the
// engines do not agree.
func (d *duel) narrow(ctx context.Context, differ vm.Step) (*Difference, error) {
	for {
		if err := d.back(); err != nil {
			return nil, err
		}
		middle := d.same.step + (differ-d.same.step)/2
		if middle == d.same.step {
			break
		}
		switch agree, err := d.run(ctx, middle); {
		case err != nil:
			return nil, err
		case !agree:
			differ = middle
		default:
			if err := d.keep(); err != nil {
				return nil, err
			}
		}
	}
	if _, err := d.run(ctx, differ); err != nil {
		return nil, err
	}
	return d.difference()
}

// difference compares the machines where they are.
func (d *duel) difference() (*Difference, error) {
	t := d.timeline
	found := &Difference{Step: d.same.step}
	var moments [2]moment
	for i, w := range d.workers {
		var err error
		if moments[i], err = w.moment(); err != nil {
			return nil, err
		}
		defer t.snapshots.store.drop(moments[i].image)
		found.Errs[i] = w.session.err
	}
	all := func(vm.Register) bool { return false }
	found.Changes = *t.changes(moments[0], moments[1], maxDifferences, all)
	found.From, found.To = found.Step+1, found.Step+1
	return found, nil
}

// drop gives up the state that is the same.
func (d *duel) drop() {
	if d.same != nil {
		d.timeline.snapshots.drop(d.same)
		d.same = nil
	}
}

// free gives everything back.
func (d *duel) free() {
	d.drop()
	for _, w := range d.workers {
		if w != nil {
			w.free()
		}
	}
}
