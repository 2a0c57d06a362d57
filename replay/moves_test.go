package replay_test

import (
	"context"
	"fmt"

	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
)

// moves are the kinds of movement. Each makes one from a step and says where it
// should have led.
var moves = []struct {
	name string
	make func(w *wanderer, from vm.Step) (stop replay.Stop, want vm.Step, err error)
}{
	{"seek", func(w *wanderer, _ vm.Step) (replay.Stop, vm.Step, error) { return w.seek(w.anywhere()) }},
	{"seek to a percentage", func(w *wanderer, _ vm.Step) (replay.Stop, vm.Step, error) {
		return w.seek(w.last / 100 * vm.Step(w.random.Uint64N(101)))
	}},
	{"seek nearby", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		return w.seek(min(w.last, back(from, 5000)+vm.Step(w.random.Uint64N(10_000))))
	}},
	{"seek to an event", func(w *wanderer, _ vm.Step) (replay.Stop, vm.Step, error) {
		n := w.random.IntN(len(w.events))
		stop, err := w.SeekEvent(w.ctx(), uint64(n))
		return stop, w.events[n], err
	}},
	{"seek to a time", (*wanderer).seekTime},
	{"seek to the n-th pass", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		if len(w.breaks) == 0 {
			return w.stay(from)
		}
		n := w.random.IntN(min(len(w.breaks), 20))
		stop, err := w.SeekPassed(w.ctx(), w.entry, uint64(n+1))
		return stop, w.breaks[n], err
	}},
	{"to the end", func(w *wanderer, _ vm.Step) (replay.Stop, vm.Step, error) {
		stop, err := w.GoLive(w.ctx())
		return stop, w.last, err
	}},
	{"a step", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		stop, err := w.Step(w.ctx(), 1)
		return stop, min(w.last, from+1), err
	}},
	{"a step back", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		stop, err := w.StepBack(w.ctx(), 1)
		return stop, back(from, 1), err
	}},
	{"steps", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		n := 1 + w.random.Uint64N(100_000)
		stop, err := w.Step(w.ctx(), n)
		return stop, min(w.last, from+vm.Step(n)), err
	}},
	{"steps back", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		n := 1 + w.random.Uint64N(1000)
		stop, err := w.StepBack(w.ctx(), n)
		return stop, back(from, n), err
	}},
	{"next event", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		stop, err := w.NextEvent(w.ctx())
		return stop, w.next(from, func(recording.Kind) bool { return true }), err
	}},
	{"previous event", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		stop, err := w.PreviousEvent(w.ctx())
		return stop, w.previous(from, func(recording.Kind) bool { return true }), err
	}},
	{"next event of a kind", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		kind := w.kind()
		stop, err := w.NextEventOf(w.ctx(), func(e *recording.Event) bool { return e.Kind == kind })
		return stop, w.next(from, func(k recording.Kind) bool { return k == kind }), err
	}},
	{"previous event of a kind", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		kind := w.kind()
		stop, err := w.PreviousEventOf(w.ctx(), func(e *recording.Event) bool { return e.Kind == kind })
		return stop, w.previous(from, func(k recording.Kind) bool { return k == kind }), err
	}},
	{"continue", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		stop, err := w.Continue(w.ctx())
		return stop, w.stopAfter(from), err
	}},
	{"reverse-continue", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		stop, err := w.ReverseContinue(w.ctx())
		want, _ := before(w.both, from) // or the start
		return stop, want, err
	}},
	{"reverse-continue as gdb does", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		stop, err := w.ReverseContinueAfter(w.ctx())
		want, _ := before(w.breaks, from)
		if wrote, ok := before(w.writes, from); ok {
			want = max(want, wrote+1)
		}
		return stop, want, err
	}},
	{"a step of a hart", (*wanderer).stepHart},
	{"a step of a hart back", (*wanderer).stepHartBack},
	{"over", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		stop, err := w.Over(w.ctx())
		return stop, max(stop.Step, min(w.last, from+1)), err
	}},
	{"over back", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		stop, err := w.OverBack(w.ctx())
		return stop, min(stop.Step, back(from, 1)), err
	}},
	{"out", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		stop, err := w.Out(w.ctx())
		return stop, max(stop.Step, min(w.last, from+1)), err
	}},
	{"out back", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		stop, err := w.OutBack(w.ctx())
		return stop, min(stop.Step, back(from, 1)), err
	}},
	{"last write", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		access, found, err := w.LastAccess(w.ctx(), w.watch)
		want, wrote := before(w.writes, from)
		if err == nil && (found != wrote || found && access.Step != want) {
			err = fmt.Errorf("found %v: %+v; the last write was at %v (%v)", found, access, want, wrote)
		}
		if err != nil || !found {
			stop, _, _ := w.stay(from)
			return stop, from, err
		}
		return w.seek(access.Step)
	}},
	{"last pass", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		step, found, err := w.LastPassed(w.ctx(), w.entry)
		want, passed := before(w.breaks, from)
		if err == nil && (found != passed || found && step != want) {
			err = fmt.Errorf("found %v at %v; the last pass was at %v (%v)", found, step, want, passed)
		}
		if err != nil || !found {
			stop, _, _ := w.stay(from)
			return stop, from, err
		}
		return w.seek(step)
	}},
	{"a snapshot by name", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		if err := w.SaveAs("here"); err != nil {
			return replay.Stop{}, from, err
		}
		if _, _, err := w.seek(w.anywhere()); err != nil {
			return replay.Stop{}, from, err
		}
		stop, err := w.LoadNamed(w.ctx(), "here")
		return stop, from, err
	}},
	{"a seek that is cancelled", func(w *wanderer, from vm.Step) (replay.Stop, vm.Step, error) {
		ctx, cancel := context.WithCancel(w.ctx())
		defer cancel()
		left := w.random.IntN(8)
		replay.OnSlice(w.Timeline, func() {
			if left--; left < 0 {
				cancel()
			}
		})
		defer replay.OnSlice(w.Timeline, nil)
		want := w.anywhere()
		stop, err := w.Seek(ctx, want)
		if stop.Reason == replay.Interrupted {
			want = from
		}
		return stop, want, err
	}},
}

func (w *wanderer) ctx() context.Context { return context.Background() }

func (w *wanderer) anywhere() vm.Step { return vm.Step(w.random.Uint64N(uint64(w.last) + 1)) }

// kind is that of some event.
func (w *wanderer) kind() recording.Kind { return w.kinds[w.random.IntN(len(w.kinds))] }

func back(from vm.Step, n uint64) vm.Step { return from - min(from, vm.Step(n)) }

// stay makes no move.
func (w *wanderer) stay(from vm.Step) (replay.Stop, vm.Step, error) { return w.seek(from) }

func (w *wanderer) seek(want vm.Step) (replay.Stop, vm.Step, error) {
	stop, err := w.Seek(w.ctx(), want)
	return stop, want, err
}

// next is the first step after one with an event of a kind, or the end.
func (w *wanderer) next(from vm.Step, match func(recording.Kind) bool) vm.Step {
	for i, step := range w.events {
		if step > from && match(w.kinds[i]) {
			return step
		}
	}
	return w.last
}

// previous is the last step before one with an event of a kind, or the start.
func (w *wanderer) previous(from vm.Step, match func(recording.Kind) bool) vm.Step {
	for i := len(w.events) - 1; i >= 0; i-- {
		if w.events[i] < from && match(w.kinds[i]) {
			return w.events[i]
		}
	}
	return 0
}

// stopAfter is where a continue stops.
func (w *wanderer) stopAfter(from vm.Step) vm.Step {
	if want, ok := after(w.both, from); ok {
		return want
	}
	return w.last
}

// seekTime goes to a virtual time: the step after the one it finds is later.
func (w *wanderer) seekTime(from vm.Step) (stop replay.Stop, want vm.Step, err error) {
	now := w.Machine().VirtualTime()
	ns := w.random.Uint64N(2*now + 1000)
	if stop, err = w.SeekTime(w.ctx(), ns); err != nil {
		return stop, from, err
	}
	at := w.Machine().VirtualTime()
	if stop.Step < w.last {
		if _, err = w.Step(w.ctx(), 1); err != nil {
			return stop, from, err
		}
		if at > ns || w.Machine().VirtualTime() <= ns {
			return stop, from, fmt.Errorf("%d ns is step %v, which has %d ns, and the next one %d", ns, stop.Step, at, w.Machine().VirtualTime())
		}
	}
	return w.seek(stop.Step)
}

// maxLook is how many steps are looked at one by one.
const maxLook = 3000

// stepHart steps some hart: it does the last of the steps on the way, and none
// of those before.
func (w *wanderer) stepHart(from vm.Step) (replay.Stop, vm.Step, error) {
	hart := w.random.IntN(w.Machine().Harts())
	stop, err := w.StepHart(w.ctx(), hart)
	if err == nil && stop.Reason == replay.AtTarget {
		err = w.alone(hart, from, stop.Step, stop.Step-1)
	}
	return stop, stop.Step, err
}

// stepHartBack steps some hart back: it does the first of the steps on the way,
// and none of those after it.
func (w *wanderer) stepHartBack(from vm.Step) (replay.Stop, vm.Step, error) {
	hart := w.random.IntN(w.Machine().Harts())
	stop, err := w.StepHartBack(w.ctx(), hart)
	if err == nil && stop.Reason == replay.AtTarget {
		err = w.alone(hart, stop.Step, from, stop.Step)
	}
	return stop, stop.Step, err
}

// alone looks whether, of the steps from begin to before end, a hart does the
// one and no other, if they are not too many.
func (w *wanderer) alone(hart int, begin, end, only vm.Step) error {
	if end-begin > maxLook {
		return nil
	}
	if _, err := w.beside.Seek(w.ctx(), begin); err != nil {
		return err
	}
	for step := begin; step < end; step++ {
		next, err := w.beside.Next()
		if err != nil {
			return err
		}
		if did := next.Doing == replay.Executes && next.Hart == hart; did != (step == only) {
			return fmt.Errorf("step %v: hart %d does it: %v; from %v to %v only %v was expected", step, hart, did, begin, end, only)
		}
		if _, err := w.beside.Step(w.ctx(), 1); err != nil {
			return err
		}
	}
	return nil
}
