package chardev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// Listener has the connections of a control backend, such as gdb's. Its
// methods may be called from any goroutine.
type Listener struct {
	name     string
	listener *net.TCPListener // nil for stdio
	noDelay  bool

	single chan *standard // stdio: the only connection, until it is accepted
	once   sync.Once
	closed chan struct{}
}

// Listen opens the backend that spec, from [ParseControl], describes: a server
// socket, or stdio, which is one connection that is there already. A terminal
// keeps its modes.
func Listen(spec Spec, opt Options) (*Listener, error) {
	l := &Listener{noDelay: spec.NoDelay, closed: make(chan struct{})}
	switch {
	case spec.Kind == Socket && spec.Server:
		listener, err := listen(spec)
		if err != nil {
			return nil, err
		}
		l.listener = listener
		l.name = socketName(listener.Addr().String())
	case spec.Kind == Stdio:
		conn, err := newStandard(opt)
		if err != nil {
			return nil, err
		}
		l.single = make(chan *standard, 1)
		l.single <- conn
		l.name = string(Stdio)
	default:
		return nil, fmt.Errorf("%s cannot carry a control connection: use tcp:HOST:PORT or stdio", spec.Kind)
	}
	return l, nil
}

// Name identifies the backend to people, with the port that was taken.
func (l *Listener) Name() string { return l.name }

// Exposed reports whether other machines can connect; people should be told,
// as by an [Event] of kind [Exposed].
func (l *Listener) Exposed() bool { return l.listener != nil && exposed(l.listener) }

// Accept waits for the next connection and says who it is; stdio has only one.
// Closing the connection ends its Read and Write. After Close the error is
// [ErrClosed].
func (l *Listener) Accept() (conn io.ReadWriteCloser, peer string, err error) {
	if l.listener == nil {
		select {
		case <-l.closed:
			return nil, "", ErrClosed
		case c := <-l.single:
			return c, string(Stdio), nil
		}
	}
	tcp, err := l.listener.AcceptTCP()
	switch {
	case errors.Is(err, net.ErrClosed):
		return nil, "", ErrClosed
	case err != nil:
		return nil, "", fmt.Errorf("%s accepts no connection: %w", l.name, cause(err))
	}
	_ = tcp.SetNoDelay(l.noDelay) // a connection that has failed shows it at the first read
	return tcp, tcp.RemoteAddr().String(), nil
}

// Close ends Accept. Connections that were accepted stay open. Closing again
// does nothing.
func (l *Listener) Close() (err error) {
	l.once.Do(func() {
		close(l.closed)
		if l.listener != nil {
			err = l.listener.Close()
			return
		}
		select {
		case c := <-l.single:
			err = c.Close()
		default:
		}
	})
	return err
}

// standard is standard input and output as one connection.
type standard struct {
	*input
	io.Writer
}

func newStandard(opt Options) (*standard, error) {
	b := newStdio(Spec{Kind: Stdio}, opt)
	in, err := takeInput(b.stdin)
	if err != nil {
		return nil, err
	}
	in.open()
	return &standard{input: in, Writer: b.stdout}, nil
}

// Close ends Read. The files stay open; they are the process's.
func (s *standard) Close() error {
	s.cancel()
	return nil
}

// listen opens a server socket.
func listen(spec Spec) (*net.TCPListener, error) {
	l, err := net.Listen("tcp", spec.address())
	if err == nil {
		return l.(*net.TCPListener), nil
	}
	return nil, fmt.Errorf("a socket backend cannot listen on %s: %w%s", spec.address(), cause(err), advice(err))
}

// dial connects to a server.
func dial(ctx context.Context, spec Spec) (*net.TCPConn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", spec.address())
	if err == nil {
		return c.(*net.TCPConn), nil
	}
	return nil, fmt.Errorf("a socket backend cannot connect to %s: %w%s", spec.address(), cause(err), advice(err))
}

// advice is what to do about an error of a socket, to go behind it.
func advice(err error) string {
	_, unknown := errors.AsType[*net.DNSError](err)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return ": another program has the port: end it, or choose another port"
	case errors.Is(err, os.ErrPermission):
		return ": choose a port from 1024 up"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return ": this machine does not have that address: leave the host out to listen on loopback"
	case errors.Is(err, syscall.ECONNREFUSED):
		return ": start what listens there first, or add server=on to listen here"
	case unknown:
		return ": check the spelling, or give a numeric address"
	}
	return ""
}

// cause is the error inside those with which package net surrounds it, which
// repeat the address.
func cause(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

// exposed reports whether a listener can be reached from other machines.
func exposed(l *net.TCPListener) bool {
	address, ok := l.Addr().(*net.TCPAddr)
	return !ok || !address.IP.IsLoopback()
}
