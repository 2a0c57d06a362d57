package replay_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"reprise/assets"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

var writeGolden = flag.Bool("write-golden", false, "write the golden recordings of the current model and schema that are missing")

// goldens are the machines of which each machine model and each schema leaves a
// recording in testdata/golden, to be replayed ever after.
var goldens = map[string]struct {
	config  func(*testing.T) vm.Config
	script  []exchange
	sleep   bool
	steps   vm.Step // that are recorded, at most
	digests vm.Step // steps from one digest to the next
}{
	"devices": {devicesConfig, []exchange{{"keys: ready", "ab"}, {"62", "c"}, {"63", "poweroff\r"}}, true, vm.Never, 100},
	"harts":   {func(t *testing.T) vm.Config { return firmwareConfig(t, 3, assets.Race()) }, nil, false, vm.Never, 400},
	"paging":  {func(t *testing.T) vm.Config { return firmwareConfig(t, 1, assets.Bench()) }, nil, false, 6_000_000, 400_000},
	"calls":   {func(t *testing.T) vm.Config { return firmwareConfig(t, 1, assets.Calls()) }, nil, false, 3_000_000, 200_000},
}

// firmwareConfig is a machine that starts one of our guests.
func firmwareConfig(t *testing.T, harts int, firmware []byte) vm.Config {
	t.Helper()
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: guestRAM, Harts: harts, ISA: riscv.ISAAll.String(), MMU: boot.MMUType, Virtio: boot.VirtioSlots},
		Firmware: &boot.File{Name: "guest.elf", Data: firmware},
	})
	if err != nil {
		t.Fatal(err)
	}
	return vm.Config{
		Harts: harts, ISA: riscv.ISAAll, Quantum: 1024, Seed: 29, Chaos: harts > 1, Segments: plan.Segments, SeedAddr: plan.SeedAddr,
	}
}

// devicesConfig is a machine with a device of each kind.
func devicesConfig(t *testing.T) vm.Config {
	config := firmwareConfig(t, 1, assets.Keys())
	config.Shift = 3
	image := bytes.Repeat([]byte("golden"), 1<<13/3)
	config.Virtio[7] = vm.Virtio{Kind: vm.VirtioBlock, Image: bytes.NewReader(image), Size: uint64(len(image)), Serial: "golden"}
	config.Virtio[6] = vm.Virtio{Kind: vm.VirtioRNG}
	config.Virtio[5] = vm.Virtio{Kind: vm.VirtioConsole, Device: 1}
	config.Virtio[4] = vm.Virtio{Kind: vm.VirtioNet, Device: 2, MAC: vm.MAC{0x52, 0x54, 0, 1, 2, 3}}
	config.Semihosting = &vm.Semihosting{CommandLine: "golden"}
	return config
}

// goldenPath is the recording that this build leaves of a machine.
func goldenPath(name string) string {
	return filepath.Join("testdata", "golden", fmt.Sprintf("model%d-schema%d-%s.reprise", vm.Model, state.Schema, name))
}

// TestGoldenRecordings replays every golden recording. Those of this machine
// model, whatever their schema, verify; those of another are refused by name. A
// change of what a guest sees makes it fail until the model is raised, and then
// until there are recordings of the new one: go test ./replay -run Golden
// -write-golden.
func TestGoldenRecordings(t *testing.T) {
	for name, golden := range goldens {
		_, err := os.Stat(goldenPath(name))
		if errors.Is(err, os.ErrNotExist) && *writeGolden {
			recordGolden(t, goldenPath(name), golden.config(t), golden.script, golden.sleep, golden.steps, golden.digests)
		} else if err != nil {
			t.Errorf("%v: this machine model and schema have no golden recording: write it with -write-golden", err)
		}
	}
	paths, err := filepath.Glob(filepath.Join("testdata", "golden", "*.reprise"))
	if err != nil || len(paths) < len(goldens) {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			r, err := recording.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = r.Close() }()
			m := r.Manifest()
			if m.Model != vm.Model {
				_, err := replay.Play(r, replay.Options{})
				want := fmt.Sprintf("recorded with machine model %d (reprise %s); this is %d: use %[2]s to replay", m.Model, m.Reprise, vm.Model)
				if err == nil || err.Error() != want {
					t.Errorf("got %v, want %s", err, want)
				}
				return
			}
			tl, err := replay.Play(r, replay.Options{Verify: true})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tl.Close() }()
			if _, err := tl.Continue(t.Context()); err != nil || tl.Err() != nil {
				t.Fatalf("%v, %v: the machine does not do what it did: raise vm.Model and write golden recordings of it", err, tl.Err())
			}
			if tl.Position() != r.Last() || tl.Verified() != len(r.Digests()) || tl.Verified() < 10 {
				t.Errorf("the replay ends at step %v of %v, after %d of %d digests", tl.Position(), r.Last(), tl.Verified(), len(r.Digests()))
			}
			again := open(t, path, replay.Options{}) // by way of its snapshots
			for _, mark := range r.Snapshots() {
				if stop, err := again.Seek(t.Context(), mark.Step); err != nil || stop.Step != mark.Step {
					t.Fatal(stop, err)
				}
			}
			if _, err := again.GoLive(t.Context()); err != nil {
				t.Fatal(err)
			}
			if d := tl.Machine().Digest().Difference(again.Machine().Digest()); d != "" || len(r.Snapshots()) == 0 || again.Position() != r.Last() {
				t.Errorf("after %d snapshots, at step %v of %v, %s differs", len(r.Snapshots()), again.Position(), r.Last(), d)
			}
		})
	}
}

// recordGolden records a machine, and adds digests on the way, and snapshots.
func recordGolden(t *testing.T, path string, config vm.Config, script []exchange, sleep bool, steps, digests vm.Step) {
	t.Helper()
	var m recording.Manifest
	blobs := replay.Describe(&m, config, guestRAM, sleep)
	m.Reprise = "0.1"
	for i, d := range m.Machine.Virtio {
		if v := config.Virtio[d.Slot]; v.Kind == vm.VirtioBlock {
			image := make([]byte, v.Size)
			if _, err := v.Image.ReadAt(image, 0); err != nil {
				t.Fatal(err)
			}
			m.Machine.Virtio[i].Image = recording.Sum(image)
			m.Images = append(m.Images, recording.Image{Role: "disk", File: "disk", SHA256: recording.Sum(image), Size: v.Size})
			blobs = append(blobs, recording.ContentOf(image))
		}
	}
	w, err := recording.Create(filepath.Join(t.TempDir(), "golden.reprise"), m, recording.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blobs {
		if err := w.Blob(b); err != nil {
			t.Fatal(err)
		}
	}
	tl, user := start(t, config, w, script, sleep)
	if steps == vm.Never {
		_, err = tl.Continue(t.Context())
	} else {
		_, err = tl.Step(t.Context(), uint64(steps))
	}
	if err = errors.Join(err, tl.Close()); err != nil {
		t.Fatal(err, user.text())
	}
	s := readStory(t, w.Path())
	s.blobs = blobs
	tl = open(t, w.Path(), replay.Options{SnapshotDisk: 100 << 10})
	for tl.Position()+digests < s.end.Step {
		if _, err := tl.Step(t.Context(), uint64(digests)); err != nil {
			t.Fatal(err)
		}
		d := digest{step: tl.Position()}
		for _, h := range tl.Machine().Digest() {
			d.sums = append(d.sums, recording.ComponentDigest{Name: h.Name, Sum: h.Sum})
		}
		if err := replay.KeepSnapshot(tl); err != nil {
			t.Fatal(err)
		}
		s.digests = slices.Insert(s.digests, len(s.digests)-1, d)
	}
	if _, err := tl.GoLive(t.Context()); err != nil {
		t.Fatal(err)
	}
	told := s.write(t)
	if err := recording.Rewrite(told, tl.SaveSnapshots); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(told)
	if err == nil {
		err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o644))
	}
	if err != nil {
		t.Fatal(err)
	}
}
