package chardev

import (
	"cmp"
	"io"
	"os"

	"reprise/internal/guard"
)

// stdio is the process's standard input and output. A terminal is put into
// raw mode from Start to Close.
type stdio struct {
	outlet
	spec   Spec
	stdin  io.Reader
	stdout io.Writer

	in       *input    // set by Start before the outlet opens
	terminal *terminal // likewise; nil if standard input is no terminal
	unwatch  func()    // likewise; ends the watch for signals
}

func newStdio(spec Spec, opt Options) *stdio {
	b := &stdio{spec: spec, stdin: opt.Stdin, stdout: opt.Stdout}
	if b.stdin == nil {
		b.stdin = os.Stdin
	}
	if b.stdout == nil {
		b.stdout = os.Stdout
	}
	return b
}

// Name implements [Backend].
func (b *stdio) Name() string { return string(Stdio) }

// Start implements [Backend].
func (b *stdio) Start(sink Sink) error {
	if b.isClosed() {
		return ErrClosed
	}
	in, err := takeInput(b.stdin)
	if err != nil {
		return err
	}
	b.in = in
	b.terminal = terminalOf(b.stdin)
	b.unwatch = watchSignals(func() { _ = b.terminal.raw(b.spec.Signal) })
	err = b.terminal.raw(b.spec.Signal)
	if err == nil {
		in.open()
		// On Windows the opening has set modes of its own.
		err = b.terminal.raw(b.spec.Signal)
	}
	if err == nil {
		err = b.open(b.stdout, outputBuffer, b.Name(), sink)
	}
	if err != nil {
		in.cancel()
		_ = b.release() // err came first, and says more
		return err
	}
	sink.Event(Event{Kind: Opened, Backend: b.Name()})
	guard.Go(func() { in.deliver(b.Name(), sink) })
	return nil
}

// release gives back what must not outlive the backend.
func (b *stdio) release() error {
	b.unwatch()
	return b.terminal.restore()
}

// Close implements [Backend]. The terminal comes before what can take long: it
// is as it was, even if the output cannot be sent. The files themselves stay
// open; they are the process's.
func (b *stdio) Close() error {
	out, first := b.shut()
	if !first || out == nil {
		return nil
	}
	restored := b.release()
	b.in.cancel()
	return cmp.Or(lost(b.Name(), out, closeGrace), restored)
}
