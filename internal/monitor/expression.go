package monitor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"reprise/internal/debuginfo"
	"reprise/internal/expr"
	"reprise/internal/unwind"
	"reprise/replay"
	"reprise/vm"
	"reprise/vm/riscv"
)

// Scope is what the names of an expression mean in a frame of a hart.
func Scope(h *riscv.Hart, f *unwind.Frame, info *debuginfo.Info, symbols *debuginfo.Symbols) *expr.Scope {
	s := &expr.Scope{Info: info, Symbols: symbols}
	s.Context = debuginfo.Context{Register: f.Register, Memory: h.PeekMemory, CFA: f.CFA, PC: f.Inside()}
	s.Register = func(name string) (uint64, bool) {
		if name == "pc" {
			return f.PC, true
		}
		if what, n, err := registerOf(name); err == nil {
			switch what {
			case riscv.IntegerRegister:
				return f.Register(int(n))
			case riscv.FloatRegister:
				return f.Register(int(n) + 32)
			default:
			}
		}
		return Register(h, name)
	}
	return s
}

// innermost is the scope where a hart executes.
func innermost(h *riscv.Hart, info *debuginfo.Info, symbols *debuginfo.Symbols) *expr.Scope {
	const withCaller = 2 // for which the address of the frame is found
	stack := unwind.Stack(h, unwind.Of(h, framesOf(info), symbols), withCaller)
	return Scope(h, &stack[0], info, symbols)
}

// ConditionOf makes the condition of a breakpoint from an expression. Where the
// expression has no value the breakpoint stops, so that somebody sees it.
func ConditionOf(e *expr.Expr, info *debuginfo.Info, symbols *debuginfo.Symbols) replay.Condition {
	return func(m *vm.Machine, hart int) bool {
		s := innermost(m.Hart(hart), info, symbols)
		v, err := e.Evaluate(s)
		if err != nil {
			return true
		}
		holds, err := s.True(v)
		return holds || err != nil
	}
}

// evaluate evaluates an expression where the hart stands and hands it to fn,
// on the machine's goroutine.
func (env Env) evaluate(text string, fn func(s *expr.Scope, v expr.Value)) error {
	info := env.debug()
	e, err := expr.Parse(text, info)
	if err != nil {
		return err
	}
	env.Session.Inspect(func(t Timeline) {
		m := t.Machine()
		s := innermost(m.Hart(env.hart(m)), info, env.Symbols)
		var v expr.Value
		if v, err = e.Evaluate(s); err == nil {
			fn(s, v)
		}
	})
	return err
}

// printExpression prints what an expression gives: a plain number in both bases,
// with the symbol that it belongs to, anything else by its type.
func printExpression(_ context.Context, env Env, args []string) (text string, err error) {
	if len(args) == 0 {
		return "", fmt.Errorf("usage: print EXPRESSION, such as print $pc or print jobs->name")
	}
	hex := args[0] == "/x"
	if hex {
		args = args[1:]
	}
	err = env.evaluate(strings.Join(args, " "), func(s *expr.Scope, v expr.Value) {
		switch n, failed := s.Bits(v); {
		case hex:
			text = s.Hex(v)
		case v.Type == nil && failed == nil:
			text = fmt.Sprintf("%#x = %d", n, n)
			if name, ok := env.Symbols.Name(n); ok {
				text += " <" + name + ">"
			}
		default:
			text = s.Format(v)
		}
	})
	return text, err
}

// whatIs says of what type an expression is.
func whatIs(_ context.Context, env Env, args []string) (text string, err error) {
	if len(args) == 0 {
		return "", fmt.Errorf("usage: whatis EXPRESSION, such as whatis jobs")
	}
	err = env.evaluate(strings.Join(args, " "), func(_ *expr.Scope, v expr.Value) {
		text = fmt.Sprintf("%s, %d bytes", v.TypeName(), v.Size())
		if v.Placed {
			text += fmt.Sprintf(" at %#x", v.Addr)
		}
	})
	return text, err
}

// infoLocals lists the variables of the function that the hart executes.
func infoLocals(_ context.Context, env Env, _ []string) (string, error) {
	info := env.debug()
	var b strings.Builder
	env.Session.Inspect(func(t Timeline) {
		m := t.Machine()
		s := innermost(m.Hart(env.hart(m)), info, env.Symbols)
		for _, v := range info.Variables(&s.Context) {
			value, err := s.Variable(v)
			if err != nil {
				fmt.Fprintf(&b, "%s = %s\n", v.Name, expr.FormatError(err))
				continue
			}
			fmt.Fprintf(&b, "%s = %s\n", v.Name, s.Format(value))
		}
	})
	if b.Len() == 0 {
		return "no variables are known here", nil
	}
	return b.String(), nil
}

// setCondition lets a breakpoint stop only where an expression is not zero, or
// always.
func setCondition(_ context.Context, env Env, args []string) (string, error) {
	if len(args) == 0 {
		return "", fmt.Errorf("usage: condition ADDRESS [EXPRESSION]")
	}
	w, err := env.parseWatch(args[:1])
	if err != nil {
		return "", err
	}
	return "", env.condition(w.Addr, strings.Join(args[1:], " "))
}

// condition sets the condition of the breakpoint at an address; empty for none.
func (env Env) condition(addr uint64, text string) error {
	var holds replay.Condition
	if text != "" {
		info := env.debug()
		e, err := expr.Parse(text, info)
		if err != nil {
			return fmt.Errorf("the condition: %w", err)
		}
		holds = ConditionOf(e, info, env.Symbols)
	}
	found := false
	err := env.past(func(t Timeline, p Past) {
		for _, b := range t.BreakpointList() {
			found = found || b.Addr == addr
		}
		p.SetCondition(addr, text, holds)
	})
	if err == nil && !found {
		return fmt.Errorf("there is no breakpoint at %#x: info breakpoints lists them", addr)
	}
	return err
}

// address reads an address as people write it: see [ParseAddress]; else it is
// what an expression leads to: what a pointer points to, or where a variable is.
func (env Env) address(text string, h *riscv.Hart, info *debuginfo.Info) (uint64, error) {
	addr, err := ParseAddress(text, h, env.Symbols)
	if err == nil {
		return addr, nil
	}
	s := innermost(h, info, env.Symbols)
	v, failed := expr.Evaluate(text, s)
	if failed == nil {
		addr, failed = s.Address(v)
	}
	if unknown := new(expr.UnknownError); errors.As(failed, &unknown) {
		return 0, err // it knows names that are nearly the same
	}
	return addr, failed
}

// infoSymbol shows what an address belongs to.
func infoSymbol(_ context.Context, env Env, args []string) (text string, err error) {
	if len(args) != 1 {
		return "", fmt.Errorf("usage: info symbol ADDRESS, such as info symbol $pc")
	}
	info := env.debug()
	env.Session.Inspect(func(t Timeline) {
		m := t.Machine()
		var addr uint64
		if addr, err = env.address(args[0], m.Hart(env.hart(m)), info); err == nil {
			text = place(env, addr)
		}
	})
	return text, err
}
