package chardev

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pipe is an os.Pipe that the test closes.
func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	return r, w
}

func TestStdioOverPipes(t *testing.T) {
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	sink := newRecorder()
	b := start(t, Spec{Kind: Stdio}, Options{Stdin: inR, Stdout: outW}, sink)
	sink.waitEvent(t, Opened, 1)
	if _, err := inW.WriteString("to the \x03\x00\xff guest"); err != nil {
		t.Fatal(err)
	}
	sink.waitInput(t, "to the \x03\x00\xff guest")

	// The end of the input ends nothing else.
	if err := inW.Close(); err != nil {
		t.Fatal(err)
	}
	if ev := sink.waitEvent(t, EndOfInput, 1); ev.Err != nil {
		t.Errorf("the end of a pipe is told as an error: %v", ev.Err)
	}
	b.Write([]byte("from the guest"))
	mustClose(t, b)
	mustClose(t, b)
	if _, err := outW.WriteString("!"); err != nil {
		t.Errorf("Close closed standard output: %v", err)
	}
	got := make([]byte, 15)
	if _, err := io.ReadFull(outR, got); err != nil || string(got) != "from the guest!" {
		t.Errorf("the host got %q, %v", got, err)
	}
}

func TestStdioReadsWhatCannotBePolled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "script")
	text := strings.Repeat("version\n", 5000)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{path: text, os.DevNull: ""} {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		sink := newRecorder()
		b := start(t, Spec{Kind: Stdio}, Options{Stdin: f, Stdout: io.Discard}, sink)
		sink.waitEvent(t, EndOfInput, 1)
		sink.waitInput(t, want)
		mustClose(t, b)
		if err := f.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStdioTellsReadError(t *testing.T) {
	f, err := os.Open(t.TempDir()) // reading a folder fails
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	sink := newRecorder()
	b := start(t, Spec{Kind: Stdio}, Options{Stdin: f, Stdout: io.Discard}, sink)
	if ev := sink.waitEvent(t, EndOfInput, 1); ev.Err == nil {
		t.Errorf("event %v does not say why", ev)
	}
	mustClose(t, b)
}

// After Close nothing reads any more: what comes is left for whoever has the
// input next.
func TestStdioCloseEndsReading(t *testing.T) {
	r, w := pipe(t)
	sink := newRecorder()
	b := start(t, Spec{Kind: Stdio}, Options{Stdin: r, Stdout: io.Discard}, sink).(*stdio)
	if _, err := w.WriteString("a"); err != nil {
		t.Fatal(err)
	}
	sink.waitInput(t, "a")
	mustClose(t, b)
	if _, err := w.WriteString("next"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 4)
	within(t, "reading on", func() {
		if _, err := io.ReadFull(r, got); err != nil || string(got) != "next" {
			t.Errorf("the next reader got %q, %v", got, err)
		}
	})
	sink.waitInput(t, "a")
	if n, err := b.in.Read(got); n != 0 || !errors.Is(err, ErrClosed) {
		t.Errorf("Read after Close: %d, %v", n, err)
	}
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if n := sink.count(EndOfInput); n != 0 {
		t.Errorf("Close was told %d times as the end of the input", n)
	}
}

func TestStdioWithInputThatCannotBeCancelled(t *testing.T) {
	r, w := io.Pipe()
	defer func() { _ = w.Close() }()
	sink := newRecorder()
	b := start(t, Spec{Kind: Stdio}, Options{Stdin: r, Stdout: io.Discard}, sink)
	if _, err := w.Write([]byte("a")); err != nil {
		t.Fatal(err)
	}
	sink.waitInput(t, "a")
	mustClose(t, b)
	if _, err := w.Write([]byte("late")); err != nil { // returns when it has been read
		t.Fatal(err)
	}
	sink.waitInput(t, "a")
}

// While the owner is busy the input is not read, so that its writer is held.
func TestStdioBackPressure(t *testing.T) {
	r, w := io.Pipe()
	sink := newRecorder()
	sink.gate = make(chan struct{})
	b := start(t, Spec{Kind: Stdio}, Options{Stdin: r, Stdout: io.Discard}, sink)
	text := bytes.Repeat([]byte("x"), 3*inputChunk)
	written := make(chan error, 1)
	go func() {
		_, err := w.Write(text)
		written <- err
	}()
	sink.wait(t, "a delivery", func() bool { return sink.calls == 1 })
	select {
	case err := <-written:
		t.Errorf("the writer was not held: %v", err)
	default:
	}
	if n := b.Write([]byte("out")); n != 3 {
		t.Errorf("output is held with the input: %d bytes of 3 taken", n)
	}
	close(sink.gate)
	if err := <-written; err != nil {
		t.Error(err)
	}
	sink.waitInput(t, string(text))
	if sink.calls != 3 {
		t.Errorf("%d deliveries of %d bytes", sink.calls, len(text))
	}
	mustClose(t, b)
}

func TestStdioCloseWhileOwnerIsBusy(t *testing.T) {
	r, w := pipe(t)
	sink := newRecorder()
	sink.gate = make(chan struct{})
	b := start(t, Spec{Kind: Stdio}, Options{Stdin: r, Stdout: io.Discard}, sink)
	if _, err := w.WriteString("a"); err != nil {
		t.Fatal(err)
	}
	sink.wait(t, "a delivery", func() bool { return sink.calls == 1 })
	mustClose(t, b)
	close(sink.gate)
}

func TestStdioStopsWhenOwnerWantsNoMore(t *testing.T) {
	r, w := pipe(t)
	sink := newRecorder()
	sink.refuse = true
	b := start(t, Spec{Kind: Stdio}, Options{Stdin: r, Stdout: io.Discard}, sink)
	if _, err := w.WriteString("a"); err != nil {
		t.Fatal(err)
	}
	sink.wait(t, "a delivery", func() bool { return sink.calls == 1 })
	mustClose(t, b)
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if len(sink.input) != 0 || sink.count(EndOfInput) != 0 {
		t.Errorf("input %q, events %v after the refusal", sink.input, sink.events)
	}
}

func TestStdioOutputIsHeldAndGoesOn(t *testing.T) {
	inR, _ := pipe(t)
	outR, outW := net.Pipe() // holds nothing itself
	sink := newRecorder()
	b := start(t, Spec{Kind: Stdio}, Options{Stdin: inR, Stdout: outW}, sink)
	want := fill(t, b)
	if n := sink.readies(); n != 0 {
		t.Errorf("Ready was called %d times while nothing was read", n)
	}
	got := make([]byte, len(want))
	within(t, "reading the output", func() {
		if _, err := io.ReadFull(outR, got); err != nil {
			t.Error(err)
		}
	})
	sink.wait(t, "Ready", func() bool { return sink.ready == 1 })
	if !bytes.Equal(got, want) {
		t.Error("the host got other bytes than were taken")
	}
	mustClose(t, b)
	if n := sink.readies(); n != 1 {
		t.Errorf("Ready was called %d times, want once", n)
	}
}

func TestStdioCloseGivesUpOutputThatNobodyReads(t *testing.T) {
	inR, _ := pipe(t)
	_, outW := net.Pipe()
	b := start(t, Spec{Kind: Stdio}, Options{Stdin: inR, Stdout: outW}, newRecorder())
	fill(t, b)
	within(t, "Close", func() {
		err := b.Close()
		if !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), "does not read") {
			t.Errorf("Close: %v, want what was not sent", err)
		}
	})
}

func TestStdioOutputThatGoesAway(t *testing.T) {
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	sink := newRecorder()
	b := start(t, Spec{Kind: Stdio}, Options{Stdin: inR, Stdout: outW}, sink)
	if err := outR.Close(); err != nil {
		t.Fatal(err)
	}
	b.Write([]byte("lost"))
	if ev := sink.waitEvent(t, Gone, 1); ev.Err == nil {
		t.Errorf("event %v does not say why", ev)
	}
	if n := b.Write(make([]byte, 2*outputBuffer)); n != 2*outputBuffer {
		t.Errorf("Write to a backend that is gone took %d bytes", n)
	}
	if _, err := inW.WriteString("still read"); err != nil {
		t.Fatal(err)
	}
	sink.waitInput(t, "still read")
	if err := b.Close(); err == nil || !strings.Contains(err.Error(), "4 bytes of output were not written") {
		t.Errorf("Close: %v, want the 4 bytes that were lost", err)
	}
}

func TestStdioHasOneUser(t *testing.T) {
	old := os.Stdin
	defer func() { os.Stdin = old }()
	os.Stdin, _ = pipe(t)
	first := start(t, Spec{Kind: Stdio}, Options{Stdout: io.Discard}, newRecorder())
	second := newStdio(Spec{Kind: Stdio}, Options{Stdout: io.Discard})
	if err := second.Start(newRecorder()); !errors.Is(err, errStdinTaken) {
		t.Errorf("a second stdio: %v", err)
	}
	mustClose(t, second)
	if _, err := Listen(Spec{Kind: Stdio}, Options{}); !errors.Is(err, errStdinTaken) {
		t.Errorf("stdio for control beside a device's: %v", err)
	}
	mustClose(t, first)
	mustClose(t, start(t, Spec{Kind: Stdio}, Options{Stdout: io.Discard}, newRecorder()))
}

func TestStdioClosedBeforeStart(t *testing.T) {
	b := newStdio(Spec{Kind: Stdio}, Options{})
	mustClose(t, b)
	if err := b.Start(newRecorder()); !errors.Is(err, ErrClosed) {
		t.Errorf("Start after Close: %v", err)
	}
}
