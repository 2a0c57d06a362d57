package unwind

import (
	"slices"

	"reprise/internal/debuginfo"
	"reprise/vm/riscv"
)

// MaxFrames bounds the stacks that are shown.
const MaxFrames = 64

// Stack returns the frames of a hart, the innermost first, at most limit.
func Stack(h *riscv.Hart, s Source, limit int) []Frame {
	list := []Frame{innermost(h)}
	for len(list) < limit {
		last := &list[len(list)-1]
		next, ok := s.caller(last)
		if !ok || next.PC == 0 || repeats(list, next) {
			break
		}
		list = append(list, next)
	}
	return list
}

// repeats reports whether a frame has been met before: stacks do not go round
// in circles, unless they are damaged.
func repeats(list []Frame, next Frame) bool {
	here, _ := next.Register(sp)
	return slices.ContainsFunc(list, func(f Frame) bool {
		at, _ := f.Register(sp)
		return f.PC == next.PC && at == here && !f.Trap
	})
}

// caller finds the frame that a frame returns to, and completes the frame with
// its address.
func (s *Source) caller(f *Frame) (Frame, bool) {
	for _, way := range []func(*Frame) (Frame, bool, bool){s.byCallFrame, s.byCode, s.byFramePointer, s.byLink} {
		if next, found, last := way(f); found || last {
			return next, found
		}
	}
	return Frame{}, false
}

// byCallFrame follows call frame information. It is the last word where there is
// any: a function can say that nothing called it.
func (s *Source) byCallFrame(f *Frame) (next Frame, found, last bool) {
	rules, ok := s.Frames.Rules(f.Inside())
	if !ok {
		return Frame{}, false, false
	}
	context := debuginfo.Context{Register: f.Register, Memory: s.Memory, PC: f.Inside()}
	if f.CFA, ok = frameAddress(&context, rules.CFA); !ok {
		return Frame{}, false, false
	}
	context.CFA = f.CFA
	f.Trap = rules.Signal
	next = Frame{How: CallFrame, Interrupted: rules.Signal, registers: f.registers}
	link, linked := f.Register(rules.ReturnAddress)
	if !rules.Signal {
		next.registers.called()
		// A function that has called another has lost what it did not save.
		linked = linked && f.exact()
	}
	next.registers.set(sp, f.CFA)
	for n, rule := range rules.Registers {
		value, ok := s.restored(&context, rule, n)
		if n == rules.ReturnAddress {
			link, linked = value, ok
		}
		if ok {
			next.registers.set(n, value)
		} else {
			next.registers.forget(n)
		}
	}
	next.PC = link
	return next, linked, true
}

// frameAddress evaluates the rule for the address of a frame.
func frameAddress(c *debuginfo.Context, rule debuginfo.FrameRule) (uint64, bool) {
	if rule.Kind == debuginfo.IsExpression {
		v, err := c.Evaluate(rule.Expression)
		return v, err == nil
	}
	v, ok := c.Register(rule.Register)
	return v + uint64(rule.Offset), ok && rule.Kind == debuginfo.CFARegister
}

// restored evaluates the rule for a register of the caller.
func (s *Source) restored(c *debuginfo.Context, rule debuginfo.FrameRule, n int) (uint64, bool) {
	switch rule.Kind {
	case debuginfo.SameValue:
		return c.Register(n)
	case debuginfo.AtOffset:
		return s.word(c.CFA + uint64(rule.Offset))
	case debuginfo.IsOffset:
		return c.CFA + uint64(rule.Offset), true
	case debuginfo.OtherRegister:
		return c.Register(rule.Register)
	case debuginfo.AtExpression, debuginfo.IsExpression:
		v, err := c.Evaluate(rule.Expression, c.CFA)
		if err == nil && rule.Kind == debuginfo.AtExpression {
			return s.word(v)
		}
		return v, err == nil
	default:
		return 0, false
	}
}

// byCode reads the beginning of the frame's function and what it has saved up
// to where the frame stands.
func (s *Source) byCode(f *Frame) (next Frame, found, last bool) {
	start, ok := s.Symbols.Start(f.Inside())
	if !ok {
		return Frame{}, false, false
	}
	p := s.readPrologue(start, f)
	cfa, ok := p.frame(f)
	if !ok {
		return Frame{}, false, false
	}
	next = Frame{How: Code, Interrupted: p.trap, registers: f.registers}
	link, linked := uint64(0), false
	if p.trap {
		if at, saved := p.savedPC(); saved {
			link, linked = s.word(cfa + uint64(at))
		} else if n := p.trapPC(); f.exact() {
			link, linked = f.Register(csr0 + n)
		}
	} else {
		if f.exact() && !p.lost[ra] {
			link, linked = f.Register(ra)
		}
		next.registers.called()
	}
	next.registers.set(sp, cfa)
	for n, at := range p.saved {
		value, ok := s.word(cfa + uint64(at))
		if !ok {
			next.registers.forget(n)
			continue
		}
		next.registers.set(n, value)
		if n == ra && !p.trap {
			link, linked = value, true
		}
	}
	if !linked || !p.trap && !s.afterCall(link) {
		return Frame{}, false, false
	}
	f.CFA, f.Trap, next.PC = cfa, p.trap, link
	return next, true, true
}

// How far a frame of a chain of frame pointers can reach, and how stacks are
// aligned, in bytes (psABI).
const (
	maxFrame   = 1 << 20
	stackAlign = 16
)

// byFramePointer follows a frame pointer: below where it points are the return
// address and the frame pointer before (psABI, "Frame Pointer Convention").
func (s *Source) byFramePointer(f *Frame) (next Frame, found, last bool) {
	frame, known := f.Register(fp)
	stack, ok := f.Register(sp)
	if !ok || !known || frame%stackAlign != 0 || frame <= stack || frame-stack > maxFrame {
		return Frame{}, false, false
	}
	link, ok := s.word(frame - 8)
	before, ok2 := s.word(frame - 16)
	if !ok || !ok2 || !s.afterCall(link) {
		return Frame{}, false, false
	}
	next = Frame{How: FramePointer, PC: link, registers: f.registers}
	next.registers.called()
	for n := range next.registers.known { // whatever else was saved, nobody knows where
		if n != 3 && n != 4 {
			next.registers.forget(n)
		}
	}
	next.registers.set(sp, frame)
	next.registers.set(fp, before)
	f.CFA = frame
	return next, true, true
}

// byLink takes the register that calls link to, of a frame that has not called
// anything that is known of.
func (s *Source) byLink(f *Frame) (next Frame, found, last bool) {
	link, ok := f.Register(ra)
	if !ok || !f.exact() || link == f.PC || !s.afterCall(link) {
		return Frame{}, false, true
	}
	next = Frame{How: Link, PC: link, registers: f.registers}
	next.registers.called()
	f.CFA, _ = f.Register(sp)
	return next, true, true
}

// afterCall reports whether a call stands before an address.
func (s *Source) afterCall(addr uint64) bool {
	if addr&1 != 0 || addr < 4 {
		return false
	}
	for _, size := range []uint64{4, 2} {
		if inst, ok := s.Fetch(addr - size); ok && uint64(inst.Size) == size && inst.IsCall() {
			return true
		}
	}
	return false
}
