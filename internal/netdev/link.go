package netdev

import (
	"bytes"
	"io"
	"net"
	"sync"
	"time"
)

// linkQueue is how many frames of the guest wait before more are lost.
const linkQueue = 512

// link is the cable between the guest and a network in this process: a
// connection on which every read and every write is one frame.
type link struct {
	receive func(frame []byte)
	frames  chan []byte
	done    chan struct{}
	closing sync.Once
}

func newLink(receive func(frame []byte)) *link {
	return &link{receive: receive, frames: make(chan []byte, linkQueue), done: make(chan struct{})}
}

// send takes a frame from the guest. One that is too small to be one is lost.
func (l *link) send(frame []byte) {
	if len(frame) < frameMin {
		return
	}
	select {
	case l.frames <- bytes.Clone(frame):
	default:
	}
}

// Read returns the next frame from the guest.
func (l *link) Read(p []byte) (int, error) {
	select {
	case frame := <-l.frames:
		return copy(p, frame), nil
	case <-l.done:
		return 0, io.EOF
	}
}

// Write hands a frame to the guest.
func (l *link) Write(p []byte) (int, error) {
	select {
	case <-l.done:
		return 0, net.ErrClosed
	default:
		l.receive(p)
		return len(p), nil
	}
}

// Close implements net.Conn.
func (l *link) Close() error {
	l.closing.Do(func() { close(l.done) })
	return nil
}

// LocalAddr implements net.Conn.
func (l *link) LocalAddr() net.Addr { return linkAddr{} }

// RemoteAddr implements net.Conn.
func (l *link) RemoteAddr() net.Addr { return linkAddr{} }

// SetDeadline implements net.Conn: there are no deadlines.
func (l *link) SetDeadline(time.Time) error { return nil }

// SetReadDeadline implements net.Conn.
func (l *link) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline implements net.Conn.
func (l *link) SetWriteDeadline(time.Time) error { return nil }

// linkAddr is the address of both ends.
type linkAddr struct{}

func (linkAddr) Network() string { return "link" }
func (linkAddr) String() string  { return "guest" }
