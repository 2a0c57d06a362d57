package replay

import (
	"context"

	"reprise/vm"
	"reprise/vm/riscv"
)

// Questions about the past leave the timeline where it is. They are answered
// segment by segment on all cores, end early with the error of their context,
// and see what the log holds: with a machine that is being recorded, up to its
// live end.

// LastAccess finds the last access to something before the position. found is
// false if there was none since power-on.
func (t *Timeline) LastAccess(ctx context.Context, w riscv.Watch) (last riscv.Access, found bool, err error) {
	if t.session.mode == ModeNone {
		return last, false, ErrNoHistory
	}
	p := points{watches: []riscv.Watch{w}}
	scan := func(ctx context.Context, w *worker, seg segment) (lastHit, error) { return w.lastHit(ctx, seg, p) }
	err = search(ctx, t, backwards(t.snapshots.segments(0, t.Position())), scan, func(_ segment, h lastHit) bool {
		last, found = h.access, h.used
		return found
	})
	return last, found, err
}

// LastPassed finds the last step before the position at which a hart was about
// to execute at a virtual address.
func (t *Timeline) LastPassed(ctx context.Context, addr uint64) (step vm.Step, found bool, err error) {
	if t.session.mode == ModeNone {
		return 0, false, ErrNoHistory
	}
	p := points{breaks: []uint64{addr}}
	scan := func(ctx context.Context, w *worker, seg segment) (lastHit, error) { return w.lastHit(ctx, seg, p) }
	err = search(ctx, t, backwards(t.snapshots.segments(0, t.Position())), scan, func(_ segment, h lastHit) bool {
		step, found = h.at, h.broke
		return found
	})
	return step, found, err
}

// maxFound bounds what is remembered of one segment.
const maxFound = 1 << 20

// Accesses tells each of every access to something in the steps from begin to
// before end, in their order, until each returns false. A segment with more
// than a million of them is cut short, and complete is false.
func (t *Timeline) Accesses(ctx context.Context, w riscv.Watch, begin, end vm.Step, each func(riscv.Access) bool) (complete bool, err error) {
	if t.session.mode == ModeNone {
		return false, ErrNoHistory
	}
	complete = true
	scan := func(ctx context.Context, wk *worker, seg segment) (list []riscv.Access, err error) {
		wk.session.machine.Watch([]riscv.Watch{w}, func(a riscv.Access) {
			if len(list) <= maxFound {
				list = append(list, a)
			}
		})
		return list, wk.goOn(ctx, seg.end)
	}
	err = search(ctx, t, t.snapshots.segments(begin, min(end, t.Last())), scan, func(_ segment, list []riscv.Access) bool {
		if len(list) > maxFound {
			list, complete = list[:maxFound], false
		}
		for _, a := range list {
			if !each(a) {
				return true
			}
		}
		return false
	})
	return complete, err
}

// NthPassed finds the n-th step, counted from 1 at power-on, at which a hart is
// about to execute at a virtual address. It goes to the end if need be, and
// tells how many there were.
func (t *Timeline) NthPassed(ctx context.Context, addr, n uint64) (step vm.Step, count uint64, err error) {
	if t.session.mode == ModeNone {
		return 0, 0, ErrNoHistory
	}
	scan := func(ctx context.Context, w *worker, seg segment) (list []vm.Step, err error) {
		m := w.session.machine
		m.SetBreakpoints([]uint64{addr})
		m.Heed(true)
		for over := false; w.run(ctx, seg.end, over) == broke && m.Position() < seg.end; over = true {
			list = append(list, m.Position())
		}
		return list, w.session.err
	}
	err = search(ctx, t, t.snapshots.segments(0, t.Last()), scan, func(_ segment, list []vm.Step) bool {
		if n > count && n-count <= uint64(len(list)) {
			step = list[n-count-1]
			count = n
			return true
		}
		count += uint64(len(list))
		return false
	})
	return step, count, err
}
