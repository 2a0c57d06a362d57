package chardev

import (
	"bytes"
	"errors"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

var errNoMore = errors.New("no more")

// recorder is a sink that remembers, and that can be made to block.
type recorder struct {
	mu      sync.Mutex
	changed chan struct{} // closed at every change, and replaced
	input   []byte
	ready   int
	events  []Event
	calls   int           // of Receive, finished or not
	gate    chan struct{} // Receive waits until it is closed; nil for no gate
	refuse  bool          // Receive fails
}

func newRecorder() *recorder { return &recorder{changed: make(chan struct{})} }

func (r *recorder) change(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *recorder) Receive(p []byte) error {
	var gate chan struct{}
	var refuse bool
	r.change(func() { r.calls++; gate, refuse = r.gate, r.refuse })
	if gate != nil {
		<-gate
	}
	if refuse {
		return errNoMore
	}
	r.change(func() { r.input = append(r.input, p...) })
	return nil
}

func (r *recorder) Ready() { r.change(func() { r.ready++ }) }

func (r *recorder) Event(ev Event) { r.change(func() { r.events = append(r.events, ev) }) }

// wait waits until cond, which is called with the recorder locked, is true.
func (r *recorder) wait(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.After(patience)
	for {
		r.mu.Lock()
		ok, changed := cond(), r.changed
		input, events := string(r.input), r.events
		r.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("waited in vain for %s; have input %.100q (%d bytes) and events %v", what, input, len(input), events)
		}
	}
}

func (r *recorder) waitInput(t *testing.T, want string) {
	t.Helper()
	r.wait(t, "input "+want, func() bool { return string(r.input) == want })
}

// count is how many events of a kind there were. The recorder is locked.
func (r *recorder) count(kind EventKind) (n int) {
	for _, ev := range r.events {
		if ev.Kind == kind {
			n++
		}
	}
	return n
}

// waitEvent waits for the n-th event of a kind and returns the last of them.
func (r *recorder) waitEvent(t *testing.T, kind EventKind, n int) (last Event) {
	t.Helper()
	r.wait(t, Event{Kind: kind}.String(), func() bool { return r.count(kind) >= n })
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ev := range r.events {
		if ev.Kind == kind {
			last = ev
		}
	}
	return last
}

// readies is how often Ready was called.
func (r *recorder) readies() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ready
}

// within fails if f does not return.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("%s hangs", what)
	}
}

// start makes and starts a backend that the test closes at its end.
func start(t *testing.T, spec Spec, opt Options, sink Sink) Backend {
	t.Helper()
	b, err := New(spec, opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Start(sink); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// mustClose closes a backend, which must neither hang nor fail.
func mustClose(t *testing.T, b Backend) {
	t.Helper()
	within(t, "Close", func() {
		if err := b.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

// fill writes until the backend refuses, and returns everything it took. The
// other side must not read, and hold less itself than half of the buffer.
func fill(t *testing.T, b Backend) []byte {
	t.Helper()
	var taken []byte
	for line := byte(0); len(taken) < 64<<20; line++ {
		p := bytes.Repeat([]byte{line}, 1000)
		n := b.Write(p)
		taken = append(taken, p[:n]...)
		if n < len(p) {
			return taken
		}
	}
	t.Fatal("the backend refuses nothing")
	return nil
}
