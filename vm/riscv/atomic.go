package riscv

// slowAtomic executes LR, SC and the AMOs (unprivileged ISA, chapter 8). A
// misaligned address is an exception: atomicity is not emulated for it.
func (h *Hart) slowAtomic(o *op) exception {
	va := h.x[o.rs1]
	size, double := 4, o.code >= OpLRD
	if double {
		size = 8
	}
	kind := accessStore
	if o.code == OpLRW || o.code == OpLRD {
		kind = accessLoad
	}
	if va&uint64(size-1) != 0 {
		if kind == accessLoad {
			return exception{causeLoadMisaligned, va}
		}
		return exception{causeStoreMisaligned, va}
	}
	t, _, ex := h.translate(va, size, kind, h.dataMode())
	if ex != none {
		return ex
	}
	off, inRAM := h.ram.offset(t.pa, size)
	if !inRAM {
		return kind.accessFault(va)
	}
	old := h.ram.load(off, size)
	if !double {
		old = uint64(int32(old))
	}
	switch o.code {
	case OpLRW, OpLRD:
		h.reservation = reservation{true, t.pa, old}
		h.x[o.rd] = old
	case OpSCW, OpSCD:
		r := h.reservation
		h.reservation = reservation{}
		if !r.valid || r.addr != t.pa || r.value != old {
			h.x[o.rd] = 1
			return none
		}
		h.ram.store(off, h.x[o.rs2], size)
		h.x[o.rd] = 0
	default:
		h.ram.store(off, combine(o.code, old, h.x[o.rs2], double), size)
		h.x[o.rd] = old
	}
	return none
}

// combine is the arithmetic of an AMO.
func combine(code Op, old, operand uint64, double bool) uint64 {
	if double {
		code -= OpLRD - OpLRW
	} else {
		operand = uint64(int32(operand))
	}
	switch code {
	case OpAMOADDW:
		return old + operand
	case OpAMOXORW:
		return old ^ operand
	case OpAMOANDW:
		return old & operand
	case OpAMOORW:
		return old | operand
	case OpAMOMINW:
		return uint64(min(int64(old), int64(operand)))
	case OpAMOMAXW:
		return uint64(max(int64(old), int64(operand)))
	case OpAMOMINUW: // sign extension keeps the order of unsigned words
		return min(old, operand)
	case OpAMOMAXUW:
		return max(old, operand)
	default: // amoswap
		return operand
	}
}
