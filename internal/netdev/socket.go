package netdev

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"reprise/internal/guard"
)

// stream exchanges frames over a TCP connection, each with its length in front
// in 4 bytes, big-endian, as QEMU's socket does. A server has one peer at a
// time; the next takes the place of the last.
type stream struct {
	spec     Spec
	receive  func(frame []byte)
	listener net.Listener
	frames   chan []byte
	done     chan struct{}
	wait     sync.WaitGroup
	closing  sync.Once

	mu   sync.Mutex
	peer net.Conn // nil without
}

func (s *stream) Name() string { return s.spec.String() }

// Start implements [Backend].
func (s *stream) Start(receive func(frame []byte)) error {
	s.receive, s.frames, s.done = receive, make(chan []byte, linkQueue), make(chan struct{})
	if s.spec.Connect != "" {
		conn, err := net.Dial("tcp", s.spec.Connect)
		if err != nil {
			return err
		}
		s.take(conn)
	} else {
		l, err := net.Listen("tcp", s.spec.Listen)
		if err != nil {
			return err
		}
		s.listener = l
		s.wait.Go(guard.Func(s.accept))
	}
	s.wait.Go(guard.Func(s.write))
	return nil
}

// accept waits for peers.
func (s *stream) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return // closed
		}
		s.take(conn)
	}
}

// take makes a connection the one that frames go over.
func (s *stream) take(conn net.Conn) {
	s.mu.Lock()
	old := s.peer
	s.peer = conn
	s.mu.Unlock()
	if old != nil {
		_ = old.Close()
	}
	s.wait.Go(guard.Func(func() { s.read(conn) }))
}

// read takes the peer's frames until it is gone.
func (s *stream) read(conn net.Conn) {
	defer conn.Close() //nolint:errcheck // it is over either way
	r := bufio.NewReader(conn)
	var frame []byte
	for {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return
		}
		size := binary.BigEndian.Uint32(head[:])
		if size > frameMax {
			return // it does not speak this protocol
		}
		frame = append(frame[:0], make([]byte, size)...)
		if _, err := io.ReadFull(r, frame); err != nil {
			return
		}
		s.receive(frame)
	}
}

// write sends the guest's frames.
func (s *stream) write() {
	for {
		select {
		case frame := <-s.frames:
			s.mu.Lock()
			conn := s.peer
			s.mu.Unlock()
			if conn != nil {
				head := binary.BigEndian.AppendUint32(nil, uint32(len(frame)))
				_, _ = conn.Write(append(head, frame...)) // a peer that is gone loses it
			}
		case <-s.done:
			return
		}
	}
}

// Send implements [Backend].
func (s *stream) Send(frame []byte) {
	select {
	case s.frames <- bytes.Clone(frame):
	default:
	}
}

// Close implements [Backend].
func (s *stream) Close() error {
	s.closing.Do(func() {
		if s.done == nil {
			return
		}
		close(s.done)
		if s.listener != nil {
			_ = s.listener.Close()
		}
		s.mu.Lock()
		if s.peer != nil {
			_ = s.peer.Close()
		}
		s.mu.Unlock()
		s.wait.Wait()
	})
	return nil
}

// datagrams exchanges frames over UDP, one in each datagram.
type datagrams struct {
	spec    Spec
	conn    *net.UDPConn
	to      *net.UDPAddr
	wait    sync.WaitGroup
	closing sync.Once
}

func (d *datagrams) Name() string { return d.spec.String() }

// Start implements [Backend].
func (d *datagrams) Start(receive func(frame []byte)) error {
	local, err := net.ResolveUDPAddr("udp", d.spec.Local)
	if err != nil {
		return err
	}
	if d.to, err = net.ResolveUDPAddr("udp", d.spec.UDP); err != nil {
		return err
	}
	if d.conn, err = net.ListenUDP("udp", local); err != nil {
		return fmt.Errorf("localaddr: %w", err)
	}
	d.wait.Go(guard.Func(func() {
		frame := make([]byte, frameMax)
		for {
			n, err := d.conn.Read(frame)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil { // another error tells of what was sent
				receive(frame[:n])
			}
		}
	}))
	return nil
}

// Send implements [Backend].
func (d *datagrams) Send(frame []byte) {
	_, _ = d.conn.WriteToUDP(frame, d.to) // what cannot be sent is lost
}

// Close implements [Backend].
func (d *datagrams) Close() error {
	d.closing.Do(func() {
		if d.conn != nil {
			_ = d.conn.Close()
			d.wait.Wait()
		}
	})
	return nil
}
