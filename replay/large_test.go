package replay_test

import (
	"context"
	"runtime"
	"testing"

	"reprise/internal/testing/large"
	"reprise/replay"
	"reprise/vm"
)

// heap is how much memory is in use that the garbage collector knows of.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestLargeRecording opens a large recording, travels in it and searches it. To
// open it reads little, whatever its size; the rest reads what it needs; and
// memory does not grow with it.
func TestLargeRecording(t *testing.T) {
	const mib = 1 << 20
	before := heap()
	r, file := large.Open(t)
	ctx := context.Background()
	tl, err := replay.Play(r, replay.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tl.Close() }()
	held := func(what string, most int64) {
		t.Helper()
		n := file.Since()
		t.Logf("%s: %d KiB of %d MiB read", what, n>>10, r.Size()/mib)
		if n > most {
			t.Errorf("%s: %d bytes of the file are read, at most %d are to be", what, n, most)
		}
	}
	tl.Status()
	if _, err := tl.Events(0, 50, 50); err != nil {
		t.Fatal(err)
	}
	held("opening", mib)
	totals, err := r.Totals()
	if err != nil || totals.Devices[vm.SerialDevice].Out < uint64(large.Small.Text) {
		t.Fatal(totals.Devices[vm.SerialDevice], err)
	}
	held("counting", 0)
	middle := tl.Last() / 2
	if stop, err := tl.Seek(ctx, middle); err != nil || stop.Step != middle {
		t.Fatal(stop, err)
	}
	held("going to the middle", 10*mib)
	if _, err := tl.Events(middle, 50, 50); err != nil {
		t.Fatal(err)
	}
	if _, err := tl.StepBack(ctx, 1); err != nil {
		t.Fatal(err)
	}
	held("stepping back", 10*mib)
	var needles []vm.Step
	for _, needle := range large.Needles {
		err := tl.Printed(ctx, vm.SerialDevice, needle, 0, vm.Never, func(p replay.Print) bool {
			needles = append(needles, p.Last)
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(needles) != len(large.Needles) {
		t.Fatalf("the needles are found at %v", needles)
	}
	file.Since()
	for i, needle := range large.Needles {
		step, found, err := tl.NextPrinted(ctx, vm.SerialDevice, needle, max(needles[i], 1000)-1000)
		if err != nil || !found || step != needles[i] {
			t.Errorf("%q is found at %v, %v, %v; want %v", needle, step, found, err, needles[i])
		}
		step, found, err = tl.LastPrinted(ctx, vm.SerialDevice, needle, needles[i]+1000)
		if err != nil || !found || step != needles[i] {
			t.Errorf("%q is found backwards at %v, %v, %v; want %v", needle, step, found, err, needles[i])
		}
	}
	held("finding what is near", mib)
	if stop, err := tl.Continue(ctx); err != nil || stop.Reason != replay.GuestShutdown {
		t.Fatal(stop, err, tl.Err())
	}
	grown := heap() - before
	t.Logf("%d KiB in use after a replay of %v events", grown>>10, r.Len())
	if grown > 24*mib {
		t.Errorf("%d bytes are in use after all events were seen", grown)
	}
}

// reader is an observer that counts what it sees, and gives up in the middle.
type reader struct {
	bytes  int
	giveUp int // after so many
	cancel func()
}

func (r *reader) Output(_ uint8, _ vm.Step, p []byte) {
	if r.bytes += len(p); r.bytes == r.giveUp {
		r.cancel()
	}
}
func (r *reader) Save() any         { return r.bytes }
func (r *reader) Restore(state any) { r.bytes = state.(int) }

// TestSeekThroughOutput jumps to the end of a large recording with somebody who
// wants to see all of its output: that takes a while, and can be given up.
func TestSeekThroughOutput(t *testing.T) {
	r, _ := large.Open(t)
	tl, err := replay.Play(r, replay.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tl.Close() }()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	watcher := &reader{giveUp: 100_000, cancel: cancel}
	tl.Observe(watcher)
	ticks := 0
	replay.OnSlice(tl, func() { ticks++ })
	stop, err := tl.Seek(ctx, tl.Last())
	if err != nil || stop.Reason != replay.Interrupted || stop.Step != 0 || watcher.bytes != 0 || ticks == 0 {
		t.Fatalf("given up: %v, %v, %d bytes are seen after %d ticks", stop, err, watcher.bytes, ticks)
	}
	if stop, err := tl.Seek(context.Background(), tl.Last()); err != nil || stop.Step != tl.Last() {
		t.Fatal(stop, err)
	}
	if totals, err := r.Totals(); err != nil || uint64(watcher.bytes) != totals.Devices[vm.SerialDevice].Out {
		t.Errorf("%d bytes are seen at the end, %v", watcher.bytes, err)
	}
}
