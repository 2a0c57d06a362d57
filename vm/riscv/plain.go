package riscv

import "math/bits"

// SetPlain makes Run fetch, decode and execute one instruction after the other,
// without decoded blocks and without remembered translations, or undoes that.
// It is there to be compared with: at every step the state is the same (DESIGN
// of determinism: engines agree). Arithmetic is written a second time here, for
// the same reason. What is no part of the fast loop the two engines share.
// Breakpoints and watchpoints do not stop the plain loop.
func (h *Hart) SetPlain(on bool) { h.plain = on }

// plainStep does one step.
func (h *Hart) plainStep() outcome {
	raw, ex := h.fetch()
	if ex != none {
		h.trapStep(func() { h.raise(ex) })
		return slowJump
	}
	inst := Decode(raw, h.isa)
	next := h.pc + uint64(inst.Size)
	a, b := h.x[inst.Rs1], h.x[inst.Rs2]
	switch inst.Op.Format() {
	case FmtI, FmtShift, FmtShiftW:
		b = uint64(inst.Imm)
	}
	if value, ok := calculate(inst.Op, a, b); ok {
		h.SetX(int(inst.Rd), value)
		h.pc = next
		h.account(1)
		return slowNext
	}
	switch inst.Op {
	case OpLUI:
		h.SetX(int(inst.Rd), uint64(inst.Imm))
	case OpAUIPC:
		h.SetX(int(inst.Rd), h.pc+uint64(inst.Imm))
	case OpJAL:
		h.SetX(int(inst.Rd), next)
		next = h.pc + uint64(inst.Imm)
	case OpJALR:
		h.SetX(int(inst.Rd), next)
		next = (a + uint64(inst.Imm)) &^ 1
	case OpBEQ, OpBNE, OpBLT, OpBGE, OpBLTU, OpBGEU:
		if branches(inst.Op, a, b) {
			next = h.pc + uint64(inst.Imm)
		}
	case OpFENCE:
	default:
		o := predecode(&inst, h.pc)
		return h.doSlow(&o)
	}
	h.pc = next
	h.account(1)
	return slowNext
}

func branches(op Op, a, b uint64) bool {
	switch op {
	case OpBEQ:
		return a == b
	case OpBNE:
		return a != b
	case OpBLT:
		return int64(a) < int64(b)
	case OpBGE:
		return int64(a) >= int64(b)
	case OpBLTU:
		return a < b
	default:
		return a >= b
	}
}

// calculate is the arithmetic of the integer instructions that read two
// registers, or a register and an immediate, and write one. ok is false for
// every other.
func calculate(op Op, a, b uint64) (value uint64, ok bool) {
	switch op {
	case OpADDIW, OpSLLIW, OpSRLIW, OpSRAIW, OpADDW, OpSUBW, OpSLLW, OpSRLW, OpSRAW,
		OpMULW, OpDIVW, OpDIVUW, OpREMW, OpREMUW, OpROLW, OpRORW, OpRORIW:
		return uint64(int64(int32(calculateWord(op, uint32(a), uint32(b))))), true
	case OpADDI, OpADD:
		return a + b, true
	case OpSUB:
		return a - b, true
	case OpSLTI, OpSLT:
		return bit(int64(a) < int64(b)), true
	case OpSLTIU, OpSLTU:
		return bit(a < b), true
	case OpXORI, OpXOR:
		return a ^ b, true
	case OpORI, OpOR:
		return a | b, true
	case OpANDI, OpAND:
		return a & b, true
	case OpSLLI, OpSLL:
		return a << (b % 64), true
	case OpSRLI, OpSRL:
		return a >> (b % 64), true
	case OpSRAI, OpSRA:
		return uint64(int64(a) >> (b % 64)), true
	}
	if op >= OpMUL && op <= OpREMU {
		return multiplyDivide(op, a, b), true
	}
	if op >= OpADDUW && op <= OpBSETI {
		return calculateBits(op, a, b), true
	}
	return 0, false
}

// calculateWord is the arithmetic on 32 bits, whose result is sign-extended.
func calculateWord(op Op, a, b uint32) uint32 {
	signedA, signedB := int64(int32(a)), int64(int32(b)) // wide enough for every quotient
	switch op {
	case OpADDIW, OpADDW:
		return a + b
	case OpSUBW:
		return a - b
	case OpSLLIW, OpSLLW:
		return a << (b % 32)
	case OpSRLIW, OpSRLW:
		return a >> (b % 32)
	case OpSRAIW, OpSRAW:
		return uint32(int32(a) >> (b % 32))
	case OpROLW:
		return a<<(b%32) | a>>(32-b%32)
	case OpRORW, OpRORIW:
		return a>>(b%32) | a<<(32-b%32)
	case OpMULW:
		return a * b
	}
	switch zero := b == 0; {
	case zero && (op == OpDIVW || op == OpDIVUW):
		return ^uint32(0)
	case zero:
		return a
	case op == OpDIVW:
		return uint32(signedA / signedB)
	case op == OpREMW:
		return uint32(signedA % signedB)
	case op == OpDIVUW:
		return a / b
	default: // remuw
		return a % b
	}
}

// multiplyDivide is the M extension on 64 bits.
func multiplyDivide(op Op, a, b uint64) uint64 {
	switch op {
	case OpMUL:
		return a * b
	case OpMULHU, OpMULHSU, OpMULH:
		high, _ := bits.Mul64(a, b)
		if op != OpMULHU && int64(a) < 0 {
			high -= b
		}
		if op == OpMULH && int64(b) < 0 {
			high -= a
		}
		return high
	}
	const least = 1 << 63
	switch {
	case b == 0 && (op == OpDIV || op == OpDIVU):
		return ^uint64(0)
	case b == 0:
		return a
	case op == OpDIVU:
		return a / b
	case op == OpREMU:
		return a % b
	case a == least && b == ^uint64(0): // the quotient that does not fit
		return least * bit(op == OpDIV)
	case op == OpDIV:
		return uint64(int64(a) / int64(b))
	default: // rem
		return uint64(int64(a) % int64(b))
	}
}

// calculateBits is the arithmetic of Zba, Zbb, Zbc and Zbs on 64 bits.
func calculateBits(op Op, a, b uint64) uint64 {
	word, one := uint64(uint32(a)), uint64(1)<<(b%64)
	switch op {
	case OpADDUW:
		return word + b
	case OpSH1ADD, OpSH2ADD, OpSH3ADD:
		return a*(2<<((op-OpSH1ADD)/2)) + b
	case OpSH1ADDUW, OpSH2ADDUW, OpSH3ADDUW:
		return word*(2<<((op-OpSH1ADDUW)/2)) + b
	case OpSLLIUW:
		return word << (b % 64)
	case OpANDN:
		return a & ^b
	case OpORN:
		return a | ^b
	case OpXNOR:
		return ^a ^ b
	case OpMAX:
		return uint64(max(int64(a), int64(b)))
	case OpMAXU:
		return max(a, b)
	case OpMIN:
		return uint64(min(int64(a), int64(b)))
	case OpMINU:
		return min(a, b)
	case OpSEXTB:
		return uint64(int64(a<<56) >> 56)
	case OpSEXTH:
		return uint64(int64(a<<48) >> 48)
	case OpZEXTH:
		return a & 0xffff
	case OpROL:
		return a<<(b%64) | a>>(64-b%64)
	case OpROR, OpRORI:
		return a>>(b%64) | a<<(64-b%64)
	case OpBCLR, OpBCLRI:
		return a & ^one
	case OpBEXT, OpBEXTI:
		return bit(a&one != 0)
	case OpBINV, OpBINVI:
		return a ^ one
	case OpBSET, OpBSETI:
		return a | one
	case OpCLMUL, OpCLMULH, OpCLMULR:
		return carryless(op, a, b)
	}
	return countBits(op, a)
}

// carryless multiplies bit by bit.
func carryless(op Op, a, b uint64) (value uint64) {
	for i := range 64 {
		if b>>i&1 == 0 {
			continue
		}
		switch op {
		case OpCLMUL:
			value ^= a << i
		case OpCLMULH:
			value ^= a >> 1 >> (63 - i)
		default: // clmulr
			value ^= a >> (63 - i)
		}
	}
	return value
}

// countBits is the arithmetic of Zbb that goes over the bits or bytes of one
// register.
func countBits(op Op, a uint64) (value uint64) {
	switch op {
	case OpORCB, OpREV8:
		for i := range 8 {
			byte := a >> (8 * i) & 0xff
			if op == OpREV8 {
				value |= byte << (56 - 8*i)
			} else if byte != 0 {
				value |= 0xff << (8 * i)
			}
		}
		return value
	}
	width := 64
	if op == OpCLZW || op == OpCTZW || op == OpCPOPW {
		width = 32
	}
	for i := range width {
		at := i // the bits in the order in which they are counted
		if op == OpCLZ || op == OpCLZW {
			at = width - 1 - i
		}
		set := a >> at & 1
		if set != 0 && op != OpCPOP && op != OpCPOPW {
			return uint64(i)
		}
		value += set
	}
	if op == OpCPOP || op == OpCPOPW {
		return value
	}
	return uint64(width)
}
