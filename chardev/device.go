package chardev

import (
	"cmp"
	"errors"
	"os"

	"reprise/internal/guard"
)

// device is a backend on files that are open for life: a named pipe, or a
// serial port.
type device struct {
	outlet
	name string
	dial func() (in, out *os.File, err error) // opens them; they may be the same

	in    *input     // set by Start before the outlet opens
	files []*os.File // likewise
}

// Name implements [Backend].
func (b *device) Name() string { return b.name }

// Start implements [Backend].
func (b *device) Start(sink Sink) error {
	if b.isClosed() {
		return ErrClosed
	}
	in, out, err := b.dial()
	if err != nil {
		return err
	}
	b.files = []*os.File{in}
	if out != in {
		b.files = append(b.files, out)
	}
	if b.in, err = takeInput(in); err == nil {
		b.in.open()
		err = b.open(out, outputBuffer, b.name, sink)
	}
	if err != nil {
		return errors.Join(err, b.closeFiles())
	}
	sink.Event(Event{Kind: Opened, Backend: b.name})
	guard.Go(func() { b.in.deliver(b.name, sink) })
	return nil
}

func (b *device) closeFiles() error {
	if b.in != nil {
		b.in.cancel()
	}
	var errs []error
	for _, f := range b.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// Close implements [Backend].
func (b *device) Close() error {
	out, first := b.shut()
	if !first || out == nil {
		return nil
	}
	unsent := lost(b.name, out, closeGrace)
	return cmp.Or(unsent, b.closeFiles())
}

// serial is a serial port of the host.
type serial struct{ *device }

// Blocks implements [Blocker].
func (serial) Blocks() string {
	return "a serial port of the host is set by ioctl and has lines beside its data, which no log has: use a socket, a pty or stdio"
}
