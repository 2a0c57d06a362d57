package riscv

// outcome is how a slow path ends the step of its instruction.
type outcome uint8

const (
	slowNext  outcome = iota // done, the next instruction follows in order
	slowJump                 // done or trapped, h.pc is where to go on
	slowYield                // done, and the hart gives up the rest of its turn
	slowStop                 // not done: it would access something watched
	slowBreak                // not done: it is what was looked for
	slowBlock                // not done: it waits for the host
)

// slow does one operation that the fast loop could not, at h.pc. It is always
// one step.
func (h *Hart) slow(o *op) outcome {
	h.attention = false
	switch {
	case o.code == opFrame:
		return h.frameSlow(o)
	case h.ram.watch != nil:
		return h.watchedSlow(o)
	}
	return h.doSlow(o)
}

func (h *Hart) doSlow(o *op) outcome {
	pc := h.pc
	ex, out := h.slowOp(o)
	if ex != none {
		h.step++
		h.raise(ex)
		return slowJump
	}
	if out == slowBlock {
		return out
	}
	h.account(1)
	if out == slowNext || out == slowYield {
		if h.pc == pc {
			h.pc = pc + uint64(o.size)
		}
	}
	return out
}

// slowOp executes the operation; h.pc is left alone unless it jumps.
func (h *Hart) slowOp(o *op) (exception, outcome) {
	switch o.code {
	case opSlow:
		full := *o
		full.code = Decode(uint32(o.imm), h.isa).Op
		return h.slowOp(&full)
	case OpLB, OpLBU, OpLH, OpLHU, OpLW, OpLWU, OpLD, OpFLH, OpFLW, OpFLD:
		return h.slowLoad(o), slowNext
	case OpSB, OpSH, OpSW, OpSD, OpFSH, OpFSW, OpFSD:
		return h.slowStore(o), slowNext
	case OpCSRRW, OpCSRRS, OpCSRRC, OpCSRRWI, OpCSRRSI, OpCSRRCI:
		return h.slowCSR(o), slowNext
	case OpFENCEI, OpPAUSE:
		if o.code == OpPAUSE {
			return none, slowYield
		}
		return none, slowNext
	case OpECALL:
		return exception{causeCallU + uint64(h.mode), 0}, slowJump
	case OpEBREAK:
		if h.asksHost(o) {
			if !h.semihosting.Call() {
				return none, slowBlock
			}
			return none, slowNext
		}
		return exception{causeBreakpoint, 0}, slowJump
	case OpMRET, OpSRET, OpWFI, OpSFENCEVMA, OpSINVALVMA, OpSFENCEWINVAL, OpSFENCEINVALIR:
		return h.slowPrivileged(o)
	case OpCPOP, OpCPOPW, OpORCB, OpCLMUL, OpCLMULH, OpCLMULR:
		h.x[o.rd] = manipulate(o.code, h.x[o.rs1], h.x[o.rs2])
		return none, slowNext
	}
	switch {
	case o.code >= OpLRW && o.code <= OpAMOMAXUD:
		return h.slowAtomic(o), slowNext
	case o.code >= OpFLW && o.code <= OpFCVTHLU:
		return h.slowFloat(o), slowNext
	}
	return illegal(uint32(o.imm)), slowJump
}

// slowPrivileged executes what depends on the privilege mode.
func (h *Hart) slowPrivileged(o *op) (exception, outcome) {
	status := h.csr.mstatus
	switch o.code {
	case OpMRET:
		if h.mode < Machine {
			return illegal(uint32(o.imm)), slowJump
		}
		h.mret()
		return none, slowJump
	case OpSRET:
		if h.mode < Supervisor || h.mode == Supervisor && status&statusTSR != 0 {
			return illegal(uint32(o.imm)), slowJump
		}
		h.sret()
		return none, slowJump
	case OpWFI:
		if h.mode == User || h.mode == Supervisor && status&statusTW != 0 {
			return illegal(uint32(o.imm)), slowJump
		}
		h.waiting = h.mip()&h.csr.mie == 0
		if h.waiting {
			return none, slowYield
		}
		return none, slowNext
	case OpSFENCEWINVAL, OpSFENCEINVALIR:
		if h.mode < Supervisor {
			return illegal(uint32(o.imm)), slowJump
		}
		return none, slowNext
	default: // sfence.vma, sinval.vma: translations are never stale, so there is nothing to do
		if h.mode < Supervisor || h.mode == Supervisor && status&statusTVM != 0 {
			return illegal(uint32(o.imm)), slowJump
		}
		return none, slowNext
	}
}

// widths of loads and stores in bytes.
func width(code Op) int {
	switch code {
	case OpLB, OpLBU, OpSB:
		return 1
	case OpLH, OpLHU, OpSH, OpFLH, OpFSH:
		return 2
	case OpLW, OpLWU, OpSW, OpFLW, OpFSW:
		return 4
	default:
		return 8
	}
}

// encoding reads the instruction at the pc again, for the value of an illegal
// instruction trap.
func (h *Hart) encoding() uint32 {
	raw, _ := h.fetch()
	return raw
}

func (h *Hart) slowLoad(o *op) exception {
	float := o.code == OpFLW || o.code == OpFLD || o.code == OpFLH
	if float && !h.floatOn() {
		return illegal(h.encoding())
	}
	value, ex := h.load(h.x[o.rs1]+uint64(o.imm), width(o.code))
	if ex != none {
		return ex
	}
	switch o.code {
	case OpLB:
		value = uint64(int8(value))
	case OpLH:
		value = uint64(int16(value))
	case OpLW:
		value = uint64(int32(value))
	case OpFLW:
		value |= boxed
	case OpFLH:
		value |= boxedHalf
	}
	h.x[o.rd] = value
	if float {
		h.dirtyFloat()
	}
	return none
}

func (h *Hart) slowStore(o *op) exception {
	if (o.code == OpFSW || o.code == OpFSD || o.code == OpFSH) && !h.floatOn() {
		return illegal(h.encoding())
	}
	return h.store(h.x[o.rs1]+uint64(o.imm), h.x[o.rs2], width(o.code))
}

// load reads memory as an instruction does. Misaligned accesses are done; one
// that crosses pages in two parts.
func (h *Hart) load(va uint64, size int) (uint64, exception) {
	if in := int(va & pageMask); in+size > PageSize {
		n := PageSize - in
		low, ex := h.loadWithin(va, n)
		if ex != none {
			return 0, ex
		}
		high, ex := h.loadWithin(va+uint64(n), size-n)
		return high<<(8*n) | low, ex
	}
	if off, ok := h.cached(&h.data.load, va); ok {
		return h.ram.load(off, size), none
	}
	return h.loadWithin(va, size)
}

// loadWithin reads size bytes, 1 to 8, within one page.
func (h *Hart) loadWithin(va uint64, size int) (uint64, exception) {
	t, wholePage, ex := h.translate(va, size, accessLoad, h.dataMode())
	if ex != none {
		return 0, ex
	}
	if off, inRAM := h.ram.offset(t.pa, size); inRAM {
		if wholePage && !h.ram.slowAlways(h.id, va, t.pa, false) {
			h.cacheLoad(va, &t)
		}
		if size&(size-1) == 0 {
			return h.ram.load(off, size), none
		}
		var value uint64
		for i := range size {
			value |= uint64(h.ram.bytes[off+uint64(i)]) << (8 * i)
		}
		return value, none
	}
	value, ok := h.board.Load(t.pa, size)
	if !ok {
		return 0, exception{causeLoadAccess, va}
	}
	return value, none
}

// store writes memory as an instruction does. A store that crosses pages checks
// both before it writes either.
func (h *Hart) store(va, value uint64, size int) exception {
	mode := h.dataMode()
	n := min(size, PageSize-int(va&pageMask))
	if off, ok := h.cached(&h.data.store, va); ok && n == size {
		h.ram.store(off, value, size)
		return none
	}
	t, wholePage, ex := h.translate(va, n, accessStore, mode)
	if ex != none {
		return ex
	}
	if n < size {
		second, _, ex := h.translate(va+uint64(n), size-n, accessStore, mode)
		if ex != none {
			return ex
		}
		if ex = h.storeAt(va, t.pa, value, n); ex != none {
			return ex
		}
		return h.storeAt(va+uint64(n), second.pa, value>>(8*n), size-n)
	}
	if ex = h.storeAt(va, t.pa, value, size); ex == none && wholePage && !h.ram.slowAlways(h.id, va, t.pa, true) {
		h.cacheStore(va, &t)
	}
	return ex
}

// storeAt writes size bytes, 1 to 8, within one page.
func (h *Hart) storeAt(va, pa, value uint64, size int) exception {
	if off, inRAM := h.ram.offset(pa, size); inRAM {
		if size&(size-1) == 0 {
			h.ram.store(off, value, size)
			return none
		}
		for i := range size {
			h.ram.store(off+uint64(i), value>>(8*i), 1)
		}
		return none
	}
	if !h.board.Store(pa, value, size) {
		return exception{causeStoreAccess, va}
	}
	return none
}
