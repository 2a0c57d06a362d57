package riscv

import "reprise/vm/state"

// Stop says why [Hart.Run] returned.
type Stop uint8

// The reasons.
const (
	// StopBudget: the step asked for is reached.
	StopBudget Stop = iota
	// StopAttention: a device or a line has changed; the owner looks again.
	StopAttention
	// StopYield: the hart gives up the rest of its turn (WFI that waits, PAUSE).
	StopYield
	// StopBreakpoint: the next instruction has a breakpoint. It is not executed.
	StopBreakpoint
	// StopWatchpoint: the next instruction would access something watched. It
	// is not executed.
	StopWatchpoint
	// StopBlocked: the next instruction asks the host for what it does not have
	// yet; see [Semihosting]. It is not executed.
	StopBlocked
)

// Run executes from step now until the step until, at the latest, and returns
// the step reached. A breakpoint or watchpoint at the first instruction does
// not stop it if over is set.
func (h *Hart) Run(now, until state.Step, over bool) (state.Step, Stop) {
	h.step = now
	h.pass = state.Never
	if over {
		h.pass = now
	}
	for h.step < until {
		if number, ok := h.pendingInterrupt(); ok {
			h.attention = false
			h.waiting = false
			h.trapStep(func() { h.interrupt(number) })
			over = false
			continue
		}
		begin, waited := h.step, h.waiting
		h.attention, h.waiting = false, false
		var stop Stop
		var done bool
		if h.plain {
			stop, done = ended(h.plainStep())
		} else {
			stop, done = h.runBlocks(until, over)
		}
		if h.step == begin {
			h.waiting = waited // nothing was done
		}
		if done {
			return h.step, stop
		}
		over = over && h.step == now
		if h.attention && h.step < until {
			return h.step, StopAttention
		}
	}
	return h.step, StopBudget
}

// runBlocks executes until something has happened that may change which
// interrupt is pending, or done is set.
func (h *Hart) runBlocks(until state.Step, over bool) (stop Stop, done bool) {
	var from *block // the block that led here, to be linked
	for h.step < until {
		b, ex := h.lookup()
		if ex != none {
			h.trapStep(func() { h.raise(ex) })
			return 0, false
		}
		pass := over || !h.heed
		if b == nil || pass && b.ops[0].code == opBreak {
			if b == nil && h.breaks[h.pc] && !pass {
				return StopBreakpoint, true
			}
			return ended(h.single())
		}
		over = false
		if from != nil {
			from.link(b)
		}
		var at int
		budget := int64(min(until-h.step, dead-1))
		begin := budget
		if b.steps > budget {
			b, from = h.cut(b, 0, budget), nil
		}
		for {
			var why exit
			b, at, budget, why = h.exec(b, at, budget)
			h.account(begin - budget)
			begin = budget
			if why == exitFused && h.fused(&b.ops[at]) {
				at++
				budget--
				continue
			}
			if why == exitJump {
				from = b
				if b == &h.scratch {
					from = nil
				}
				break
			}
			h.pc = b.address(at)
			if why == exitBudget {
				if b.steps == dead || budget == 0 {
					from = nil
					break
				}
				b, at = h.cut(b, at, budget), 0
				continue
			}
			if b.ops[at].code == opBreak {
				if !h.heed {
					from = nil
					break
				}
				return StopBreakpoint, true
			}
			outcome := h.slow(&b.ops[at])
			if outcome != slowNext {
				return ended(outcome)
			}
			begin--
			budget--
			if h.attention || b.steps == dead || at+1 >= len(b.ops) || h.code.jumps[b.pc>>1%jumpSize].block != b {
				// Control re-enters through the translation of the next
				// instruction.
				if h.attention {
					return 0, false
				}
				from = nil
				break
			}
			at++
		}
	}
	return 0, false
}

// ended is what the outcome of a slow path means for runBlocks.
func ended(out outcome) (stop Stop, done bool) {
	switch out {
	case slowYield:
		return StopYield, true
	case slowStop:
		return StopWatchpoint, true
	case slowBreak:
		return StopBreakpoint, true
	case slowBlock:
		return StopBlocked, true
	default:
		return 0, false
	}
}

// account adds n retired instructions to the counters.
func (h *Hart) account(n int64) {
	h.step += state.Step(n)
	if h.csr.mcountinhibit&4 == 0 {
		h.csr.instret += uint64(n)
	}
}

// address is the virtual address of operation i, or of the end.
func (b *block) address(i int) uint64 {
	if i >= len(b.ops) {
		return b.end
	}
	return b.pc&^pageMask | uint64(b.ops[i].off)
}

// cut makes a block of the n operations of b from operation i on, so that the
// budget ends with it.
func (h *Hart) cut(b *block, i int, n int64) *block {
	last := min(i+int(n), len(b.ops))
	copy(h.scratchOps[:], b.ops[i:last])
	h.scratch = block{
		ops:   sealed(h.scratchOps[:], last-i),
		steps: int64(last - i),
		pc:    b.address(i),
		end:   b.address(last),
		to:    b.to,
	}
	return &h.scratch
}

// link lets b follow directly, if it does so within a page.
func (b *block) link(next *block) {
	if b.steps == dead || b.pc&^pageMask != next.pc&^pageMask || b.place&^pageMask != next.place&^pageMask {
		return
	}
	if last := b.ops[len(b.ops)-1].code; isJump(last) && b.to == next.pc {
		b.taken = next
	}
	if b.end == next.pc {
		b.next = next
	}
}

// single does one step without the cache of blocks: for instructions outside
// RAM or across pages, and to step over a breakpoint. It leaves the pc where to
// go on.
func (h *Hart) single() outcome {
	raw, ex := h.fetch()
	if ex != none {
		h.trapStep(func() { h.raise(ex) })
		return slowJump
	}
	if h.met != nil {
		h.met(h.codeAt(h.pc))
	}
	inst := Decode(raw, h.isa)
	o := predecode(&inst, h.pc)
	if h.mark(&inst, &o); o.code >= opBreak {
		return h.slow(&o)
	}
	return h.execute(&inst)
}

// execute does one instruction at the pc, whatever is looked for.
func (h *Hart) execute(inst *Inst) outcome {
	o := predecode(inst, h.pc)
	o.off = uint16(h.pc & pageMask)
	h.aloneOps[0] = o
	h.alone = block{
		ops:   sealed(h.aloneOps[:], 1),
		steps: 1,
		pc:    h.pc,
		end:   h.pc + uint64(inst.Size),
		to:    h.pc + uint64(inst.Imm),
	}
	b, at, left, why := h.exec(&h.alone, 0, 1)
	if why == exitSlow || why == exitFused {
		return h.slow(&b.ops[at])
	}
	h.account(1)
	switch {
	case why == exitBudget: // it has gone on to a cached block
		h.pc = b.address(at)
	case left != 0:
		panic("BUG: a single step that did not step")
	}
	return slowNext
}

// fetch reads the instruction at the pc, wherever it is.
func (h *Hart) fetch() (raw uint32, ex exception) {
	low, ex := h.fetchHalf(h.pc)
	if ex != none || low&3 != 3 {
		return low, ex
	}
	high, ex := h.fetchHalf(h.pc + 2)
	return high<<16 | low, ex
}

// fetchHalf reads two bytes of an instruction.
func (h *Hart) fetchHalf(va uint64) (uint32, exception) {
	t, _, ex := h.translate(va, 2, accessFetch, h.mode)
	if ex != none {
		return 0, ex
	}
	if off, inRAM := h.ram.offset(t.pa, 2); inRAM {
		return uint32(h.ram.load(off, 2)), none
	}
	value, ok := h.board.Load(t.pa, 2)
	if !ok {
		return 0, accessFetch.accessFault(va)
	}
	return uint32(value), none
}

// FetchAt decodes the instruction at a virtual address as the hart would, for
// a debugger. It reports false where nothing can be read.
func (h *Hart) FetchAt(va uint64) (Inst, bool) {
	var p [4]byte
	n := h.PeekMemory(va, p[:2])
	if n == 2 && p[0]&3 == 3 {
		n += h.PeekMemory(va+2, p[2:])
	}
	if n < 2 || p[0]&3 == 3 && n < 4 {
		return Inst{}, false
	}
	return Decode(uint32(p[0])|uint32(p[1])<<8|uint32(p[2])<<16|uint32(p[3])<<24, h.isa), true
}
