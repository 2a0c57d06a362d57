package replay_test

import (
	"testing"

	"reprise/assets"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/riscv"
)

// trapsOf lists the first traps of a kind in a recording, from about a step.
func trapsOf(t *testing.T, tl *replay.Timeline, from vm.Step, n int, wanted func(recording.Event) bool) (list []vm.Step) {
	t.Helper()
	c := tl.Log().Cursor()
	c.SeekStep(from)
	for len(list) < n {
		e, ok := c.Next()
		if !ok {
			t.Fatalf("there are %d such traps: %v", len(list), c.Err())
		}
		if wanted(e) {
			list = append(list, e.Step)
		}
	}
	return list
}

// moved expects a movement to do what was asked.
func moved(t *testing.T, what string) func(replay.Stop, error) replay.Stop {
	return func(stop replay.Stop, err error) replay.Stop {
		t.Helper()
		if err != nil || stop.Reason != replay.AtTarget {
			t.Fatalf("%s: %+v, %v", what, stop, err)
		}
		return stop
	}
}

// TestOverInterrupts goes over instructions that are interrupted, in both
// directions: the handler is part of what it interrupts.
func TestOverInterrupts(t *testing.T) {
	path := prefix(t, guestConfig(t, 0, assets.Bench()), nil, 60_000_000)
	tl := open(t, path, replay.Options{})
	ctx := t.Context()
	moved(t, "to the end")(tl.Seek(ctx, tl.Last()))
	h := tl.Machine().Hart(0)
	tried := 0
	for _, step := range trapsOf(t, tl, tl.Last()/2, 6, func(e recording.Event) bool { return e.Kind == recording.Interrupt }) {
		moved(t, "to before the interrupt")(tl.Seek(ctx, step))
		interrupted := h.PC()
		moved(t, "a step back")(tl.StepBack(ctx, 1))
		if inst, _ := h.FetchAt(h.PC()); inst.IsReturn() || inst.Op == riscv.OpMRET {
			continue // the firmware's handler was first
		}
		tried++
		if stop := moved(t, "over what comes before")(tl.Over(ctx)); stop.Step != step {
			t.Fatalf("over the instruction before %v: %v", step, stop.Step)
		}
		done := moved(t, "over the interrupted instruction")(tl.Over(ctx))
		if done.Step < step+10 {
			t.Fatalf("the interrupted instruction of step %v is done at %v", step, done.Step)
		}
		if inst, _ := h.FetchAt(interrupted); !inst.IsCall() {
			if stop := moved(t, "back over it")(tl.OverBack(ctx)); stop.Step != done.Step-1 || h.PC() != interrupted {
				t.Fatalf("back from %v: %v", done.Step, stop)
			}
			if stop := moved(t, "back over the handler")(tl.OverBack(ctx)); stop.Step != step-1 {
				t.Fatalf("back over the interrupt of step %v and what comes before it: %v", step, stop.Step)
			}
		}
	}
	if tried == 0 {
		t.Error("nothing was tried")
	}
}

// TestOverCalls goes over environment calls, in both directions.
func TestOverCalls(t *testing.T) {
	path := prefix(t, guestConfig(t, 0, assets.Calls()), nil, 2_000_000)
	tl := open(t, path, replay.Options{})
	ctx := t.Context()
	moved(t, "to the end")(tl.Seek(ctx, tl.Last()))
	h := tl.Machine().Hart(0)
	isCall := func(e recording.Event) bool { return e.Kind == recording.Exception && riscv.IsCallCause(e.Cause) }
	for _, step := range trapsOf(t, tl, tl.Last()/2, 20, isCall) {
		moved(t, "to the call")(tl.Seek(ctx, step))
		pc := h.PC()
		if stop := moved(t, "over the call")(tl.Over(ctx)); h.PC() != pc+4 || stop.Step < step+3 {
			t.Fatalf("over the call of step %v: %v", step, stop)
		}
		if stop := moved(t, "back over the call")(tl.OverBack(ctx)); stop.Step != step {
			t.Fatalf("back over the call of step %v: %v", step, stop)
		}
	}
}
