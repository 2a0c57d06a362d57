//go:build unix

package chardev

import (
	"cmp"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"reprise/internal/guard"
)

// ptyLook is how often a pty looks whether somebody has opened its other side.
// Nothing tells.
const ptyLook = 100 * time.Millisecond

// terminalPair is a new pseudo-terminal, whose other side has a path that any
// terminal program can open. While nobody has, output is dropped, as in QEMU.
type terminalPair struct {
	outlet
	path   atomic.Pointer[string] // of the other side, since Start
	master *os.File               // set by Start before the outlet opens
	opened atomic.Bool            // somebody has the other side
	quit   chan struct{}          // closed by Close
	done   chan struct{}          // closed when nothing is read any more
}

func newPty() Backend {
	return &terminalPair{quit: make(chan struct{}), done: make(chan struct{})}
}

// Name implements [Backend]. After Start it has the path of the other side.
func (b *terminalPair) Name() string {
	if path := b.path.Load(); path != nil {
		return string(Pty) + ":" + *path
	}
	return string(Pty)
}

// Start implements [Backend].
func (b *terminalPair) Start(sink Sink) error {
	if b.isClosed() {
		return ErrClosed
	}
	master, other, err := pty.Open()
	if err != nil {
		return fmt.Errorf("a pty backend cannot be opened: %w", err)
	}
	path := other.Name()
	err = setRaw(other)
	_ = other.Close() // it was never used
	if err != nil {
		_ = master.Close()
		return fmt.Errorf("a pty backend cannot be put into raw mode: %w", err)
	}
	b.path.Store(&path)
	b.master = master
	if err := b.open(master, outputBuffer, b.Name(), sink); err != nil {
		_ = master.Close()
		return err
	}
	sink.Event(Event{Kind: Waiting, Backend: b.Name()})
	guard.Go(func() { b.watch(sink) })
	return nil
}

// watch reads what comes from the other side, and notices whether there is one.
func (b *terminalPair) watch(sink Sink) {
	defer close(b.done)
	conn, err := b.master.SyscallConn()
	if err != nil {
		sink.Event(Event{Kind: Gone, Backend: b.Name(), Err: err})
		return
	}
	chunk := make([]byte, inputChunk)
	for !b.isClosed() {
		var events int16
		_ = conn.Control(func(fd uintptr) { events = poll(int(fd)) }) // fails only once closed
		hung := events&unix.POLLHUP != 0
		if b.opened.Swap(!hung) == hung {
			kind := Opened
			if hung {
				kind = Waiting
			}
			sink.Event(Event{Kind: kind, Backend: b.Name()})
		}
		switch {
		case events&unix.POLLIN != 0:
			n, err := b.master.Read(chunk)
			if err == nil && sink.Receive(chunk[:n]) != nil {
				return
			}
		case hung:
			select {
			case <-time.After(ptyLook):
			case <-b.quit:
			}
		}
	}
}

// poll waits a little for something to read, and returns what there is.
func poll(fd int) int16 {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	if _, err := unix.Poll(fds, int(ptyLook.Milliseconds())); err != nil {
		return 0 // a signal; it is asked again
	}
	return fds[0].Revents
}

// Write implements [Backend].
func (b *terminalPair) Write(p []byte) int {
	if !b.opened.Load() {
		return len(p)
	}
	return b.outlet.Write(p)
}

// Close implements [Backend].
func (b *terminalPair) Close() error {
	out, first := b.shut()
	if !first || out == nil {
		return nil
	}
	close(b.quit)
	var unsent error
	if b.opened.Load() {
		unsent = lost(b.Name(), out, closeGrace)
	}
	closed := b.master.Close() // ends a write and a read
	return cmp.Or(unsent, closed)
}
