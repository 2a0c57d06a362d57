package softfloat

import "math/big"

// layout describes a binary interchange format to the oracle, which shares no
// arithmetic with the package.
type layout struct {
	name       string
	width      uint
	precision  int // bits of significand, with the leading one
	emin, emax int // exponents of the least and greatest normal numbers
}

var (
	half   = layout{"half", 16, 11, -14, 15}
	single = layout{"single", 32, 24, -126, 127}
	double = layout{"double", 64, 53, -1022, 1023}
)

func (l layout) sign() uint64 { return 1 << (l.width - 1) }

func (l layout) inf() uint64 { return uint64(l.emax-l.emin+2) << (l.precision - 1) }

func (l layout) nan() uint64 { return l.inf() | 1<<(l.precision-2) }

func (l layout) negative(a uint64) bool { return a&l.sign() != 0 }

func (l layout) magnitude(a uint64) uint64 { return a &^ l.sign() }

func (l layout) isNaN(a uint64) bool { return l.magnitude(a) > l.inf() }

func (l layout) isSignaling(a uint64) bool { return l.isNaN(a) && a&(1<<(l.precision-2)) == 0 }

func (l layout) isInf(a uint64) bool { return l.magnitude(a) == l.inf() }

func (l layout) isZero(a uint64) bool { return l.magnitude(a) == 0 }

// signed returns magnitude with a sign.
func (l layout) signed(magnitude uint64, neg bool) uint64 {
	if neg {
		magnitude |= l.sign()
	}
	return magnitude
}

// exact is the number num/den * 2^exp, den > 0.
type exact struct {
	num, den *big.Int
	exp      int
}

func integer(v *big.Int) exact { return exact{v, big.NewInt(1), 0} }

// value is the number encoded by a finite a.
func (l layout) value(a uint64) exact {
	frac := a & (1<<(l.precision-1) - 1)
	exp := int(l.magnitude(a) >> (l.precision - 1))
	if exp > 0 {
		frac |= 1 << (l.precision - 1)
		exp--
	}
	num := new(big.Int).SetUint64(frac)
	if l.negative(a) {
		num.Neg(num)
	}
	return exact{num, big.NewInt(1), exp + l.emin - l.precision + 1}
}

func (x exact) mul(y exact) exact {
	return exact{new(big.Int).Mul(x.num, y.num), big.NewInt(1), x.exp + y.exp}
}

func (x exact) div(y exact) exact {
	num, den := new(big.Int).Set(x.num), new(big.Int).Abs(y.num)
	if y.num.Sign() < 0 {
		num.Neg(num)
	}
	return exact{num, den, x.exp - y.exp}
}

// add adds numbers whose denominators are 1.
func (x exact) add(y exact) exact {
	if x.exp < y.exp {
		x, y = y, x
	}
	num := new(big.Int).Lsh(x.num, uint(x.exp-y.exp))
	return exact{num.Add(num, y.num), big.NewInt(1), y.exp}
}

// sqrt returns the root, or if it is irrational a number that lies on the same
// side as the root of all numbers of fewer than 100 bits.
func (x exact) sqrt() exact {
	shift := uint(300)
	if (x.exp-int(shift))%2 != 0 {
		shift++
	}
	num := new(big.Int).Lsh(x.num, shift)
	root := new(big.Int).Sqrt(num)
	perfect := new(big.Int).Mul(root, root).Cmp(num) == 0
	root.Lsh(root, 1)
	if !perfect {
		root.SetBit(root, 0, 1)
	}
	return exact{root, big.NewInt(1), (x.exp-int(shift))/2 - 1}
}

// scaled returns the magnitude of x / 2^exp as a fraction.
func (x exact) scaled(exp int) (num, den *big.Int) {
	num, den = new(big.Int).Abs(x.num), x.den
	if shift := x.exp - exp; shift >= 0 {
		num.Lsh(num, uint(shift))
	} else {
		den = new(big.Int).Lsh(den, uint(-shift))
	}
	return num, den
}

// exponent returns e such that 2^e <= |x| < 2^(e+1), x not zero.
func (x exact) exponent() int {
	e := x.num.BitLen() - x.den.BitLen() + x.exp
	if num, den := x.scaled(e); num.Cmp(den) < 0 {
		e--
	}
	return e
}

// quantize rounds |x| to a multiple of 2^exp, and returns the multiple.
func (x exact) quantize(exp int, rm Rounding) (q *big.Int, inexact bool) {
	num, den := x.scaled(exp)
	q, rem := new(big.Int).QuoRem(num, den, new(big.Int))
	if rem.Sign() == 0 {
		return q, false
	}
	half := rem.Lsh(rem, 1).Cmp(den)
	up := false
	switch rm {
	case RNE:
		up = half > 0 || half == 0 && q.Bit(0) == 1
	case RMM:
		up = half >= 0
	case RDN:
		up = x.num.Sign() < 0
	case RUP:
		up = x.num.Sign() > 0
	case RTZ:
	}
	if up {
		q.Add(q, big.NewInt(1))
	}
	return q, true
}

// round encodes x, which is not zero, following IEEE 754-2019 chapters 4 and 7:
// overflow and underflow are judged on the result with unbounded exponents.
func (l layout) round(x exact, rm Rounding) (uint64, Flags) {
	neg := x.num.Sign() < 0
	e := x.exponent()
	unbounded, _ := x.quantize(e-l.precision+1, rm)
	rounded := e // exponent of the unbounded result
	if unbounded.BitLen() > l.precision {
		rounded++
	}
	if rounded > l.emax {
		if rm == RTZ || rm == RDN && !neg || rm == RUP && neg {
			return l.signed(l.inf()-1, neg), OF | NX
		}
		return l.signed(l.inf(), neg), OF | NX
	}
	quantum := max(e, l.emin) - l.precision + 1
	q, inexact := x.quantize(quantum, rm)
	if q.BitLen() > l.precision {
		q.Rsh(q, 1)
		quantum++
	}
	biased := uint64(0)
	if q.BitLen() == l.precision {
		biased = uint64(quantum + l.precision - l.emin)
		q.SetBit(q, l.precision-1, 0)
	}
	var flags Flags
	if inexact {
		flags |= NX
		if rounded < l.emin {
			flags |= UF
		}
	}
	return l.signed(biased<<(l.precision-1)|q.Uint64(), neg), flags
}
