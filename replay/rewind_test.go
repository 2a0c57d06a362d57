package replay_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"reprise/internal/testing/torture"
	"reprise/replay"
	"reprise/vm"
	"reprise/vm/riscv"
)

// TestLiveRewinds goes back and forth at random while a machine is recorded and
// typed to, asks about the past on the way, and lets the recording tell whether
// anything was lost or done twice.
func TestLiveRewinds(t *testing.T) {
	tl, user, path := newRecording(t, ubootScript)
	screen := &listener{}
	tl.Observe(screen)
	ctx := context.Background()
	random := rand.New(rand.NewPCG(11, 12))
	n := torture.Count(t, 12, 200)
	rewinds := 0
	for range n {
		stop, err := tl.Step(ctx, 1+random.Uint64N(uint64(20_000_000/n)))
		if err != nil {
			t.Fatal(stop, err)
		}
		if stop.Reason == replay.GuestShutdown {
			break
		}
		rewinds++
		live, digest := tl.Position(), tl.Machine().Digest()
		switch random.IntN(5) {
		case 0:
			_, err = tl.Seek(ctx, vm.Step(random.Uint64N(uint64(live)+1)))
		case 1:
			_, err = tl.StepBack(ctx, 1+random.Uint64N(100))
		case 2:
			tl.SetBreakpoint(0x80200000)
			_, err = tl.ReverseContinue(ctx)
			tl.ClearBreakpoint(0x80200000)
		case 3:
			_, err = tl.OutBack(ctx)
		case 4:
			w := riscv.Watch{What: riscv.IntegerRegister, Addr: 10, Hart: 0, Write: true}
			if _, found, failed := tl.LastAccess(ctx, w); failed != nil || !found {
				t.Fatal(found, failed)
			}
			if !tl.AtLiveEnd() || tl.Position() != live {
				t.Fatal("a question has left the live end")
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		if !tl.AtLiveEnd() {
			if stop, err := tl.GoLive(ctx); err != nil || stop.Step != live || !tl.AtLiveEnd() {
				t.Fatal(stop, err)
			}
		}
		if d := digest.Difference(tl.Machine().Digest()); d != "" {
			t.Fatalf("back at the live end, step %v, %s differs", live, d)
		}
		if string(screen.text) != user.text() {
			t.Fatalf("back at the live end, step %v, the screen is not what was printed", live)
		}
	}
	if stop, err := tl.Continue(ctx); err != nil || stop.Reason != replay.GuestShutdown {
		t.Fatal(stop, err)
	}
	if rewinds < n {
		t.Errorf("the guest ended after %d rewinds of %d", rewinds, n)
	}
	end := tl.Machine().Digest()
	if err := tl.Close(); err != nil {
		t.Fatal(err)
	}
	out := &typist{}
	again := open(t, path, replay.Options{Verify: true, Consoles: []replay.Console{{ID: 0, Name: "serial0", Backend: out}}})
	if stop, err := again.Continue(ctx); err != nil || again.Err() != nil || stop.Reason != replay.GuestShutdown {
		t.Fatal(stop, err, again.Err())
	}
	if d := end.Difference(again.Machine().Digest()); d != "" {
		t.Errorf("%s differs in the replay", d)
	}
	if out.text() != user.text() {
		t.Error("the replay's console is not what was printed")
	}
}
