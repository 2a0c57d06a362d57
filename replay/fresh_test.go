package replay_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"reprise/internal/testing/torture"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
)

// freshVariable names the recording that a fresh process of this test binary
// opens; TestMain does that instead of the tests.
const freshVariable = "REPRISE_TEST_FRESH"

func TestMain(m *testing.M) {
	if path := os.Getenv(freshVariable); path != "" {
		if err := fresh(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fresh goes to the step on standard input, which has a snapshot in the
// recording, on to the end, and prints how many slices it took to get to the
// snapshot, the last step and its digest.
func fresh(path string) error {
	var step vm.Step
	if _, err := fmt.Fscan(bufio.NewReader(os.Stdin), &step); err != nil {
		return err
	}
	r, err := recording.Open(path)
	if err != nil {
		return err
	}
	tl, err := replay.Play(r, replay.Options{})
	if err != nil {
		return err
	}
	ctx, slices := context.Background(), 0
	replay.OnSlice(tl, func() { slices++ })
	if _, err := tl.Seek(ctx, step); err != nil {
		return err
	}
	atSnapshot := slices
	if _, err := tl.Continue(ctx); err != nil { // and not by another snapshot
		return err
	}
	if tl.Err() != nil || slices == 0 {
		return fmt.Errorf("%d slices ran: %w", slices, tl.Err())
	}
	fmt.Println(atSnapshot, tl.Position(), tl.Machine().Digest().Sum())
	return tl.Close()
}

// TestSnapshotsInFreshProcesses saves snapshots of spread steps with a
// recording and goes on from each of them in a process that knows nothing else.
// All reach the same end.
func TestSnapshotsInFreshProcesses(t *testing.T) {
	path, _, end := uboot(t)
	tl := open(t, path, replay.Options{SnapshotDisk: 1 << 40})
	n := torture.Count(t, 12, 200)
	var steps []vm.Step
	for i := range n {
		step := tl.Last() / vm.Step(n+1) * vm.Step(i+1)
		if i%3 == 0 {
			step -= vm.Step(i * 1013) // and not only where slices end
		}
		if _, err := tl.Step(context.Background(), uint64(step-tl.Position())); err != nil {
			t.Fatal(err)
		}
		if err := replay.KeepSnapshot(tl); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := recording.Rewrite(path, tl.SaveSnapshots); err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), freshVariable+"="+path)
		cmd.Stdin = bytes.NewBufferString(fmt.Sprintln(uint64(step)))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("from %v: %v\n%s", step, err, out)
		}
		if got, want := string(out), fmt.Sprintln(0, tl.Last(), end.Sum()); got != want {
			t.Errorf("from %v: got %q, want %q", step, got, want)
		}
	}
}
