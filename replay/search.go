package replay

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"reprise/internal/guard"
	"reprise/vm"
)

// segment is a stretch of the past that can be examined by itself.
type segment struct {
	shot  *snapshot // where it begins
	begin vm.Step   // the first step that is asked for
	end   vm.Step   // the first step that is not
}

// segments cuts the steps from begin to before end at the snapshots, in
// ascending order.
func (sn *snapshots) segments(begin, end vm.Step) []segment {
	var list []segment
	for begin < end {
		i := sn.following(begin)
		next := end
		if i < len(sn.list) {
			next = min(end, sn.list[i].step)
		}
		list = append(list, segment{sn.list[i-1], begin, next})
		begin = next
	}
	return list
}

// worker examines segments on a machine of its own, which has no output.
type worker struct {
	session   *Session
	snapshots *snapshots // of the timeline
	tracker   *tracker
	done      atomic.Uint64 // steps
}

// newWorker makes a machine like the session's, in no state yet.
func newWorker(s *Session, sn *snapshots) (*worker, error) {
	own, err := newSession(s.machine.Config(), s.machine.RAM().Size(), Options{Engine: s.options.Engine})
	if err != nil {
		return nil, fmt.Errorf("a machine to search with: %w", err)
	}
	own.mode, own.log, own.following = s.mode, s.log, true
	own.cursor = s.log.Cursor()
	return &worker{session: own, snapshots: sn, tracker: newTracker(sn.store, own.machine.RAM())}, nil
}

func (w *worker) free() {
	w.tracker.free()
	w.session.memory.free()
}

// run goes forward to a step of the segment that is being examined.
func (w *worker) run(ctx context.Context, until vm.Step, over bool) outcome {
	before := w.session.position()
	return w.session.run(ctx, until, over, func() {
		now := w.session.position()
		w.done.Add(uint64(now - before))
		before = now
		runtime.Gosched() // all cores search, and somebody may wait for an answer
	})
}

// enter goes to the first step of a segment.
func (w *worker) enter(ctx context.Context, seg segment) error {
	s := w.session
	s.machine.Watch(nil, nil)
	s.arm(points{})
	for shot := seg.shot; ; {
		err := w.snapshots.load(shot)
		if err == nil {
			err = s.restore(w.tracker, shot)
		}
		if err == nil {
			break
		}
		if shot = w.snapshots.instead(shot, err); shot == nil {
			return err
		}
	}
	return w.goOn(ctx, seg.begin)
}

// goOn runs to a step and fails if it does not get there.
func (w *worker) goOn(ctx context.Context, step vm.Step) error {
	for w.session.position() < step {
		before := w.session.position()
		out := w.run(ctx, step, true)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case w.session.err != nil:
			return w.session.err
		case w.session.position() == before && (out == exhausted || out == guestEnded):
			return fmt.Errorf("BUG: step %v is in the recording and is not reached", step)
		}
	}
	return nil
}

// crew lends the workers of a timeline. They are made when first needed and
// kept, since what a worker has in its memory makes the next search cheaper.
func (t *Timeline) crew(n int) ([]*worker, error) {
	for len(t.workers) < min(n, runtime.GOMAXPROCS(0)) {
		w, err := newWorker(t.session, t.snapshots)
		if err != nil {
			if len(t.workers) > 0 {
				break
			}
			return nil, err
		}
		t.workers = append(t.workers, w)
	}
	for _, w := range t.workers {
		w.session.live = t.session.last()
	}
	t.snapshots.workers = int64(len(t.workers))
	return t.workers[:min(n, len(t.workers))], nil
}

// searchTick is how often a search looks after requests and says how far it is.
const searchTick = 10 * time.Millisecond

// search examines segments in parallel, the first ones first, and hands what
// scan finds in each to take, in the order of the list, until take has enough.
// The timeline stays where it is. Snapshots must not change meanwhile.
func search[R any](ctx context.Context, t *Timeline, list []segment, scan func(context.Context, *worker, segment) (R, error), take func(segment, R) (enough bool)) error {
	workers, err := t.crew(len(list))
	if err != nil {
		return err
	}
	defer t.snapshots.forgetDamaged() // when no worker is at it any more
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		index int
		found R
		err   error
	}
	answers := make(chan answer, len(workers))
	var next atomic.Int64
	var crew sync.WaitGroup
	for _, w := range workers {
		w.done.Store(0)
		crew.Go(guard.Func(func() {
			for i := int(next.Add(1)) - 1; i < len(list) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				a := answer{index: i}
				if a.err = w.enter(ctx, list[i]); a.err == nil {
					a.found, a.err = scan(ctx, w, list[i])
				}
				if a.err == nil {
					a.err = ctx.Err()
				}
				answers <- a
			}
		}))
	}
	finished := make(chan struct{})
	guard.Go(func() {
		crew.Wait()
		close(finished)
	})
	defer func() {
		cancel()
		for {
			select {
			case <-answers:
			case <-finished:
				return
			}
		}
	}()
	report := t.reporter(list, workers)
	tick := time.NewTicker(searchTick)
	defer tick.Stop()
	early := map[int]answer{}
	for want := 0; want < len(list); {
		select {
		case a := <-answers:
			early[a.index] = a
		case <-tick.C:
			report()
			if t.between != nil {
				t.between()
			}
		case <-ctx.Done():
			return ctx.Err()
		}
		for a, ok := early[want]; ok; a, ok = early[want] {
			if a.err != nil {
				return a.err
			}
			if take(list[want], a.found) {
				return nil
			}
			delete(early, want)
			want++
		}
	}
	return nil
}

// reporter returns what tells how far a search has come.
func (t *Timeline) reporter(list []segment, workers []*worker) func() {
	total := uint64(0)
	for _, seg := range list {
		total += uint64(seg.end - seg.shot.step)
	}
	begin := time.Now()
	return func() {
		if t.progress == nil {
			return
		}
		p := Progress{Active: true, What: "searching", Total: total}
		for _, w := range workers {
			p.Done += w.done.Load()
		}
		p.PerSecond = float64(p.Done) / time.Since(begin).Seconds()
		t.progress(p)
	}
}

// backwards is a list in the opposite order.
func backwards(list []segment) []segment {
	turned := make([]segment, 0, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		turned = append(turned, list[i])
	}
	return turned
}
