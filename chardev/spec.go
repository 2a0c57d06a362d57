package chardev

import (
	"cmp"
	"net"
	"strconv"
	"strings"
)

// Kind is a sort of backend, in QEMU's word for it.
type Kind string

// The kinds of backend there are.
const (
	Stdio          Kind = "stdio"   // the process's standard input and output
	Null           Kind = "null"    // takes everything, says nothing
	File           Kind = "file"    // output to a file, input from another
	Pipe           Kind = "pipe"    // one named pipe for both directions, or PATH.in and PATH.out
	Pty            Kind = "pty"     // a new pseudo-terminal
	VirtualConsole Kind = "vc"      // the interface's console pane
	Socket         Kind = "socket"  // a TCP or Unix domain connection, as client or server
	RingBuffer     Kind = "ringbuf" // the last bytes written, for a monitor to read
	Serial         Kind = "serial"  // a serial port of the host; cannot be recorded
)

// loopback is where a socket listens or connects when no host is named.
const loopback = "127.0.0.1"

// Spec describes a backend. [ParseSpec] makes one from QEMU's syntax. Fields
// that do not belong to the kind are zero.
type Spec struct {
	Kind Kind
	ID   string // the character device's id; may be empty

	Mux     bool // the backend is shared: frontends and monitors on one, Ctrl-a switches
	Monitor bool // a monitor is among them, as with mon:

	Path   string // file, pipe, serial: the path; socket: that of a Unix domain socket
	Input  string // file: the path of a file that is read; may be empty
	Append bool   // file: keep what the file holds

	Signal bool // stdio: the terminal's keys such as Ctrl-C raise signals; off, they reach the guest

	Host      string // socket: host name or address, without brackets; empty with a path
	Port      int    // socket: 1 to 65535, or 0 for a server that takes any free port
	Server    bool   // socket: listen instead of connecting
	Wait      bool   // socket: a server's Start waits for the first client
	NoDelay   bool   // socket: send small packets at once (TCP_NODELAY)
	Telnet    bool   // socket: speak telnet
	Reconnect int    // socket: seconds after which a client connects again; 0 for never

	Size int // ringbuf: bytes that are kept, a power of two
}

// String is the spec in QEMU's --chardev syntax; [ParseSpec] reads it back.
func (s Spec) String() string {
	var b strings.Builder
	if s.Monitor {
		b.WriteString("mon:")
	}
	b.WriteString(string(s.Kind))
	value := func(name, v string) {
		b.WriteString("," + name + "=" + strings.ReplaceAll(v, ",", ",,"))
	}
	flag := func(name string, on bool) {
		if on {
			value(name, "on")
		} else {
			value(name, "off")
		}
	}
	if s.ID != "" {
		value("id", s.ID)
	}
	switch s.Kind {
	case Stdio:
		flag("signal", s.Signal)
	case File:
		value("path", s.Path)
		if s.Input != "" {
			value("input-path", s.Input)
		}
		flag("append", s.Append)
	case Pipe, Serial:
		value("path", s.Path)
	case RingBuffer:
		value("size", strconv.Itoa(s.Size))
	case Socket:
		s.writeSocket(value, flag)
	case Null, VirtualConsole, Pty:
	}
	if s.Mux {
		value("mux", "on")
	}
	return b.String()
}

// writeSocket writes the options of a socket.
func (s Spec) writeSocket(value func(name, v string), flag func(name string, on bool)) {
	if s.Path != "" {
		value("path", s.Path)
	} else {
		value("host", s.Host)
		value("port", strconv.Itoa(s.Port))
		flag("nodelay", s.NoDelay)
	}
	flag("server", s.Server)
	if s.Server {
		flag("wait", s.Wait)
	}
	if s.Telnet {
		flag("telnet", true)
	}
	if s.Reconnect > 0 {
		value("reconnect", strconv.Itoa(s.Reconnect))
	}
}

// network is where a socket listens or connects, as package net has it.
func (s Spec) network() (network, address string) {
	if s.Path != "" {
		return "unix", s.Path
	}
	return "tcp", s.address()
}

// address is where a socket listens or connects.
func (s Spec) address() string {
	return net.JoinHostPort(cmp.Or(s.Host, loopback), strconv.Itoa(s.Port))
}
