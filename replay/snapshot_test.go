package replay

import (
	"testing"
	"time"

	"reprise/vm"
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
