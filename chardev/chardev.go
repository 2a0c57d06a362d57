package chardev

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// ErrClosed is returned by Start and Accept once Close has been called.
var ErrClosed = errors.New("the character backend is closed")

// Sink receives what a backend reads. It is implemented by the backend's
// owner, and its methods are called from the backend's goroutines and from
// Start, never from Write. A call that is under way while the backend is
// closed may still finish after Close.
type Sink interface {
	// Receive hands over bytes, at least one, that came from the host. It
	// blocks while the owner's queue is full, and the backend is not read
	// meanwhile. An error means that the owner wants no more. The slice is
	// only valid during the call. Calls never overlap.
	Receive(p []byte) error

	// Ready says that the backend refused bytes earlier and can take more
	// now. It comes once for each run of short writes, and returns soon.
	Ready()

	// Event tells what became of the backend, to be shown to people. It is
	// never a reason to stop the machine. It returns soon.
	Event(ev Event)
}

// Backend is the host side of one character device.
type Backend interface {
	// Name identifies the backend to people, such as "socket:127.0.0.1:4444".
	Name() string

	// Start opens the host side and begins to read it. It is called once.
	// A server socket with wait=on returns when the first client has
	// connected, or with [ErrClosed] when Close is called meanwhile.
	Start(sink Sink) error

	// Write takes bytes for the host and returns how many, 0 to len(p). It
	// never blocks. After a short write Ready is called once, when half of
	// the buffer is free again. A backend that is not connected, or gone, takes
	// everything and drops it, as QEMU's does.
	Write(p []byte) int

	// Close stops reading, gives a terminal its modes back, sends what Write
	// took, and closes. The error says what could not be sent. Closing again
	// does nothing.
	Close() error
}

// Class says whether what passes through a backend is part of a recording.
type Class int

const (
	// Recorded is the class of the guest's character devices: their bytes
	// are events of the recording.
	Recorded Class = iota
	// Control is the class of what steers a session from outside, such as
	// gdb: nothing of it is recorded.
	Control
)

// String names the class.
func (c Class) String() string {
	if c == Control {
		return "control"
	}
	return "recorded"
}

// EventKind is what happened to a backend.
type EventKind int

// The kinds of event.
const (
	// Opened: the host side is there; for a socket, a peer is connected.
	Opened EventKind = iota
	// Waiting: a server socket listens and has no client.
	Waiting
	// Exposed: a server socket can be reached from other machines.
	Exposed
	// EndOfInput: nothing more will be read; output goes on.
	EndOfInput
	// Gone: the host side went away by itself. Output is dropped from here
	// until the next Opened.
	Gone
)

// Event is something about a backend that people should see.
type Event struct {
	Kind    EventKind
	Backend string // the backend's name
	Peer    string // address of the other side, for sockets; else empty
	Err     error  // why, where something failed; else nil
}

// String is the event as one line for people.
func (e Event) String() string {
	text := e.Backend
	switch e.Kind {
	case Opened:
		text += ": open"
		if e.Peer != "" {
			text = e.Backend + ": connected to " + e.Peer
		}
	case Waiting:
		text += ": waiting for a connection"
	case Exposed:
		text += ": listens beyond loopback: other machines can connect, and nothing asks who they are"
	case EndOfInput:
		text += ": end of input"
	case Gone:
		text += ": gone"
		if e.Peer != "" {
			text = e.Backend + ": " + e.Peer + " disconnected"
		}
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Options are what a backend needs beside its [Spec]. The zero value is good.
type Options struct {
	// Stdin and Stdout replace the process's own for stdio.
	Stdin  io.Reader
	Stdout io.Writer

	// Notify is told what becomes of a control backend. It may be nil.
	Notify func(ev Event)

	// Greet makes a control connection before anything is sent: the owner
	// speaks first.
	Greet bool

	// Output is called with what the guest writes to a vc, on the goroutine
	// that calls Write. The slice is only valid during the call.
	Output func(p []byte)
}

// New makes the backend that spec describes. The host is not touched before
// Start. A vc comes as a [*VC], a ringbuf as a [*Ring].
func New(spec Spec, opt Options) (Backend, error) {
	switch spec.Kind {
	case Stdio:
		return newStdio(spec, opt), nil
	case Null:
		return null{}, nil
	case File:
		return &file{spec: spec}, nil
	case Pipe:
		return newPipe(spec), nil
	case Pty:
		return newPty(), nil
	case Serial:
		return newSerial(spec), nil
	case VirtualConsole:
		return NewVC(opt.Output), nil
	case RingBuffer:
		return NewRing(spec.Size), nil
	case Socket:
		return newSocket(spec), nil
	}
	return nil, unknownKind(string(spec.Kind))
}

// null takes everything and never has anything to say.
type null struct{}

func (null) Name() string       { return string(Null) }
func (null) Start(Sink) error   { return nil }
func (null) Write(p []byte) int { return len(p) }
func (null) Close() error       { return nil }

// lost finishes a queue. The error says what of it could not be sent.
func lost(name string, out *outbox, grace time.Duration) error {
	n, why := out.finish(grace)
	switch {
	case n == 0:
		return nil
	case errors.Is(why, os.ErrDeadlineExceeded):
		return fmt.Errorf("%s: %d bytes of output were not sent: the other side does not read: %w", name, n, why)
	case why != nil:
		return fmt.Errorf("%s: %d bytes of output were not written: %w", name, n, why)
	}
	return fmt.Errorf("%s: %d bytes of output were not sent: the other side is gone", name, n)
}
