package chardev

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

var errBroken = errors.New("broken")

// host is a writer that takes bytes as the test lets it.
type host struct {
	got   bytes.Buffer
	turns chan struct{} // each lets one write through; nil lets all
	pause time.Duration // before each write
	fail  error         // instead of a write, of which half is done
}

func (h *host) Write(p []byte) (int, error) {
	if h.turns != nil {
		<-h.turns
	}
	<-time.After(h.pause)
	if h.fail != nil {
		n, _ := h.got.Write(p[:len(p)/2])
		return n, h.fail
	}
	return h.got.Write(p)
}

// calls counts what an outbox tells.
type calls struct {
	ready  int
	failed []error
}

func (c *calls) outbox(h *host, limit int) *outbox {
	return newOutbox(h, limit, func() { c.ready++ }, func(err error) { c.failed = append(c.failed, err) })
}

func TestOutboxReadyOncePerRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 4 * outputChunk
		h, c := &host{turns: make(chan struct{})}, &calls{}
		o := c.outbox(h, limit)
		if n := o.put(make([]byte, limit+10)); n != limit {
			t.Fatalf("put took %d of %d bytes", n, limit)
		}
		for range 3 {
			if n := o.put([]byte("x")); n != 0 {
				t.Fatalf("a full queue took %d bytes", n)
			}
		}
		for left := 3; left >= 0; left-- {
			h.turns <- struct{}{}
			synctest.Wait()
			want := 0
			if left <= 2 {
				want = 1
			}
			if c.ready != want {
				t.Errorf("with %d chunks left Ready was called %d times, want %d", left, c.ready, want)
			}
		}
		// A second run of short writes is announced again.
		o.put(make([]byte, limit+1))
		close(h.turns)
		synctest.Wait()
		if c.ready != 2 {
			t.Errorf("after the second refusal Ready was called %d times in all, want 2", c.ready)
		}
		if n, why := o.finish(closeGrace); n != 0 || why != nil {
			t.Errorf("finish: %d, %v", n, why)
		}
		if h.got.Len() != 2*limit {
			t.Errorf("the host got %d bytes, want %d", h.got.Len(), 2*limit)
		}
	})
}

func TestOutboxKeepsOrder(t *testing.T) {
	h, c := &host{}, &calls{}
	o := c.outbox(h, 1000)
	var want []byte
	for i := range 20000 {
		p := []byte{byte(i), byte(i >> 8), byte(i >> 16)}
		want = append(want, p[:o.put(p)]...)
	}
	if n, why := o.finish(closeGrace); n != 0 || why != nil {
		t.Fatalf("finish: %d, %v", n, why)
	}
	if !bytes.Equal(h.got.Bytes(), want) {
		t.Errorf("the host got other bytes than were taken (%d and %d)", h.got.Len(), len(want))
	}
}

func TestOutboxFinishWaitsForSlowHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, c := &host{pause: closeGrace / 2}, &calls{}
		o := c.outbox(h, outputBuffer)
		o.put(make([]byte, outputBuffer))
		go func() {
			<-time.After(closeGrace)
			if n := o.put(make([]byte, 100)); n != 100 {
				t.Errorf("put took %d of 100 bytes after finish had begun, want all, to be dropped", n)
			}
		}()
		if n, why := o.finish(closeGrace); n != 0 || why != nil {
			t.Errorf("finish: %d, %v; a slow host gets everything", n, why)
		}
		if h.got.Len() != outputBuffer {
			t.Errorf("the host got %d bytes of %d", h.got.Len(), outputBuffer)
		}
	})
}

func TestOutboxFinishGivesUpStuckHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, c := &host{turns: make(chan struct{})}, &calls{}
		o := c.outbox(h, outputBuffer)
		o.put(make([]byte, outputBuffer+1))
		h.turns <- struct{}{}
		n, why := o.finish(closeGrace)
		if n != outputBuffer-outputChunk || !errors.Is(why, os.ErrDeadlineExceeded) {
			t.Errorf("finish: %d, %v; want %d bytes dropped for the deadline", n, why, outputBuffer-outputChunk)
		}
		if c.ready != 1 || len(c.failed) != 0 {
			t.Errorf("Ready was called %d times, failed with %v; want once, never", c.ready, c.failed)
		}
		close(h.turns)
		<-o.done
	})
}

func TestOutboxFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, c := &host{turns: make(chan struct{}), fail: errBroken}, &calls{}
		o := c.outbox(h, 10)
		o.put(make([]byte, 10))
		o.put([]byte("x"))
		close(h.turns)
		<-o.done
		if c.ready != 1 || len(c.failed) != 1 || !errors.Is(c.failed[0], errBroken) {
			t.Errorf("Ready was called %d times, failed with %v; want once each", c.ready, c.failed)
		}
		if n := o.put(make([]byte, 100)); n != 100 {
			t.Errorf("a broken queue took %d of 100 bytes, want all", n)
		}
		if n, why := o.finish(closeGrace); n != 5 || !errors.Is(why, errBroken) {
			t.Errorf("finish: %d, %v; want 5 bytes dropped", n, why)
		}
	})
}

func TestOutboxFailureWhileFinishing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, c := &host{pause: time.Second, fail: errBroken}, &calls{}
		o := c.outbox(h, 10)
		o.put(make([]byte, 10))
		if n, why := o.finish(closeGrace); n != 5 || !errors.Is(why, errBroken) {
			t.Errorf("finish: %d, %v; want 5 bytes dropped", n, why)
		}
		if len(c.failed) != 0 {
			t.Errorf("a failure that finish returns was told too: %v", c.failed)
		}
	})
}
