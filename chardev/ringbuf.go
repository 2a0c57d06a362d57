package chardev

import "sync"

// defaultRing is the size of a ringbuf that is given none, as in QEMU.
const defaultRing = 64 << 10

// Ring is the backend that keeps the last bytes written, for a monitor to read.
// It has no host side, and nothing comes from it.
type Ring struct {
	mu   sync.Mutex
	size int
	held []byte // the last size bytes that were not read yet
}

// NewRing makes a ring of a size in bytes.
func NewRing(size int) *Ring { return &Ring{size: size} }

// Name implements [Backend].
func (r *Ring) Name() string { return string(RingBuffer) }

// Start implements [Backend].
func (r *Ring) Start(Sink) error { return nil }

// Write implements [Backend]; a ring takes everything and forgets the oldest. A
// monitor may write to it too.
func (r *Ring) Write(p []byte) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held = append(r.held, p...)
	if over := len(r.held) - r.size; over > 0 {
		r.held = append(r.held[:0], r.held[over:]...)
	}
	return len(p)
}

// Take returns up to n of the oldest bytes, and forgets them.
func (r *Ring) Take(n int) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	n = min(max(n, 0), len(r.held))
	p := append([]byte(nil), r.held[:n]...)
	r.held = append(r.held[:0], r.held[n:]...)
	return p
}

// Close implements [Backend].
func (r *Ring) Close() error { return nil }
