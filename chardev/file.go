package chardev

import (
	"errors"
	"fmt"
	"os"
	"time"

	"reprise/internal/guard"
)

// fileBuffer is how many bytes a file backend takes ahead of the disk. A disk
// that works never lets it fill, so the file refuses nothing; one that hangs
// makes it refuse rather than eat the host's memory.
const fileBuffer = 16 << 20

// fileGrace is how long Close waits for a disk that takes nothing. A busy one
// pauses for seconds.
const fileGrace = 30 * time.Second

// file writes the guest's output to a file. What it reads, if it has an
// input-path, is another file.
type file struct {
	outlet
	spec   Spec
	f      *os.File // set by Start before the outlet opens
	source *os.File // likewise; nil without an input-path
	in     *input   // of source
}

// Name implements [Backend].
func (b *file) Name() string { return string(File) + ":" + b.spec.Path }

// Start opens the files, that of the output emptied unless append=on. A named pipe is waited for
// until it has a reader, as QEMU does.
func (b *file) Start(sink Sink) error {
	if b.isClosed() {
		return ErrClosed
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if b.spec.Append {
		flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	f, err := os.OpenFile(b.spec.Path, flags, 0o666)
	if err != nil {
		return fmt.Errorf("a file backend cannot write its file: %w", err)
	}
	b.f = f
	if b.spec.Input != "" {
		if b.source, err = os.Open(b.spec.Input); err != nil {
			return errors.Join(fmt.Errorf("a file backend cannot read its input: %w", err), f.Close())
		}
		b.in, _ = takeInput(b.source) // only standard input can be taken
		b.in.open()
	}
	if err := b.open(f, fileBuffer, b.Name(), sink); err != nil {
		return errors.Join(err, b.closeFiles())
	}
	sink.Event(Event{Kind: Opened, Backend: b.Name()})
	if b.in != nil {
		guard.Go(func() { b.in.deliver(b.Name(), sink) })
	}
	return nil
}

func (b *file) closeFiles() error {
	if b.in != nil {
		b.in.cancel()
		_ = b.source.Close() // it was only read
	}
	return b.f.Close()
}

// Close implements [Backend].
func (b *file) Close() error {
	out, first := b.shut()
	if !first || out == nil {
		return nil
	}
	err := lost(b.Name(), out, fileGrace)
	if closeErr := b.closeFiles(); err == nil && closeErr != nil {
		err = fmt.Errorf("%s: %w", b.Name(), closeErr)
	}
	return err
}
