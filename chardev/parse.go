package chardev

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// option is one NAME=VALUE that a kind of backend takes.
type option struct {
	name string
	flag bool // takes on or off; may stand alone, with "no" in front for off
	set  func(d *draft, value string) error
}

// draft is a spec that is being read.
type draft struct {
	Spec
	class   Class
	hasPort bool
	hasWait bool
}

// onOff makes the option of a boolean field.
func onOff(name string, field func(d *draft) *bool) option {
	return option{name: name, flag: true, set: func(d *draft, value string) error {
		switch value {
		case "on", "yes", "true", "y":
			*field(d) = true
		case "off", "no", "false", "n":
			*field(d) = false
		default:
			return fmt.Errorf("%s=%s: %s is either on or off", name, quoted(value), name)
		}
		return nil
	}}
}

var pathOption = option{name: "path", set: func(d *draft, value string) error { d.Path = value; return nil }}

// kinds lists what there is and the options each takes, in the order in which
// messages name them. All take an id besides.
var kinds = []struct {
	kind    Kind
	options []option
}{
	{Stdio, []option{onOff("signal", func(d *draft) *bool { return &d.Signal })}},
	{Null, nil},
	{File, []option{
		pathOption,
		{name: "input-path", set: func(d *draft, value string) error { d.Input = value; return nil }},
		onOff("append", func(d *draft) *bool { return &d.Append }),
	}},
	{Pipe, []option{pathOption}},
	{Pty, nil},
	{VirtualConsole, nil},
	{RingBuffer, []option{{name: "size", set: (*draft).setSize}}},
	{Serial, []option{pathOption}},
	{Socket, []option{
		{name: "host", set: (*draft).setHost},
		{name: "port", set: (*draft).setPort},
		pathOption,
		onOff("telnet", func(d *draft) *bool { return &d.Telnet }),
		{name: "reconnect", set: (*draft).setReconnect},
		onOff("server", func(d *draft) *bool { return &d.Server }),
		onOff("wait", func(d *draft) *bool { d.hasWait = true; return &d.Wait }),
		onOff("nodelay", func(d *draft) *bool { return &d.NoDelay }),
	}},
}

// elsewhere are the backends that QEMU has besides ours.
var elsewhere = []string{
	"braille", "con", "msmouse", "parallel", "parport", "spiceport", "spicevmc", "tn3270", "udp", "websocket",
}

// ParseSpec reads a backend in QEMU's syntax, either that of --serial:
//
//	stdio[,signal=on|off]  null  none  vc  file:PATH  pipe:PATH  pty  /dev/TTY
//	tcp:HOST:PORT[,server=on|off][,wait=on|off][,nodelay=on|off][,reconnect=SECONDS]
//	telnet:HOST:PORT[,...]  unix:PATH[,...]  mon:BACKEND
//
// or that of --chardev:
//
//	KIND[,id=ID][,NAME=VALUE]...
//
// In the latter two commas stand for one that belongs to the value. The old
// spellings without a value (server, nowait, nodelay) are read too. A socket
// without a host means loopback, for servers as well. With stdio, Ctrl-C and the
// like raise signals unless signal=off is said. mon:BACKEND shares a backend
// with a monitor; on mon:stdio all keys reach the guest. The error is one line.
func ParseSpec(text string) (Spec, error) { return parse(text, Recorded) }

// ParseControl reads the backend of a control connection such as gdb's, which
// is any but null. A socket is a server that waits for nobody, with nodelay, as
// QEMU has it, so that tcp::1234 is enough, unless server=off is said.
func ParseControl(text string) (Spec, error) { return parse(text, Control) }

// ParseChardev reads the argument of --chardev, where the id is required.
func ParseChardev(text string) (Spec, error) {
	spec, err := parse(text, Recorded)
	if err == nil && spec.ID == "" {
		err = fmt.Errorf("character device %s has no id: add ,id=NAME", quoted(text))
	}
	if err != nil {
		return Spec{}, err
	}
	return spec, nil
}

func parse(text string, class Class) (Spec, error) {
	d := draft{class: class}
	if class == Control {
		d.Server, d.NoDelay = true, true
	}
	if err := d.read(strings.TrimPrefix(text, "backend=")); err != nil {
		return Spec{}, err
	}
	if err := d.check(); err != nil {
		return Spec{}, err
	}
	return d.Spec, nil
}

// read fills the draft from the text.
func (d *draft) read(text string) error {
	name, rest := text, ""
	if i := strings.IndexAny(text, ":,"); i >= 0 {
		name, rest = text[:i], text[i:]
	}
	argument, short := strings.CutPrefix(rest, ":")
	switch {
	case name == "tcp" || name == "telnet":
		d.Telnet = name == "telnet"
		return d.readTCP(argument, short)
	case name == "unix" && short:
		d.Kind = Socket
		path, options := cutOption(argument)
		d.Path = path
		return d.readOptions(options, kindOptions(Socket))
	case name == "mon" && d.class == Recorded && short && !d.Monitor:
		d.Monitor, d.Mux = true, true
		return d.read(argument)
	case name == "none" && rest == "":
		d.Kind = Null
		return nil
	case strings.HasPrefix(name, "/dev/"):
		d.Kind = Serial
		d.Path, rest = cutOption(text)
		return d.readOptions(rest, kindOptions(Serial))
	case name == "tty":
		name = string(Serial)
	}
	for _, k := range kinds {
		if string(k.kind) == name {
			d.Kind = k.kind
			d.Signal = k.kind == Stdio && !d.Monitor
			return d.readKind(name, rest, argument, short, k.options)
		}
	}
	return unknownKind(name)
}

// readKind reads what follows the name of a kind.
func (d *draft) readKind(name, rest, argument string, short bool, options []option) error {
	switch {
	case !short:
		return d.readOptions(strings.TrimPrefix(rest, ","), options)
	case d.Kind == File || d.Kind == Pipe || d.Kind == Serial:
		d.Path = argument
		return nil
	case d.Kind == VirtualConsole:
		return fmt.Errorf("vc takes no size (%s): the pane it is shown in has one; write vc", quoted(argument))
	case d.Kind == Socket:
		return errors.New("a socket backend is written tcp:HOST:PORT, unix:PATH or socket,host=HOST,port=PORT")
	}
	return fmt.Errorf("%s takes nothing after a colon (%s): options follow a comma", name, quoted(argument))
}

// readTCP reads what follows "tcp".
func (d *draft) readTCP(argument string, short bool) error {
	d.Kind = Socket
	address, options, _ := strings.Cut(argument, ",")
	colon := strings.LastIndexByte(address, ':')
	if !short || colon < 0 {
		return errors.New("a tcp backend needs an address: tcp:HOST:PORT, or tcp::PORT for this machine only")
	}
	host := address[:colon]
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		return fmt.Errorf("host %s of a tcp backend: write an IPv6 address in brackets: tcp:[%s]:PORT", quoted(host), display(host))
	}
	if err := d.setHost(host); err != nil {
		return err
	}
	if err := d.setPort(address[colon+1:]); err != nil {
		return err
	}
	return d.readOptions(options, kindOptions(Socket))
}

// readOptions reads NAME=VALUE,NAME=VALUE...; of an option that comes twice
// the last one counts, as in QEMU.
func (d *draft) readOptions(text string, known []option) error {
	for text != "" {
		var item string
		item, text = cutOption(text)
		name, value, hasValue := strings.Cut(item, "=")
		if name == "id" {
			if !identifier(value) {
				return fmt.Errorf("id %s: an id is letters, digits, '-', '.' and '_', beginning with a letter", quoted(value))
			}
			d.ID = value
			continue
		}
		if err := d.setOption(name, value, hasValue, slices.Concat(known, sharedOptions)); err != nil {
			return err
		}
	}
	return nil
}

// sharedOptions are those that every kind takes, besides its id.
var sharedOptions = []option{onOff("mux", func(d *draft) *bool { return &d.Mux })}

func (d *draft) setReconnect(value string) error {
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil || n > maxReconnect {
		return fmt.Errorf("reconnect=%s: a number of seconds, from 0 (never) to %d", quoted(value), maxReconnect)
	}
	d.Reconnect = int(n)
	return nil
}

func (d *draft) setSize(value string) error {
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil || n < 1 || n > maxRing || n&(n-1) != 0 {
		return fmt.Errorf("size=%s of a ringbuf: a power of two, in bytes, up to %d", quoted(value), maxRing)
	}
	d.Size = int(n)
	return nil
}

const (
	maxReconnect = 86400    // seconds
	maxRing      = 64 << 20 // bytes
)

// setOption finds one option by its name and sets it.
func (d *draft) setOption(name, value string, hasValue bool, known []option) error {
	for _, o := range known {
		switch {
		case o.name == name && hasValue:
			return o.set(d, value)
		case o.name == name && o.flag:
			return o.set(d, "on")
		case o.name == name:
			return fmt.Errorf("option %s of a %s backend needs a value: %s=VALUE", name, d.Kind, name)
		case "no"+o.name == name && o.flag && !hasValue:
			return o.set(d, "off")
		}
	}
	names := make([]string, 0, len(known)+1)
	for _, o := range known {
		names = append(names, o.name)
	}
	names = append(names, "id")
	return fmt.Errorf("unknown option %s for a %s backend%s: it takes %s",
		quoted(name), d.Kind, suggest(name, names), strings.Join(names, ", "))
}

// cutOption splits the first option from the rest, and undoubles its commas.
func cutOption(text string) (item, rest string) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == ',' {
			if i+1 == len(text) || text[i+1] != ',' {
				return b.String(), text[i+1:]
			}
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String(), ""
}

func (d *draft) setHost(value string) error {
	host := value
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	if host == "" {
		host = loopback
	}
	if strings.ContainsAny(host, "[]/ \t\r\n\x00") {
		return fmt.Errorf("host %s of a socket backend is neither a name nor an address", quoted(value))
	}
	d.Host = host
	return nil
}

func (d *draft) setPort(value string) error {
	port, err := strconv.ParseUint(value, 10, 16)
	if err != nil {
		return fmt.Errorf("port %s of a socket backend: a port is a number from 0 to 65535", quoted(value))
	}
	d.Port, d.hasPort = int(port), true
	return nil
}

// check looks at the options together and fills in what was left out.
func (d *draft) check() error {
	switch d.Kind {
	case File, Pipe, Serial:
		if d.Path == "" {
			return fmt.Errorf("a %s backend needs a path: %s:PATH", d.Kind, d.Kind)
		}
	case Socket:
		return d.checkSocket()
	case RingBuffer:
		d.Size = cmp.Or(d.Size, defaultRing)
	case Stdio, Null, VirtualConsole, Pty:
	}
	if d.class == Control {
		d.Server, d.NoDelay = false, false
		if d.Kind == Null || d.Kind == RingBuffer || d.Kind == File || d.Kind == VirtualConsole {
			return fmt.Errorf("%s cannot carry a control connection: use tcp:HOST:PORT, unix:PATH, pty, pipe:PATH or stdio", d.Kind)
		}
	}
	return nil
}

func (d *draft) checkSocket() error {
	if d.Host == "" && d.Path == "" {
		d.Host = loopback
	}
	switch {
	case d.Path != "" && (d.hasPort || d.Host != ""):
		return errors.New("a socket backend has either a path or a host and port")
	case d.Path == "" && !d.hasPort:
		return errors.New("a socket backend needs a port or a path: add ,port=NUMBER or ,path=PATH")
	case d.class == Control && d.Wait:
		return errors.New("wait=on: a control connection is never waited for; to stop the machine at its start use -S")
	case !d.Server && d.hasWait:
		return errors.New("wait is for a socket that is a server: add server=on, or leave wait out")
	case d.Server && d.Reconnect > 0:
		return errors.New("reconnect is for a socket that is a client: leave it out, a server takes one client after another")
	case !d.Server && d.Path == "" && d.Port == 0:
		return errors.New("port 0 of a socket backend is for servers only: name the port to connect to")
	}
	if d.Path != "" {
		d.NoDelay = false
	}
	if d.Server && !d.hasWait {
		d.Wait = d.class == Recorded
	}
	return nil
}

// kindOptions are the options of a kind.
func kindOptions(kind Kind) []option {
	for _, k := range kinds {
		if k.kind == kind {
			return k.options
		}
	}
	return nil
}

// unknownKind is the error for a backend that does not exist.
func unknownKind(name string) error {
	var names []string
	for _, k := range kinds {
		names = append(names, string(k.kind))
	}
	names = append(names, "tcp", "telnet", "unix")
	have := strings.Join(names, ", ")
	for _, other := range elsewhere {
		if name == other {
			return fmt.Errorf("the %s backend of qemu is not here yet: there are %s", name, have)
		}
	}
	return fmt.Errorf("unknown character backend %s%s: there are %s", quoted(name), suggest(name, names), have)
}

// identifier reports whether QEMU would take text as an id.
func identifier(text string) bool {
	for i, c := range []byte(text) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789-._", rune(c))) {
			return false
		}
	}
	return text != ""
}
