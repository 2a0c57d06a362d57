package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"reprise/chardev"
	"reprise/vm"
)

// MachineOptions is what the command line says of a machine, checked as far as
// words can be. The files are not looked at yet.
type MachineOptions struct {
	Memory   uint64 // bytes
	Harts    int
	CPU      cpu
	Icount   icount
	NoReboot bool

	Seed      uint64
	SeedGiven bool // not drawn by us
	Chaos     bool

	Semihosting *semihosting // nil for none

	BIOS   string // path, "none" or "default"
	Kernel string // paths; empty for none
	Initrd string
	DTB    string
	Append string

	Serial *chardev.Spec // nil if none was given
	GDB    *chardev.Spec // nil for none
	Char   characters
	Virtio peripherals
	Paused bool // -S
	Plain  bool // --nographic or --display none: no interface
	Images bool // --bios, --kernel, --initrd, --dtb or --append was given
}

// machineFlags are the MACHINE options as they are written.
type machineFlags struct {
	set  *pflag.FlagSet
	seed seedFlags
	host semihostingFlags

	machine, memory, smp, cpu string
	bios, kernel, initrd, dtb string
	append, icount, gdb       string
	serial                    []string
	display                   string
	characters                characterFlags
	noGraphic, noReboot       bool
	gdbShort, stopped         bool
	devices                   deviceFlags
}

// defaultGDB is where -s listens, as with qemu.
const defaultGDB = "tcp::1234"

// register adds the options to a command's flags. The words in backquotes are
// what stands for the value in help texts.
func (f *machineFlags) register(set *pflag.FlagSet) {
	f.set = set
	set.SortFlags = false
	set.StringVarP(&f.machine, "machine", "M", "virt", "the board: `NAME` is virt")
	set.StringVarP(&f.memory, "memory", "m", "128M", "`SIZE` of RAM in MiB, or with a suffix: 256M, 1G")
	set.StringVar(&f.smp, "smp", "1", "number `N` of harts")
	set.StringVar(&f.cpu, "cpu", defaultCPU.Text, "the `MODEL` rv64, with extensions switched: rv64,c=off")
	set.StringVar(&f.bios, "bios", "default", "firmware: a `FILE`, none, or default for the installed OpenSBI")
	set.StringVar(&f.kernel, "kernel", "", "next stage: an ELF `FILE` or a flat image")
	set.StringVar(&f.initrd, "initrd", "", "initial RAM disk `FILE` of the kernel")
	set.StringVar(&f.append, "append", "", "command line `TEXT` of the kernel")
	set.StringVar(&f.dtb, "dtb", "", "device tree `FILE` instead of the generated one")
	set.StringArrayVar(&f.serial, "serial", nil, "`BACKEND` of the serial port: stdio, null, vc, file:PATH, pipe:PATH, pty, unix:PATH or tcp:HOST:PORT with [,server=on], mon:BACKEND, chardev:ID")
	f.devices.register(set)
	set.StringVar(&f.icount, "icount", "", "`SPEC`: shift=N[,sleep=on|off][,rr=record|replay,rrfile=FILE]: a step takes 2^N ns")
	set.BoolVar(&f.noGraphic, "nographic", false, "no interface: the serial port is on standard input and output")
	set.StringVar(&f.display, "display", "", "`KIND`: none is the same as --no-tui")
	f.characters.register(set)
	set.StringVar(&f.gdb, "gdb", "", "wait for gdb at a `BACKEND`: tcp:HOST:PORT, unix:PATH, pty, chardev:ID")
	set.BoolVarP(&f.gdbShort, "gdb-default", "s", false, "the same as --gdb "+defaultGDB)
	set.BoolVarP(&f.stopped, "stopped", "S", false, "stay at the first step until the interface or gdb goes on")
	f.seed.register(set)
	f.host.register(set)
	set.BoolVar(&f.noReboot, "no-reboot", false, "end at a reset that the guest asks for")
}

// options checks the words.
func (f *machineFlags) options() (MachineOptions, error) {
	o := MachineOptions{
		BIOS: f.bios, Kernel: f.kernel, Initrd: f.initrd, DTB: f.dtb, Append: f.append,
		NoReboot: f.noReboot, Paused: f.stopped, CPU: defaultCPU, Icount: defaultIcount,
	}
	if err := f.checkNames(); err != nil {
		return o, err
	}
	var err error
	if o.Memory, err = parseMemory(f.memory); err != nil {
		return o, err
	}
	if o.Harts, err = parseHarts(f.smp); err != nil {
		return o, err
	}
	if o.CPU, err = parseCPU(f.cpu); err != nil {
		return o, err
	}
	if f.set.Changed("icount") {
		if o.Icount, err = parseIcount(f.icount); err != nil {
			return o, err
		}
	}
	if err = f.seed.options(&o); err != nil {
		return o, err
	}
	if o.Char, err = f.characters.parse(); err != nil {
		return o, err
	}
	if err = f.host.options(&o); err != nil {
		return o, err
	}
	if o.Serial, err = f.serialSpec(&o.Char); err != nil {
		return o, err
	}
	if o.Virtio, err = f.devices.parse(&o.Char); err != nil {
		return o, err
	}
	if o.GDB, err = gdbSpec(f.gdb, f.gdbShort, &o.Char); err != nil {
		return o, err
	}
	if err = o.Char.unused(); err != nil {
		return o, err
	}
	o.Plain = f.noGraphic || f.display != ""
	for _, name := range []string{"bios", "kernel", "initrd", "dtb", "append"} {
		value := f.set.Lookup(name)
		if value.Changed && value.Value.String() == "" && name != "append" {
			return o, usagef("--%s needs a file name", name)
		}
		o.Images = o.Images || value.Changed
	}
	return o, nil
}

// checkNames refuses the values of options that know only one.
func (f *machineFlags) checkNames() error {
	board, rest, more := strings.Cut(strings.TrimPrefix(f.machine, "type="), ",")
	switch {
	case board != "virt":
		return usagef("-M %s: there is one board, virt", f.machine)
	case more:
		return usagef("-M %s: %q is not supported: the board virt has no options here", f.machine, rest)
	case f.display != "" && f.display != "none":
		return usagef("--display %s is not supported: the machine has no display; give none, or nothing for the interface", f.display)
	}
	return nil
}

// parseHarts reads the argument of --smp.
func parseHarts(text string) (int, error) {
	number := text
	for i, part := range strings.Split(text, ",") {
		name, value, named := strings.Cut(part, "=")
		switch {
		case named && name == "cpus":
			number = value
		case !named && i == 0:
		default:
			return 0, usagef("--smp %s: %q is not supported: harts have no topology; give --smp N", text, part)
		}
		if !named {
			number = part
		}
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > vm.MaxHarts {
		return 0, usagef("--smp %s: the board has 1 to %d harts", text, vm.MaxHarts)
	}
	return n, nil
}

// serialSpec reads what --serial and --nographic say of the one serial port. As
// with qemu, --nographic shares standard input with a monitor unless there is
// another word about that.
func (f *machineFlags) serialSpec(c *characters) (*chardev.Spec, error) {
	spec, err := serialSpec(f.serial, c)
	if spec == nil && err == nil && f.noGraphic {
		shared := len(f.characters.monitors)+len(f.characters.mons) == 0
		return &chardev.Spec{Kind: chardev.Stdio, Mux: shared, Monitor: shared}, nil
	}
	return spec, err
}

// serialSpec reads the words of --serial; nil if there are none. Behind the
// first, which is the board's, there can only be none.
func serialSpec(texts []string, c *characters) (*chardev.Spec, error) {
	for i, text := range texts {
		if i > 0 && text != "none" && text != "null" {
			return nil, usagef("--serial %s: the board has one serial port, and --serial is given %d times", text, len(texts))
		}
	}
	if len(texts) == 0 {
		return nil, nil
	}
	return c.frontend("serial", texts[0])
}

// gdbSpec reads where gdb is waited for.
func gdbSpec(text string, short bool, c *characters) (*chardev.Spec, error) {
	if text != "" && short {
		return nil, usagef("-s is --gdb %s: give one of -s and --gdb", defaultGDB)
	}
	if short {
		text = defaultGDB
	}
	if text == "" || text == "none" {
		return nil, nil
	}
	return c.control("gdb", text)
}

// commas writes a number with separators, for people.
func commas(n uint64) string { return vm.Step(n).String() }

// bytesText is a number of bytes for people.
func bytesText(n uint64) string {
	switch {
	case n >= 1<<30 && n%(1<<30) == 0:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return commas(n) + " bytes"
}
