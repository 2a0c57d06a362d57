package chardev

import (
	"sync"

	"reprise/internal/guard"
)

// typeAhead is how many typed bytes a vc holds for a guest that does not read
// them. A large paste arrives whole.
const typeAhead = 1 << 20

// VC is the backend of the interface's console pane: what the user types goes
// to the guest, and what the guest writes to a function. It has no host side.
type VC struct {
	output func(p []byte)

	mu      sync.Mutex
	wake    sync.Cond
	typed   []byte // what the sink has not accepted yet
	started bool
	closed  bool
}

// NewVC makes a vc. The function, which may be nil, is called with the guest's
// output on the goroutine that calls Write.
func NewVC(output func(p []byte)) *VC {
	v := &VC{output: output}
	v.wake.L = &v.mu
	return v
}

// Name implements [Backend].
func (v *VC) Name() string { return string(VirtualConsole) }

// Start implements [Backend]. What was typed before it is delivered first.
func (v *VC) Start(sink Sink) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return ErrClosed
	}
	if v.started {
		panic("BUG: a vc is started twice")
	}
	v.started = true
	guard.Go(func() { v.deliver(sink) })
	return nil
}

// Type sends what the user typed to the guest and returns how many bytes were
// taken: all, unless the guest has a mebibyte of them unread or the vc is
// closed. It never blocks.
func (v *VC) Type(p []byte) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return 0
	}
	n := min(len(p), typeAhead-len(v.typed))
	v.typed = append(v.typed, p[:n]...)
	v.wake.Signal()
	return n
}

// Pending is how many typed bytes the machine's owner has not accepted yet.
func (v *VC) Pending() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.typed)
}

// Write implements [Backend]; a vc takes everything.
func (v *VC) Write(p []byte) int {
	if v.output != nil {
		v.output(p)
	}
	return len(p)
}

// Close implements [Backend]. What the guest has not read is dropped.
func (v *VC) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.closed = true
	v.typed = nil
	v.wake.Signal()
	return nil
}

// deliver hands typed bytes to the sink, as fast as it accepts them.
func (v *VC) deliver(sink Sink) {
	chunk := make([]byte, inputChunk)
	for {
		p := v.next(chunk)
		if len(p) == 0 || sink.Receive(p) != nil {
			return
		}
		v.accepted(len(p))
	}
}

// next waits for typed bytes and copies some of them to chunk; none means
// that the vc is closed.
func (v *VC) next(chunk []byte) []byte {
	v.mu.Lock()
	defer v.mu.Unlock()
	for len(v.typed) == 0 && !v.closed {
		v.wake.Wait()
	}
	return chunk[:copy(chunk, v.typed)]
}

// accepted forgets the n bytes that the sink has now.
func (v *VC) accepted(n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.closed {
		v.typed = v.typed[:copy(v.typed, v.typed[n:])]
	}
}
