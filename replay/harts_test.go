package replay_test

import (
	"slices"
	"testing"

	"reprise/assets"
	"reprise/replay"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
)

// recordRace records two harts that share counters, under chaos.
func recordRace(t *testing.T) (path string, end vm.Digest) {
	t.Helper()
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: guestRAM, Harts: 2, ISA: riscv.ISAAll.String(), MMU: boot.MMUType, Virtio: boot.VirtioSlots},
		Firmware: &boot.File{Name: "race.elf", Data: assets.Race()},
	})
	if err != nil {
		t.Fatal(err)
	}
	config := vm.Config{
		Harts: 2, ISA: riscv.ISAAll, Quantum: 1024, Seed: 29, Chaos: true, Segments: plan.Segments, SeedAddr: plan.SeedAddr,
	}
	tl, _, path := record(t, config, nil, false)
	if stop, err := tl.Continue(t.Context()); err != nil || stop.Reason != replay.GuestShutdown {
		t.Fatalf("recording: %v, %v", stop, err)
	}
	end = tl.Machine().Digest()
	if err := tl.Close(); err != nil {
		t.Fatal(err)
	}
	return path, end
}

// TestStepHart steps one of two harts through a whole recording and back again.
// Forwards it stops after each step of the hart, backwards before each: the same
// steps, seen from both sides.
func TestStepHart(t *testing.T) {
	path, end := recordRace(t)
	tl := open(t, path, replay.Options{Verify: true})
	var done []vm.Step
	for {
		stop, err := tl.StepHart(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if stop.Reason != replay.AtTarget {
			break
		}
		done = append(done, stop.Step-1)
	}
	if d := end.Difference(tl.Machine().Digest()); d != "" {
		t.Errorf("at the end %s differs from the recorded machine", d)
	}
	if len(done) < 1000 || !slices.ContainsFunc(done[1:], func(s vm.Step) bool { return !slices.Contains(done, s-1) }) {
		t.Fatalf("hart 1 did %d steps, in one turn", len(done))
	}
	for i := range 500 {
		stop, err := tl.StepHartBack(t.Context(), 1)
		if want := done[len(done)-1-i]; err != nil || stop.Step != want || stop.Hart != 1 {
			t.Fatalf("%d steps back: %v, %v, want step %v", i+1, stop, err, want)
		}
	}
	if _, err := tl.Seek(t.Context(), done[0]); err != nil {
		t.Fatal(err)
	}
	if stop, err := tl.StepHartBack(t.Context(), 1); err != nil || stop.Reason != replay.AtStart || stop.Step != 0 {
		t.Errorf("before the first step: %v, %v", stop, err)
	}
}
