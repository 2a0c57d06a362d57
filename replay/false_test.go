package replay

import (
	"errors"
	"path/filepath"
	"testing"

	"reprise/replay/recording"
)

// falsify copies a recording with its events changed.
func falsify(t testing.TB, path string, change func([]recording.Event) []recording.Event) string {
	t.Helper()
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	m := *r.Manifest()
	to := filepath.Join(t.TempDir(), "false.reprise")
	w, err := recording.Create(to, m, recording.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, seg := range m.Memory {
		if seg.Blob.IsZero() {
			continue
		}
		data, err := r.Blob(seg.Blob)
		if err == nil {
			err = w.Blob(recording.ContentOf(data))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	digests := r.Digests()
	copyDigests := func(until recording.Step) {
		for ; len(digests) > 0 && digests[0].Step <= until; digests = digests[1:] {
			list, err := r.Digest(digests[0])
			if err == nil {
				err = w.Digest(digests[0].Step, list)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, e := range change(eventsOf(t, path)) {
		if e.Kind == recording.End {
			copyDigests(e.Step)
			if err := w.Finish(e.Step, e.Value); err != nil {
				t.Fatal(err)
			}
			break
		}
		copyDigests(e.Step)
		if err := w.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return to
}

// find is the index of the nth event of a kind.
func find(t testing.TB, events []recording.Event, kind recording.Kind, nth int) int {
	t.Helper()
	for i, e := range events {
		if e.Kind == kind {
			if nth == 0 {
				return i
			}
			nth--
		}
	}
	t.Fatalf("there are too few events %v", kind)
	return 0
}

// TestCrossCheckOnlyHere moves, drops and doubles an interrupt of the log: the
// machine's own is then not what is next, and the replay stops there.
func TestCrossCheckOnlyHere(t *testing.T) {
	path := keysSession(t)
	for name, change := range map[string]func(list []recording.Event, i int) []recording.Event{
		"moved by a step": func(list []recording.Event, i int) []recording.Event { list[i].Step--; return list },
		"other cause":     func(list []recording.Event, i int) []recording.Event { list[i].Cause++; return list },
		"dropped": func(list []recording.Event, i int) []recording.Event {
			return append(list[:i:i], list[i+1:]...)
		},
		"doubled": func(list []recording.Event, i int) []recording.Event {
			return append(list[:i+1:i+1], list[i:]...)
		},
	} {
		var at recording.Step
		changed := falsify(t, path, func(list []recording.Event) []recording.Event {
			i := find(t, list, recording.Interrupt, 1)
			at = list[i].Step
			return change(list, i)
		})
		tl := play(t, changed, newHost(nil))
		stop, err := tl.Continue(t.Context())
		var d *DivergenceError
		if err != nil || stop.Reason != Diverged || !errors.As(tl.Err(), &d) {
			t.Errorf("%s: the replay ends with %v, %v, %v", name, stop, err, tl.Err())
			continue
		}
		if d.Step > at || d.Step+1 < at {
			t.Errorf("%s at step %v: it is noticed at step %v", name, at, d.Step)
		}
	}
}
