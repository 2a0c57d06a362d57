package replay_test

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"reprise/replay"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
)

// program is a machine that runs instructions of M-mode from the start of RAM.
func program(t testing.TB, shift uint8, code ...uint32) vm.Config {
	t.Helper()
	var data []byte
	for _, word := range code {
		data = binary.LittleEndian.AppendUint32(data, word)
	}
	return guestConfig(t, shift, data)
}

// guestConfig is a machine with firmware of our own.
func guestConfig(t testing.TB, shift uint8, firmware []byte) vm.Config {
	t.Helper()
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: guestRAM, Harts: 1, ISA: riscv.RV64GC.String(), MMU: "riscv,sv39", Virtio: 8},
		Firmware: &boot.File{Name: "guest", Data: firmware},
	})
	if err != nil {
		t.Fatal(err)
	}
	return vm.Config{Harts: 1, ISA: riscv.RV64GC, Shift: shift, Segments: plan.Segments, SeedAddr: plan.SeedAddr}
}

// clockWatcher compares the virtual time of output with the host's.
type clockWatcher struct {
	shift uint8
	begin time.Time
	seen  int
	ahead time.Duration // the most that virtual time was ahead
}

func (w *clockWatcher) Output(_ uint8, step vm.Step, p []byte) {
	w.seen += len(p)
	w.ahead = max(w.ahead, time.Duration(step<<w.shift)-time.Since(w.begin))
}
func (w *clockWatcher) Save() any   { return nil }
func (w *clockWatcher) Restore(any) {}

// TestBusyMachineKeepsTime runs a guest that never waits and whose steps take
// long: its time must not run ahead of the host's by more than a slice.
func TestBusyMachineKeepsTime(t *testing.T) {
	config := program(t, vm.MaxShift,
		0x100002b7, // lui t0, 0x10000
		0x00028023, // sb  zero, 0(t0)
		0xffdff06f, // j   -4
	)
	w := &clockWatcher{shift: vm.MaxShift, begin: time.Now()}
	tl, err := replay.Run(config, guestRAM, replay.Options{Sleep: true, Consoles: []replay.Console{{ID: vm.SerialDevice, Name: "serial0"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tl.Close() }()
	tl.Observe(w)
	if stop, err := tl.Step(context.Background(), 200_000); err != nil || stop.Step != 200_000 {
		t.Fatal(stop, err)
	}
	if w.seen < 50_000 || w.ahead > 2*time.Millisecond {
		t.Errorf("%d bytes of output; virtual time was ahead by %v", w.seen, w.ahead)
	}
}
