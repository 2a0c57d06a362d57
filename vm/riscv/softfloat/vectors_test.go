package softfloat

import (
	"flag"
	"math/rand/v2"
)

// vectors is the number of random operand sets for each operation and format;
// each is tried in every rounding mode.
var vectors = flag.Int("vectors", 2000, "random operand sets for each operation")

var (
	layouts = []layout{half, single, double}
	modes   = []Rounding{RNE, RTZ, RDN, RUP, RMM}
)

// source draws operands from a fixed seed.
type source struct{ *rand.Rand }

func newSource() source { return source{rand.New(rand.NewPCG(754, 2019))} }

// corners are the encodings around which formats change their behaviour.
func (l layout) corners() []uint64 {
	one := uint64(-l.emin+1) << (l.precision - 1)
	ulp := uint64(1)
	normal := uint64(1) << (l.precision - 1)
	positive := []uint64{
		0, 1, 2, normal / 2, normal - 1, normal, normal + 1, 2 * normal,
		one - normal, one - ulp, one, one + ulp, one + normal/2, one + normal,
		l.inf() - normal, l.inf() - 2, l.inf() - 1, l.inf(),
		l.inf() + 1, l.nan() - 1, l.nan(), l.nan() + 1, l.sign() - 1,
	}
	all := positive
	for _, a := range positive {
		all = append(all, a|l.sign())
	}
	return all
}

// fraction draws a fraction: any, few bits at either end, or long runs, which
// make ties and carries likely.
func (s source) fraction(l layout) uint64 {
	n := l.precision - 1
	mask := uint64(1)<<n - 1
	switch s.IntN(5) {
	case 0:
		return 1 << s.IntN(n)
	case 1:
		return (1<<s.IntN(n) + 1<<s.IntN(n)) & mask
	case 2:
		return mask &^ (1<<s.IntN(n) - 1)
	case 3:
		return mask >> s.IntN(n)
	}
	return s.Uint64() & mask
}

// operand draws an encoding, about half the time an ordinary number.
func (s source) operand(l layout) uint64 {
	sign := s.Uint64() & l.sign()
	top := l.emax - l.emin + 1 // greatest biased exponent of a finite number
	var biased int
	switch s.IntN(10) {
	case 0:
		corners := l.corners()
		return corners[s.IntN(len(corners))]
	case 1:
		biased = 0
	case 2:
		biased = s.IntN(4)
	case 3:
		biased = top - s.IntN(4)
	case 4, 5, 6:
		biased = l.emax + s.IntN(2*l.precision) - l.precision
	default:
		biased = s.IntN(top + 1)
	}
	return sign | uint64(biased)<<(l.precision-1) | s.fraction(l)
}

// beside draws an operand that is often close to a: the same up to sign, last
// bits or exponent, for cancellation and comparisons.
func (s source) beside(l layout, a uint64) uint64 {
	switch s.IntN(8) {
	case 0:
		return a ^ l.sign()
	case 1:
		return a ^ uint64(s.IntN(4)) ^ s.Uint64()&l.sign()
	case 2: // a few binades away
		b := a + uint64(s.IntN(9)-4)<<(l.precision-1)
		return b&(l.sign()<<1-1) ^ s.Uint64()&l.sign()
	}
	return s.operand(l)
}

// integer draws 64 bits, often around powers of two.
func (s source) integer() uint64 {
	v := s.Uint64() >> s.IntN(64)
	switch s.IntN(4) {
	case 0:
		v = 1<<s.IntN(64) + uint64(s.IntN(5)) - 2
	case 1:
		v = v | 1<<63 | uint64(s.IntN(4))
	case 2:
		v = -v
	}
	return v
}
