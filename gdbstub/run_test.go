package gdbstub

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestRunForwardAndBack(t *testing.T) {
	ty := newToy(600)
	c := dialQuietly(t, ty)
	c.want("qSupported:swbreak+;hwbreak+", c.ask("qSupported:swbreak+;hwbreak+"))
	steps := []struct {
		packet, answer string
		at             uint64
	}{
		{"bs", "T05thread:1;replaylog:begin;", 0},
		{"bc", "T05thread:1;replaylog:begin;", 0},
		{"vCont;s:1", "T05thread:1;", 1},
		{"vCont;s:1", "T05thread:1;", 3}, // hart 1 is not held still
		{"vCont;s:2;c", "T05thread:2;", 4},
		{"vCont;c:1;s:2", "T05thread:2;", 6},
		{"vCont;S05:1;c:2", "T05thread:1;", 7},
		{"vCont;s:-1", "T05thread:1;", 9}, // the general hart
		{"Hc2", "OK", 9},
		{"s", "T05thread:2;", 10},
		{"S05", "T05thread:2;", 12},
		{"bs", "T05thread:2;", 11},
		{"Hc0", "OK", 11},
		{"bs", "T05thread:2;", 9},
		{"Z0,80000100,4", "OK", 9},
		{"c", "T05thread:1;swbreak:;", 18},
		{"c", "T05thread:2;swbreak:;", 19}, // a run moves, whatever lies here
		{"C05", "T05thread:1;swbreak:;", 30},
		{"bc", "T05thread:2;swbreak:;", 19},
		{"z0,80000100,4", "OK", 19},
		{"Z1,80000100,4", "OK", 19},
		{"bc", "T05thread:1;hwbreak:;", 18},
		{"vCont;s:2", "T05thread:2;hwbreak:;", 19}, // hart 1 stands at it when its turn comes
		{"z1,80000100,4", "OK", 19},
		{"vCont;c", "T05thread:1;replaylog:end;", 600},
		{"vCont;s:2", "T05thread:1;replaylog:end;", 600},
		{"?", "T05thread:1;replaylog:end;", 600},
		{"bs", "T05thread:1;", 598},
		{"?", "T05thread:1;", 598},
		{"bc", "T05thread:1;replaylog:begin;", 0},
	}
	for i, step := range steps {
		c.want(step.packet, step.answer)
		if at, _ := ty.Position(); uint64(at) != step.at {
			t.Fatalf("after %d, %q, at step %v, want %d", i, step.packet, at, step.at)
		}
	}
}

// A stop at a breakpoint that gdb did not set, or by a word it did not offer
// to understand, is a plain trap.
func TestBreakReason(t *testing.T) {
	ty := newToy(600)
	ty.breaks[0x80000004] = true
	c := dialQuietly(t, ty)
	c.want("c", "T05thread:1;")
	c.want("Z0,80000100,4", "OK")
	c.want("c", "T05thread:2;") // still at the other's
	c.want("c", "T05thread:1;")
	c.want("qSupported:hwbreak+", c.ask("qSupported:hwbreak+"))
	c.want("c", "T05thread:2;")
	c.want("Z1,80000100,4", "OK")
	c.want("bc", "T05thread:1;hwbreak:;")
}

func TestStopReplies(t *testing.T) {
	ty := newToy(600)
	var stop Stop
	var failure error
	ty.run = func(context.Context, Action) (Stop, error) { return stop, failure }
	c := dialQuietly(t, ty)
	tests := []struct {
		stop Stop
		want string
	}{
		{Stop{Reason: Stepped, Hart: 1}, "T05thread:2;"},
		{Stop{Reason: Breakpoint, Addr: 0x80000000}, "T05thread:1;"},
		{Stop{Reason: Watchpoint, Watch: WatchWrite, Addr: 0x80000800}, "T05thread:1;watch:80000800;"},
		{Stop{Reason: Watchpoint, Watch: WatchRead, Addr: 1, Hart: 1}, "T05thread:2;rwatch:1;"},
		{Stop{Reason: Watchpoint, Watch: WatchAccess, Addr: ^uint64(0)}, "T05thread:1;awatch:ffffffffffffffff;"},
		{Stop{Reason: Interrupted}, "T02thread:1;"},
		{Stop{Reason: HistoryBegin}, "T05thread:1;replaylog:begin;"},
		{Stop{Reason: HistoryEnd}, "T05thread:1;replaylog:end;"},
		{Stop{Reason: Exited, Status: 0x2a}, "W2a"},
	}
	for _, test := range tests {
		stop = test.stop
		c.want("c", test.want)
		c.want("?", test.want)
	}

	stop = Stop{Reason: HistoryEnd, Note: "the guest has powered off"}
	console, answer := c.said("c")
	if console != "the guest has powered off\n" || answer != "T05thread:1;replaylog:end;" {
		t.Errorf("a stop with a note said %q and answered %q", console, answer)
	}
	failure = errors.New("the replay diverged at step 7")
	console, answer = c.said("c")
	if console != failure.Error()+"\n" || answer != "T02thread:1;" {
		t.Errorf("a run that failed said %q and answered %q", console, answer)
	}
}

func TestBadRuns(t *testing.T) {
	ty := newToy(600)
	c := dialQuietly(t, ty)
	for _, packet := range []string{"vCont", "vCont;", "vCont;x", "vCont;r0:1", "vCont;c;"} {
		c.want(packet, "E.packet not understood")
	}
	c.want("vCont;s:3", `E.no thread "3": hart 0 is thread 1`)
	c.want("vCont;s:p1.1", `E.no thread "p1.1": hart 0 is thread 1`)
	c.want("cxyz", "E.packet not understood")
	c.want("vCont?", "vCont;c;C;s;S;r")
	if at, _ := ty.Position(); at != 0 {
		t.Errorf("bad packets ran to step %v", at)
	}
}

// The old packets may name an address to go on from.
func TestResumeAt(t *testing.T) {
	ty := newToy(600)
	ty.live = true
	var resumed []uint64
	ty.run = func(context.Context, Action) (Stop, error) {
		pc, err := ty.ReadRegister(0, PC)
		resumed = append(resumed, pc)
		return Stop{}, err
	}
	c := dialQuietly(t, ty)
	c.want("c80000100", "E.writes are possible at the live end only")
	ty.seek(600)
	c.said("c")
	c.want("c80000100", "T05thread:1;")
	c.want("s80000104", "T05thread:1;")
	c.want("C05;80000008", "T05thread:1;")
	c.want("S05", "T05thread:1;")
	if got, want := fmt.Sprintf("%x", resumed), "[80000100 80000104 80000008 80000008]"; got != want {
		t.Errorf("ran from %s, want %s", got, want)
	}
}

// DESIGN: what others do to a stopped target is told at the next resume, which
// does not run.
func TestMovedByOthers(t *testing.T) {
	ty := newToy(600)
	ty.live = true
	ran := 0
	ty.run = func(context.Context, Action) (Stop, error) {
		ran++
		ty.seek(600) // its own movement changes the generation too
		return Stop{}, nil
	}
	c := dialQuietly(t, ty)
	for _, resume := range []string{"c", "s", "bc", "bs", "vCont;c", "vCont;s:1", "C05", "c80000100"} {
		ran = 0
		ty.seek(598)
		ty.called()
		console, answer := c.said(resume)
		if answer != "T02thread:1;" || ran != 0 {
			t.Errorf("%q after a movement answered %q and ran %d times", resume, answer, ran)
		}
		if !strings.Contains(console, "moved to step 598") || !strings.Contains(console, "maintenance flush register-cache") {
			t.Errorf("%q after a movement said %q", resume, console)
		}
		if got := ty.called(); got != "" {
			t.Errorf("%q after a movement called %q", resume, got)
		}
		if c.ask("vCont;s:1"); ran != 1 {
			t.Errorf("the next resume after %q did not run", resume)
		}
	}
	c.want("?", "T05thread:1;")
}

// Once gdb has read the registers of the hart of the last stop again, after a
// flush, it knows the place and may run.
func TestMovedAndFlushed(t *testing.T) {
	ty := newToy(600)
	c := dialQuietly(t, ty)
	ty.seek(100)
	c.ask("g")
	c.want("vCont;s:1", "T05thread:1;")

	ty.seek(200)
	c.want("Hg2", "OK")
	c.ask("g") // of another hart: gdb may hold old registers of the first
	if _, answer := c.said("vCont;s:1"); answer != "T02thread:1;" {
		t.Errorf("after g of another hart the answer was %q", answer)
	}

	ty.seek(300)
	c.ask("p20") // nor does a single register tell it the place
	if _, answer := c.said("vCont;s:1"); answer != "T02thread:1;" {
		t.Errorf("after p the answer was %q", answer)
	}

	console, answer := c.said(fmt.Sprintf("qRcmd,%x", "seek 400"))
	if answer != "OK" || !strings.Contains(console, "now at step 400") || !strings.Contains(console, flushCommands) {
		t.Errorf("monitor seek said %q and answered %q", console, answer)
	}
	c.ask("g")
	c.want("vCont;s:1", "T05thread:1;")
}

// A write by gdb is no movement by others, though it changes the generation;
// nor does it hide one.
func TestWritesAreMine(t *testing.T) {
	ty := newToy(600)
	ty.live = true
	ty.seek(600)
	c := dialQuietly(t, ty)
	c.want("Pa="+le(1), "OK")
	c.want("M80000900,1:01", "OK")
	c.want("bs", "T05thread:1;")
	ty.seek(600)
	c.want("Pa="+le(2), "OK")
	c.want("M80000900,1:02", "OK")
	if _, answer := c.said("bs"); answer != "T02thread:1;" {
		t.Errorf("a write hid a movement: %q", answer)
	}
}

// A run is told whose breakpoint gdb knows of: that of the last stop, unless
// gdb has sent a hart somewhere else.
func TestSeen(t *testing.T) {
	ty := newToy(600)
	ty.live = true
	ty.seek(600)
	var actions []Action
	ty.run = func(_ context.Context, a Action) (Stop, error) {
		actions = append(actions, a)
		return Stop{Reason: Stepped, Hart: 1}, nil
	}
	c := dialQuietly(t, ty)
	tests := []struct {
		before, resume string
		want           Action
	}{
		{"", "vCont;c", Action{Seen: 0}},
		{"", "vCont;s:1", Action{Step: true, Hart: 0, Seen: 1}},
		{"Hg1", "bc", Action{Reverse: true, Seen: 1}},
		{"Pa=" + le(1), "vCont;s:2", Action{Step: true, Hart: 1, Seen: 1}},
		{"P20=" + le(0x80000100), "vCont;c", Action{Seen: NoHart}},
		{"", "vCont;c", Action{Seen: 1}},
		{"", "c80000000", Action{Seen: NoHart}},
		{"Hc1", "bs", Action{Step: true, Reverse: true, Hart: 0, Seen: 1}},
	}
	for i, test := range tests {
		if test.before != "" {
			c.want(test.before, "OK")
		}
		c.want(test.resume, "T05thread:2;")
		if len(actions) != i+1 || actions[i] != test.want {
			t.Fatalf("%q, %q ran %+v, want %+v last", test.before, test.resume, actions, test.want)
		}
	}
}

// With several harts, the next one may stand at a breakpoint where gdb has
// just stepped another off it.
func TestBreakpointUnderNextHart(t *testing.T) {
	ty := newToy(600)
	c := dialQuietly(t, ty)
	c.want("Z0,80000100,4", "OK")
	c.want("c", "T05thread:1;")
	c.want("z0,80000100,4", "OK")
	c.want("vCont;s:1", "T05thread:1;")
	c.want("Z0,80000100,4", "OK")
	c.want("c", "T05thread:2;")
	if at, _ := ty.Position(); at != 7 {
		t.Errorf("hart 1 stopped at step %v, want 7", at)
	}
}

// gdb hangs if history ends while it steps off a breakpoint.
func TestEndOffBreakpoint(t *testing.T) {
	ty := newToy(3)
	ty.harts = 1
	c := dialQuietly(t, ty)
	ended := func(resume, wantConsole, wantAnswer string) {
		t.Helper()
		if console, answer := c.said(resume); console != wantConsole || answer != wantAnswer {
			t.Errorf("%q said %q and answered %q, want %q and %q", resume, console, answer, wantConsole, wantAnswer)
		}
	}
	const note = "no more history in this direction\n"
	ended("vCont;c", "", "T05thread:1;replaylog:end;")
	ended("vCont;s:1", "", "T05thread:1;replaylog:end;")
	c.want("Z0,80000100,4", "OK")
	c.want("Z1,80000100,4", "OK")
	c.want("z0,80000100,4", "OK")
	ended("vCont;s:1", "", "T05thread:1;replaylog:end;") // one is left
	c.want("z1,80000100,4", "OK")
	ended("vCont;s:1", note, "T00thread:1;")
	c.want("?", "T00thread:1;")
	ended("vCont;s:1", note, "T00thread:1;")
	ended("vCont;c", "", "T05thread:1;replaylog:end;") // this is no step
	c.want("Z0,80000100,4", "OK")
	ended("vCont;s:1", "", "T05thread:1;replaylog:end;")
	ended("bc", "", "T05thread:1;replaylog:begin;")
	c.want("z0,80000100,4", "OK")
	ended("bs", "", "T05thread:1;replaylog:begin;") // another address
}
