package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"reprise/chardev"
	"reprise/internal/monitor"
	"reprise/replay/recording"
)

// characterFlags are the options about character backends, as they are written.
type characterFlags struct {
	chardevs []string // --chardev
	monitors []string // --monitor, and --mon
	mons     []string
}

// register adds the options to a command's flags.
func (f *characterFlags) register(set *pflag.FlagSet) {
	set.StringArrayVar(&f.chardevs, "chardev", nil, "a `BACKEND` with an id, for chardev:ID elsewhere: KIND,id=ID[,mux=on][,NAME=VALUE]...")
	set.StringArrayVar(&f.monitors, "monitor", nil, "`BACKEND` of a monitor: stdio, tcp:HOST:PORT, unix:PATH, pty, pipe:PATH, chardev:ID or none")
	set.StringArrayVar(&f.mons, "mon", nil, "a monitor on a --chardev: `chardev=ID`")
}

// characters are the backends that the command line asks for. One with an id is
// a --chardev, to which others refer.
type characters struct {
	defined  []chardev.Spec
	used     []string // ids that something refers to
	Monitors []chardev.Spec
}

// parse reads the words.
func (f *characterFlags) parse() (c characters, err error) {
	for _, text := range f.chardevs {
		spec, err := chardev.ParseChardev(text)
		if err != nil {
			return c, usagef("--chardev %s: %w", text, err)
		}
		if slices.ContainsFunc(c.defined, func(s chardev.Spec) bool { return s.ID == spec.ID }) {
			return c, usagef("--chardev id=%s is given twice: every character device has an id of its own", spec.ID)
		}
		c.defined = append(c.defined, spec)
	}
	texts := slices.Clone(f.monitors)
	for _, text := range f.mons {
		id, ok := strings.CutPrefix(strings.TrimSuffix(strings.TrimPrefix(text, "mode=readline,"), ",mode=readline"), "chardev=")
		if !ok {
			return c, usagef("--mon %s: it is written chardev=ID, of a --chardev", text)
		}
		texts = append(texts, "chardev:"+id)
	}
	for _, text := range texts {
		if text == "none" {
			continue
		}
		spec, err := c.control("monitor", text)
		if err != nil {
			return c, err
		}
		c.Monitors = append(c.Monitors, *spec)
	}
	return c, nil
}

// find is the --chardev with that id.
func (c *characters) find(id string) (chardev.Spec, bool) {
	i := slices.IndexFunc(c.defined, func(s chardev.Spec) bool { return s.ID == id })
	if i < 0 {
		return chardev.Spec{}, false
	}
	c.used = append(c.used, id)
	return c.defined[i], true
}

// unused refuses a --chardev that nothing refers to.
func (c *characters) unused() error {
	for _, s := range c.defined {
		if !slices.Contains(c.used, s.ID) {
			return usagef("--chardev id=%s belongs to no device: add --serial chardev:%s, --monitor chardev:%s, or --device virtio-serial-device --device virtconsole,chardev=%s", s.ID, s.ID, s.ID, s.ID)
		}
	}
	return nil
}

// refer finds what chardev:ID refers to. It returns nil for other words.
func (c *characters) refer(option, text string) (*chardev.Spec, error) {
	id, ok := strings.CutPrefix(text, "chardev:")
	if !ok {
		return nil, nil
	}
	spec, ok := c.find(id)
	if !ok {
		return nil, usagef("--%s %s: there is no --chardev with the id %s", option, text, id)
	}
	return &spec, nil
}

// frontend reads the backend of a character device of the machine.
func (c *characters) frontend(option, text string) (*chardev.Spec, error) {
	if spec, err := c.refer(option, text); spec != nil || err != nil {
		return spec, err
	}
	spec, err := chardev.ParseSpec(text)
	if err != nil {
		return nil, usagef("--%s %s: %w", option, text, err)
	}
	return &spec, nil
}

// control reads the backend of a control connection. Nobody is waited for.
func (c *characters) control(option, text string) (*chardev.Spec, error) {
	if spec, err := c.refer(option, text); spec != nil || err != nil {
		if spec != nil {
			spec.Wait = false
		}
		return spec, err
	}
	spec, err := chardev.ParseControl(text)
	if err != nil {
		return nil, usagef("--%s %s: %w", option, text, err)
	}
	return &spec, nil
}

// takesTerminal reports whether one of the monitors wants the terminal.
func (c *characters) takesTerminal() bool {
	return slices.ContainsFunc(c.Monitors, func(s chardev.Spec) bool { return s.Kind == chardev.Stdio })
}

// switchboard makes backends, and connects those that share one.
type switchboard struct {
	options chardev.Options
	quit    func() // Ctrl-a x

	users   map[string]string        // of each --chardev that is in use, by id
	muxes   map[string]*chardev.Mux  // those that are shared, by id
	rings   map[string]*chardev.Ring // by id
	behind  []chardev.Backend        // ports of muxes that are for a monitor, as with mon:
	opened  []monitor.Backend        // control connections, for info chardev
	machine *recording.Manifest      // what the monitors tell of the machine; nil for nothing
}

func newSwitchboard(options chardev.Options, quit func()) *switchboard {
	return &switchboard{
		options: options, quit: quit,
		users: map[string]string{}, muxes: map[string]*chardev.Mux{}, rings: map[string]*chardev.Ring{},
	}
}

// open makes a backend for somebody, such as "serial0".
func (b *switchboard) open(user string, spec chardev.Spec) (chardev.Backend, error) {
	if mux := b.muxes[spec.ID]; mux != nil {
		return mux.Port(user, promptOf(user)), nil
	}
	if other, used := b.users[spec.ID]; used {
		return nil, usagef("--chardev %s is for %s already: add mux=on to it, and both share it", spec.ID, other)
	}
	backend, err := newBackend(spec, b.options)
	if err != nil {
		return nil, withStatus(BadInput, err)
	}
	if spec.ID != "" {
		b.users[spec.ID] = user
	}
	if ring, ok := backend.(*chardev.Ring); ok {
		b.rings[spec.ID] = ring
	}
	if !spec.Mux {
		return backend, nil
	}
	mux := chardev.NewMux(backend, b.quit)
	if spec.ID != "" {
		b.muxes[spec.ID] = mux
	}
	port := mux.Port(user, promptOf(user))
	if spec.Monitor {
		b.behind = append(b.behind, mux.Port(monitorHolder, monitorPrompt))
	}
	return port, nil
}

// promptOf is what somebody who shares a backend shows when the user turns to
// it.
func promptOf(user string) string {
	if user == monitorHolder {
		return monitorPrompt
	}
	return ""
}

// listen opens a control connection for somebody, such as "gdb".
func (b *switchboard) listen(user string, spec chardev.Spec) (*chardev.Listener, error) {
	if spec.Kind == chardev.Socket && spec.Server && !spec.Mux {
		l, err := chardev.Listen(spec, b.options)
		if err != nil {
			return nil, withStatus(HostFailure, fmt.Errorf("%s: %w", user, err))
		}
		return b.note(user, l), nil
	}
	backend, err := b.open(user, spec)
	if err != nil {
		return nil, err
	}
	return b.listenOn(user, backend)
}

// listenGDB opens gdb's backend, so that a port in use is known before anything
// is started. Without a spec there is none.
func (b *switchboard) listenGDB(spec *chardev.Spec) (*chardev.Listener, error) {
	if spec == nil {
		return nil, nil
	}
	return b.listen("gdb", *spec)
}

// listenOn makes a control connection of a backend.
func (b *switchboard) listenOn(user string, backend chardev.Backend) (*chardev.Listener, error) {
	options := b.options
	options.Greet = user == monitorHolder
	l, err := chardev.ListenOn(backend, options)
	if err != nil {
		return nil, withStatus(statusOf(err), fmt.Errorf("%s: %w", user, err))
	}
	return b.note(user, l), nil
}

func (b *switchboard) note(user string, l *chardev.Listener) *chardev.Listener {
	b.opened = append(b.opened, monitor.Backend{ID: user, Name: l.Name(), Class: chardev.Control.String()})
	return l
}

// List implements [monitor.Devices].
func (b *switchboard) List() []monitor.Backend { return b.opened }

// Peripherals implements [monitor.Devices].
func (b *switchboard) Peripherals() (list []monitor.Peripheral) {
	if b.machine == nil {
		return nil
	}
	for _, d := range b.machine.Machine.Virtio {
		if disk := !d.Image.IsZero() || d.Size != 0; disk || d.MAC != "" {
			list = append(list, monitor.Peripheral{Name: d.Name, Disk: disk, Text: virtioText(b.machine, d)})
		}
	}
	return list
}

// Ring implements [monitor.Devices].
func (b *switchboard) Ring(id string) (monitor.Ring, bool) {
	r, ok := b.rings[id]
	return r, ok
}
