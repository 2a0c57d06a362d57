package chardev

import (
	"io"
	"sync"
)

// stream makes connections of a backend, for what wants to read and write
// rather than to be called: one at a time.
type stream struct {
	backend Backend
	notify  func(Event) // may be nil
	greet   bool        // a connection is there before anything is sent

	mu      sync.Mutex
	changed sync.Cond
	input   []byte // what came and was not read
	conn    *streamConn
	refused bool // the backend is full
	ended   bool // nothing comes until the other side is back
	final   bool // it will not be back
	closed  bool
}

// streamConn is one connection.
type streamConn struct {
	s      *stream
	closed bool // guarded by s.mu
}

// streamLimit is how much a stream takes ahead of who reads it.
const streamLimit = 64 << 10

func newStream(b Backend, opt Options) (*stream, error) {
	s := &stream{backend: b, notify: opt.Notify, greet: opt.Greet}
	s.changed.L = &s.mu
	if err := b.Start(s); err != nil {
		return nil, err
	}
	return s, nil
}

// Receive implements [Sink].
func (s *stream) Receive(p []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.input) >= streamLimit && !s.closed {
		s.changed.Wait()
	}
	if s.closed {
		return ErrClosed
	}
	s.input = append(s.input, p...)
	s.changed.Broadcast()
	return nil
}

// Ready implements [Sink].
func (s *stream) Ready() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = false
	s.changed.Broadcast()
}

// Event implements [Sink]. When the other side has gone the connection is over.
func (s *stream) Event(ev Event) {
	if s.notify != nil {
		s.notify(ev)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch ev.Kind {
	case EndOfInput:
		s.ended, s.final = true, true
	case Gone:
		s.ended = true
	case Opened:
		s.ended = false
	case Waiting, Exposed:
	}
	s.changed.Broadcast()
}

// accept waits until there is no connection, and something is sent.
func (s *stream) accept() (io.ReadWriteCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.closed {
		if s.conn == nil && (len(s.input) > 0 || s.greet && !s.ended) {
			break
		}
		if s.conn == nil && s.final {
			return nil, ErrClosed
		}
		s.changed.Wait()
	}
	if s.closed {
		return nil, ErrClosed
	}
	s.conn = &streamConn{s: s}
	return s.conn, nil
}

// close ends the connection and the backend.
func (s *stream) close() error {
	s.mu.Lock()
	s.closed = true
	s.changed.Broadcast()
	s.mu.Unlock()
	return s.backend.Close()
}

// Read implements [io.Reader].
func (c *streamConn) Read(p []byte) (int, error) {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.input) == 0 && !s.ended && !s.closed && !c.closed {
		s.changed.Wait()
	}
	switch {
	case s.closed || c.closed:
		return 0, ErrClosed
	case len(s.input) == 0:
		return 0, io.EOF
	}
	n := copy(p, s.input)
	s.input = append(s.input[:0], s.input[n:]...)
	s.changed.Broadcast()
	return n, nil
}

// Write implements [io.Writer]. It waits for a backend that is full.
func (c *streamConn) Write(p []byte) (int, error) {
	s := c.s
	for done := 0; ; {
		s.mu.Lock()
		for s.refused && !s.closed && !c.closed {
			s.changed.Wait()
		}
		over := s.closed || c.closed
		s.refused = true // until Ready, which may come before Write returns
		s.mu.Unlock()
		if over {
			return done, ErrClosed
		}
		done += s.backend.Write(p[done:])
		if done == len(p) {
			s.Ready()
			return done, nil
		}
	}
}

// Close implements [io.Closer].
func (c *streamConn) Close() error {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	c.closed = true
	if s.conn == c {
		s.conn = nil
		s.input = s.input[:0]
	}
	s.changed.Broadcast()
	return nil
}
