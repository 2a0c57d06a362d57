package netdev

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Kind is a sort of backend, in QEMU's word for it.
type Kind string

// The kinds of backend.
const (
	User   Kind = "user"   // a network of the process's own, with the host behind a gateway
	Socket Kind = "socket" // another program that exchanges frames
)

// Spec describes a backend. [Parse] makes one from QEMU's syntax.
type Spec struct {
	Kind Kind
	ID   string

	Forwards []Forward // user: ports of the host that lead to the guest

	// Of a socket, one of: where to listen, where to connect to, or where to
	// send datagrams to, with the place at which they are received.
	Listen, Connect, UDP, Local string
}

// Forward is a TCP port of the host that leads to one of the guest.
type Forward struct {
	Host  string // address and port to listen at
	Guest string // address and port
}

// Backend is the host's side of one network card.
type Backend interface {
	// Name identifies the backend to people.
	Name() string

	// Start opens the host's side. receive is called with each frame for the
	// guest, from any goroutine; the slice is only valid during the call, which
	// returns soon.
	Start(receive func(frame []byte)) error

	// Send takes a frame from the guest, which it does not keep. It never
	// blocks: what cannot be sent is lost.
	Send(frame []byte)

	// Close ends everything. Closing again does nothing.
	Close() error
}

// New makes the backend that spec describes, for a card with a hardware address.
// The host is not touched before Start.
func New(spec Spec, card net.HardwareAddr) Backend {
	if spec.Kind == User {
		return &user{spec: spec, card: card}
	}
	if spec.UDP != "" {
		return &datagrams{spec: spec}
	}
	return &stream{spec: spec}
}

// Parse reads a backend in QEMU's syntax:
//
//	user,id=ID[,hostfwd=tcp:[HOST]:PORT-[GUEST]:PORT]...
//	socket,id=ID,listen=[HOST]:PORT
//	socket,id=ID,connect=HOST:PORT
//	socket,id=ID,udp=HOST:PORT,localaddr=[HOST]:PORT
//
// Where no host is named, loopback is meant. The error is one line.
func Parse(text string) (Spec, error) {
	kind, rest, _ := strings.Cut(text, ",")
	spec := Spec{Kind: Kind(strings.TrimPrefix(kind, "type="))}
	if spec.Kind != User && spec.Kind != Socket {
		return Spec{}, fmt.Errorf("there is no network backend %q: there are user and socket", kind)
	}
	for rest != "" {
		var part string
		part, rest, _ = strings.Cut(rest, ",")
		name, value, named := strings.Cut(part, "=")
		if !named || value == "" {
			return Spec{}, fmt.Errorf("option %q needs a value: %s=VALUE", name, name)
		}
		if err := spec.set(name, value); err != nil {
			return Spec{}, err
		}
	}
	return spec, spec.check()
}

// set takes one option.
func (s *Spec) set(name, value string) (err error) {
	place := func(to *string) error {
		if s.Kind != Socket {
			return fmt.Errorf("option %s is for a socket", name)
		}
		*to, err = address(value)
		return err
	}
	switch name {
	case "id":
		s.ID = value
	case "hostfwd":
		if s.Kind != User {
			return errors.New("option hostfwd is for user")
		}
		var f Forward
		f, err = parseForward(value)
		s.Forwards = append(s.Forwards, f)
	case "listen":
		err = place(&s.Listen)
	case "connect":
		err = place(&s.Connect)
	case "udp":
		err = place(&s.UDP)
	case "localaddr":
		err = place(&s.Local)
	default:
		known := "id, hostfwd"
		if s.Kind == Socket {
			known = "id, listen, connect, udp, localaddr"
		}
		return fmt.Errorf("option %q of %s is not here: there are %s", name, s.Kind, known)
	}
	return err
}

// check looks at the options together.
func (s *Spec) check() error {
	if s.ID == "" {
		return errors.New("it has no id: add id=ID")
	}
	if s.Kind == User {
		return nil
	}
	given := 0
	for _, place := range []string{s.Listen, s.Connect, s.UDP} {
		if place != "" {
			given++
		}
	}
	switch {
	case given != 1:
		return errors.New("a socket needs one of listen, connect and udp")
	case (s.UDP != "") != (s.Local != ""):
		return errors.New("udp and localaddr go together: udp=HOST:PORT,localaddr=:PORT")
	}
	return nil
}

// parseForward reads tcp:[HOST]:PORT-[GUEST]:PORT.
func parseForward(text string) (Forward, error) {
	protocol, rest, _ := strings.Cut(text, ":")
	host, guest, ok := strings.Cut(rest, "-")
	switch {
	case protocol == "udp":
		return Forward{}, fmt.Errorf("hostfwd=%s: only tcp can be forwarded", text)
	case protocol != "tcp" && protocol != "" || !ok:
		return Forward{}, fmt.Errorf("hostfwd=%s: it is written tcp:[HOST]:PORT-[GUEST]:PORT", text)
	}
	f := Forward{}
	var err error
	if f.Host, err = address(host); err != nil {
		return Forward{}, fmt.Errorf("hostfwd=%s: %w", text, err)
	}
	if strings.HasPrefix(guest, ":") {
		guest = GuestIP + guest
	}
	if f.Guest, err = address(guest); err != nil {
		return Forward{}, fmt.Errorf("hostfwd=%s: %w", text, err)
	}
	return f, nil
}

// loopback is where a socket is when no host is named.
const loopback = "127.0.0.1"

// address checks HOST:PORT and puts loopback where no host is named.
func address(text string) (string, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", fmt.Errorf("%q is not an address: it is written HOST:PORT", text)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fmt.Errorf("%q is not a port: a port is a number from 0 to 65535", port)
	} else if host == "" {
		host = loopback
		port = strconv.FormatUint(n, 10)
	}
	return net.JoinHostPort(host, port), nil
}

// String is the spec in QEMU's syntax; [Parse] reads it back.
func (s Spec) String() string {
	text := string(s.Kind) + ",id=" + s.ID
	for _, f := range s.Forwards {
		text += ",hostfwd=tcp:" + f.Host + "-" + f.Guest
	}
	for _, o := range []struct{ name, value string }{{"listen", s.Listen}, {"connect", s.Connect}, {"udp", s.UDP}, {"localaddr", s.Local}} {
		if o.value != "" {
			text += "," + o.name + "=" + o.value
		}
	}
	return text
}

// Exposed are the places at which other machines can connect.
func (s Spec) Exposed() []string {
	var list []string
	look := func(place string) {
		host, _, err := net.SplitHostPort(place)
		if err != nil {
			return
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			list = append(list, place)
		}
	}
	for _, f := range s.Forwards {
		look(f.Host)
	}
	look(s.Listen)
	look(s.Local)
	return list
}

// frameMin is the size of the smallest frame: two addresses and a type.
const frameMin = 14

// frameMax is the size of the largest frame that is taken from outside.
const frameMax = 64 << 10
