//go:build unix

package chardev

import (
	"errors"
	"net"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// narrowReceive makes the kernel hold little of what a socket has received.
func narrowReceive(raw syscall.RawConn) error {
	var set error
	err := raw.Control(func(fd uintptr) { set = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, narrow) })
	return errors.Join(err, set)
}

func TestSocketNoDelay(t *testing.T) {
	for _, want := range []bool{false, true} {
		sink := newRecorder()
		spec := loopbackServer(false)
		spec.NoDelay = want
		b := start(t, spec, Options{}, sink).(*socket)
		connect(t, b.Name())
		sink.waitEvent(t, Opened, 1)
		raw, err := b.peer.conn.(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		var got int
		if err := raw.Control(func(fd uintptr) {
			got, err = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NODELAY)
		}); err != nil {
			t.Fatal(err)
		}
		if err != nil || (got != 0) != want {
			t.Errorf("nodelay=%v: TCP_NODELAY is %d, %v", want, got, err)
		}
		mustClose(t, b)
	}
}
