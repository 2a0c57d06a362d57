//go:build unix

package chardev

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// newPipe makes the backend of a named pipe. As in QEMU, PATH.in and PATH.out
// are one for each direction, seen from the guest, and PATH alone is both.
func newPipe(spec Spec) Backend {
	return &device{name: string(Pipe) + ":" + spec.Path, dial: func() (in, out *os.File, err error) {
		in, err = openPipe(spec.Path + ".in")
		if err == nil {
			if out, err = openPipe(spec.Path + ".out"); err == nil {
				return in, out, nil
			}
			return nil, nil, errors.Join(err, in.Close())
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
		if in, err = openPipe(spec.Path); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				err = fmt.Errorf("a pipe backend finds neither %s.in and %s.out nor %s: make them with mkfifo", spec.Path, spec.Path, spec.Path)
			}
			return nil, nil, err
		}
		return in, in, nil
	}}
}

// openPipe opens a named pipe for both directions, so that neither opening nor
// the leaving of the other side matters.
func openPipe(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("a pipe backend cannot be opened: %w", err)
	}
	if info, err := f.Stat(); err != nil || info.Mode().Type() != fs.ModeNamedPipe {
		_ = f.Close() // nothing was written
		return nil, fmt.Errorf("a pipe backend needs a named pipe, and %s is none: make one with mkfifo", path)
	}
	return f, nil
}

// newSerial makes the backend of a serial port of the host.
func newSerial(spec Spec) Backend {
	return serial{&device{name: string(Serial) + ":" + spec.Path, dial: func() (in, out *os.File, err error) {
		f, err := os.OpenFile(spec.Path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
		if err != nil {
			return nil, nil, fmt.Errorf("a serial backend cannot be opened: %w", err)
		}
		if err := setRaw(f); err != nil {
			_ = f.Close() // nothing was written
			return nil, nil, fmt.Errorf("a serial backend needs a serial port, and %s is none: %w", spec.Path, err)
		}
		return f, f, nil
	}}}
}

// setRaw lets a terminal pass all bytes as they are, in both directions.
func setRaw(f *os.File) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	failed := conn.Control(func(fd uintptr) {
		var m *modes
		if m, err = getModes(int(fd)); err == nil {
			raw := rawModes(*m, false)
			raw.Oflag &^= unix.OPOST
			err = setModes(int(fd), raw)
		}
	})
	return errors.Join(failed, err)
}
