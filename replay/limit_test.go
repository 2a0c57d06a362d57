package replay_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
)

// noisy is a guest that writes bytes without order to its console, for ever.
func noisy(t *testing.T) vm.Config {
	t.Helper()
	return program(t, 0,
		0x100002b7, // lui  t0, 0x10000
		0x00100313, // li   t1, 1
		0x5851f3b7, // lui  t2, 0x5851f
		0x42d38393, // addi t2, t2, 0x42d
		0x02730333, // mul  t1, t1, t2
		0x00130313, // addi t1, t1, 1
		0x01835e13, // srli t3, t1, 24
		0x01c28023, // sb   t3, 0(t0)
		0xff1ff06f, // j    .-16
	)
}

// recordNoise begins to record that guest.
func recordNoise(t *testing.T, o replay.Options) (*replay.Timeline, string) {
	t.Helper()
	w := newWriter(t, noisy(t), o.Sleep)
	o.Consoles = []replay.Console{{ID: vm.SerialDevice, Name: "serial0"}}
	tl, err := replay.Record(noisy(t), guestRAM, w, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tl.Close() })
	return tl, w.Path()
}

// TestLimits records until a limit is reached. The recording is closed there,
// and can be travelled in, but does not go on.
func TestLimits(t *testing.T) {
	const steps, size = 1_234_567, 200 << 10
	for name, limits := range map[string]replay.Limits{
		"steps": {Steps: steps},
		"time":  {Time: 30 * time.Millisecond},
		"size":  {Size: size},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			tl, path := recordNoise(t, replay.Options{Sleep: true, Limits: limits})
			stop, err := tl.Continue(ctx)
			if err != nil || stop.Reason != replay.AtEnd || tl.Requested() != recording.ShutdownHostLimit {
				t.Fatalf("it ended with %v, %v, %v", stop, tl.Requested(), err)
			}
			end := tl.Machine().Digest().Sum()
			if name == "steps" && stop.Step != steps {
				t.Errorf("it ended at step %v", stop.Step)
			}
			if again, err := tl.Continue(ctx); err != nil || again.Reason != replay.AtEnd || again.Step != stop.Step {
				t.Errorf("it went on to %v, %v", again, err)
			}
			if back, err := tl.StepBack(ctx, 1000); err != nil || back.Step != stop.Step-1000 {
				t.Errorf("going back led to %v, %v", back, err)
			}
			if err := tl.Close(); err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(path)
			if err != nil || name == "size" && (info.Size() < size || info.Size() > 2*size) {
				t.Errorf("the file has %d bytes, %v", info.Size(), err)
			}
			tl = open(t, path, replay.Options{Verify: true})
			if last, err := tl.Continue(ctx); err != nil || tl.Err() != nil || last.Step != stop.Step || tl.Machine().Digest().Sum() != end {
				t.Errorf("its replay ended with %v, %v, %v", last, err, tl.Err())
			}
		})
	}
}

// TestLimitLeavesNoSnapshots records up to a limit that has no room for them.
func TestLimitLeavesNoSnapshots(t *testing.T) {
	saved := func(disk, limit int64) (snapshots int, size int64) {
		tl, path := recordNoise(t, replay.Options{Limits: replay.Limits{Steps: 100_000, Size: limit}, SnapshotDisk: disk})
		if _, err := tl.Continue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := tl.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := recording.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		return len(r.Snapshots()), r.Size()
	}
	_, size := saved(-1, 0)
	if n, _ := saved(1<<30, 2*size); n == 0 {
		t.Error("there are no snapshots, though there is room")
	}
	if n, after := saved(1<<30, size); n != 0 || after > size+size/10 {
		t.Errorf("with a limit of %d bytes, there are %d snapshots and %d bytes", size, n, after)
	}
}

// TestUntil stops after the step of an event, and then goes on to the next.
func TestUntil(t *testing.T) {
	var seen []recording.Event
	tl, path := recordNoise(t, replay.Options{Until: func(e recording.Event) bool {
		if found := e.Kind == recording.CharWrite && e.Data[0] == 'x'; !found {
			return false
		}
		seen = append(seen, e)
		return true
	}})
	for n := 1; n <= 3; n++ {
		stop, err := tl.Continue(t.Context())
		if err != nil || stop.Reason != replay.AtTarget || len(seen) != n || stop.Step != seen[n-1].Step+1 {
			t.Fatalf("time %d: it stopped with %v, %v; events %v", n, stop, err, seen)
		}
	}
	if err := tl.Discard(); err != nil {
		t.Fatal(err)
	}
	r, err := recording.Open(path)
	if errors.Is(err, recording.ErrNotYetRecording) {
		return // it took too little time to be flushed
	}
	if err != nil {
		t.Fatal(err)
	}
	if r.Complete() {
		t.Error("a discarded recording is closed")
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestPausedIsFlushed pauses a machine that is being recorded, and reads from the
// file what it has done.
func TestPausedIsFlushed(t *testing.T) {
	tl, path := recordNoise(t, replay.Options{})
	d := replay.NewDebugger("n", tl)
	defer func() { _ = d.Close() }()
	const steps = 100
	if _, err := d.MoveAndWait(t.Context(), "", func(ctx context.Context, t *replay.Timeline) (replay.Stop, error) { return t.Step(ctx, steps) }); err != nil {
		t.Fatal(err)
	}
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for range look.C {
		r, err := recording.Open(path)
		if errors.Is(err, recording.ErrNotYetRecording) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		last := r.Last()
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if last == steps {
			return
		}
	}
}
