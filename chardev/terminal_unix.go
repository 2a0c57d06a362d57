//go:build unix

package chardev

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"

	"reprise/internal/guard"
)

// modes are the modes of a terminal (POSIX, "General Terminal Interface").
type modes = unix.Termios

func getModes(fd int) (*modes, error) { return unix.IoctlGetTermios(fd, ioctlGetModes) }

// setModes sets them at once: waiting for the output, as TCSADRAIN does, could
// last forever.
func setModes(fd int, m modes) error { return unix.IoctlSetTermios(fd, ioctlSetModes, &m) }

// rawModes are the modes m with those changed that QEMU's stdio changes.
func rawModes(m modes, signal bool) modes {
	m.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP |
		unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	m.Oflag |= unix.OPOST
	m.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.IEXTEN
	m.Cflag &^= unix.CSIZE | unix.PARENB
	m.Cflag |= unix.CS8
	m.Cc[unix.VMIN], m.Cc[unix.VTIME] = 1, 0
	if !signal {
		m.Lflag &^= unix.ISIG
	}
	return m
}

// inBackground reports whether another process group has the terminal: setting
// modes would then stop this process (SIGTTOU).
func inBackground(fd int) bool {
	group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err == nil && group != unix.Getpgrp()
}

// watchSignals calls continued whenever the process goes on after a stop, when
// the shell may have changed the terminal's modes. It also makes a write to
// standard output that nobody reads an error, where it would otherwise end the
// process (SIGPIPE).
func watchSignals(continued func()) (stop func()) {
	signals := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Notify(signals, unix.SIGCONT, unix.SIGPIPE)
	guard.Go(func() {
		for {
			select {
			case <-signals: // after SIGPIPE there is nothing to bring back, which does no harm
				continued()
			case <-done:
				return
			}
		}
	})
	return func() {
		signal.Stop(signals)
		close(done)
	}
}
