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
	Stdio          Kind = "stdio"  // the process's standard input and output
	Null           Kind = "null"   // takes everything, says nothing
	File           Kind = "file"   // output to a file
	VirtualConsole Kind = "vc"     // the interface's console pane
	Socket         Kind = "socket" // a TCP connection, as client or server
)

// loopback is where a socket listens or connects when no host is named.
const loopback = "127.0.0.1"

// Spec describes a backend. [ParseSpec] makes one from QEMU's syntax. Fields
// that do not belong to the kind are zero.
type Spec struct {
	Kind Kind
	ID   string // the character device's id; may be empty

	Path   string // file: the file's path
	Append bool   // file: keep what the file holds

	Signal bool // stdio: the terminal's keys such as Ctrl-C raise signals; off, they reach the guest

	Host    string // socket: host name or address, without brackets
	Port    int    // socket: 1 to 65535, or 0 for a server that takes any free port
	Server  bool   // socket: listen instead of connecting
	Wait    bool   // socket: a server's Start waits for the first client
	NoDelay bool   // socket: send small packets at once (TCP_NODELAY)
}

// String is the spec in QEMU's --chardev syntax; [ParseSpec] reads it back.
func (s Spec) String() string {
	var b strings.Builder
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
		flag("append", s.Append)
	case Socket:
		value("host", s.Host)
		value("port", strconv.Itoa(s.Port))
		flag("nodelay", s.NoDelay)
		flag("server", s.Server)
		if s.Server {
			flag("wait", s.Wait)
		}
	case Null, VirtualConsole:
	}
	return b.String()
}

// address is where a socket listens or connects.
func (s Spec) address() string {
	return net.JoinHostPort(cmp.Or(s.Host, loopback), strconv.Itoa(s.Port))
}
