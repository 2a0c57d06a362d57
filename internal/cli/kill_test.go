package cli

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reprise/internal/testing/guests"
	"reprise/internal/testing/torture"
	"reprise/replay/recording"
)

// TestKilledRecorder kills recorders at random steps of a boot, and of a guest
// that only computes. What had been flushed before is there afterwards, and
// verifies.
func TestKilledRecorder(t *testing.T) {
	compute := []string{"-m", "128M", "--bios", guests.Bench(t)}
	random := rand.New(rand.NewPCG(9, 10))
	for i := range torture.Count(t, 4, 500) {
		machine, far := ubootMachine(t), uint64(150_000_000) // the countdown begins at 40 million
		if i%2 == 1 {
			machine, far = compute, 100_000_000
		}
		killAt(t, machine, recording.Step(random.Uint64N(far)))
	}
}

// killAt kills a recorder once its file has reached a step.
func killAt(t *testing.T, machine []string, step recording.Step) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "k.reprise")
	cmd := exec.CommandContext(t.Context(), "reprise", append([]string{"record", "--no-tui", "-o", path}, machine...)...)
	stdin, err := cmd.StdinPipe() // never written to
	if err = errors.Join(err, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }()
	reached := waitForStep(t, path, step)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed

	r, err := recording.Open(path)
	if err != nil {
		t.Fatalf("killed after step %v: %v", reached, err)
	}
	last, _, torn := r.Torn()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if !torn || last < reached {
		t.Fatalf("killed after step %v, which was in the file, the recording reaches step %v (torn: %v)", reached, last, torn)
	}
	verdict := reprise(t, "verify", path)
	if !strings.HasPrefix(verdict, "torn: ") || !strings.Contains(verdict, " it reaches step "+last.String()+",") ||
		!strings.Contains(verdict, "\nverified: "+last.String()+" steps, ") {
		t.Fatalf("killed after step %v: %s", reached, verdict)
	}
}

// waitForStep looks into a recording that is being made until it has reached a
// step, and returns the step that it has reached.
func waitForStep(t *testing.T, path string, step recording.Step) recording.Step {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for range look.C {
		r, err := recording.Open(path)
		if errors.Is(err, recording.ErrNotYetRecording) || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		last := r.Last()
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if last >= step {
			return last
		}
	}
	return 0
}

// TestFullDisk fills a small disk of its own with a recording. Making a file
// system needs rights that not every machine gives, so that only the long tests
// do it; the script badinput fills a file up to a limit in every run.
func TestFullDisk(t *testing.T) {
	for range torture.Count(t, 0, 1) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "noise"), noise(2_000_000), 0o600); err != nil {
			t.Fatal(err)
		}
		const script = `mkdir disk && mount -t tmpfs -o size=300k tmpfs disk || exit 99
reprise record --no-tui -o disk/f.reprise -m 16M --bios "$1" <noise >console
echo "status $?"
exec reprise verify disk/f.reprise`
		cmd := exec.CommandContext(t.Context(), "unshare", "--map-root-user", "--mount", "bash", "-c", script, "bash", guests.Keys(t))
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for _, want := range []string{"reprise: recording disk/f.reprise stopped; it is kept up to step ", "no space left on device", "status 3\n", "\ntorn: ", "\nverified: "} {
			if !strings.Contains(string(out), want) {
				t.Errorf("%q is missing in:\n%s", want, out)
			}
		}
	}
}
