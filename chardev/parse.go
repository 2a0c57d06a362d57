package chardev

import (
	"errors"
	"fmt"
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

// kinds lists what there is and the options each takes, in the order in which
// messages name them. All take an id besides.
var kinds = []struct {
	kind    Kind
	options []option
}{
	{Stdio, []option{onOff("signal", func(d *draft) *bool { return &d.Signal })}},
	{Null, nil},
	{File, []option{
		{name: "path", set: func(d *draft, value string) error { d.Path = value; return nil }},
		onOff("append", func(d *draft) *bool { return &d.Append }),
	}},
	{VirtualConsole, nil},
	{Socket, []option{
		{name: "host", set: (*draft).setHost},
		{name: "port", set: (*draft).setPort},
		onOff("server", func(d *draft) *bool { return &d.Server }),
		onOff("wait", func(d *draft) *bool { d.hasWait = true; return &d.Wait }),
		onOff("nodelay", func(d *draft) *bool { return &d.NoDelay }),
	}},
}

// elsewhere are the backends that QEMU has besides ours.
var elsewhere = []string{
	"braille", "chardev", "con", "mon", "msmouse", "mux", "parallel", "parport", "pipe", "pty", "ringbuf",
	"serial", "spiceport", "spicevmc", "telnet", "tn3270", "tty", "udp", "unix", "websocket",
}

// ParseSpec reads a backend in QEMU's syntax, either that of --serial:
//
//	stdio[,signal=on|off]  mon:stdio  null  none  vc  file:PATH
//	tcp:HOST:PORT[,server=on|off][,wait=on|off][,nodelay=on|off]
//
// or that of --chardev:
//
//	KIND[,id=ID][,NAME=VALUE]...
//
// In the latter two commas stand for one that belongs to the value. The old
// spellings without a value (server, nowait, nodelay) are read too. A socket
// without a host means loopback, for servers as well. With stdio, Ctrl-C and the
// like raise signals unless signal=off is said; mon:stdio, which is also what
// -nographic means, is stdio,signal=off. The error is one line.
func ParseSpec(text string) (Spec, error) { return parse(text, Recorded) }

// ParseControl reads the backend of a control connection such as gdb's, which
// is stdio or a socket. The socket is a server that waits for nobody, with
// nodelay, as QEMU has it, so that tcp::1234 is enough.
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
	case name == "tcp":
		return d.readTCP(argument, short)
	case name == "mon" && d.class == Recorded:
		return d.readMonitor(argument)
	case name == "none" && rest == "":
		d.Kind = Null
		return nil
	}
	for _, k := range kinds {
		if string(k.kind) != name {
			continue
		}
		d.Kind = k.kind
		d.Signal = k.kind == Stdio
		switch {
		case !short:
			return d.readOptions(strings.TrimPrefix(rest, ","), k.options)
		case k.kind == File:
			d.Path = argument
			return nil
		case k.kind == VirtualConsole:
			return fmt.Errorf("vc takes no size (%s): the pane it is shown in has one; write vc", quoted(argument))
		case k.kind == Socket:
			return errors.New("a socket backend is written tcp:HOST:PORT or socket,host=HOST,port=PORT")
		default:
			return fmt.Errorf("%s takes nothing after a colon (%s): options follow a comma", name, quoted(argument))
		}
	}
	return unknownKind(name)
}

// readMonitor reads what follows "mon:". Of its meaning in QEMU only the one
// for the keys is the backend's: they all reach the guest.
func (d *draft) readMonitor(argument string) error {
	if argument != string(Stdio) {
		return fmt.Errorf("mon:%s is not here yet: of mon: there is only mon:stdio", display(argument))
	}
	d.Kind = Stdio
	return nil
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
		if err := d.setOption(name, value, hasValue, known); err != nil {
			return err
		}
	}
	return nil
}

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
	case File:
		if d.Path == "" {
			return errors.New("a file backend needs a path: file:PATH")
		}
	case Socket:
		return d.checkSocket()
	case Stdio, Null, VirtualConsole:
	}
	if d.class == Control {
		d.Server, d.NoDelay = false, false
		if d.Kind != Stdio {
			return fmt.Errorf("%s cannot carry a control connection: use tcp:HOST:PORT or stdio", d.Kind)
		}
	}
	return nil
}

func (d *draft) checkSocket() error {
	if d.Host == "" {
		d.Host = loopback
	}
	switch {
	case !d.hasPort:
		return errors.New("a socket backend needs a port: add ,port=NUMBER")
	case d.class == Control && !d.Server:
		return errors.New("server=off: a control connection is always the server")
	case d.class == Control && d.Wait:
		return errors.New("wait=on: a control connection is never waited for; to stop the machine at its start use -S")
	case !d.Server && d.hasWait:
		return errors.New("wait is for a socket that is a server: add server=on, or leave wait out")
	case !d.Server && d.Port == 0:
		return errors.New("port 0 of a socket backend is for servers only: name the port to connect to")
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
	names = append(names, "tcp")
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
