package chardev

import (
	"errors"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/muesli/cancelreader"
)

// stdinTaken is set while something has the process's standard input.
var stdinTaken atomic.Bool

// errStdinTaken refuses standard input to a second reader: each would get a
// part of what is typed.
var errStdinTaken = errors.New("stdio is used already: only one device can have it; give the other another backend")

// input is a reader whose Read can be ended from another goroutine.
type input struct {
	r    io.Reader
	poll cancelreader.CancelReader // nil before open, and for what never blocks
	idle chan struct{}             // holds a token while no Read is under way

	cancelled atomic.Bool
}

// takeInput makes the input that reads r. Standard input is taken until cancel.
func takeInput(r io.Reader) (*input, error) {
	if r == io.Reader(os.Stdin) && !stdinTaken.CompareAndSwap(false, true) {
		return nil, errStdinTaken
	}
	in := &input{r: r, idle: make(chan struct{}, 1)}
	in.idle <- struct{}{}
	return in, nil
}

// open makes ready to read. What cannot be polled, such as a regular file,
// never blocks and is read as it is.
func (in *input) open() {
	if f, ok := in.r.(*os.File); ok {
		if info, err := f.Stat(); err != nil || info.Mode().IsRegular() {
			return
		}
	}
	if poll, err := cancelreader.NewReader(in.r); err == nil {
		in.poll = poll
	}
}

// Read is [io.Reader]'s. After cancel it returns [ErrClosed].
func (in *input) Read(p []byte) (int, error) {
	<-in.idle
	defer func() { in.idle <- struct{}{} }()
	if in.cancelled.Load() {
		return 0, ErrClosed
	}
	r := in.r
	if in.poll != nil {
		r = in.poll
	}
	n, err := r.Read(p)
	if in.cancelled.Load() {
		return 0, ErrClosed
	}
	return n, err
}

// deliver hands what is read to a sink, until the end of the input, or until
// cancel, or until the sink wants no more.
func (in *input) deliver(name string, sink Sink) {
	chunk := make([]byte, inputChunk)
	for {
		n, err := in.Read(chunk)
		if n > 0 && sink.Receive(chunk[:n]) != nil {
			return
		}
		switch {
		case err == nil:
			continue
		case errors.Is(err, ErrClosed):
			return
		case errors.Is(err, io.EOF):
			err = nil
		}
		sink.Event(Event{Kind: EndOfInput, Backend: name, Err: err})
		return
	}
}

// cancel ends the Read that is under way and all later ones, and frees what
// open made. When it returns nothing uses the reader any more, so that the
// next one gets all that comes. Only a reader that is no file goes on until it
// gets something, which is then dropped.
func (in *input) cancel() {
	if in.cancelled.Swap(true) {
		return
	}
	if in.poll != nil && in.poll.Cancel() {
		select {
		case <-in.idle:
			_ = in.poll.Close() // nothing was written to it
			in.idle <- struct{}{}
		case <-time.After(closeGrace):
			// Another process took what was there to read, and the Read waits
			// for more: it stays behind.
		}
	}
	if in.r == io.Reader(os.Stdin) {
		stdinTaken.Store(false)
	}
}
