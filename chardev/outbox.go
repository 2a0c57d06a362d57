package chardev

import (
	"io"
	"os"
	"sync"
	"time"

	"reprise/internal/guard"
)

const (
	// outputBuffer is how many bytes a backend takes ahead of the host.
	outputBuffer = 64 << 10
	// outputChunk is the most that one write to the host carries, so that a
	// slow reader's progress shows before the whole buffer is sent.
	outputChunk = 4 << 10
	// inputChunk is the most that one read from the host brings.
	inputChunk = 4 << 10

	// closeGrace is how long Close waits for a host side that takes nothing. One
	// that takes something is waited for longer.
	closeGrace = 2 * time.Second
)

// outbox is the bounded queue between put, which never blocks, and the
// goroutine that writes to the host, which may.
type outbox struct {
	w      io.Writer
	limit  int
	ready  func()      // called after put was short, when half is free again
	failed func(error) // called once if a write to the host fails, but not while finishing

	done chan struct{} // closed when nothing more will be written

	mu      sync.Mutex
	wake    sync.Cond
	buf     []byte // buf[head:] is taken and not yet written
	head    int
	refused bool   // put was short, ready is owed
	ending  bool   // the writer leaves when buf is empty
	broken  bool   // everything is taken and dropped
	sent    uint64 // bytes written
	dropped int    // bytes taken that will not be written
	err     error  // why it broke
}

// newOutbox starts a queue of limit bytes in front of w.
func newOutbox(w io.Writer, limit int, ready func(), failed func(error)) *outbox {
	o := &outbox{w: w, limit: limit, ready: ready, failed: failed, done: make(chan struct{})}
	o.wake.L = &o.mu
	guard.Go(o.run)
	return o
}

// put takes as much of p as there is room for.
func (o *outbox) put(p []byte) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.broken || o.ending {
		return len(p)
	}
	n := min(len(p), o.limit-o.queued())
	o.buf = append(o.buf, p[:n]...)
	o.refused = o.refused || n < len(p)
	if n > 0 {
		o.wake.Signal()
	}
	return n
}

// queued is how many bytes wait. The caller holds mu.
func (o *outbox) queued() int { return len(o.buf) - o.head }

// run writes to the host until the queue is ended or broken.
func (o *outbox) run() {
	defer close(o.done)
	chunk := make([]byte, outputChunk)
	for {
		p := o.next(chunk)
		if len(p) == 0 {
			return
		}
		n, err := o.w.Write(p)
		if err != nil {
			if o.abandon(n, err) {
				o.failed(err)
			}
			return
		}
		o.written(len(p))
	}
}

// next waits for bytes and copies some of them to chunk; none means the end.
func (o *outbox) next(chunk []byte) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.queued() == 0 && !o.ending && !o.broken {
		o.wake.Wait()
	}
	return chunk[:copy(chunk, o.buf[o.head:])]
}

// written takes the n bytes that the host has now out of the queue.
func (o *outbox) written(n int) {
	o.mu.Lock()
	o.sent += uint64(n)
	if !o.broken {
		o.head += n
		if o.head >= o.queued() { // moving the rest down costs less than was written
			o.buf = o.buf[:copy(o.buf, o.buf[o.head:])]
			o.head = 0
		}
	}
	tell := o.refused && o.queued() <= o.limit/2
	o.refused = o.refused && !tell
	o.mu.Unlock()
	if tell {
		o.ready()
	}
}

// abandon drops what is queued, of which the host still got n bytes, and
// everything that comes later. It reports whether that is news: false if the
// queue was broken before, or is being finished, which reports it itself.
func (o *outbox) abandon(n int, why error) bool {
	o.mu.Lock()
	tell, news := o.refused, !o.broken && !o.ending
	if !o.broken {
		o.dropped, o.err = o.queued()-n, why
		o.buf, o.head = nil, 0
		o.broken, o.refused = true, false
	}
	o.wake.Signal()
	o.mu.Unlock()
	if tell {
		o.ready()
	}
	return news
}

// finish takes no more and waits until what was taken is written or dropped.
// It returns how many bytes were dropped, and why: [os.ErrDeadlineExceeded] if
// the host took nothing for the time of grace.
func (o *outbox) finish(grace time.Duration) (dropped int, why error) {
	o.mu.Lock()
	o.ending = true
	o.wake.Signal()
	o.mu.Unlock()
	o.await(grace)
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.dropped, o.err
}

// await waits for the writer to leave, as long as it gets on.
func (o *outbox) await(grace time.Duration) {
	look := time.NewTicker(grace)
	defer look.Stop()
	for before := o.progress(); ; {
		select {
		case <-o.done:
			return
		case <-look.C:
		}
		now := o.progress()
		if now == before {
			break
		}
		before = now
	}
	// A write that can be ended says how much of it was done.
	w, ok := o.w.(interface{ SetWriteDeadline(time.Time) error })
	if ok && w.SetWriteDeadline(time.Unix(1, 0)) == nil {
		defer func() { _ = w.SetWriteDeadline(time.Time{}) }() // w may outlive the queue
		select {
		case <-o.done:
			return
		case <-look.C:
		}
	}
	o.abandon(0, os.ErrDeadlineExceeded)
}

// progress is how many bytes were written so far.
func (o *outbox) progress() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sent
}

// outlet is the writing half of a backend that has one host side for life.
type outlet struct {
	mu     sync.Mutex
	out    *outbox // nil before Start
	closed bool
}

// open starts the queue, unless the backend is closed already.
func (l *outlet) open(w io.Writer, limit int, name string, sink Sink) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	l.out = newOutbox(w, limit, sink.Ready, func(err error) {
		sink.Event(Event{Kind: Gone, Backend: name, Err: err})
	})
	return nil
}

// Write implements [Backend].
func (l *outlet) Write(p []byte) int {
	l.mu.Lock()
	out := l.out
	l.mu.Unlock()
	if out == nil {
		return len(p)
	}
	return out.put(p)
}

// shut closes the outlet; first is false if it was closed before. The queue is
// nil if nothing was ever opened.
func (l *outlet) shut() (out *outbox, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first = !l.closed
	l.closed = true
	return l.out, first
}

// isClosed reports whether Close was called.
func (l *outlet) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}
