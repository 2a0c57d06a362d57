package chardev

import (
	"errors"
	"syscall"
)

// narrowReceive makes the kernel hold little of what a socket has received.
func narrowReceive(raw syscall.RawConn) error {
	var set error
	err := raw.Control(func(fd uintptr) {
		set = syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, narrow)
	})
	return errors.Join(err, set)
}
