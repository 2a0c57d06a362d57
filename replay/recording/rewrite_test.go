package recording

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRewrite takes the snapshots out of a recording and puts another in.
func TestRewrite(t *testing.T) {
	data, want := sample(t)
	path := filepath.Join(t.TempDir(), "r.reprise")
	check(t, os.WriteFile(path, data, 0o600))
	check(t, Rewrite(path, func(*Writer) error { return nil }))
	read := func() content {
		t.Helper()
		data, err := os.ReadFile(path)
		check(t, err)
		r := mustOpen(t, data)
		if r.Log == nil || !r.Complete() {
			t.Fatal("the recording is not complete")
		}
		got, err := readAll(r)
		check(t, err)
		return got
	}
	without := want
	without.Snapshots, without.Pages = nil, nil
	if d := cmp.Diff(without, read()); d != "" {
		t.Errorf("without snapshots:\n%s", d)
	}
	check(t, Rewrite(path, func(w *Writer) error { return writeSampleSnapshot(w, 900, 12) }))
	one := want
	one.Snapshots = want.Snapshots[:1]
	if d := cmp.Diff(one, read()); d != "" {
		t.Errorf("with one snapshot:\n%s", d)
	}

	before, err := os.ReadFile(path)
	check(t, err)
	failure := errors.New("no")
	if err := Rewrite(path, func(*Writer) error { return failure }); !errors.Is(err, failure) {
		t.Errorf("a failure gives %v", err)
	}
	after, err := os.ReadFile(path)
	check(t, err)
	if !cmp.Equal(before, after) {
		t.Error("a failure has changed the file")
	}
	if list, err := os.ReadDir(filepath.Dir(path)); err != nil || len(list) != 1 {
		t.Errorf("a failure leaves %v, %v", list, err)
	}
	check(t, os.WriteFile(path, data[:frameOf(t, data, frameEnd, 0)], 0o600))
	if err := Rewrite(path, func(*Writer) error { return nil }); !errors.Is(err, ErrTorn) {
		t.Errorf("a torn recording gives %v", err)
	}
}

// TestNothingAfterEnd tries to go on after the end, where only snapshots may
// come.
func TestNothingAfterEnd(t *testing.T) {
	for name, more := range map[string]func(*Writer) error{
		"event":  func(w *Writer) error { return w.Append(Event{Step: 100, Kind: Interrupt}) },
		"digest": func(w *Writer) error { return w.Digest(100, nil) },
		"flush":  func(w *Writer) error { return w.Flush(101, 101) },
	} {
		w, f := create(t, sampleManifest())
		check(t, w.End(100, 100))
		check(t, w.Snapshot(&Snapshot{Step: 0}))
		if err := more(w); err == nil {
			t.Errorf("%s: no error", name)
		}
		if r := mustOpen(t, f.data); !r.Complete() || r.Len() != 1 || len(r.Snapshots()) != 1 {
			t.Errorf("%s: then the recording has %d events and %d snapshots", name, r.Len(), len(r.Snapshots()))
		}
	}
}
