package gdbstub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"

	"reprise/internal/guard"
)

// maxEarly bounds the packets kept while the target runs. gdb sends none then.
const maxEarly = 16

// Serve speaks with one gdb over conn until it detaches or hangs up, which
// both return nil, or until ctx is cancelled, which returns its cause. It
// attaches to the target first, and whatever the end clears the breakpoints
// that gdb left, detaches and closes conn.
func Serve(ctx context.Context, conn io.ReadWriteCloser, target Target) (err error) {
	// Reads and writes have no context: closing the connection ends them.
	unhook := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer unhook()
	defer func() { _ = conn.Close() }()

	hart, err := target.Attach()
	if err != nil {
		return fmt.Errorf("gdb cannot attach: %w", err)
	}
	s := newServer(target, conn, hart)
	defer func() { err = errors.Join(err, s.release()) }()

	gone := make(chan struct{})
	defer close(gone)
	guard.Go(func() { s.receive(newDecoder(conn), gone) })

	err = s.loop(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// server is the state of one connection. All of it belongs to the goroutine of
// Serve, save what receive says of itself.
type server struct {
	target Target
	link   link

	frames  chan frame // from receive, which closes it at the end
	ended   error      // why receive ended; valid once frames is closed
	early   []string   // packets that came while the target ran
	leaving bool       // gdb has said goodbye
	free    bool       // Detach has been called

	extended bool // gdb has asked for the extended mode
	physical bool // memory is that of physical addresses

	registers map[Register]bool // those of the target description
	features  string            // the target description
	longError bool              // gdb takes a text in every error answer
	reasons   map[string]bool   // stop reasons that gdb takes: swbreak, hwbreak

	last    Stop   // the last stop reply, for '?'
	quiet   bool   // its end of history is not told as one; see strands
	general int    // the hart of g, G, p, P, m, M, X
	control int    // the hart of s and bs; NoHart is the general one
	known   uint64 // generation of the position whose registers gdb holds

	jumped bool // gdb has written a pc since the last stop

	points map[point][][]byte // set by gdb, with their conditions
	lifted map[uint64]bool    // addresses where gdb has set a breakpoint and has none now
}

func newServer(target Target, w io.Writer, hart int) *server {
	s := &server{
		target:    target,
		link:      link{w: w},
		frames:    make(chan frame, maxEarly), // a peer may write while we do
		registers: map[Register]bool{PC: true, Privilege: true},
		features:  description(target.CSRs()),
		reasons:   map[string]bool{},
		last:      Stop{Reason: Stepped, Hart: hart},
		general:   hart,
		control:   NoHart,
		points:    map[point][][]byte{},
		lifted:    map[uint64]bool{},
	}
	for i := range 32 {
		s.registers[X0+Register(i)] = true
		s.registers[F0+Register(i)] = true
	}
	for _, csr := range target.CSRs() {
		s.registers[FirstCSR+Register(csr.Number)] = true
	}
	_, s.known = target.Position()
	return s
}

// receive cuts the stream into frames until it ends or Serve has gone.
func (s *server) receive(d *decoder, gone <-chan struct{}) {
	defer close(s.frames)
	for {
		f, err := d.next()
		if err != nil {
			s.ended = err
			return
		}
		select {
		case s.frames <- f:
		case <-gone:
			return
		}
	}
}

// loop serves packet after packet.
func (s *server) loop(ctx context.Context) error {
	for !s.leaving {
		packet, err := s.next()
		if err != nil {
			return unlessHungUp("reading from gdb", err)
		}
		if answer, ok := s.serve(ctx, packet); ok {
			s.link.send(answer)
		}
		if s.link.err != nil {
			return unlessHungUp("writing to gdb", s.link.err)
		}
	}
	return nil
}

// unlessHungUp returns nil for an error that only says that the other end of
// the connection is gone. A gdb that is killed leaves any of them.
func unlessHungUp(doing string, err error) error {
	for _, gone := range []error{
		io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, syscall.ECONNRESET, syscall.EPIPE,
	} {
		if errors.Is(err, gone) {
			return nil
		}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// next returns the next packet. A ^C is ignored: the target stands still, and
// gdb has been told.
func (s *server) next() (string, error) {
	if len(s.early) > 0 {
		packet := s.early[0]
		s.early = s.early[1:]
		s.link.flush() // it came before the answer to the one before it
		return packet, nil
	}
	for f := range s.frames {
		if packet, ok := s.link.accept(f); ok {
			return packet, nil
		}
	}
	return "", s.ended
}

// drive does work that may take long, and listens meanwhile: ^C, a goodbye, a
// lost connection and a flood of packets cancel it. What the work says appears
// on gdb's console at once.
func (s *server) drive(ctx context.Context, work func(ctx context.Context, say func(text string))) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done, texts := make(chan struct{}), make(chan string)
	guard.Go(func() {
		defer close(done)
		work(ctx, func(text string) { texts <- text })
	})
	frames := s.frames
	for {
		select {
		case <-done:
			return
		case text := <-texts:
			s.say(text)
		case f, ok := <-frames:
			if !ok {
				frames = nil  // never ready again
				s.early = nil // nobody waits for these answers
			}
			if !ok || f.kind == frameInterrupt {
				cancel()
				continue
			}
			if packet, ok := s.link.accept(f); ok {
				s.early = append(s.early, packet)
				if goodbye(packet) {
					cancel()
				}
			}
			if len(s.early) == maxEarly {
				frames = nil // the rest stays in the connection
				cancel()
			}
		}
	}
}

// release clears what gdb left and detaches, once.
func (s *server) release() error {
	if s.free {
		return nil
	}
	s.free = true
	return errors.Join(s.clearPoints(), s.target.Detach())
}
