package chardev

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"reprise/internal/guard"
)

// socket is a TCP connection or one on a Unix domain socket. A server has one
// client at a time; the next one is accepted when that is gone. A client may
// connect again when its server is gone.
type socket struct {
	spec Spec

	mu       sync.Mutex
	name     string
	listener net.Listener       // nil for a client and before Start
	peer     *peer              // nil while nobody is connected
	cancel   context.CancelFunc // ends connecting; nil before Start
	closed   bool
}

// peer is the other side of one connection.
type peer struct {
	conn net.Conn
	name string
	out  *outbox
	told chan struct{} // closed when its coming has been told
	gone sync.Once     // tells that it is gone
}

func newSocket(spec Spec) *socket {
	return &socket{spec: spec, name: socketName(spec)}
}

// socketName is the name of a socket that is not open yet.
func socketName(spec Spec) string {
	if spec.Path != "" {
		return "unix:" + spec.Path
	}
	return string(Socket) + ":" + spec.address()
}

// listenerName is the name of a server that listens.
func listenerName(l net.Listener) string {
	if l.Addr().Network() == "unix" {
		return "unix:" + l.Addr().String()
	}
	return string(Socket) + ":" + l.Addr().String()
}

// peerName is who is at the other side of a connection.
func peerName(c net.Conn) string {
	if c.RemoteAddr().Network() == "unix" {
		return "a local program"
	}
	return c.RemoteAddr().String()
}

// Name implements [Backend]. A server that takes any free port has it in its
// name once it has started.
func (b *socket) Name() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.name
}

// Start implements [Backend].
func (b *socket) Start(sink Sink) error {
	if b.spec.Server {
		return b.serve(sink)
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.mu.Lock()
	b.cancel = cancel
	closed := b.closed
	b.mu.Unlock()
	if closed {
		cancel()
		return ErrClosed
	}
	if b.spec.Reconnect > 0 {
		guard.Go(func() { b.reconnect(ctx, sink) })
		return nil
	}
	defer cancel()
	p, err := b.connect(ctx, sink)
	if err != nil {
		return err
	}
	guard.Go(func() { b.attend(p, sink) })
	return nil
}

// connect connects to the server.
func (b *socket) connect(ctx context.Context, sink Sink) (*peer, error) {
	conn, err := dial(ctx, b.spec)
	if err != nil {
		if b.isClosed() {
			return nil, ErrClosed
		}
		return nil, err
	}
	return b.connected(conn, sink)
}

// reconnect connects to the server again and again, until Close.
func (b *socket) reconnect(ctx context.Context, sink Sink) {
	told := false
	for !b.isClosed() {
		p, err := b.connect(ctx, sink)
		switch {
		case err == nil:
			told = false
			b.attend(p, sink)
		case !told && !b.isClosed():
			told = true // once for a server that is not there
			sink.Event(Event{Kind: Gone, Backend: b.Name(), Err: err})
		}
		select {
		case <-time.After(time.Duration(b.spec.Reconnect) * time.Second):
		case <-ctx.Done():
			return
		}
	}
}

// serve is Start for a server.
func (b *socket) serve(sink Sink) error {
	listener, err := listen(b.spec)
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.listener = listener
	b.name = listenerName(listener)
	closed := b.closed
	b.mu.Unlock()
	if closed {
		_ = listener.Close()
		return ErrClosed
	}
	if exposed(listener) {
		sink.Event(Event{Kind: Exposed, Backend: b.Name()})
	}
	if !b.spec.Wait {
		guard.Go(func() { b.clients(nil, sink) })
		return nil
	}
	first, err := b.accept(sink)
	if err != nil {
		_ = b.Close() // err came first, and says more
		return err
	}
	guard.Go(func() { b.clients(first, sink) })
	return nil
}

// clients attends to one client after another, beginning with first unless
// that is nil.
func (b *socket) clients(first *peer, sink Sink) {
	for p := first; ; p = nil {
		if p == nil {
			var err error
			if p, err = b.accept(sink); err != nil {
				if !b.isClosed() {
					sink.Event(Event{Kind: Gone, Backend: b.Name(), Err: err})
				}
				return
			}
		}
		b.attend(p, sink)
		if b.isClosed() {
			return
		}
	}
}

// accept waits for the next client.
func (b *socket) accept(sink Sink) (*peer, error) {
	sink.Event(Event{Kind: Waiting, Backend: b.Name()})
	conn, err := b.listener.Accept()
	if err != nil {
		if b.isClosed() {
			return nil, ErrClosed
		}
		return nil, fmt.Errorf("a socket backend accepts no more connections: %w", cause(err))
	}
	return b.connected(conn, sink)
}

// connected makes conn the peer, unless the backend is closed. Who is told of it
// can write to it.
func (b *socket) connected(conn net.Conn, sink Sink) (*peer, error) {
	conn = prepare(conn, b.spec)
	p := &peer{conn: conn, name: peerName(conn), told: make(chan struct{})}
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		_ = conn.Close()
		return nil, ErrClosed
	}
	p.out = newOutbox(conn, outputBuffer, sink.Ready, func(err error) {
		b.lose(p, sink, err)
		_ = conn.Close() // ends the reading too
	})
	b.peer = p
	b.mu.Unlock()
	sink.Event(Event{Kind: Opened, Backend: b.Name(), Peer: p.name})
	close(p.told)
	return p, nil
}

// prepare gives a new connection what its spec asks for.
func prepare(conn net.Conn, spec Spec) net.Conn {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetNoDelay(spec.NoDelay) // a connection that has failed already shows it at the first read
	}
	if spec.Telnet {
		return newTelnet(conn, spec.Server)
	}
	return conn
}

// attend reads what the peer sends until it is gone. Its closing of one
// direction counts as leaving, as in QEMU, but it still gets what the guest has
// written so far.
func (b *socket) attend(p *peer, sink Sink) {
	err := receive(p, sink)
	if errors.Is(err, io.EOF) {
		err = nil
	} else if !b.isClosed() {
		_ = p.conn.Close()
	}
	b.lose(p, sink, err)
	_, _ = p.out.finish(closeGrace) // what a peer did not take is lost with it
	_ = p.conn.Close()
	b.mu.Lock()
	b.peer = nil
	b.mu.Unlock()
}

// receive hands what the peer sends to the sink until the connection ends.
func receive(p *peer, sink Sink) error {
	chunk := make([]byte, inputChunk)
	for {
		n, err := p.conn.Read(chunk)
		if n > 0 && sink.Receive(chunk[:n]) != nil {
			<-p.out.done // the owner wants no more, but its output goes on
			return io.EOF
		}
		if err != nil {
			return err
		}
	}
}

// lose tells once that the peer is gone, unless it is the owner who closes.
func (b *socket) lose(p *peer, sink Sink, err error) {
	<-p.told
	p.gone.Do(func() {
		if !b.isClosed() {
			sink.Event(Event{Kind: Gone, Backend: b.Name(), Peer: p.name, Err: cause(err)})
		}
	})
}

// Write implements [Backend].
func (b *socket) Write(p []byte) int {
	b.mu.Lock()
	peer := b.peer
	b.mu.Unlock()
	if peer == nil {
		return len(p)
	}
	return peer.out.put(p)
}

// Close implements [Backend].
func (b *socket) Close() error {
	b.mu.Lock()
	first := !b.closed
	b.closed = true
	p, listener, cancel := b.peer, b.listener, b.cancel
	b.mu.Unlock()
	if !first {
		return nil
	}
	if cancel != nil {
		cancel()
	}
	var err error
	if listener != nil {
		err = listener.Close()
	}
	if p == nil {
		return err
	}
	// Reading ends at once; what was taken is still sent. If the peer has left
	// meanwhile, both are done already.
	_ = p.conn.SetReadDeadline(time.Unix(1, 0))
	unsent := lost(b.Name(), p.out, closeGrace)
	_ = p.conn.Close()
	return cmp.Or(unsent, err)
}

func (b *socket) isClosed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed
}
