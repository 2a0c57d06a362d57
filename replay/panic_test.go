package replay_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"reprise/internal/guard"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
)

// bug is an observer that panics at the nth piece of output.
type bug struct{ left int }

func (b *bug) Output(uint8, vm.Step, []byte) {
	if b.left--; b.left == 0 {
		panic("planted")
	}
}
func (b *bug) Save() any   { return nil }
func (b *bug) Restore(any) {}

// TestPanicKeepsTheRecording meets a bug of ours in the middle of a step.
func TestPanicKeepsTheRecording(t *testing.T) {
	ctx := context.Background()
	tl, user, path := newRecording(t, nil)
	tl.Observe(&bug{left: 500})
	d := replay.NewDebugger("u", tl)
	forward := func(ctx context.Context, t *replay.Timeline) (replay.Stop, error) { return t.Continue(ctx) }
	for range 2 { // the second time nothing moves
		var met *guard.PanicError
		if _, err := d.MoveAndWait(ctx, "", forward); !errors.As(err, &met) || met.Value != "planted" {
			t.Fatalf("the movement ended with %v", err)
		}
		if !strings.Contains(string(met.Stack), "Output") {
			t.Errorf("the stack does not show where it was:\n%s", met.Stack)
		}
	}
	if d.Status().Err == nil || d.Status().Running {
		t.Errorf("the status is %+v", d.Status())
	}
	if err := d.End(recording.ShutdownHostError); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}

	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if !r.Complete() {
		t.Error("the recording is not closed")
	}
	out := &typist{}
	again := open(t, path, replay.Options{Verify: true, Consoles: []replay.Console{{ID: vm.SerialDevice, Backend: out}}})
	if stop, err := again.Continue(ctx); err != nil || again.Err() != nil || stop.Reason != replay.AtEnd || stop.Step != r.Last() {
		t.Fatal(stop, err, again.Err())
	}
	// The byte of the step that was not finished is lost.
	if n := len(out.text()); n != 499 && n != 500 || !strings.HasPrefix(user.text(), out.text()) {
		t.Errorf("%d bytes of output are left", n)
	}
}

// TestPanicWhileLooking meets a bug in what somebody looks at, in the past of a
// live machine: the recording reaches its live end.
func TestPanicWhileLooking(t *testing.T) {
	ctx := context.Background()
	tl, _, path := newRecording(t, nil)
	d := replay.NewDebugger("u", tl)
	const far = 1_000_000
	for _, m := range []replay.Movement{
		func(ctx context.Context, t *replay.Timeline) (replay.Stop, error) { return t.Step(ctx, far) },
		func(ctx context.Context, t *replay.Timeline) (replay.Stop, error) { return t.StepBack(ctx, 1000) },
	} {
		if _, err := d.MoveAndWait(ctx, "", m); err != nil {
			t.Fatal(err)
		}
	}
	d.Inspect(func(*replay.Timeline) { panic("planted") })
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, path, replay.Options{Verify: true})
	if stop, err := again.Continue(ctx); err != nil || again.Err() != nil || stop.Step != far {
		t.Fatal(stop, err, again.Err())
	}
}
