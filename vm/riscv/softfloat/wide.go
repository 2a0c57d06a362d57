package softfloat

import "math/bits"

// wide is an unsigned integer of 128 bits.
type wide struct{ hi, lo uint64 }

// product multiplies the significands of finite numbers exactly. The product,
// its top bit set, is p * 2^(exp-127).
func product(x, y number) (p wide, exp int) {
	p.hi, p.lo = bits.Mul64(x.sig, y.sig)
	if p.hi>>63 != 0 {
		return p, x.exp + y.exp + 1
	}
	return p.shl(1), x.exp + y.exp
}

// shl returns w << n, 0 <= n < 128.
func (w wide) shl(n uint) wide {
	if n >= 64 {
		return wide{hi: w.lo << (n - 64)}
	}
	return wide{hi: w.hi<<n | w.lo>>(64-n), lo: w.lo << n}
}

// shrJam returns w >> n, n >= 0, with bit 0 set if any bit was lost.
func (w wide) shrJam(n uint) wide {
	switch {
	case n == 0:
		return w
	case n < 64:
		lost := shiftRightJam(w.lo, n)
		return wide{hi: w.hi >> n, lo: w.hi<<(64-n) | lost}
	}
	lo := shiftRightJam(w.hi, n-64)
	if w.lo != 0 {
		lo |= 1
	}
	return wide{lo: lo}
}

// jam returns the upper half, with bit 0 set if the lower is not zero.
func (w wide) jam() uint64 {
	if w.lo != 0 {
		return w.hi | 1
	}
	return w.hi
}

// leadingZeros counts the zero bits above the highest one that is set.
func (w wide) leadingZeros() int {
	if w.hi == 0 {
		return 64 + bits.LeadingZeros64(w.lo)
	}
	return bits.LeadingZeros64(w.hi)
}

// less reports whether w < v.
func (w wide) less(v wide) bool {
	return w.hi < v.hi || w.hi == v.hi && w.lo < v.lo
}

// add returns w + v, which must fit.
func (w wide) add(v wide) wide {
	lo, carry := bits.Add64(w.lo, v.lo, 0)
	hi, _ := bits.Add64(w.hi, v.hi, carry)
	return wide{hi, lo}
}

// sub returns w - v, which must not be negative.
func (w wide) sub(v wide) wide {
	lo, borrow := bits.Sub64(w.lo, v.lo, 0)
	hi, _ := bits.Sub64(w.hi, v.hi, borrow)
	return wide{hi, lo}
}

// sqrtWide returns the square root of square * 2^64, rounded down, and whether
// it is exact. The square is at least 2^60 and less than 2^62.
func sqrtWide(square uint64) (root uint64, exact bool) {
	// Heron's method, from the middle of the range of the upper half of the
	// root: its relative error is less than 2^-4 after the first line, and each
	// further one squares and halves it. It approaches from above.
	const middle = 0x5a827999 // 2^30.5
	upper := (middle + square/middle) / 2
	upper = (upper + square/upper) / 2
	upper = (upper + square/upper) / 2
	upper = (upper + square/upper) / 2
	// Now right to within one, and once more for both halves, to within three.
	quo, _ := bits.Div64(square, 0, upper<<32)
	root = (upper<<32 + quo) / 2
	for {
		var p wide
		p.hi, p.lo = bits.Mul64(root, root)
		if !(wide{hi: square}).less(p) {
			return root, p == wide{hi: square}
		}
		root--
	}
}
