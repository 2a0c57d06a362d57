package chardev

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "console, really.log")
	write := func(extra, text string) {
		t.Helper()
		spec, err := ParseSpec("file,path=" + strings.ReplaceAll(path, ",", ",,") + extra)
		if err != nil {
			t.Fatal(err)
		}
		sink := newRecorder()
		b := start(t, spec, Options{}, sink)
		if n := b.Write([]byte(text)); n != len(text) {
			t.Errorf("Write took %d of %d bytes", n, len(text))
		}
		mustClose(t, b)
		mustClose(t, b)
		if n := b.Write([]byte("late")); n != 4 {
			t.Errorf("Write after Close took %d of 4 bytes", n)
		}
		sink.waitEvent(t, Opened, 1)
	}
	check := func(want string) {
		t.Helper()
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("the file holds %q, %v; want %q", got, err, want)
		}
	}
	large := strings.Repeat("0123456789\n", 100_000)
	write("", large)
	check(large)
	write("", "one ")
	check("one ")
	write(",append=on", "two")
	check("one two")
}

func TestFileErrors(t *testing.T) {
	missing := &file{spec: Spec{Kind: File, Path: filepath.Join(t.TempDir(), "no", "such")}}
	if err := missing.Start(newRecorder()); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), missing.spec.Path) {
		t.Errorf("Start in a missing folder: %v", err)
	}
	mustClose(t, missing)
	closed := &file{spec: Spec{Kind: File, Path: filepath.Join(t.TempDir(), "f")}}
	mustClose(t, closed)
	if err := closed.Start(newRecorder()); !errors.Is(err, ErrClosed) {
		t.Errorf("Start after Close: %v", err)
	}
	if _, err := os.Stat(closed.spec.Path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a closed backend made its file: %v", err)
	}
}

func TestFileOnFullDisk(t *testing.T) {
	sink := newRecorder()
	b := start(t, Spec{Kind: File, Path: "/dev/full", Append: true}, Options{}, sink)
	b.Write([]byte("lost"))
	if ev := sink.waitEvent(t, Gone, 1); !errors.Is(ev.Err, syscall.ENOSPC) {
		t.Errorf("event %v, want one for ENOSPC", ev)
	}
	if n := b.Write([]byte("more")); n != 4 {
		t.Errorf("Write to a backend that is gone took %d of 4 bytes", n)
	}
	err := b.Close()
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "4 bytes") {
		t.Errorf("Close: %v, want the 4 bytes that were lost", err)
	}
}
