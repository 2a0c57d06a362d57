package monitor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

// Past is what a timeline answers about its history; see [replay.Timeline],
// which is one.
type Past interface {
	LastAccess(ctx context.Context, w riscv.Watch) (last riscv.Access, found bool, err error)
	LastPassed(ctx context.Context, addr uint64) (step vm.Step, found bool, err error)
	Accesses(ctx context.Context, w riscv.Watch, begin, end vm.Step, each func(riscv.Access) bool) (complete bool, err error)
	Printed(ctx context.Context, device uint8, text string, begin, end vm.Step, each func(replay.Print) bool) error
	NextPrinted(ctx context.Context, device uint8, text string, begin vm.Step) (step vm.Step, found bool, err error)
	LastPrinted(ctx context.Context, device uint8, text string, end vm.Step) (step vm.Step, found bool, err error)
	PrintedAt(ctx context.Context, device uint8, offset uint64) (step vm.Step, found bool, err error)
	Compare(ctx context.Context, from, to vm.Step, limit int) (*replay.Changes, error)

	Seek(ctx context.Context, step state.Step) (replay.Stop, error)
	Over(ctx context.Context) (replay.Stop, error)
	OverBack(ctx context.Context) (replay.Stop, error)
	Out(ctx context.Context) (replay.Stop, error)
	OutBack(ctx context.Context) (replay.Stop, error)
	NextEventOf(ctx context.Context, match func(*recording.Event) bool) (replay.Stop, error)
	PreviousEventOf(ctx context.Context, match func(*recording.Event) bool) (replay.Stop, error)
	SeekEvent(ctx context.Context, ordinal uint64) (replay.Stop, error)
	SeekPassed(ctx context.Context, addr, n uint64) (replay.Stop, error)
	SeekTime(ctx context.Context, virtual uint64) (replay.Stop, error)

	SetWatchpoint(w riscv.Watch)
	ClearWatchpoint(w riscv.Watch)
	SetCondition(addr uint64, text string, c replay.Condition)
	EnableWatchpoint(w riscv.Watch, enabled bool)
	Watchpoints() []riscv.Watch
	WatchpointList() []replay.Watchpoint

	ToBreakpoint(ctx context.Context, addr uint64, onwards bool) (replay.Stop, error)
	ToWatchpoint(ctx context.Context, w riscv.Watch, onwards bool) (replay.Stop, error)
}

// errNoPast is the answer of a timeline that is not a [Past].
var errNoPast = errors.New("this session cannot answer questions about its past")

// PastOf is a timeline as one that answers questions about its history.
func PastOf(t Timeline) (Past, error) {
	if p, ok := t.(Past); ok {
		return p, nil
	}
	return nil, errNoPast
}

var pastCommands = []Command{
	{Name: "last_write", Aliases: []string{"last-write", "who"}, Usage: "WHAT [SIZE]", Help: "tell what wrote this last before here: an ADDRESS, p:ADDRESS for a physical one, or a $register; SIZE in bytes (8)", run: lastAccess(false)},
	{Name: "goto_write", Usage: "WHAT [SIZE]", Help: "go to what wrote this last before here; WHAT and SIZE as for last_write", run: gotoWrite},
	{Name: "last_read", Aliases: []string{"last-read"}, Usage: "WHAT [SIZE]", Help: "tell what read this memory last before here", run: lastAccess(true)},
	{Name: "writes", Usage: "WHAT [SIZE] [FROM] [TO]", Help: "list the writes to this from one step to another (the start, here)", run: writes},
	{Name: "last_passed", Aliases: []string{"last-passed"}, Usage: "ADDRESS", Help: "tell when control last passed an address before here", run: lastPassed},
	{Name: "when", Usage: "TEXT...", Help: "tell when the console printed a text", run: when},
	{Name: "printed", Usage: "OFFSET", Help: "tell which step printed a character of the console, by its number from 0", run: printed},
	{Name: "diff", Usage: "FROM [TO]", Help: "show what changed from one step to another (here)", run: diff},
}

// ask puts a question to the past, which leaves the position as it is. It needs
// the controls, as a movement does.
func (env Env) ask(ctx context.Context, question func(ctx context.Context, p Past) error) error {
	_, err := Move(ctx, env.Session, env.Holder, func(ctx context.Context, t Timeline) (replay.Stop, error) {
		p, err := PastOf(t)
		if err != nil {
			return replay.Stop{}, err
		}
		return t.Status().Stop, question(ctx, p)
	})
	return err
}

// travel is a movement of the past.
func travel(fn func(Past, context.Context) (replay.Stop, error)) func(context.Context, Env, []string) (string, error) {
	return func(ctx context.Context, env Env, _ []string) (string, error) {
		return env.movePast(ctx, func(ctx context.Context, p Past) (replay.Stop, error) { return fn(p, ctx) })
	}
}

func (env Env) movePast(ctx context.Context, fn func(context.Context, Past) (replay.Stop, error)) (string, error) {
	return env.move(ctx, func(ctx context.Context, t Timeline) (replay.Stop, error) {
		p, err := PastOf(t)
		if err != nil {
			return replay.Stop{}, err
		}
		return fn(ctx, p)
	})
}

// parseWatch reads what is asked after: an address, "p:" and an address, or a
// $register; and a size in bytes.
func (env Env) parseWatch(args []string) (w riscv.Watch, err error) {
	w = riscv.Watch{Size: 8, Hart: riscv.AnyHart}
	if len(args) > 1 {
		n, err := state.ParseStep(args[1])
		if err != nil || n == 0 {
			return w, fmt.Errorf("%q is not a size: give a number of bytes from 1", args[1])
		}
		w.Size = uint64(n)
	}
	info := env.debug()
	env.Session.Inspect(func(t Timeline) {
		m := t.Machine()
		hart := env.hart(m)
		text, physical := strings.CutPrefix(args[0], "p:")
		if name, ok := strings.CutPrefix(text, "$"); ok && !physical && !strings.ContainsAny(name, "+-") {
			w.Hart, w.Size = hart, 0
			w.What, w.Addr, err = registerOf(name)
			return
		}
		if physical {
			w.What = riscv.PhysicalMemory
		}
		w.Addr, err = env.address(text, m.Hart(hart), info)
	})
	return w, err
}

// registerOf names a register as something to be watched.
func registerOf(name string) (riscv.Watched, uint64, error) {
	if name == "fp" {
		name = "s0"
	}
	for i := range uint8(32) {
		switch name {
		case riscv.RegName(i), fmt.Sprintf("x%d", i):
			return riscv.IntegerRegister, uint64(i), nil
		case riscv.FRegName(i), fmt.Sprintf("f%d", i):
			return riscv.FloatRegister, uint64(i), nil
		}
	}
	if n, ok := riscv.CSRNumber(name); ok {
		return riscv.ControlRegister, uint64(n), nil
	}
	if name == "priv" {
		return riscv.PrivilegeMode, 0, nil
	}
	return 0, 0, fmt.Errorf("there is no register %q whose writes can be asked after: they are x0 to x31, f0 to f31, their ABI names, the CSRs, and priv for the mode", name)
}

// watchText is something watched as people write it.
func watchText(w riscv.Watch) string {
	switch w.What {
	case riscv.PhysicalMemory:
		return fmt.Sprintf("p:0x%x, %d bytes", w.Addr, w.Size)
	case riscv.IntegerRegister:
		return riscv.RegName(uint8(w.Addr))
	case riscv.FloatRegister:
		return riscv.FRegName(uint8(w.Addr))
	case riscv.ControlRegister:
		return riscv.CSRName(uint16(w.Addr))
	case riscv.PrivilegeMode:
		return "the mode"
	case riscv.VirtualMemory:
	}
	return fmt.Sprintf("0x%x, %d bytes", w.Addr, w.Size)
}

// accessText says who accesses what.
func accessText(a riscv.Access, env Env) string {
	verb := "reads"
	if a.Write {
		verb = "writes"
	}
	who := "input or a debugger"
	if a.Hart != riscv.AnyHart {
		who = fmt.Sprintf("hart %d at %s", a.Hart, place(env, a.PC))
	}
	if a.Size == 0 {
		return fmt.Sprintf("%s writes 0x%x", who, a.Value)
	}
	return fmt.Sprintf("%s %s %d bytes at 0x%x: 0x%x", who, verb, a.Size, a.Addr, a.Value)
}

func lastAccess(read bool) func(context.Context, Env, []string) (string, error) {
	return func(ctx context.Context, env Env, args []string) (text string, err error) {
		if len(args) == 0 {
			return "", fmt.Errorf("of what? An ADDRESS, p:ADDRESS or a $register")
		}
		w, err := env.parseWatch(args)
		if err != nil {
			return "", err
		}
		if read && w.What > riscv.PhysicalMemory {
			return "", fmt.Errorf("reads of registers are not kept: ask last_write %s", args[0])
		}
		w.Read, w.Write = read, !read
		err = env.ask(ctx, func(ctx context.Context, p Past) error {
			a, found, err := p.LastAccess(ctx, w)
			if found {
				text = fmt.Sprintf("step %v: %s", a.Step, accessText(a, env))
			} else {
				text = fmt.Sprintf("nothing before here since power-on: %s", watchText(w))
			}
			return err
		})
		return text, err
	}
}

// gotoWrite goes to the step that last_write tells of.
func gotoWrite(ctx context.Context, env Env, args []string) (text string, err error) {
	if len(args) == 0 {
		return "", fmt.Errorf("of what? An ADDRESS, p:ADDRESS or a $register")
	}
	w, err := env.parseWatch(args)
	if err != nil {
		return "", err
	}
	w.Write = true
	_, err = env.movePast(ctx, func(ctx context.Context, p Past) (replay.Stop, error) {
		a, found, err := p.LastAccess(ctx, w)
		if err != nil {
			return replay.Stop{}, err
		}
		if !found {
			return replay.Stop{}, fmt.Errorf("nothing wrote it before here since power-on: %s", watchText(w))
		}
		text = fmt.Sprintf("step %v: %s", a.Step, accessText(a, env))
		return p.Seek(ctx, a.Step)
	})
	return text, err
}

func writes(ctx context.Context, env Env, args []string) (string, error) {
	if len(args) == 0 {
		return "", fmt.Errorf("to what? An ADDRESS, p:ADDRESS or a $register")
	}
	w, err := env.parseWatch(args[:min(2, len(args))])
	if err != nil {
		return "", err
	}
	w.Write = true
	st := env.Session.Status()
	span := [2]state.Step{0, st.Position}
	for i, text := range args[min(2, len(args)):] {
		if span[i], err = env.Target(text); err != nil {
			return "", err
		}
	}
	out := env.output()
	total := 0
	err = env.ask(ctx, func(ctx context.Context, p Past) error {
		complete, err := p.Accesses(ctx, w, span[0], span[1], func(a riscv.Access) bool {
			total++
			out.line("step %v: %s", a.Step, accessText(a, env))
			return true
		})
		if !complete && err == nil {
			out.line("there are more, in stretches with more than a million: ask about a shorter span")
		}
		return err
	})
	if total == 0 && err == nil {
		out.line("nothing wrote it from step %v to %v", span[0], span[1])
	}
	return out.text(), err
}

func lastPassed(ctx context.Context, env Env, args []string) (text string, err error) {
	if len(args) != 1 {
		return "", fmt.Errorf("usage: last_passed ADDRESS")
	}
	w, err := env.parseWatch(args)
	if err != nil {
		return "", err
	}
	err = env.ask(ctx, func(ctx context.Context, p Past) error {
		step, found, err := p.LastPassed(ctx, w.Addr)
		if found {
			text = fmt.Sprintf("step %v: at %s", step, place(env, w.Addr))
		} else {
			text = "never before here: " + place(env, w.Addr)
		}
		return err
	})
	return text, err
}

// when looks in the output of the first console, which is the serial port.
func when(ctx context.Context, env Env, args []string) (string, error) {
	if len(args) == 0 {
		return "", errors.New("usage: when TEXT, such as: when login")
	}
	text := strings.Join(args, " ")
	out := env.output()
	err := env.ask(ctx, func(ctx context.Context, p Past) error {
		found := false
		err := p.Printed(ctx, vm.SerialDevice, text, 0, state.Never, func(at replay.Print) bool {
			found = true
			out.line("step %v (its first character at step %v, number %d)", at.Last, at.First, at.Offset)
			return true
		})
		if !found && err == nil {
			out.line("the console never printed %q", text)
		}
		return err
	})
	return out.text(), err
}

func printed(ctx context.Context, env Env, args []string) (text string, err error) {
	if len(args) != 1 {
		return "", fmt.Errorf("usage: printed OFFSET")
	}
	n, err := state.ParseStep(args[0])
	if err != nil {
		return "", fmt.Errorf("%q is not the number of a character", args[0])
	}
	err = env.ask(ctx, func(ctx context.Context, p Past) error {
		step, found, err := p.PrintedAt(ctx, vm.SerialDevice, uint64(n))
		if !found && err == nil {
			return fmt.Errorf("the console has not printed %d characters", uint64(n)+1)
		}
		text = fmt.Sprintf("step %v", step)
		return err
	})
	return text, err
}

// maxRuns bounds the runs of bytes that diff shows.
const maxRuns = 64

func diff(ctx context.Context, env Env, args []string) (string, error) {
	if len(args) == 0 {
		return "", fmt.Errorf("usage: diff FROM [TO]")
	}
	st := env.Session.Status()
	from, err := env.Target(args[0])
	if err != nil {
		return "", err
	}
	to := st.Position
	if len(args) > 1 {
		if to, err = env.Target(args[1]); err != nil {
			return "", err
		}
	}
	out := env.output()
	err = env.ask(ctx, func(ctx context.Context, p Past) error {
		c, err := p.Compare(ctx, from, to, maxRuns)
		if err == nil {
			showChanges(out, c)
		}
		return err
	})
	return out.text(), err
}

func showChanges(out *output, c *replay.Changes) {
	out.line("from step %v to step %v:", c.From, c.To)
	for _, r := range c.Registers {
		out.line("  hart %d %-9v 0x%016x -> 0x%016x", r.Hart, r.Register, r.Old, r.New)
	}
	if len(c.Devices) > 0 {
		out.line("  changed: %s", strings.Join(c.Devices, ", "))
	}
	out.line("  memory: %d bytes in %d pages", c.Bytes, c.Pages)
	for _, m := range c.Memory {
		const most = 16
		more := ""
		if len(m.New) > most {
			more = fmt.Sprintf(" and %d bytes more", len(m.New)-most)
		}
		out.line("  0x%x: %x -> %x%s", m.Addr, m.Old[:min(most, len(m.Old))], m.New[:min(most, len(m.New))], more)
	}
	if len(c.Memory) == maxRuns {
		out.line("  ...")
	}
}

// output gathers lines, or hands them on as they come.
type output struct {
	stream func(string)
	b      strings.Builder
}

// output is where a command that may print much prints.
func (env Env) output() *output { return &output{stream: env.Stream} }

func (o *output) line(format string, args ...any) {
	if text := fmt.Sprintf(format, args...) + "\n"; o.stream != nil {
		o.stream(text)
	} else {
		o.b.WriteString(text)
	}
}

// text is what was not handed on.
func (o *output) text() string { return o.b.String() }
