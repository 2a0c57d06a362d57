package chardev

import (
	"fmt"
	"io"
	"os"
	"sync"
)

// terminal is a terminal whose modes are changed and given back. A nil
// terminal stands for an input that is none.
type terminal struct {
	fd int

	mu       sync.Mutex
	was      *modes // what it had before raw; nil before raw
	restored bool   // nothing changes the modes any more
}

// terminalOf returns the terminal that r reads, or nil.
func terminalOf(r io.Reader) *terminal {
	f, ok := r.(*os.File)
	if !ok {
		return nil
	}
	fd := int(f.Fd())
	if _, err := getModes(fd); err != nil {
		return nil
	}
	return &terminal{fd: fd}
}

// raw makes the terminal hand over every key at once and unechoed, as QEMU's
// stdio does; lines of output are still ended as the terminal likes it. With
// signal, the keys that raise signals, such as Ctrl-C, go on doing so. Called
// again it brings the modes back that another program has changed meanwhile.
// A process in the background leaves the terminal alone.
func (t *terminal) raw(signal bool) error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.restored || inBackground(t.fd) {
		return nil
	}
	if t.was == nil {
		now, err := getModes(t.fd)
		if err != nil {
			return fmt.Errorf("stdio cannot read the modes of its terminal: %w", err)
		}
		t.was = now
	}
	if err := setModes(t.fd, rawModes(*t.was, signal)); err != nil {
		return fmt.Errorf("stdio cannot put its terminal into raw mode: %w", err)
	}
	return nil
}

// restore gives the terminal the modes back that it had before raw. One that has
// been closed has none.
func (t *terminal) restore() error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.restored {
		return nil
	}
	t.restored = true
	if t.was == nil || inBackground(t.fd) {
		return nil
	}
	if _, gone := getModes(t.fd); gone != nil {
		return nil
	}
	if err := setModes(t.fd, *t.was); err != nil {
		return fmt.Errorf("stdio cannot give its terminal the modes back (`stty sane` does): %w", err)
	}
	return nil
}
