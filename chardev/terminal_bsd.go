//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package chardev

import "golang.org/x/sys/unix"

const (
	ioctlGetModes = unix.TIOCGETA
	ioctlSetModes = unix.TIOCSETA
)
