package replay_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/riscv"
)

// listener observes the console as text.
type listener struct{ text []byte }

func (l *listener) Output(_ uint8, _ vm.Step, p []byte) { l.text = append(l.text, p...) }
func (l *listener) Save() any                           { return bytes.Clone(l.text) }
func (l *listener) Restore(state any)                   { l.text = bytes.Clone(state.([]byte)) }

// indexed is a recording with snapshots up to a number of bytes.
func indexed(t *testing.T, budget int64) (path, console string, end vm.Digest) {
	t.Helper()
	path, console, end = uboot(t)
	tl := open(t, path, replay.Options{SnapshotDisk: budget})
	if stop, err := tl.Continue(context.Background()); err != nil || stop.Step != tl.Last() {
		t.Fatal(stop, err)
	}
	if err := recording.Rewrite(path, tl.SaveSnapshots); err != nil {
		t.Fatal(err)
	}
	return path, console, end
}

// TestOpenAtEnd goes to the end of a recording that has a snapshot of it:
// nothing is replayed, and screen and backend have all that was printed.
func TestOpenAtEnd(t *testing.T) {
	path, console, end := indexed(t, 16<<20)
	out, screen := &typist{}, &listener{}
	tl := open(t, path, replay.Options{Consoles: []replay.Console{{ID: vm.SerialDevice, Name: "serial0", Backend: out}}})
	tl.Observe(screen)
	ran := 0
	replay.OnSlice(tl, func() { ran++ })
	if stop, err := tl.GoLive(context.Background()); err != nil || stop.Step != tl.Last() {
		t.Fatal(stop, err)
	}
	if ran > 0 {
		t.Errorf("%d slices ran", ran)
	}
	if d := end.Difference(tl.Machine().Digest()); d != "" {
		t.Errorf("%s differs at the end", d)
	}
	if string(screen.text) != console {
		t.Error("the screen is not what was printed")
	}
	if out.text() != console {
		t.Error("the backend did not get what was printed")
	}
}

// TestStoredSnapshots goes to random places, with snapshots of the recording
// and without, in little memory.
func TestStoredSnapshots(t *testing.T) {
	path, console, _ := indexed(t, 16<<20)
	with := open(t, path, replay.Options{SnapshotMemory: 8 << 20})
	screen := &listener{}
	with.Observe(screen)
	without := open(t, path, replay.Options{Verify: true})
	if n := len(with.Log().Snapshots()); n < 3 {
		t.Fatalf("the recording has %d snapshots", n)
	}
	random := rand.New(rand.NewPCG(9, 10))
	ctx := context.Background()
	for range 12 {
		step := vm.Step(random.Uint64N(uint64(with.Last())))
		if _, err := with.Seek(ctx, step); err != nil {
			t.Fatal(err)
		}
		if _, err := without.Seek(ctx, step); err != nil {
			t.Fatal(err)
		}
		if d := without.Machine().Digest().Difference(with.Machine().Digest()); d != "" {
			t.Fatalf("step %v: %s differs", step, d)
		}
		want := 0
		err := with.Printed(ctx, vm.SerialDevice, "\n", 0, step, func(replay.Print) bool { want++; return true })
		if err != nil || bytes.Count(screen.text, []byte("\n")) != want || !bytes.HasPrefix([]byte(console), screen.text) {
			t.Fatalf("step %v: the screen has %d lines, want %d: %v", step, bytes.Count(screen.text, []byte("\n")), want, err)
		}
	}
	with.SetBreakpoint(0x80200000)
	if _, err := with.GoLive(ctx); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if stop, err := with.ReverseContinue(ctx); err != nil || stop.Reason != replay.AtBreakpoint {
			t.Fatal(stop, err)
		}
	}
}

// TestDamagedSnapshots finds every snapshot damaged, and does without: in a
// movement and in searches. It is said once.
func TestDamagedSnapshots(t *testing.T) {
	plain, _, _ := uboot(t)
	path, _, end := indexed(t, 16<<20)
	short, err := os.ReadFile(plain)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Behind the events come the snapshots, and then an index, which stays.
	for i := len(short) - 3000; i < len(data)-3000; i += 97 {
		data[i] ^= 0x10
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	whole := open(t, plain, replay.Options{})
	moved(t, "to the end")(whole.Seek(t.Context(), whole.Last()))
	stored := riscv.Watch{What: riscv.PhysicalMemory, Addr: 0x80200000, Size: 8, Hart: riscv.AnyHart, Write: true}
	written, _, err := whole.LastAccess(t.Context(), stored)
	if err != nil {
		t.Fatal(err)
	}
	for name, move := range map[string]func(*replay.Timeline) error{
		"to the end": func(tl *replay.Timeline) error {
			stop, err := tl.GoLive(t.Context())
			if d := end.Difference(tl.Machine().Digest()); stop.Step != tl.Last() || d != "" {
				t.Errorf("at %v, %s differs at the end", stop.Step, d)
			}
			return err
		},
		"where an address was passed": func(tl *replay.Timeline) error {
			_, count, err := tl.NthPassed(t.Context(), ubootEntry, 3)
			if count != 2 {
				t.Errorf("U-Boot's entry was passed %d times, want 2", count)
			}
			return err
		},
		"what was written last": func(tl *replay.Timeline) error {
			if _, err := tl.Seek(t.Context(), tl.Last()); err != nil {
				return err
			}
			got, found, err := tl.LastAccess(t.Context(), stored)
			if !found || got != written {
				t.Errorf("the last write is %+v, want %+v", got, written)
			}
			return err
		},
	} {
		var warnings []error
		tl := open(t, path, replay.Options{Warn: func(err error) { warnings = append(warnings, err) }})
		if len(tl.Log().Snapshots()) < 2 {
			t.Fatal("the index is damaged too: nothing is tested")
		}
		if err := move(tl); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(warnings) != 1 || !strings.Contains(warnings[0].Error(), "reprise index") {
			t.Errorf("%s: it was said: %v", name, warnings)
		}
	}
}

// TestDiskBudget makes recordings with snapshots in little room.
func TestDiskBudget(t *testing.T) {
	plain, _, _ := indexed(t, -1)
	before, err := os.Stat(plain)
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	for _, budget := range []int64{-1, 64 << 10, 512 << 10, 4 << 20} {
		path, _, _ := indexed(t, budget)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		const index = 64 << 10
		if info.Size() > before.Size()+max(budget, 0)+index {
			t.Errorf("%d bytes for snapshots took %d", budget, info.Size()-before.Size())
		}
		n := len(open(t, path, replay.Options{}).Log().Snapshots())
		if budget < 0 && n > 0 {
			t.Errorf("%d snapshots in no room", n)
		}
		last = n
	}
	if last < 2 {
		t.Errorf("%d snapshots", last)
	}
}
