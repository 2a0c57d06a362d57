package riscv

import "math/bits"

// manipulate executes the operations of Zbb and Zbc that have loops or tables
// in them, which the fast loop leaves out.
func manipulate(code Op, a, b uint64) uint64 {
	switch code {
	case OpCPOP:
		return uint64(bits.OnesCount64(a))
	case OpCPOPW:
		return uint64(bits.OnesCount32(uint32(a)))
	case OpORCB:
		return orCombine(a)
	case OpCLMUL:
		_, low := carrylessProduct(a, b)
		return low
	case OpCLMULH:
		high, _ := carrylessProduct(a, b)
		return high
	case OpCLMULR:
		high, low := carrylessProduct(a, b)
		return high<<1 | low>>63
	}
	panic("BUG: " + code.String() + " is no operation on bits")
}

// orCombine sets every byte that is not zero to all ones.
func orCombine(a uint64) uint64 {
	const low7 = 0x7f7f7f7f7f7f7f7f
	top := (a&low7 + low7 | a) &^ low7 // the top bit of each byte that is not zero
	return top >> 7 * 0xff
}

// carrylessProduct multiplies polynomials over GF(2).
func carrylessProduct(a, b uint64) (high, low uint64) {
	for b != 0 {
		n := bits.TrailingZeros64(b)
		low ^= a << n
		high ^= a >> (64 - n)
		b &= b - 1
	}
	return high, low
}
