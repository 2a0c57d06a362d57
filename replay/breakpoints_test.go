package replay_test

import (
	"context"
	"testing"

	"reprise/replay"
	"reprise/vm"
	"reprise/vm/riscv"
)

// TestPointsAreEnabled passes what is disabled, counts what stops, and goes to
// the stops of one point alone.
func TestPointsAreEnabled(t *testing.T) {
	path, _, _ := uboot(t)
	tl := open(t, path, replay.Options{})
	ctx := context.Background()
	if _, err := tl.Seek(ctx, tl.Last()/2); err != nil {
		t.Fatal(err)
	}
	begin := tl.Position()
	if _, err := tl.Step(ctx, 50); err != nil {
		t.Fatal(err)
	}
	addr := tl.Machine().Hart(0).PC()
	if _, err := tl.Seek(ctx, begin); err != nil {
		t.Fatal(err)
	}
	tl.SetBreakpoint(addr)
	first, err := tl.Continue(ctx)
	if err != nil || first.Reason != replay.AtBreakpoint || first.Addr != addr {
		t.Fatal(first, err)
	}
	near := tl.Machine().Hart(0).PC()
	tl.EnableBreakpoint(addr, false)
	watch := riscv.Watch{What: riscv.VirtualMemory, Addr: tl.Machine().Hart(0).X(2) &^ 63, Size: 128, Hart: riscv.AnyHart, Write: true, Read: true}
	tl.SetWatchpoint(watch)
	second, err := tl.Continue(ctx)
	if err != nil || second.Reason != replay.AtWatchpoint {
		t.Fatal(second, err)
	}
	list := tl.BreakpointList()
	if len(list) != 1 || !list[0].Disabled || list[0].Hits != 1 || list[0].Addr != near {
		t.Errorf("the breakpoint is %+v", list)
	}
	if set := tl.WatchpointList(); len(set) != 1 || set[0].Hits != 1 || set[0].Disabled {
		t.Errorf("the watchpoint is %+v", set)
	}
	// One alone: the watchpoint does not end the way to the breakpoint, nor does
	// it matter that that is disabled.
	back, err := tl.ToBreakpoint(ctx, addr, false)
	if err != nil || back.Reason != replay.AtBreakpoint || back.Addr != addr || back.Step < first.Step {
		t.Fatalf("back at %+v, %v; the stop was %+v", back, err, first)
	}
	for back.Step > first.Step {
		if back, err = tl.ToBreakpoint(ctx, addr, false); err != nil || back.Reason != replay.AtBreakpoint {
			t.Fatal(back, err)
		}
	}
	again, err := tl.ToWatchpoint(ctx, watch, true)
	if err != nil || again.Step != second.Step || again.Reason != replay.AtWatchpoint {
		t.Fatalf("the watchpoint is met at %+v, %v, want step %v", again, err, second.Step)
	}
	// A condition that never holds lets it pass; enabled again, it stops.
	tl.EnableWatchpoint(watch, false)
	tl.EnableBreakpoint(addr, true)
	tl.SetCondition(addr, "never", func(*vm.Machine, int) bool { return false })
	if _, err := tl.Seek(ctx, begin); err != nil {
		t.Fatal(err)
	}
	if stop, err := tl.Continue(ctx); err != nil || stop.Reason != replay.AtEnd && stop.Reason != replay.GuestShutdown {
		t.Fatal(stop, err)
	}
	if got := tl.BreakpointList()[0]; got.Condition != "never" {
		t.Errorf("the breakpoint is %+v", got)
	}
	tl.SetCondition(addr, "", nil)
	if stop, err := tl.ReverseContinue(ctx); err != nil || stop.Reason != replay.AtBreakpoint || stop.Addr != addr {
		t.Fatal(stop, err)
	}
}
