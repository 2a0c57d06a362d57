package replay_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"reprise/assets"
	"reprise/internal/testing/guests"
	"reprise/internal/testing/torture"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
)

// prefix records a guest for so many steps, or until it ends.
func prefix(t testing.TB, config vm.Config, script []exchange, steps uint64) (path string) {
	t.Helper()
	ctx := context.Background()
	tl, user, path := record(t, config, script, false)
	if _, err := tl.Step(ctx, steps); err != nil || tl.Err() != nil {
		t.Fatalf("%v, %v\n%s", err, tl.Err(), user.text())
	}
	if err := tl.End(ctx, recording.ShutdownHostQuit); err != nil {
		t.Fatal(err)
	}
	if err := tl.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// demoScript is typed into the demo until it crashes.
func demoScript() []exchange {
	var script []exchange
	for _, line := range guests.CrashLines() {
		script = append(script, exchange{guests.DemoPrompt, line + "\r"})
	}
	return script
}

// TestRandomMoves goes back and forth in recordings of several guests, and
// compares each stop with a straight replay.
func TestRandomMoves(t *testing.T) {
	for name, test := range map[string]struct {
		record func(t *testing.T) (path string)
		seed   uint64
		memory int64 // for snapshots, in bytes
		few    int
		// A breakpoint, or 0 for the guest's trap handler.
		breakpoint uint64
	}{
		"U-Boot": {func(t *testing.T) string { path, _, _ := uboot(t); return path }, 1, 0, 120, ubootEntry},
		"U-Boot with little memory for snapshots": {func(t *testing.T) string { path, _, _ := uboot(t); return path }, 2, 24 << 20, 60, ubootEntry},
		"compute, paging and a timer":             {func(t *testing.T) string { return prefix(t, guestConfig(t, 0, assets.Bench()), nil, 40_000_000) }, 3, 0, 100, 0},
		"interrupts and waits":                    {func(t *testing.T) string { return keysRecording(t) }, 4, 0, 300, 0},
		"timer only":                              {func(t *testing.T) string { return prefix(t, guestConfig(t, 5, assets.Idle()), nil, 20_000) }, 5, 0, 300, 0},
		"threads": {func(t *testing.T) string {
			return prefix(t, guestConfig(t, 4, assets.Demo()), demoScript(), 15_000_000)
		}, 6, 0, 120, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := test.record(t)
			w := newWanderer(t, path, test.seed, test.memory, test.breakpoint)
			w.wander(t, torture.Count(t, test.few, 1000))
			w.compare(t, path)
		})
	}
}

// wanderer walks at random through a recording.
type wanderer struct {
	*replay.Timeline
	random *rand.Rand
	hits   []vm.Step // at which a straight replay stops at breakpoints
	want   map[vm.Step]uint64
}

// newWanderer finds out where a straight replay stops at a breakpoint. Without an
// address it is where the guest handles traps.
func newWanderer(t *testing.T, path string, seed uint64, memory int64, breakpoint uint64) *wanderer {
	t.Helper()
	w := &wanderer{random: rand.New(rand.NewPCG(seed, 0)), want: map[vm.Step]uint64{}}
	w.Timeline = open(t, path, replay.Options{SnapshotMemory: memory})
	if breakpoint == 0 {
		end := open(t, path, replay.Options{})
		if _, err := end.GoLive(context.Background()); err != nil {
			t.Fatal(err)
		}
		breakpoint, _ = end.Machine().ReadRegister(0, vm.RegCSR0+mtvec)
	}
	w.SetBreakpoint(breakpoint)
	straight := open(t, path, replay.Options{})
	straight.SetBreakpoint(breakpoint)
	for {
		stop, err := straight.Continue(context.Background())
		if err != nil || straight.Err() != nil {
			t.Fatal(err, straight.Err())
		}
		if stop.Reason != replay.AtBreakpoint {
			break
		}
		w.hits = append(w.hits, stop.Step)
	}
	if len(w.hits) < 2 {
		t.Fatalf("the breakpoint at %#x is met %d times", breakpoint, len(w.hits))
	}
	t.Logf("%v steps; the breakpoint at %#x is met %d times", straight.Last(), breakpoint, len(w.hits))
	return w
}

// ubootEntry is met once for each boot.
const ubootEntry = 0x8020_0000

// mtvec is the number of the CSR.
const mtvec = 0x305

// wander makes n moves.
func (w *wanderer) wander(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		from := w.Position()
		what, stop, want, err := w.move()
		if err != nil || w.Err() != nil {
			t.Fatalf("move %d, %s from %v: %v, %v, %v", i, what, from, stop, err, w.Err())
		}
		if stop.Step != want || w.Position() != want {
			t.Fatalf("move %d, %s from %v: at %v (%v), want %v", i, what, from, stop.Step, stop.Reason, want)
		}
		sum := w.Machine().Digest().Sum()
		if known, ok := w.want[stop.Step]; ok && known != sum {
			t.Fatalf("move %d, %s from %v: step %v has two digests", i, what, from, stop.Step)
		}
		w.want[stop.Step] = sum
	}
}

// move makes a move, and says where it should have led.
func (w *wanderer) move() (what string, stop replay.Stop, want vm.Step, err error) {
	ctx, pos, last := context.Background(), w.Position(), w.Last()
	back := func(n uint64) vm.Step { return pos - min(pos, vm.Step(n)) }
	switch w.random.IntN(9) {
	case 0:
		want = vm.Step(w.random.Uint64N(uint64(last) + 1))
		stop, err = w.Seek(ctx, want)
		return fmt.Sprintf("seek to %v", want), stop, want, err
	case 1:
		n := 1 + w.random.Uint64N(1000)
		stop, err = w.StepBack(ctx, n)
		return fmt.Sprintf("%d steps back", n), stop, back(n), err
	case 2:
		n := 1 + w.random.Uint64N(100_000)
		stop, err = w.Step(ctx, n)
		return fmt.Sprintf("%d steps", n), stop, min(last, pos+vm.Step(n)), err
	case 3:
		stop, err = w.NextEvent(ctx)
		return "next event", stop, max(stop.Step, min(last, pos+1)), err
	case 4:
		stop, err = w.PreviousEvent(ctx)
		return "previous event", stop, min(stop.Step, back(1)), err
	case 5:
		stop, err = w.StepBack(ctx, 1)
		return "a step back", stop, back(1), err
	case 6:
		stop, err = w.Step(ctx, 1)
		return "a step", stop, min(last, pos+1), err
	case 7:
		stop, err = w.Continue(ctx)
		i, _ := slices.BinarySearch(w.hits, pos+1)
		if i == len(w.hits) {
			return "continue", stop, last, err
		}
		return "continue", stop, w.hits[i], err
	}
	stop, err = w.ReverseContinue(ctx)
	i, _ := slices.BinarySearch(w.hits, pos)
	if i == 0 {
		return "reverse continue", stop, 0, err
	}
	return "reverse continue", stop, w.hits[i-1], err
}

// compare holds the digests of all stops to those of a straight replay.
func (w *wanderer) compare(t *testing.T, path string) {
	t.Helper()
	steps := make([]vm.Step, 0, len(w.want))
	for step := range w.want {
		steps = append(steps, step)
	}
	slices.Sort(steps)
	straight := open(t, path, replay.Options{})
	for _, step := range steps {
		if n := uint64(step - straight.Position()); n > 0 {
			if _, err := straight.Step(context.Background(), n); err != nil {
				t.Fatal(err)
			}
		}
		if got := straight.Machine().Digest().Sum(); got != w.want[step] {
			t.Fatalf("step %v: a straight replay has another digest", step)
		}
	}
}
