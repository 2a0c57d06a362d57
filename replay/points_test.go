package replay_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"

	"reprise/replay"
	"reprise/vm"
	"reprise/vm/riscv"
)

// TestWatchpointsBothWays collects the stops of a watchpoint forwards, and
// meets the same ones on the way back.
func TestWatchpointsBothWays(t *testing.T) {
	path, _, _ := uboot(t)
	tl := open(t, path, replay.Options{})
	ctx := context.Background()
	if _, err := tl.Seek(ctx, tl.Last()/2); err != nil {
		t.Fatal(err)
	}
	// What the stack pointer points at is used often, but not at every step.
	hart := tl.Machine().Hart(0)
	sp, ok := hart.PeekAddress(hart.X(2))
	if !ok {
		t.Fatal("the stack cannot be read")
	}
	watch := riscv.Watch{What: riscv.PhysicalMemory, Addr: sp &^ 63, Size: 64, Hart: riscv.AnyHart, Read: true, Write: true}
	tl.SetWatchpoint(watch)
	var stops []replay.Stop
	for range 40 {
		stop, err := tl.Continue(ctx)
		if err != nil || stop.Reason != replay.AtWatchpoint || stop.Watch != watch {
			t.Fatal(stop, err)
		}
		stops = append(stops, stop)
	}
	for i := len(stops) - 2; i >= 0; i-- {
		stop, err := tl.ReverseContinue(ctx)
		if err != nil || stop.Reason != replay.AtWatchpoint || stop.Step != stops[i].Step || stop.Addr != stops[i].Addr {
			t.Fatalf("back at %v, %v; forwards the stop was %v", stop, err, stops[i])
		}
	}
	// gdb stops behind the access, and does not move if it stands there.
	if _, err := tl.Seek(ctx, stops[8].Step+1); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		stop, err := tl.ReverseContinueAfter(ctx)
		if err != nil || stop.Reason != replay.AtWatchpoint || stop.Step != stops[8].Step+1 {
			t.Fatal(stop, err)
		}
	}
}

// TestPointsAreInvisible sets breakpoints and watchpoints everywhere: the state
// does not show them, whether they are heeded or passed.
func TestPointsAreInvisible(t *testing.T) {
	path, _, _ := uboot(t)
	plain := open(t, path, replay.Options{})
	pointed := open(t, path, replay.Options{})
	ctx := context.Background()
	random := rand.New(rand.NewPCG(7, 8))
	stops := 0
	for range 60 {
		hart := pointed.Machine().Hart(0)
		pointed.SetBreakpoint(hart.PC() + 2*random.Uint64N(20))
		pointed.SetWatchpoint(riscv.Watch{
			What: riscv.Watched(random.IntN(2)), Addr: hart.X(1+random.IntN(31)) &^ 7, Size: 8, Hart: riscv.AnyHart,
			Read: true, Write: random.IntN(2) == 0,
		})
		for range 3 {
			stop, err := pointed.Continue(ctx)
			if err != nil || pointed.Err() != nil {
				t.Fatal(stop, err, pointed.Err())
			}
			if stop.Reason == replay.AtBreakpoint || stop.Reason == replay.AtWatchpoint {
				stops++
			}
		}
		step := pointed.Position()
		if random.IntN(2) == 0 {
			step = vm.Step(random.Uint64N(uint64(pointed.Last())))
			if _, err := pointed.Seek(ctx, step); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := plain.Seek(ctx, step); err != nil {
			t.Fatal(err)
		}
		if d := plain.Machine().Digest().Difference(pointed.Machine().Digest()); d != "" {
			t.Fatalf("step %v: %s differs", step, d)
		}
		if !bytes.Equal(plain.Machine().Save(nil), pointed.Machine().Save(nil)) {
			t.Fatalf("step %v: what a snapshot saves differs", step)
		}
		for _, a := range pointed.Breakpoints() {
			pointed.ClearBreakpoint(a)
		}
		for _, w := range pointed.Watchpoints() {
			pointed.ClearWatchpoint(w)
		}
	}
	if stops < 30 {
		t.Errorf("only %d stops", stops)
	}
}
