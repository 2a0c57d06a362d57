package monitor

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"reprise/internal/expr"
	"reprise/internal/guard"
	"reprise/replay"
	"reprise/vm/state"
)

var travelCommands = []Command{
	{Name: "c", Aliases: []string{"cont", "continue"}, Help: "go on, to a breakpoint or the end", run: moveOn(Timeline.Continue)},
	{Name: "rc", Aliases: []string{"reverse_continue"}, Help: "go back, to a breakpoint or the start", run: moveOn(Timeline.ReverseContinue)},
	{Name: "s", Aliases: []string{"step"}, Usage: "[N]", Help: "do N steps (1)", run: moveBy(Timeline.Step)},
	{Name: "rs", Aliases: []string{"reverse_step"}, Usage: "[N]", Help: "go N steps back (1)", run: moveBy(Timeline.StepBack)},
	{Name: "n", Aliases: []string{"next"}, Help: "do a step, calls and traps as one", run: travel(Past.Over)},
	{Name: "rn", Aliases: []string{"reverse_next"}, Help: "go a step back, calls as one", run: travel(Past.OverBack)},
	{Name: "next_line", Aliases: []string{"nl"}, Help: "go on to the next line of source, calls and traps as one", run: byLine(NextLine)},
	{Name: "previous_line", Aliases: []string{"pl"}, Help: "go back to the line of source before, calls and traps as one", run: byLine(PreviousLine)},
	{Name: "finish", Aliases: []string{"out"}, Help: "go on until this function has returned", run: travel(Past.Out)},
	{Name: "rfinish", Aliases: []string{"reverse_finish"}, Help: "go back to before the call of this function", run: travel(Past.OutBack)},
	{Name: "e", Aliases: []string{"next_event"}, Usage: "[KIND]", Help: "go to the next event; KIND is an event's kind, trap, syscall, irqN for an interrupt, priv for a change of mode", run: toEvent(true)},
	{Name: "re", Aliases: []string{"previous_event"}, Usage: "[KIND]", Help: "go back to the previous event; KIND as for e", run: toEvent(false)},
	{Name: "live", Help: "return to the live end of a machine that is being recorded", run: move(Timeline.GoLive)},
	{Name: "replay_seek", Aliases: []string{"seek", "g"}, Usage: "STEP|event|pass [N|ADDRESS] [N]", Help: "go to a step, a percentage, start, end, a bookmark, a virtual time (12ms), event N, or the Nth pass of an address", run: seek},
	{Name: "stop", Help: "interrupt what is under way", run: interrupt},
	{Name: "b", Aliases: []string{"break"}, Usage: "ADDRESS [if EXPRESSION...]", Help: "stop before the instruction at an address is executed, always or if an expression is not zero", run: setBreakpoint},
	{Name: "condition", Usage: "ADDRESS [EXPRESSION...]", Help: "let a breakpoint stop only if an expression is not zero; without one, always", run: setCondition},
	{Name: "delete", Aliases: []string{"d"}, Usage: "ADDRESS|all", Help: "remove a breakpoint, or all of them", run: deleteBreakpoint},
	{Name: "enable", Usage: "ADDRESS|all", Help: "let the breakpoint or watchpoint of an address stop the machine again, or all of them", run: enable(true)},
	{Name: "disable", Usage: "ADDRESS|all", Help: "keep the breakpoint or watchpoint of an address, or all of them, but do not stop there", run: enable(false)},
	{Name: "watch", Usage: "WHAT [SIZE]", Help: "stop before something writes memory: an ADDRESS, or p:ADDRESS for a physical one; SIZE in bytes (8)", run: setWatchpoint(false, true)},
	{Name: "rwatch", Usage: "WHAT [SIZE]", Help: "stop before something reads memory; as for watch", run: setWatchpoint(true, false)},
	{Name: "awatch", Usage: "WHAT [SIZE]", Help: "stop before something reads or writes memory; as for watch", run: setWatchpoint(true, true)},
	{Name: "unwatch", Usage: "ADDRESS|all", Help: "remove the watchpoints of an address, or all of them", run: clearWatchpoints},
}

func move(fn func(Timeline, context.Context) (replay.Stop, error)) func(context.Context, Env, []string) (string, error) {
	return func(ctx context.Context, env Env, _ []string) (string, error) {
		return env.move(ctx, func(ctx context.Context, t Timeline) (replay.Stop, error) { return fn(t, ctx) })
	}
}

// moveOn is move for what goes on until something ends it: where the command
// has a Later, that is not waited for.
func moveOn(fn func(Timeline, context.Context) (replay.Stop, error)) func(context.Context, Env, []string) (string, error) {
	wait := move(fn)
	return func(ctx context.Context, env Env, args []string) (string, error) {
		if env.Later == nil {
			return wait(ctx, env, args)
		}
		result, err := env.Session.Move(ctx, env.Holder, func(ctx context.Context, t Timeline) (replay.Stop, error) { return fn(t, ctx) })
		if err != nil {
			return "", err
		}
		guard.Go(func() {
			if r := <-result; r.Err != nil {
				env.Later(r.Err.Error())
			} else {
				env.Later(StopText(r.Stop, env))
			}
		})
		return "", nil
	}
}

func moveBy(fn func(Timeline, context.Context, uint64) (replay.Stop, error)) func(context.Context, Env, []string) (string, error) {
	return func(ctx context.Context, env Env, args []string) (string, error) {
		n, err := count(args, 1)
		if err != nil {
			return "", err
		}
		return env.move(ctx, func(ctx context.Context, t Timeline) (replay.Stop, error) { return fn(t, ctx, n) })
	}
}

// move carries out a movement and says where it ended.
func (env Env) move(ctx context.Context, fn Movement) (string, error) {
	stop, err := Move(ctx, env.Session, env.Holder, fn)
	if err != nil {
		return "", err
	}
	return StopText(stop, env), nil
}

// StopText says in a line why and where a movement ended.
func StopText(stop replay.Stop, env Env) string {
	text := fmt.Sprintf("step %v", stop.Step)
	if stop.Reason != replay.AtTarget {
		text += ": " + stop.Reason.String()
	}
	if stop.Reason == replay.AtBreakpoint {
		text += " at " + place(env, stop.Addr)
	}
	if stop.Reason == replay.AtWatchpoint {
		text += ": " + accessText(stop.Access, env)
	}
	return text
}

func seek(ctx context.Context, env Env, args []string) (string, error) {
	switch {
	case len(args) == 2 && args[0] == "event":
		return seekEvent(ctx, env, args[1])
	case len(args) == 3 && args[0] == "pass":
		return seekPassed(ctx, env, args[1], args[2])
	case len(args) != 1:
		return "", fmt.Errorf("usage: replay_seek STEP, such as 1,500,000, 50%%, 12ms, end or a bookmark; replay_seek event N; replay_seek pass ADDRESS N")
	}
	if ns, ok := parseTime(args[0]); ok {
		return env.movePast(ctx, func(ctx context.Context, p Past) (replay.Stop, error) { return p.SeekTime(ctx, ns) })
	}
	to, err := env.Target(args[0])
	if err != nil {
		return "", err
	}
	return env.move(ctx, func(ctx context.Context, t Timeline) (replay.Stop, error) { return t.Seek(ctx, to) })
}

// Locate finds a place in time, in all the forms that replay_seek takes. It may
// have to go there to find it, and stays there then.
func (env Env) Locate(ctx context.Context, text string) (state.Step, error) {
	step, err := env.Target(text)
	if err == nil {
		return step, nil
	}
	words := strings.Fields(text)
	if _, isTime := parseTime(text); !isTime && len(words) < 2 {
		return 0, err
	}
	if _, err := seek(ctx, env, words); err != nil {
		return 0, err
	}
	return env.Session.Status().Position, nil
}

// ParseTarget reads a place in time: a step ("1,500,000"), a distance from here
// ("+100", "-100"), a percentage of the recording ("37.5%"), "start" or "end".
func ParseTarget(text string, st replay.Status) (state.Step, error) {
	switch text {
	case "start":
		return 0, nil
	case "end":
		return st.Last, nil
	}
	if number, ok := strings.CutSuffix(text, "%"); ok {
		share, err := strconv.ParseFloat(number, 64)
		if err != nil || !(share >= 0 && share <= 100) {
			return 0, fmt.Errorf("%q is not a percentage from 0%% to 100%%", text)
		}
		return state.Step(share / 100 * float64(st.Last)), nil
	}
	if text != "" && (text[0] == '+' || text[0] == '-') {
		n, err := state.ParseStep(text[1:])
		if err != nil {
			return 0, err
		}
		if text[0] == '-' {
			return st.Position - min(n, st.Position), nil
		}
		return inside(st.Position+min(n, state.Never-1-st.Position), st)
	}
	n, err := state.ParseStep(text)
	if err != nil {
		return 0, err
	}
	return inside(n, st)
}

// inside refuses steps that no movement can reach.
func inside(step state.Step, st replay.Status) (state.Step, error) {
	if step > st.Last {
		return 0, fmt.Errorf("step %v is after the end: the last step is %v", step, st.Last)
	}
	return step, nil
}

func interrupt(_ context.Context, env Env, _ []string) (string, error) {
	env.Session.Interrupt()
	return "", nil
}

func setBreakpoint(_ context.Context, env Env, args []string) (text string, err error) {
	condition := ""
	if len(args) > 2 && args[1] == "if" {
		condition, args = strings.Join(args[2:], " "), args[:1]
		if _, err := expr.Parse(condition, env.debug()); err != nil {
			return "", fmt.Errorf("the condition: %w", err)
		}
	}
	if len(args) != 1 {
		return "", fmt.Errorf("usage: b ADDRESS [if EXPRESSION], such as b main or b pool_take if usage.used == 3")
	}
	var addr uint64
	env.Session.Inspect(func(t Timeline) {
		m := t.Machine()
		if addr, err = ParseAddress(args[0], m.Hart(env.hart(m)), env.Symbols); err != nil {
			return
		}
		t.SetBreakpoint(addr)
		text = "breakpoint at " + place(env, addr)
	})
	if err == nil && condition != "" {
		text += " if " + condition
		err = env.condition(addr, condition)
	}
	return text, err
}

func deleteBreakpoint(_ context.Context, env Env, args []string) (text string, err error) {
	if len(args) != 1 {
		return "", fmt.Errorf("usage: delete ADDRESS, or delete all")
	}
	env.Session.Inspect(func(t Timeline) {
		set := t.Breakpoints()
		if args[0] == "all" {
			for _, a := range set {
				t.ClearBreakpoint(a)
			}
			text = fmt.Sprintf("%d breakpoints removed", len(set))
			return
		}
		m := t.Machine()
		var addr uint64
		if addr, err = ParseAddress(args[0], m.Hart(env.hart(m)), env.Symbols); err != nil {
			return
		}
		if !slices.Contains(set, addr) {
			err = fmt.Errorf("there is no breakpoint at %#x: info breakpoints lists them", addr)
			return
		}
		t.ClearBreakpoint(addr)
	})
	return text, err
}
