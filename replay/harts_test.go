package replay_test

import (
	"bytes"
	"encoding/binary"
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

// sleeper is a guest of two harts: the second sleeps until the first, after
// 800,000 steps, wakes it by an interrupt that it has not enabled.
var sleeper = []uint32{
	0xf1402573, // csrr a0, mhartid
	0x02051e63, // bnez a0, 2f
	0x000645b7, // lui  a1, 100
	0xfff58593, // addi a1, a1, -1
	0xfe059ee3, // bnez a1, .-4
	0x020002b7, // lui  t0, 0x2000
	0x00100313, // li   t1, 1
	0x0062a223, // sw   t1, 4(t0)
	0x7d000593, // li   a1, 2000
	0xfff58593, // addi a1, a1, -1
	0xfe059ee3, // bnez a1, .-4
	0x001002b7, // lui  t0, 0x100
	0x00005337, // lui  t1, 5
	0x55530313, // addi t1, t1, 0x555
	0x0062a023, // sw   t1, 0(t0)
	0x0000006f, // j    .
	0x30445073, // 2: csrwi mie, 8
	0x10500073, // wfi
	0x0000006f, // j    .
}

// TestStepHartThatWaits steps a hart over a long wait, and back: at the speed of
// the machine, in few slices.
func TestStepHartThatWaits(t *testing.T) {
	image := new(bytes.Buffer)
	if err := binary.Write(image, binary.LittleEndian, sleeper); err != nil {
		t.Fatal(err)
	}
	config := guestConfig(t, 0, image.Bytes())
	config.Harts, config.Quantum = 2, 1024
	tl, _, path := record(t, config, nil, false)
	if stop, err := tl.Continue(t.Context()); err != nil || stop.Reason != replay.GuestShutdown {
		t.Fatal(stop, err)
	}
	if err := tl.Close(); err != nil {
		t.Fatal(err)
	}
	tl = open(t, path, replay.Options{Verify: true})
	slices := 0
	replay.OnSlice(tl, func() { slices++ })
	const wfi, after = 0x8000_0044, 0x8000_0048
	hart := tl.Machine().Hart(1)
	for hart.PC() != wfi {
		if stop, err := tl.StepHart(t.Context(), 1); err != nil || stop.Reason != replay.AtTarget {
			t.Fatal(stop, err)
		}
	}
	asleep, err := tl.StepHart(t.Context(), 1)
	if err != nil || hart.PC() != after {
		t.Fatalf("%v, %v, pc 0x%x", asleep, err, hart.PC())
	}
	awake, err := tl.StepHart(t.Context(), 1)
	if err != nil || awake.Step < asleep.Step+800_000 || hart.PC() != after {
		t.Fatalf("%v, %v after %v", awake, err, asleep)
	}
	if stop, err := tl.StepHartBack(t.Context(), 1); err != nil || stop.Step != awake.Step-1 {
		t.Fatal(stop, err)
	}
	if stop, err := tl.StepHartBack(t.Context(), 1); err != nil || stop.Step != asleep.Step-1 || hart.PC() != wfi {
		t.Fatal(stop, err)
	}
	if slices > 1000 {
		t.Errorf("%d slices ran", slices)
	}
}
