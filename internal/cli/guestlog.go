package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/internal/debuginfo"
	"reprise/vm"
	"reprise/vm/riscv"
)

// logItems are what -d can log of the guest, in qemu's words.
var logItems = []struct{ name, about string }{
	{"in_asm", "show the guest's code, each piece when it is first executed"},
	{"int", "show interrupts and exceptions in short format"},
	{"unimp", "log accesses to what the devices here do not implement"},
	{"guest_errors", "log accesses that ask for what does not exist, once for each place in the guest's program"},
}

// logItemsElsewhere are items of qemu's that are not here, and what is.
var logItemsElsewhere = map[string]string{
	"exec": "reprise trace", "cpu": "reprise trace --regs", "fpu": "reprise trace --regs", "mmu": "the monitor's translate",
	"cpu_reset": "reprise dump --kind checkpoint/reset", "nochain": "reprise trace",
}

// guestLogFlags are -d and -D as they are written.
type guestLogFlags struct {
	items, file string
}

func (f *guestLogFlags) register(set *pflag.FlagSet) {
	set.StringVarP(&f.items, "debug", "d", "", "log what the guest does: `ITEMS`, separated by commas; -d help lists them")
	set.StringVarP(&f.file, "debug-file", "D", "", "write the log of -d to a `FILE` instead of standard error")
}

// listItems prints what -d help asks for.
func listItems(cmd *cobra.Command) error {
	var b strings.Builder
	b.WriteString("Log items (comma separated):\n")
	for _, item := range logItems {
		fmt.Fprintf(&b, "%-15s %s\n", item.name, item.about)
	}
	_, err := io.WriteString(cmd.OutOrStdout(), b.String())
	return err
}

// orHelp lets -d help do without the arguments that a command needs.
func (f *guestLogFlags) orHelp(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if f.asksHelp() {
			return nil
		}
		return check(cmd, args)
	}
}

func (f *guestLogFlags) asksHelp() bool { return slices.Contains(strings.Split(f.items, ","), "help") }

// guestLog writes what the guest does, as qemu's -d. Its methods are called on
// the goroutine that owns the machine, but for open and close.
type guestLog struct {
	items   map[string]bool
	file    *os.File // nil for standard error
	w       *bufio.Writer
	err     error // of writing; nothing is written after it
	machine *vm.Machine
	symbols *debuginfo.Symbols

	traps vm.Step          // before this one are written
	sites map[site]bool    // whose remarks are written
	code  map[place]uint32 // encodings that are written
}

// site is a place in the guest's program, and what is wrong with it.
type site struct {
	pc   uint64
	text string
}

// place is one of memory, as it was executed.
type place struct{ va, pa uint64 }

// open begins the log; it is nil if none was asked for. With an interface there
// has to be a file.
func (f *guestLogFlags) open(stderr io.Writer, interactive bool) (*guestLog, error) {
	switch {
	case f.items == "" && f.file != "":
		return nil, usagef("-D %s is where the log of -d goes: give -d too, -d help lists what it can log", f.file)
	case f.items == "":
		return nil, nil
	}
	l := &guestLog{items: map[string]bool{}, sites: map[site]bool{}, code: map[place]uint32{}}
	var names []string
	for _, item := range logItems {
		names = append(names, item.name)
	}
	for _, name := range strings.Split(f.items, ",") {
		if instead, ok := logItemsElsewhere[name]; ok {
			return nil, usagef("-d %s: that item of qemu's is not here: see %s", name, instead)
		}
		if !slices.Contains(names, name) {
			return nil, usagef("-d: there is no log item %q%s: there are %s, and help", name, didYouMean(name, names), strings.Join(names, ", "))
		}
		l.items[name] = true
	}
	if f.file == "" && interactive {
		return nil, usagef("-d %s would write over the interface: give the log a file with -D FILE, or add --no-tui", f.items)
	}
	if f.file != "" {
		file, err := os.OpenFile(f.file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return nil, withStatus(statusOf(err), fmt.Errorf("-D: %w", err))
		}
		l.file, stderr = file, file
	}
	l.w = bufio.NewWriter(stderr)
	return l, nil
}

// attach lets the log observe a machine that has not done a step yet.
func (l *guestLog) attach(m *vm.Machine, symbols *debuginfo.Symbols) {
	if l == nil {
		return
	}
	l.machine, l.symbols = m, symbols
	var o vm.Observer
	if l.items["int"] {
		o.Trap = l.trap
	}
	if l.items["in_asm"] {
		o.Code = l.met
	}
	if l.items["unimp"] || l.items["guest_errors"] {
		o.Remark = l.remark
	}
	m.Observe(o)
}

// flush hands on what is written so far.
func (l *guestLog) flush() {
	if l != nil && l.err == nil {
		l.err = l.w.Flush()
	}
}

// close ends the log. The error says that some of it could not be written.
func (l *guestLog) close() error {
	if l == nil {
		return nil
	}
	l.flush()
	if l.file != nil {
		l.err = joinQuiet(l.err, l.file.Close())
	}
	if l.err != nil {
		return withStatus(HostFailure, fmt.Errorf("the log of -d is not whole: %w", l.err))
	}
	return nil
}

func (l *guestLog) printf(format string, args ...any) {
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.w, format, args...)
	}
}

// trap writes a trap, unless it was written on an earlier way through this step.
func (l *guestLog) trap(t vm.Trap) {
	if t.Step >= l.traps {
		l.traps = t.Step + 1
		l.printf("int: %v\n", t)
	}
}

// remark writes what is wrong with an access, once for each place in the guest's
// program.
func (l *guestLog) remark(r vm.Remark) {
	item := "guest_errors"
	if r.Unimplemented {
		item = "unimp"
	}
	at := site{r.PC, r.Text}
	if !l.items[item] || l.sites[at] {
		return
	}
	l.sites[at] = true
	access := fmt.Sprintf("read of %d bytes at 0x%x", r.Size, r.Addr)
	if r.Write {
		access = fmt.Sprintf("write of %d bytes at 0x%x, value 0x%x", r.Size, r.Addr, r.Value)
	}
	l.printf("%s: step:%v, hart:%d, pc:0x%016x%s, %s: %s\n", item, r.Step, r.Hart, r.PC, symbolText(l.symbols, r.PC), access, r.Text)
}

// met writes code from the first instruction on that was not written yet. So
// what is written, and where it is cut, follows from the guest alone, however
// its code was decoded.
func (l *guestLog) met(_ vm.Step, c riscv.Code) {
	var b strings.Builder
	at := place{c.PC, c.Physical}
	for _, inst := range c.Insts {
		if raw, known := l.code[at]; b.Len() == 0 && (!known || raw != inst.Raw) {
			name, _ := l.symbols.Name(at.va)
			fmt.Fprintf(&b, "----------------\nIN: %s\nPriv: %d; Virt: 0\n", name, c.Mode)
		}
		if b.Len() > 0 {
			l.code[at] = inst.Raw
			fmt.Fprintf(&b, "0x%016x:  %0*x%*s  %s\n", at.va, 2*inst.Size, inst.Raw, 8-2*inst.Size, "", inst.Print(at.va, l.symbols.Name))
		}
		at.va += uint64(inst.Size)
		at.pa += uint64(inst.Size)
	}
	if b.Len() > 0 {
		l.printf("%s\n", b.String())
	}
}
