package replay

import (
	"bytes"
	"testing"
	"time"

	"reprise/vm"
	"reprise/vm/riscv"
)

// countdown counts from a number of thousands down to nothing, and ends.
func countdown(thousands uint32) []byte {
	return code(append([]uint32{
		thousands<<12 | 0x37<<0 | 10<<7, // lui a0, thousands
		0xfff50513,                      // addi a0, a0, -1
		0xfe051ee3,                      // bnez a0, .-4
	}, powerOff...)...)
}

// TestSnapshotSpacing has snapshots made when they are due: by the time that the
// machine has run, what the last one cost, and what all have.
func TestSnapshotSpacing(t *testing.T) {
	tl, _ := record(t, countdown(100), newHost(nil))
	defer closed(t, tl)
	s, sn := tl.session, tl.snapshots
	for _, test := range []struct {
		name          string
		away          uint64 // steps since the last
		since         time.Duration
		cost, regular time.Duration
		ran           time.Duration // in all
		want          bool
	}{
		{"cheap, and long enough", 10, shortRun, 0, 0, time.Second, true},
		{"too soon", 10, shortRun - 1, 0, 0, time.Second, false},
		{"too near", 9, time.Second, 0, 0, time.Second, false},
		{"dear, but paid", 10, snapshotShare * time.Millisecond, time.Millisecond, time.Hour, time.Second, true},
		{"dear, and not paid", 10, snapshotShare*time.Second - 1, time.Second, time.Hour, time.Minute, false},
		{"dear, soon, and on credit", 10, longRun - 1, time.Second, 0, time.Second, false},
		{"dear, and on credit", 10, longRun, time.Second, snapshotCredit, time.Second, true},
		{"dear, and what is earned is spent", 10, longRun, time.Second, snapshotCredit + 2*time.Second, time.Minute - 1, false},
		{"dear, and earned", 10, longRun, time.Second, snapshotCredit + 2*time.Second, time.Minute, true},
	} {
		if err := sn.keep(false, false); err != nil {
			t.Fatal(err)
		}
		sn.spacing = vm.Never
		if _, err := tl.Step(t.Context(), test.away); err != nil {
			t.Fatal(err)
		}
		sn.spacing = 10
		s.ran = test.ran
		sn.cost, sn.regular = test.cost, test.regular
		sn.behind, sn.after = sn.nearest(s.position()).step, s.ran-test.since
		before := len(sn.list)
		if err := sn.due(); err != nil {
			t.Fatal(err)
		}
		if made := len(sn.list) > before; made != test.want {
			t.Errorf("%s: made %v, want %v", test.name, made, test.want)
		}
	}
}

// TestSnapshotOfKnownGround goes over the same steps again: where snapshots lie
// near enough to each other none is added.
func TestSnapshotOfKnownGround(t *testing.T) {
	tl, _ := record(t, countdown(100), newHost(nil))
	defer closed(t, tl)
	s, sn := tl.session, tl.snapshots
	pass := func() {
		for range 10 {
			sn.spacing = vm.Never
			s.ran += shortRun
			if _, err := tl.Step(t.Context(), 10); err != nil {
				t.Fatal(err)
			}
			sn.spacing, sn.cost, sn.regular = 1, 0, 0
			if err := sn.due(); err != nil {
				t.Fatal(err)
			}
		}
	}
	pass()
	want := len(sn.list)
	if _, err := tl.Seek(t.Context(), 5); err != nil { // between two of them
		t.Fatal(err)
	}
	sn.spacing = vm.Never
	before := len(sn.list) // the way back may leave dense ones
	pass()
	if want != 11 || len(sn.list) != before {
		t.Errorf("%d snapshots at first, %d before the second pass and %d after it", want, before, len(sn.list))
	}
}

// TestSnapshotHoldsNoPoints compares a snapshot of a timeline that breakpoints and
// watchpoints have stopped with one of the same step without any: they are equal,
// byte for byte.
func TestSnapshotHoldsNoPoints(t *testing.T) {
	tl, path := record(t, countdown(1), newHost(nil))
	toEnd(t, tl)
	closed(t, tl)
	const loop, finisher = 0x8000_0004, 0x8000_0018
	with, without := play(t, path, nil), play(t, path, nil)
	with.SetBreakpoint(loop)
	with.SetBreakpoint(finisher)
	with.SetWatchpoint(riscv.Watch{What: riscv.VirtualMemory, Addr: 0x8000_0000, Size: 1 << 20, Hart: riscv.AnyHart, Read: true, Write: true})
	for range 20 {
		stop, err := with.Continue(t.Context())
		if err != nil || stop.Reason != AtBreakpoint {
			t.Fatal(stop, err)
		}
		if _, err := without.Seek(t.Context(), stop.Step); err != nil {
			t.Fatal(err)
		}
		a, errA := with.snapshots.capture()
		b, errB := without.snapshots.capture()
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if a.step != b.step || a.virtual != b.virtual || a.ordinal != b.ordinal || !bytes.Equal(a.machine, b.machine) {
			t.Fatalf("step %v: the snapshots differ", stop.Step)
		}
		for page := range with.session.machine.RAM().Pages() {
			if !bytes.Equal(with.snapshots.store.page(a.image, page), without.snapshots.store.page(b.image, page)) {
				t.Fatalf("step %v: page %d of the snapshots differs", stop.Step, page)
			}
		}
		with.snapshots.drop(a)
		without.snapshots.drop(b)
	}
}

// TestSnapshotMemory keeps within the limit, the memory of the workers that
// search counted.
func TestSnapshotMemory(t *testing.T) {
	tl, path := record(t, scribbler, newHost(nil))
	toEnd(t, tl)
	closed(t, tl)
	for _, limit := range []int64{64 << 20, 32 << 20, 16 << 20} {
		r := play(t, path, nil)
		sn := r.snapshots
		sn.limit = limit
		most, held := int64(0), 0
		for r.Position() < r.Last() {
			if _, err := r.Step(t.Context(), 3000); err != nil {
				t.Fatal(err)
			}
			if err := sn.keep(false, false); err != nil {
				t.Fatal(err)
			}
			if r.Position() > r.Last()/2 && len(r.workers) == 0 { // from here on there are workers
				if _, found, err := r.LastPassed(t.Context(), 0x8000_0000); err != nil || !found {
					t.Fatal(found, err)
				}
				if err := sn.keep(false, false); err != nil {
					t.Fatal(err)
				}
				sn.thin()
			}
			used := sn.store.bytesUsed()
			for _, shot := range sn.list {
				used += int64(len(shot.machine))
			}
			for _, w := range r.workers {
				used += int64(w.session.machine.RAM().Touched()) * riscv.PageSize
			}
			if used > limit {
				t.Fatalf("step %v: %d bytes of %d are used by %d snapshots and %d workers", r.Position(), used, limit, len(sn.list), len(r.workers))
			}
			most, held = max(most, used), max(held, len(sn.list))
		}
		if most < limit/2 || len(r.workers) == 0 {
			t.Errorf("of %d bytes only %d were used, with %d workers: nothing is tested", limit, most, len(r.workers))
		}
		t.Logf("limit %d MiB: at most %d MiB in %d snapshots, %d workers", limit>>20, most>>20, held, len(r.workers))
	}
}

// scribbler writes to 2 MiB of memory, page by page, again and again.
var scribbler = code(append([]uint32{
	0x06400513, // li a0,100
	0x801005b7, // lui a1,0x80100
	0x80300637, // lui a2,0x80300
	0x02059593, // sll a1,a1,0x20
	0x0205d593, // srl a1,a1,0x20
	0x02061613, // sll a2,a2,0x20
	0x02065613, // srl a2,a2,0x20
	0x00a5b023, // sd a0,0(a1)
	0x000016b7, // lui a3,0x1
	0x00d585b3, // add a1,a1,a3
	0xfec59ae3, // bne a1,a2,1c
	0xfff50513, // add a0,a0,-1
	0xfc051ae3, // bnez a0,4
}, powerOff...)...)
