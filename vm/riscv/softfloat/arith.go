package softfloat

import "math/bits"

// Add32 returns a + b, single precision (FADD.S).
func Add32(a, b uint32, rm Rounding) (uint32, Flags) { return add(a, b, rm) }

// Add64 returns a + b, double precision (FADD.D).
func Add64(a, b uint64, rm Rounding) (uint64, Flags) { return add(a, b, rm) }

// Sub32 returns a - b, single precision (FSUB.S).
func Sub32(a, b uint32, rm Rounding) (uint32, Flags) { return add(a, b^signBit[uint32](), rm) }

// Sub64 returns a - b, double precision (FSUB.D).
func Sub64(a, b uint64, rm Rounding) (uint64, Flags) { return add(a, b^signBit[uint64](), rm) }

// Mul32 returns a * b, single precision (FMUL.S).
func Mul32(a, b uint32, rm Rounding) (uint32, Flags) { return mul(a, b, rm) }

// Mul64 returns a * b, double precision (FMUL.D).
func Mul64(a, b uint64, rm Rounding) (uint64, Flags) { return mul(a, b, rm) }

// Div32 returns a / b, single precision (FDIV.S).
func Div32(a, b uint32, rm Rounding) (uint32, Flags) { return div(a, b, rm) }

// Div64 returns a / b, double precision (FDIV.D).
func Div64(a, b uint64, rm Rounding) (uint64, Flags) { return div(a, b, rm) }

// Sqrt32 returns the square root of a, single precision (FSQRT.S).
func Sqrt32(a uint32, rm Rounding) (uint32, Flags) { return sqrt(a, rm) }

// Sqrt64 returns the square root of a, double precision (FSQRT.D).
func Sqrt64(a uint64, rm Rounding) (uint64, Flags) { return sqrt(a, rm) }

// zeroSum returns the sum of two zeros, or of a number and its opposite
// (IEEE 754, 6.3): the sign on which both operands agree, else plus, and minus
// when rounding down.
func zeroSum[T encoding](xneg, yneg bool, rm Rounding) (T, Flags) {
	if xneg == yneg {
		return signed(T(0), xneg), 0
	}
	return signed(T(0), rm == RDN), 0
}

func add[T encoding](a, b T, rm Rounding) (T, Flags) {
	x, y := unpack(a), unpack(b)
	if kinds := x.kind | y.kind; kinds != finite {
		switch {
		case kinds&nan != 0:
			return nanResult[T](kinds)
		case kinds&infinite != 0:
			if x.kind == y.kind && x.neg != y.neg {
				return invalid[T]()
			}
			if x.kind == infinite {
				return a, 0
			}
			return b, 0
		case x.kind == y.kind:
			return zeroSum[T](x.neg, y.neg, rm)
		case x.kind == zero:
			return b, 0
		}
		return a, 0
	}
	if x.exp < y.exp {
		x, y = y, x
	}
	// One bit of room for the carry; both significands still end in zeros
	// enough for a bit to stand for what is lost in aligning.
	xsig, ysig := x.sig>>1, shiftRightJam(y.sig>>1, uint(x.exp-y.exp))
	sum := number{exp: x.exp + 1, neg: x.neg}
	switch {
	case x.neg == y.neg:
		sum.sig = xsig + ysig
	case xsig > ysig:
		sum.sig = xsig - ysig
	case xsig < ysig:
		sum.sig, sum.neg = ysig-xsig, y.neg
	default:
		return zeroSum[T](x.neg, y.neg, rm)
	}
	shift := bits.LeadingZeros64(sum.sig)
	sum.sig <<= uint(shift)
	sum.exp -= shift
	return round[T](sum, rm)
}

func mul[T encoding](a, b T, rm Rounding) (T, Flags) {
	x, y := unpack(a), unpack(b)
	neg := x.neg != y.neg
	if kinds := x.kind | y.kind; kinds != finite {
		switch {
		case kinds&nan != 0:
			return nanResult[T](kinds)
		case kinds == infinite|zero:
			return invalid[T]()
		case kinds&infinite != 0:
			return signed(infinity[T](), neg), 0
		}
		return signed(T(0), neg), 0
	}
	p, exp := product(x, y)
	return round[T](number{sig: p.jam(), exp: exp, neg: neg}, rm)
}

func div[T encoding](a, b T, rm Rounding) (T, Flags) {
	x, y := unpack(a), unpack(b)
	neg := x.neg != y.neg
	if kinds := x.kind | y.kind; kinds != finite {
		switch {
		case kinds&nan != 0:
			return nanResult[T](kinds)
		case x.kind == y.kind: // 0/0, infinity/infinity
			return invalid[T]()
		case y.kind == zero && x.kind == finite:
			return signed(infinity[T](), neg), DZ
		case x.kind == infinite || y.kind == zero:
			return signed(infinity[T](), neg), 0
		}
		return signed(T(0), neg), 0
	}
	// x.sig * 2^63 / y.sig, which is between 2^62 and 2^64.
	quo, rem := bits.Div64(x.sig>>1, x.sig<<63, y.sig)
	exp := x.exp - y.exp
	if quo>>63 == 0 {
		quo <<= 1
		exp--
	}
	if rem != 0 {
		quo |= 1
	}
	return round[T](number{sig: quo, exp: exp, neg: neg}, rm)
}

func sqrt[T encoding](a T, rm Rounding) (T, Flags) {
	x := unpack(a)
	switch {
	case x.kind&nan != 0:
		return nanResult[T](x.kind)
	case x.kind == zero:
		return a, 0
	case x.neg:
		return invalid[T]()
	case x.kind == infinite:
		return a, 0
	}
	// x is m * 2^e, e even, 1 <= m < 4, and the root is sqrt(m) * 2^(e/2).
	// sqrtWide is given m * 2^60 and finds sqrt(m) * 2^62.
	square := x.sig >> 3
	if x.exp&1 != 0 {
		square = x.sig >> 2
	}
	root, exact := sqrtWide(square)
	root <<= 1
	if !exact {
		root |= 1
	}
	return round[T](number{sig: root, exp: x.exp >> 1}, rm)
}
