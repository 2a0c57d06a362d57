package replay

import (
	"errors"
	"sync"

	"reprise/chardev"
)

// queueLimit is how many bytes of input wait for a guest before its backend is
// no longer read.
const queueLimit = 64 << 10

var errQueueClosed = errors.New("the session is closed")

// queue holds the input of one character device until the machine takes it. It
// is the backend's [chardev.Sink]; its other methods belong to the session.
type queue struct {
	wake   func() // tells the session that something is there
	notify func(chardev.Event)

	mu        sync.Mutex
	room      sync.Cond
	bytes     []byte
	breaks    []int // of the line, that wait: how many of the bytes come before each
	breakable bool  // the device takes them
	ready     bool  // the backend can take bytes again
	ended     bool  // there will be no more bytes
	discard   bool  // a replay wants no input
	closed    bool
}

func newQueue(wake func(), notify func(chardev.Event), discard bool) *queue {
	q := &queue{wake: wake, notify: notify, discard: discard}
	q.room.L = &q.mu
	return q
}

// Receive implements [chardev.Sink].
func (q *queue) Receive(p []byte) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(p) > 0 && !q.discard {
		for len(q.bytes) >= queueLimit && !q.closed {
			q.room.Wait()
		}
		if q.closed {
			return errQueueClosed
		}
		n := min(len(p), queueLimit-len(q.bytes))
		q.bytes = append(q.bytes, p[:n]...)
		p = p[n:]
		q.wake()
	}
	return nil
}

// Ready implements [chardev.Sink].
func (q *queue) Ready() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ready = true
	q.wake()
}

// maxBreaks is how many breaks of its line wait for a guest; more are lost.
const maxBreaks = 64

// Break implements [chardev.Breaker].
func (q *queue) Break() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.breakable && !q.discard && len(q.breaks) < maxBreaks {
		q.breaks = append(q.breaks, len(q.bytes))
		q.wake()
	}
}

// isBroken reports whether a break comes next.
func (q *queue) isBroken() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.breaks) > 0 && q.breaks[0] == 0
}

// takeBreak removes the break that comes next.
func (q *queue) takeBreak() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.breaks = q.breaks[1:]
}

// Event implements [chardev.Sink].
func (q *queue) Event(ev chardev.Event) {
	if ev.Kind == chardev.EndOfInput {
		q.end()
	}
	if q.notify != nil {
		q.notify(ev)
	}
}

// waiting tells how many bytes wait before the next break.
func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.unbroken()
}

// unbroken is waiting with the lock held.
func (q *queue) unbroken() int {
	if len(q.breaks) > 0 {
		return q.breaks[0]
	}
	return len(q.bytes)
}

// take removes up to n bytes.
func (q *queue) take(n int) []byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.remove(n)
}

// remove is take with the lock held.
func (q *queue) remove(n int) []byte {
	p := append([]byte(nil), q.bytes[:min(n, q.unbroken())]...)
	for i := range q.breaks {
		q.breaks[i] -= len(p)
	}
	q.bytes = append(q.bytes[:0], q.bytes[len(p):]...)
	q.room.Broadcast()
	return p
}

// end notes that the input has ended.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.wake()
}

// takeOrEnd is take, and reports whether there is something to know: bytes, or
// that there will be no more.
func (q *queue) takeOrEnd(n int) (p []byte, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	p = q.remove(n)
	return p, len(p) > 0 || q.ended
}

// takeReady tells whether the backend became ready since the last call.
func (q *queue) takeReady() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	ready := q.ready
	q.ready = false
	return ready
}

// close lets a blocked Receive return.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.room.Broadcast()
}

// isReady reports what takeReady would return.
func (q *queue) isReady() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ready
}
