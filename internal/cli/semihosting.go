package cli

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"reprise/chardev"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
)

// semihostingName is what the console of semihosting is called.
const semihostingName = "semihosting"

// semihosting is what the command line says of it.
type semihosting struct {
	vm.Semihosting
	Backend *chardev.Spec // nil if none was given
}

// semihostingFlags are the options as they are written.
type semihostingFlags struct {
	set    *pflag.FlagSet
	on     bool
	config string
}

func (f *semihostingFlags) register(set *pflag.FlagSet) {
	f.set = set
	set.BoolVar(&f.on, "semihosting", false, "let the guest use a console, the time, its command line and an exit of the host's")
	set.StringVar(&f.config, "semihosting-config", "",
		"`SPEC`: enable=on|off[,chardev=BACKEND][,userspace=on|off][,arg=TEXT...]; the console's output goes to standard error by default")
}

// options reads what semihosting is to be like; nil for none.
func (f *semihostingFlags) options(o *MachineOptions) error {
	s, enabled := semihosting{}, f.on
	var args []string
	if f.set.Changed("semihosting-config") {
		enabled = true
		for _, part := range strings.Split(f.config, ",") {
			name, value, _ := strings.Cut(part, "=")
			var err error
			switch name {
			case "enable":
				enabled, err = f.onOff(name, value)
			case "userspace":
				s.User, err = f.onOff(name, value)
			case "target":
				if value != "native" && value != "auto" {
					err = usagef("--semihosting-config target=%s is not supported: the requests are answered here; give target=native", value)
				}
			case "chardev":
				if spec, ok := o.Char.find(value); ok { // qemu's spelling
					s.Backend = &spec
				} else {
					s.Backend, err = o.Char.frontend("semihosting-config chardev", value)
				}
			case "arg":
				args = append(args, value)
			default:
				err = usagef("--semihosting-config: %q is unknown: there are enable, chardev, userspace, target and arg", name)
			}
			if err != nil {
				return err
			}
		}
	}
	if !enabled {
		return nil
	}
	s.CommandLine = strings.Join(args, " ")
	if len(args) == 0 {
		program := filepath.Base(cmp.Or(o.Kernel, o.BIOS))
		s.CommandLine = strings.TrimSpace(program + " " + o.Append)
	}
	o.Semihosting = &s
	return nil
}

func (f *semihostingFlags) onOff(name, value string) (bool, error) {
	switch value {
	case "on", "yes", "true", "y":
		return true, nil
	case "off", "no", "false", "n":
		return false, nil
	}
	return false, usagef("--semihosting-config %s=%s: it is on or off", name, value)
}

// checkConsole refuses two character devices on standard input.
func (s *semihosting) checkConsole(serial chardev.Spec) error {
	if s != nil && s.Backend != nil && s.Backend.Kind == chardev.Stdio && serial.Kind == chardev.Stdio {
		return usagef("semihosting and the serial port both want standard input: give the serial port another --serial")
	}
	return nil
}

// spec is the backend of the console, nil for standard error.
func (s *semihosting) spec(interactive bool) *chardev.Spec {
	if s.Backend == nil && interactive {
		return &chardev.Spec{Kind: chardev.VirtualConsole}
	}
	return s.Backend
}

// describe adds the console to a manifest.
func (s *semihosting) describe(m *recording.Manifest) {
	if s == nil {
		return
	}
	backend := "stderr"
	if s.Backend != nil {
		backend = s.Backend.String()
	}
	m.Machine.CharDevices = append(m.Machine.CharDevices,
		recording.CharDevice{ID: vm.SemihostingDevice, Name: semihostingName, Backend: backend})
}

// consoles is the machine's console of semihosting, if it has one.
func (s *semihosting) consoles(interactive bool) ([]replay.Console, error) {
	if s == nil {
		return nil, nil
	}
	backend, err := semihostingBackend(s.spec(interactive))
	if err != nil {
		return nil, err
	}
	return []replay.Console{{ID: vm.SemihostingDevice, Name: semihostingName, Backend: backend}}, nil
}

// semihostingBackend makes the backend of a console; without a spec it writes to
// standard error and has nothing to read.
func semihostingBackend(spec *chardev.Spec) (chardev.Backend, error) {
	if spec != nil {
		return chardev.New(*spec, chardev.Options{})
	}
	return chardev.New(chardev.Spec{Kind: chardev.Stdio}, chardev.Options{Stdin: strings.NewReader(""), Stdout: os.Stderr})
}
