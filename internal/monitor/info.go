package monitor

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

var infoCommands = []Command{
	{Name: "info replay", Help: "show mode, recording, step and the event that is waited for", run: infoReplay},
	{Name: "info status", Help: "show whether the machine runs, and why it stopped", run: infoStatus},
	{Name: "info registers", Usage: "[-a]", Help: "show the registers of the hart; -a: floating point too", run: infoRegisters},
	{Name: "info events", Usage: "[N]", Help: "show N events on each side of here (10)", run: infoEvents},
	{Name: "info breakpoints", Help: "list the breakpoints", run: infoBreakpoints},
	{Name: "info watchpoints", Help: "list the watchpoints", run: infoWatchpoints},
	{Name: "info digest", Help: "show the hash of the whole state here, as verify prints it for the end", run: infoDigest},
	{Name: "bt", Aliases: []string{"backtrace", "where"}, Usage: "[N]", Help: "show the frames of the stack, at most N of them (64)", run: backtrace},
	{Name: "info cpus", Help: "list the harts", run: infoHarts},
	{Name: "info symbol", Usage: "ADDRESS", Help: "show what an address belongs to", run: infoSymbol},
	{Name: "info locals", Help: "show the variables of the function that the hart executes", run: infoLocals},
}

// ModeName is the mode in a word: "live", "record" (a recording that is looked
// at in the past), "replay" or "run".
func ModeName(st replay.Status) string {
	switch {
	case st.Mode == replay.ModePlay:
		return "replay"
	case st.Mode == replay.ModeNone:
		return "run"
	case st.Live && !st.AtLiveEnd:
		return "record, in the past"
	}
	return "record"
}

// PendingText says which event is waited for and how far away it is, such as
// "char_write now" or "async/char_read in 1,234"; empty if none is known.
func PendingText(st replay.Status) string {
	switch {
	case !st.HasPending:
		return ""
	case st.PendingAway() == 0:
		return st.Pending.Kind.String() + " now"
	}
	return fmt.Sprintf("%v in %v", st.Pending.Kind, st.PendingAway())
}

func infoReplay(_ context.Context, env Env, _ []string) (string, error) {
	st := env.Session.Status()
	var b strings.Builder
	fmt.Fprintf(&b, "mode:    %s\n", ModeName(st))
	if st.Name != "" {
		fmt.Fprintf(&b, "file:    %s\n", st.Name)
	}
	fmt.Fprintf(&b, "step:    %v of %v\n", st.Position, st.Last)
	fmt.Fprintf(&b, "time:    %v\n", time.Duration(st.Virtual))
	if pending := PendingText(st); pending != "" {
		fmt.Fprintf(&b, "pending: %s\n", pending)
	}
	if st.Requested != recording.ShutdownNone {
		fmt.Fprintf(&b, "request: shutdown, %v\n", st.Requested)
	}
	if st.Holder != "" {
		fmt.Fprintf(&b, "held by: %s\n", st.Holder)
	}
	return b.String(), nil
}

func infoDigest(_ context.Context, env Env, _ []string) (text string, err error) {
	env.Session.Inspect(func(t Timeline) {
		text = fmt.Sprintf("step %v, digest %016x", t.Status().Position, t.Machine().Digest().Sum())
	})
	return text, nil
}

func infoStatus(_ context.Context, env Env, _ []string) (string, error) {
	st := env.Session.Status()
	if st.Running {
		return "VM status: running", nil
	}
	text := fmt.Sprintf("VM status: paused (%v) at step %v", st.Stop.Reason, st.Position)
	if st.Err != nil {
		text += "\n" + st.Err.Error()
	}
	return text, nil
}

// shownCSRs are the control and status registers that info registers shows.
var shownCSRs = []string{
	"mstatus", "mie", "mip", "mtvec", "mepc", "mcause", "mtval", "medeleg", "mideleg",
	"stvec", "sepc", "scause", "stval", "satp", "mscratch", "sscratch",
}

func infoRegisters(_ context.Context, env Env, args []string) (text string, err error) {
	all := len(args) == 1 && args[0] == "-a"
	if len(args) == 1 && !all {
		return "", fmt.Errorf("usage: info registers [-a]")
	}
	env.Session.Inspect(func(t Timeline) {
		m := t.Machine()
		text = registers(m.Hart(env.hart(m)), all)
	})
	return text, nil
}

func registers(h *riscv.Hart, all bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, " hart %d, mode %v\n", h.ID(), h.Mode())
	fmt.Fprintf(&b, " %-8s %016x\n", "pc", h.PC())
	for _, name := range shownCSRs {
		if value, ok := Register(h, name); ok {
			fmt.Fprintf(&b, " %-8s %016x\n", name, value)
		}
	}
	grid := func(letter string, name func(uint8) string, value func(int) uint64) {
		for i := range 32 {
			fmt.Fprintf(&b, " %-8s %016x", letter+strconv.Itoa(i)+"/"+name(uint8(i)), value(i))
			if i%4 == 3 {
				b.WriteByte('\n')
			}
		}
	}
	grid("x", riscv.RegName, h.X)
	if all {
		grid("f", riscv.FRegName, h.F)
	}
	return b.String()
}

func infoEvents(_ context.Context, env Env, args []string) (string, error) {
	n, err := count(args, 10)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	env.Session.Inspect(func(t Timeline) {
		here := t.Status().Position
		list, failed := t.Events(here, int(n), int(n))
		err = failed
		marked := false
		mark := func() {
			if !marked {
				fmt.Fprintf(&b, "> %v here\n", here)
				marked = true
			}
		}
		for _, e := range list {
			if e.Step >= here {
				mark()
			}
			fmt.Fprintf(&b, "  %v\n", e)
		}
		mark()
	})
	return b.String(), err
}

func infoBreakpoints(_ context.Context, env Env, _ []string) (string, error) {
	var list []replay.Breakpoint
	env.Session.Inspect(func(t Timeline) { list = t.BreakpointList() })
	if len(list) == 0 {
		return "no breakpoints", nil
	}
	var b strings.Builder
	for _, set := range list {
		fmt.Fprintf(&b, "%s%s\n", place(env, set.Addr), pointState(set.Disabled, set.Condition, set.Hits))
	}
	return b.String(), nil
}

func infoHarts(_ context.Context, env Env, _ []string) (string, error) {
	var b strings.Builder
	env.Session.Inspect(func(t Timeline) {
		m := t.Machine()
		for i := range m.Harts() {
			h := m.Hart(i)
			mark, waits := " ", ""
			if i == m.Current() {
				mark = "*"
			}
			if h.Waiting() {
				waits = " (waits for an interrupt)"
			}
			fmt.Fprintf(&b, "%s CPU #%d: mode %v pc %s%s\n", mark, i, h.Mode(), place(env, h.PC()), waits)
		}
	})
	return b.String(), nil
}

// place is an address with its symbol.
func place(env Env, addr uint64) string {
	text := fmt.Sprintf("0x%016x", addr)
	if name, ok := env.Symbols.Name(addr); ok {
		text += " <" + name + ">"
	}
	return text
}

// count reads an optional argument that is a number of things, at least 1.
func count(args []string, otherwise uint64) (uint64, error) {
	if len(args) == 0 {
		return otherwise, nil
	}
	n, err := state.ParseStep(args[0])
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is not a count: give a number from 1", args[0])
	}
	return uint64(n), nil
}
