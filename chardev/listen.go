package chardev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"sync"
	"syscall"
)

// Listener has the connections of a control backend, such as gdb's. Its
// methods may be called from any goroutine.
type Listener struct {
	spec     Spec
	listener net.Listener // of a server socket, else nil
	stream   *stream      // of everything else
	once     sync.Once
}

// Listen opens the backend that spec, from [ParseControl], describes. A server
// socket has one connection after another. Everything else is one connection
// that is there already; where the other side comes and goes, as with a pty, it
// is a new one whenever something is sent after the last was closed.
func Listen(spec Spec, opt Options) (*Listener, error) {
	if spec.Kind == Socket && spec.Server {
		l, err := listen(spec)
		if err != nil {
			return nil, err
		}
		return &Listener{spec: spec, listener: l}, nil
	}
	if spec.Kind == Null {
		return nil, fmt.Errorf("%s cannot carry a control connection: use tcp:HOST:PORT, unix:PATH, pty, pipe:PATH or stdio", spec.Kind)
	}
	backend, err := New(spec, opt)
	if err != nil {
		return nil, err
	}
	return ListenOn(backend, opt)
}

// ListenOn makes a control connection of a backend, which it starts and closes.
func ListenOn(b Backend, opt Options) (*Listener, error) {
	s, err := newStream(b, opt)
	if err != nil {
		return nil, err
	}
	return &Listener{stream: s}, nil
}

// Name identifies the backend to people, with the port or path that was taken.
func (l *Listener) Name() string {
	if l.listener != nil {
		return listenerName(l.listener)
	}
	return l.stream.backend.Name()
}

// Exposed reports whether other machines can connect; people should be told,
// as by an [Event] of kind [Exposed].
func (l *Listener) Exposed() bool { return l.listener != nil && exposed(l.listener) }

// Accept waits for the next connection and says who it is. Closing the
// connection ends its Read and Write. After Close the error is [ErrClosed].
func (l *Listener) Accept() (conn io.ReadWriteCloser, peer string, err error) {
	if l.stream != nil {
		conn, err = l.stream.accept()
		return conn, l.Name(), err
	}
	c, err := l.listener.Accept()
	switch {
	case errors.Is(err, net.ErrClosed):
		return nil, "", ErrClosed
	case err != nil:
		return nil, "", fmt.Errorf("%s accepts no connection: %w", l.Name(), cause(err))
	}
	return prepare(c, l.spec), peerName(c), nil
}

// Close ends Accept. Connections that were accepted from a server socket stay
// open; the only one of another backend ends. Closing again, or a nil listener,
// does nothing.
func (l *Listener) Close() (err error) {
	if l == nil {
		return nil
	}
	l.once.Do(func() {
		if l.listener != nil {
			err = l.listener.Close()
		} else {
			err = l.stream.close()
		}
	})
	return err
}

// listen opens a server socket.
func listen(spec Spec) (net.Listener, error) {
	network, address := spec.network()
	if network == "unix" {
		removeStale(address)
	}
	l, err := net.Listen(network, address)
	switch {
	case err == nil:
		return l, nil
	case network == "unix" && errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("a socket backend cannot listen on %s: it exists: another program listens there, or it is no socket; choose another path", address)
	}
	return nil, fmt.Errorf("a socket backend cannot listen on %s: %w%s", address, cause(err), advice(err))
}

// removeStale removes a Unix domain socket that nobody listens on any more.
func removeStale(path string) {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Type() != fs.ModeSocket {
		return
	}
	if c, err := net.Dial("unix", path); err == nil {
		_ = c.Close() // somebody does
	} else if errors.Is(err, syscall.ECONNREFUSED) {
		_ = os.Remove(path) // listening says what is wrong
	}
}

// dial connects to a server.
func dial(ctx context.Context, spec Spec) (net.Conn, error) {
	var d net.Dialer
	network, address := spec.network()
	c, err := d.DialContext(ctx, network, address)
	if err == nil {
		return c, nil
	}
	return nil, fmt.Errorf("a socket backend cannot connect to %s: %w%s", address, cause(err), advice(err))
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
func exposed(l net.Listener) bool {
	if l.Addr().Network() == "unix" {
		return false
	}
	address, ok := l.Addr().(*net.TCPAddr)
	return !ok || !address.IP.IsLoopback()
}
