package cli

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"reprise/chardev"
	"reprise/internal/guard"
	"reprise/replay"
	"reprise/replay/recording"
)

// huntRun is one run of a hunt.
type huntRun struct {
	number uint64 // from 1
	seed   uint64
	path   string // of its recording, which is there if there is a hit
	last   recording.Step
	hit    *hit // nil for none

	limited     bool // a limit has ended it
	interrupted bool // the hunt was over before it
	err         error
}

// huntRuns are the runs of a hunt that are wanted, and those under way.
type huntRuns struct {
	mu    sync.Mutex
	begun uint64                        // number of the last run that was begun
	last  uint64                        // number of the last run that is wanted
	stop  map[uint64]context.CancelFunc // of those under way, by number
}

// begin begins the next run, if there is one.
func (r *huntRuns) begin(ctx context.Context) (_ context.Context, number uint64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() != nil || r.begun >= r.last {
		return nil, 0, false
	}
	r.begun++
	ctx, r.stop[r.begun] = context.WithCancel(ctx)
	return ctx, r.begun, true
}

// end is called when a run has ended.
func (r *huntRuns) end(number uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stop[number]()
	delete(r.stop, number)
}

// cut ends all runs after that of the number.
func (r *huntRuns) cut(number uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = min(r.last, number)
	for n, stop := range r.stop {
		if n > number {
			stop()
		}
	}
}

// start makes runs, as many at a time as there are jobs. The channel has one
// after the other as they end, and is closed after the last one. cut ends those
// after that of a number.
func (h *hunt) start(ctx context.Context) (ended <-chan *huntRun, cut func(number uint64)) {
	runs := &huntRuns{last: h.runs, stop: map[uint64]context.CancelFunc{}}
	if h.runs == 0 {
		runs.last = math.MaxUint64
	}
	results := make(chan *huntRun)
	var jobs sync.WaitGroup
	for range h.jobs {
		jobs.Go(guard.Func(func() {
			for {
				ctx, number, ok := runs.begin(ctx)
				if !ok {
					return
				}
				r := &huntRun{number: number, seed: h.options.Seed + number - 1}
				r.err = guard.Run(func() error { return h.record(ctx, r) })
				runs.end(number)
				results <- r
			}
		}))
	}
	guard.Go(func() {
		jobs.Wait()
		close(results)
	})
	return results, runs.cut
}

// record makes a run. Its recording is left in the folder if there is a hit.
func (h *hunt) record(ctx context.Context, r *huntRun) (err error) {
	folder := filepath.Join(h.folder, strconv.FormatUint(r.seed, 10))
	if err := os.Mkdir(folder, 0o700); err != nil {
		return withStatus(statusOf(err), err)
	}
	r.path = filepath.Join(folder, filepath.Base(h.name(r.seed)))
	defer func() {
		if r.hit == nil || err != nil {
			err = joinQuiet(err, os.RemoveAll(folder))
		}
	}()
	l, a := h.prepare(r)
	board := newSwitchboard(chardev.Options{Notify: h.notices.backend}, func() {})
	options, err := l.equip(a, board, false, h.notices)
	if err != nil {
		return err
	}
	look := lookout{signs: h.signs, lines: map[uint8][]byte{}}
	options.Until = look.sees
	options.SnapshotMemory = replay.DefaultSnapshotMemory / int64(h.jobs)
	w, err := l.begin(a)
	if err != nil {
		return withStatus(statusOf(err), err)
	}
	t, err := replay.Record(a.Config, a.RAM, w, options)
	if err != nil {
		return withStatus(statusOf(err), err)
	}
	return h.watch(ctx, t, &look, r)
}

// prepare makes the machine of one run.
func (h *hunt) prepare(r *huntRun) (*launch, *assembled) {
	l, a := h.launch, *h.machine
	l.output, l.force = r.path, false
	a.Config.Seed, a.Manifest.Machine.Seed = r.seed, r.seed
	a.Manifest.Images = slices.Clone(a.Manifest.Images) // which --no-embed changes
	return &l, &a
}

// watch lets the machine go on until there is a hit, and some time after that, or
// the run ends without.
func (h *hunt) watch(ctx context.Context, t *replay.Timeline, look *lookout, r *huntRun) error {
	stop, err := t.Continue(ctx)
	if err == nil && look.hit != nil && stop.Reason == replay.AtTarget {
		stop, err = t.Step(ctx, h.afterStep)
	}
	r.interrupted = stop.Reason == replay.Interrupted && look.hit == nil
	r.limited = t.Requested() == recording.ShutdownHostLimit
	r.last = t.Position()
	if err == nil && look.hit == nil {
		return t.Discard()
	}
	if err == nil {
		r.hit = look.hit
		err = t.End(context.WithoutCancel(ctx), recording.ShutdownHostQuit)
	}
	return withStatus(statusOf(err), errors.Join(err, t.Close()))
}
