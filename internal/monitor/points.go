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

// past looks at a timeline that is a [Past].
func (env Env) past(fn func(t Timeline, p Past)) error {
	err := errNoPast
	env.Session.Inspect(func(t Timeline) {
		if p, ok := t.(Past); ok {
			err = nil
			fn(t, p)
		}
	})
	return err
}

func setWatchpoint(read, write bool) func(context.Context, Env, []string) (string, error) {
	return func(_ context.Context, env Env, args []string) (string, error) {
		if len(args) == 0 {
			return "", fmt.Errorf("usage: watch ADDRESS [SIZE], such as watch counter 4 or watch p:0x80001000")
		}
		w, err := env.parseWatch(args)
		if err != nil {
			return "", err
		}
		if w.What > riscv.PhysicalMemory {
			return "", fmt.Errorf("only memory can be watched; last_write %s tells what wrote the register", args[0])
		}
		w.Read, w.Write = read, write
		return "watchpoint: " + watchpointText(w), env.past(func(_ Timeline, p Past) { p.SetWatchpoint(w) })
	}
}

// pointState is what a list says of a breakpoint or watchpoint behind its place.
func pointState(disabled bool, condition string, hits int) string {
	text := ""
	if condition != "" {
		text += " if " + condition
	}
	if disabled {
		text += ", disabled"
	}
	switch {
	case hits == 1:
		text += ", hit once"
	case hits > 1:
		text += fmt.Sprintf(", hit %d times", hits)
	}
	return text
}

// enable lets what is set at an address stop the machine, or not.
func enable(enabled bool) func(context.Context, Env, []string) (string, error) {
	return func(_ context.Context, env Env, args []string) (string, error) {
		if len(args) != 1 {
			return "", fmt.Errorf("of what? An ADDRESS, or all")
		}
		w := riscv.Watch{}
		if args[0] != "all" {
			var err error
			if w, err = env.parseWatch(args); err != nil {
				return "", err
			}
		}
		changed := 0
		err := env.past(func(t Timeline, p Past) {
			for _, addr := range t.Breakpoints() {
				if args[0] == "all" || addr == w.Addr && w.What == riscv.VirtualMemory {
					t.EnableBreakpoint(addr, enabled)
					changed++
				}
			}
			for _, set := range p.Watchpoints() {
				if args[0] == "all" || set.What == w.What && set.Addr == w.Addr {
					p.EnableWatchpoint(set, enabled)
					changed++
				}
			}
		})
		if changed == 0 && err == nil && args[0] != "all" {
			return "", fmt.Errorf("there is neither a breakpoint nor a watchpoint at %s: info breakpoints and info watchpoints list them", args[0])
		}
		return "", err
	}
}

// watchpointText is a watchpoint in a few words.
func watchpointText(w riscv.Watch) string {
	kind := "write"
	switch {
	case w.Read && w.Write:
		kind = "access"
	case w.Read:
		kind = "read"
	}
	return fmt.Sprintf("%s of %s", kind, watchText(w))
}

func infoWatchpoints(_ context.Context, env Env, _ []string) (string, error) {
	var list []string
	err := env.past(func(_ Timeline, p Past) {
		for _, w := range p.WatchpointList() {
			list = append(list, watchpointText(w.Watch)+pointState(w.Disabled, "", w.Hits))
		}
	})
	if len(list) == 0 && err == nil {
		return "no watchpoints", nil
	}
	return strings.Join(list, "\n"), err
}

func clearWatchpoints(_ context.Context, env Env, args []string) (string, error) {
	if len(args) != 1 {
		return "", fmt.Errorf("usage: unwatch ADDRESS, or unwatch all")
	}
	w := riscv.Watch{}
	if args[0] != "all" {
		var err error
		if w, err = env.parseWatch(args); err != nil {
			return "", err
		}
	}
	removed := 0
	err := env.past(func(_ Timeline, p Past) {
		for _, set := range p.Watchpoints() {
			if args[0] == "all" || set.What == w.What && set.Addr == w.Addr {
				p.ClearWatchpoint(set)
				removed++
			}
		}
	})
	if removed == 0 && err == nil && args[0] != "all" {
		return "", fmt.Errorf("there is no watchpoint at %s: info watchpoints lists them", args[0])
	}
	return fmt.Sprintf("%d watchpoints removed", removed), err
}

// toEvent goes to the next or previous event of a kind.
func toEvent(forward bool) func(context.Context, Env, []string) (string, error) {
	return func(ctx context.Context, env Env, args []string) (string, error) {
		switch {
		case len(args) == 0 && forward:
			return env.move(ctx, func(ctx context.Context, t Timeline) (replay.Stop, error) { return t.NextEvent(ctx) })
		case len(args) == 0:
			return env.move(ctx, func(ctx context.Context, t Timeline) (replay.Stop, error) { return t.PreviousEvent(ctx) })
		case args[0] == "priv":
			return toModeChange(ctx, env, forward)
		}
		match, err := parseKind(args[0])
		if err != nil {
			return "", err
		}
		return env.movePast(ctx, func(ctx context.Context, p Past) (replay.Stop, error) {
			if forward {
				return p.NextEventOf(ctx, match)
			}
			return p.PreviousEventOf(ctx, match)
		})
	}
}

// parseKind reads a kind of events.
func parseKind(text string) (match func(*recording.Event) bool, err error) {
	const callFromU = 8 // cause of an environment call from U-mode
	if number, ok := strings.CutPrefix(text, "irq"); ok {
		n, err := strconv.ParseUint(number, 0, 8)
		if err != nil {
			return nil, fmt.Errorf("%q is not the number of an interrupt, such as irq5", text)
		}
		return func(e *recording.Event) bool { return e.Kind == recording.Interrupt && e.Cause == n }, nil
	}
	switch text {
	case "trap":
		return func(e *recording.Event) bool {
			return e.Kind == recording.Interrupt || e.Kind == recording.Exception
		}, nil
	case "syscall":
		return func(e *recording.Event) bool { return e.Kind == recording.Exception && e.Cause == callFromU }, nil
	}
	kind, err := recording.ParseKind(text)
	if err != nil {
		return nil, fmt.Errorf("%w; besides trap, syscall, irqN and priv", err)
	}
	return func(e *recording.Event) bool { return e.Kind == kind }, nil
}

// toModeChange goes to before the next or previous step that changes a hart's
// privilege mode.
func toModeChange(ctx context.Context, env Env, forward bool) (string, error) {
	w := riscv.Watch{What: riscv.PrivilegeMode, Hart: riscv.AnyHart, Write: true}
	return env.move(ctx, func(ctx context.Context, t Timeline) (replay.Stop, error) {
		p, ok := t.(Past)
		if !ok {
			return replay.Stop{}, errNoPast
		}
		if !forward {
			a, found, err := p.LastAccess(ctx, w)
			if err != nil || !found {
				return t.Status().Stop, err
			}
			return t.Seek(ctx, a.Step)
		}
		st, next, found := t.Status(), state.Step(0), false
		_, err := p.Accesses(ctx, w, st.Position+1, st.Last, func(a riscv.Access) bool {
			next, found = a.Step, true
			return false
		})
		switch {
		case err != nil:
			return st.Stop, err
		case !found:
			return t.GoLive(ctx)
		}
		return t.Seek(ctx, next)
	})
}

// parseTime reads a virtual time such as "12ms" or "1.5s", in ns.
func parseTime(text string) (ns uint64, ok bool) {
	if !strings.HasSuffix(text, "s") {
		return 0, false
	}
	d, err := time.ParseDuration(text)
	return uint64(d), err == nil && d >= 0
}

func seekEvent(ctx context.Context, env Env, number string) (string, error) {
	n, err := state.ParseStep(number)
	if err != nil {
		return "", fmt.Errorf("%q is not the number of an event", number)
	}
	return env.movePast(ctx, func(ctx context.Context, p Past) (replay.Stop, error) { return p.SeekEvent(ctx, uint64(n)) })
}

func seekPassed(ctx context.Context, env Env, addr, number string) (string, error) {
	w, err := env.parseWatch([]string{addr})
	if err != nil {
		return "", err
	}
	n, err := count([]string{number}, 1)
	if err != nil {
		return "", err
	}
	return env.movePast(ctx, func(ctx context.Context, p Past) (replay.Stop, error) { return p.SeekPassed(ctx, w.Addr, n) })
}
