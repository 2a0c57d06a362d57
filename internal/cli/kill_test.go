package cli

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/internal/testing/guests"
	"reprise/internal/testing/torture"
	"reprise/replay/recording"
)

// load is a machine that keeps its recorder busy.
type load struct {
	machine []string
	typing  bool          // letters without end are typed
	span    time.Duration // in which it is killed
}

// loads are those of which recorders are killed. Every third time it is the first.
func loads(t *testing.T) []load {
	t.Helper()
	kernel, initramfs := guests.Linux(t)
	fast := []string{"--icount", "sleep=off"}
	return []load{
		{slices.Concat(fast, []string{"-m", "512M", "--bios", guests.OpenSBI(t), "--kernel", kernel, "--initrd", initramfs, "--append", "console=ttyS0"}), false, 2 * time.Second},
		{[]string{"-m", "16M", "--bios", guests.Keys(t)}, true, time.Second},
		{[]string{"-m", "128M", "--bios", guests.Bench(t)}, false, time.Second},
		{slices.Concat(fast, ubootMachine(t)), false, time.Second},
	}
}

// TestKilledRecorder kills recorders at random instants. What had been flushed
// before is there afterwards, and verifies.
func TestKilledRecorder(t *testing.T) {
	all := loads(t)
	random := rand.New(rand.NewPCG(9, 10))
	for i := range torture.Count(t, 20, 500) {
		l := all[0]
		if i%3 > 0 {
			l = all[1+random.IntN(len(all)-1)]
		}
		killAfter(t, l, time.Duration(random.Int64N(int64(l.span))))
	}
}

// killAfter kills a recorder some time after its file has become a recording.
func killAfter(t *testing.T, l load, span time.Duration) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "k.reprise")
	cmd := exec.CommandContext(t.Context(), "reprise", append([]string{"record", "--no-tui", "-o", path}, l.machine...)...)
	stdin, err := cmd.StdinPipe()
	if err = errors.Join(err, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }()
	if l.typing {
		go func() {
			for err := error(nil); err == nil; { // until nobody reads it
				_, err = stdin.Write(noise(1000))
			}
		}()
	}
	waitForRecording(t, path)
	<-time.After(span)
	reached := lastStep(t, path)
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
		t.Fatalf("%v, killed after step %v, which was in the file, the recording reaches step %v (torn: %v)", l.machine, reached, last, torn)
	}
	verdict := reprise(t, "verify", path)
	if !strings.HasPrefix(verdict, "torn: ") || !strings.Contains(verdict, " it reaches step "+last.String()+",") ||
		!strings.Contains(verdict, "\nverified: "+last.String()+" steps, ") {
		t.Fatalf("%v, killed after step %v: %s", l.machine, reached, verdict)
	}
	t.Logf("%s: killed after step %v, verified to step %v", filepath.Base(l.machine[len(l.machine)-1]), reached, last)
	if err := os.Remove(path); err != nil { // there may be hundreds
		t.Fatal(err)
	}
}

// waitForRecording looks at a file until it is a recording.
func waitForRecording(t *testing.T, path string) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for range look.C {
		r, err := recording.Open(path)
		if errors.Is(err, recording.ErrNotYetRecording) || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err = errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		return
	}
}

// lastStep is the step that a recording has reached.
func lastStep(t *testing.T, path string) recording.Step {
	t.Helper()
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	last := r.Last()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return last
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
