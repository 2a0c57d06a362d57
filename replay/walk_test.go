package replay_test

import (
	"context"
	"crypto/sha256"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"reprise/assets"
	"reprise/internal/testing/guests"
	"reprise/internal/testing/torture"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
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
		memory int64  // for snapshots, in bytes
		entry  uint64 // a breakpoint, or 0 for the guest's trap handler
	}{
		"U-Boot": {func(t *testing.T) string { path, _, _ := uboot(t); return path }, 1, 0, ubootEntry},
		"U-Boot with little memory for snapshots": {func(t *testing.T) string { path, _, _ := uboot(t); return path }, 2, 24 << 20, ubootEntry},
		"compute, paging and a timer":             {func(t *testing.T) string { return prefix(t, guestConfig(t, 0, assets.Bench()), nil, 40_000_000) }, 3, 0, 0},
		"interrupts and waits":                    {func(t *testing.T) string { return keysRecording(t) }, 4, 0, 0},
		"timer only":                              {func(t *testing.T) string { return prefix(t, guestConfig(t, 5, assets.Idle()), nil, 20_000) }, 5, 0, 0},
		"threads": {func(t *testing.T) string {
			return prefix(t, guestConfig(t, 4, assets.Demo()), demoScript(), 15_000_000)
		}, 6, 0, 0},
		"harts under chaos": {func(t *testing.T) string { path, _ := recordRace(t); return path }, 7, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			walkThrough(t, test.record(t), test.seed, test.memory, test.entry, torture.Count(t, 500, 10_000))
		})
	}
}

// TestRandomMovesInLinux is TestRandomMoves in the beginning of a boot of Linux,
// or in the whole of it if long tests are asked for.
func TestRandomMovesInLinux(t *testing.T) {
	for name, harts := range map[string]int{"one hart": 1, "four harts": 4} {
		t.Run(name, func(t *testing.T) {
			path := linuxRecording(t, harts, uint64(torture.Count(t, 60_000_000, 3_000_000_000)))
			walkThrough(t, path, uint64(7+harts), 0, 0, torture.Count(t, 500, 10_000))
		})
	}
}

// TestRandomMovesOnABusyHost is TestRandomMoves while every core has something
// else to do.
func TestRandomMovesOnABusyHost(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var others sync.WaitGroup
	for range 2 * runtime.GOMAXPROCS(0) {
		others.Go(func() {
			for ctx.Err() == nil {
				_ = sha256.Sum256(make([]byte, 1<<16))
			}
		})
	}
	defer others.Wait()
	defer cancel()
	path, _, _ := uboot(t)
	walkThrough(t, path, 12, 0, ubootEntry, torture.Count(t, 100, 10_000))
}

// walkThrough makes n random moves in a recording.
func walkThrough(t *testing.T, path string, seed uint64, memory int64, entry uint64, n int) {
	t.Helper()
	c := newChart(t, path, entry)
	w := &wanderer{
		Timeline: open(t, path, replay.Options{SnapshotMemory: memory}), chart: c,
		random: rand.New(rand.NewPCG(seed, 0)), stops: map[vm.Step]vm.Digest{}, made: map[string]int{},
		beside: open(t, path, replay.Options{}),
	}
	w.SetBreakpoint(c.entry)
	w.SetWatchpoint(c.watch)
	// A long walk is compared piece by piece, since digests take memory.
	const piece = 1000
	for done := 0; done < n; done += piece {
		w.wander(t, min(n-done, piece))
		w.compare(t, path)
		t.Logf("%d moves agree", min(n, done+piece))
	}
	t.Logf("%v steps, %d stops at 0x%x, %d writes to %+v; moves: %v", c.last, len(c.breaks), c.entry, len(c.writes), c.watch, w.made)
}

// linuxRecording records a boot of Debian's Linux for so many steps.
func linuxRecording(t *testing.T, harts int, steps uint64) (path string) {
	t.Helper()
	const memory = 256 << 20
	kernel, initramfs := guests.Linux(t)
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: memory, Harts: harts, ISA: riscv.ISAAll.String(), MMU: boot.MMUType, Virtio: boot.VirtioSlots},
		Firmware: debian(t, guests.OpenSBI(t), "opensbi"),
		Kernel:   debian(t, kernel, "linux-image-riscv64"),
		Initrd:   debian(t, initramfs, "busybox-static"),
		Append:   "console=ttyS0 earlycon=sbi -- uname -a",
	})
	if err != nil {
		t.Fatal(err)
	}
	config := vm.Config{Harts: harts, ISA: riscv.ISAAll, Quantum: 1024, Seed: 31, Chaos: harts > 1, Segments: plan.Segments, SeedAddr: plan.SeedAddr}
	var m recording.Manifest
	blobs := replay.Describe(&m, config, memory, false)
	path = filepath.Join(t.TempDir(), "linux.reprise")
	w, err := recording.Create(path, m, recording.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blobs {
		if err := w.Blob(b); err != nil {
			t.Fatal(err)
		}
	}
	tl, err := replay.Record(config, memory, w, replay.Options{
		SnapshotDisk: -1,
		Consoles:     []replay.Console{{ID: vm.SerialDevice, Name: "serial0", Backend: &typist{}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tl.Step(t.Context(), steps); err != nil || tl.Err() != nil {
		t.Fatal(err, tl.Err())
	}
	if err := tl.End(t.Context(), recording.ShutdownHostQuit); err != nil {
		t.Fatal(err)
	}
	if err := tl.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// ubootEntry is met once for each boot.
const ubootEntry = 0x8020_0000

// mtvec is the number of the CSR.
const mtvec = 0x305

// chart is what a straight replay knows of a recording.
type chart struct {
	last   vm.Step
	events []vm.Step // of all events, in their order
	kinds  []recording.Kind
	entry  uint64
	breaks []vm.Step // at which a hart is about to execute at entry
	watch  riscv.Watch
	writes []vm.Step // at which a hart is about to write what is watched
	both   []vm.Step
}

// newChart replays a recording without ever going back. Without an address the
// breakpoint is where the guest handles traps at its end, or, if it has none,
// what it executes in the middle.
func newChart(t *testing.T, path string, entry uint64) *chart {
	t.Helper()
	c := &chart{entry: entry}
	tl := open(t, path, replay.Options{})
	c.last = tl.Last()
	cursor := tl.Log().Cursor()
	for e, ok := cursor.Next(); ok; e, ok = cursor.Next() {
		c.events, c.kinds = append(c.events, min(e.Step, c.last)), append(c.kinds, e.Kind)
	}
	// What is watched is on the stack in the middle.
	moved(t, "to the middle")(tl.Step(t.Context(), uint64(c.last/2)))
	h := tl.Machine().Hart(tl.Machine().Current())
	middle := h.PC()
	pa, ok := h.PeekAddress(h.X(2) &^ 7)
	if !ok {
		pa = 0x8000_0000
	}
	c.watch = riscv.Watch{What: riscv.PhysicalMemory, Addr: pa, Size: 8, Hart: riscv.AnyHart, Write: true}
	if _, err := tl.Continue(t.Context()); err != nil || tl.Err() != nil {
		t.Fatal(err, tl.Err())
	}
	if c.entry == 0 {
		c.entry, _ = tl.Machine().ReadRegister(0, vm.RegCSR0+mtvec)
	}
	straight := func(reason replay.Reason, set func(*replay.Timeline)) (stops []vm.Step) {
		tl := open(t, path, replay.Options{})
		set(tl)
		for {
			stop, err := tl.Continue(t.Context())
			if err != nil || tl.Err() != nil {
				t.Fatal(err, tl.Err())
			}
			if stop.Reason != reason {
				return stops
			}
			stops = append(stops, stop.Step)
		}
	}
	toEntry := func(tl *replay.Timeline) { tl.SetBreakpoint(c.entry) }
	if c.breaks = straight(replay.AtBreakpoint, toEntry); len(c.breaks) == 0 {
		c.entry = middle
		c.breaks = straight(replay.AtBreakpoint, toEntry)
	}
	c.writes = straight(replay.AtWatchpoint, func(tl *replay.Timeline) { tl.SetWatchpoint(c.watch) })
	c.both = slices.Sorted(maps.Keys(maps.Collect(func(yield func(vm.Step, bool) bool) {
		for _, list := range [][]vm.Step{c.breaks, c.writes} {
			for _, step := range list {
				if !yield(step, true) {
					return
				}
			}
		}
	})))
	if len(c.both) < 2 {
		t.Fatalf("%d stops at 0x%x, and %d writes to 0x%x", len(c.breaks), c.entry, len(c.writes), c.watch.Addr)
	}
	return c
}

// after is the first of a list after a step; before the last one before it.
func after(list []vm.Step, step vm.Step) (vm.Step, bool) {
	i, _ := slices.BinarySearch(list, step+1)
	if i == len(list) {
		return 0, false
	}
	return list[i], true
}

func before(list []vm.Step, step vm.Step) (vm.Step, bool) {
	i, _ := slices.BinarySearch(list, step)
	if i == 0 {
		return 0, false
	}
	return list[i-1], true
}

// wanderer walks at random through a recording.
type wanderer struct {
	*replay.Timeline
	*chart
	random *rand.Rand
	beside *replay.Timeline // another one, to look at steps one by one
	stops  map[vm.Step]vm.Digest
	made   map[string]int // moves by kind
}

// wander makes n moves.
func (w *wanderer) wander(t *testing.T, n int) {
	t.Helper()
	for range n {
		m := &moves[w.random.IntN(len(moves))]
		from := w.Position()
		stop, want, err := m.make(w, from)
		if err != nil || w.Err() != nil {
			t.Fatalf("%s from %v: %+v, %v, %v", m.name, from, stop, err, w.Err())
		}
		if stop.Step != want || w.Position() != want {
			t.Fatalf("%s from %v: at %v (%v), want %v", m.name, from, stop.Step, stop.Reason, want)
		}
		w.made[m.name]++
		d := w.Machine().Digest()
		if known, ok := w.stops[stop.Step]; ok && known.Difference(d) != "" {
			t.Fatalf("%s from %v: step %v has another %s than before", m.name, from, stop.Step, known.Difference(d))
		}
		w.stops[stop.Step] = d
	}
}

// compare holds the digests of all stops to those of a straight replay.
func (w *wanderer) compare(t *testing.T, path string) {
	t.Helper()
	straight := open(t, path, replay.Options{SnapshotMemory: 1})
	for _, step := range slices.Sorted(maps.Keys(w.stops)) {
		if n := uint64(step - straight.Position()); n > 0 {
			moved(t, "straight on")(straight.Step(t.Context(), n))
		}
		if d := straight.Machine().Digest().Difference(w.stops[step]); d != "" {
			t.Fatalf("step %v: a straight replay has another %s", step, d)
		}
	}
	clear(w.stops)
}
