package softfloat

import (
	"math"
	"testing"
)

// operation is an arithmetic operation in every form that the tests need. The
// encodings of all formats are passed as uint64.
type operation struct {
	name     string
	operands int
	run      func(l layout, v [3]uint64, rm Rounding) (uint64, Flags)
	// special is the result, for operands that are no NaNs, where arithmetic on
	// finite numbers does not define it.
	special func(l layout, v [3]uint64) (result uint64, flags Flags, ok bool)
	exact   func(l layout, v [3]uint64) exact
	// zeroSign is the sign of an exact result of zero.
	zeroSign func(l layout, v [3]uint64, rm Rounding) bool
	host32   func(a, b, c float32) float32
	host64   func(a, b, c float64) float64
}

// each picks the function of the format, for two operands.
func each(h func(a, b uint16, rm Rounding) (uint16, Flags), f func(a, b uint32, rm Rounding) (uint32, Flags),
	d func(a, b uint64, rm Rounding) (uint64, Flags),
) func(layout, [3]uint64, Rounding) (uint64, Flags) {
	return func(l layout, v [3]uint64, rm Rounding) (uint64, Flags) {
		switch l {
		case half:
			return widen(h(uint16(v[0]), uint16(v[1]), rm))
		case single:
			return widen(f(uint32(v[0]), uint32(v[1]), rm))
		}
		return d(v[0], v[1], rm)
	}
}

// widen gives a result as 64 bits.
func widen[T encoding](r T, flags Flags) (uint64, Flags) { return uint64(r), flags }

// sumZero is the sign rule of a sum of a and b that is zero.
func sumZero(aneg, bneg bool, rm Rounding) bool {
	if aneg == bneg {
		return aneg
	}
	return rm == RDN
}

// sumInf is the sum of a and b, at least one of them infinite.
func (l layout) sumInf(a, b uint64) (uint64, Flags) {
	switch {
	case l.isInf(a) && l.isInf(b) && a != b:
		return l.nan(), NV
	case l.isInf(a):
		return a, 0
	}
	return b, 0
}

func xorSign(l layout, v [3]uint64, _ Rounding) bool { return l.negative(v[0] ^ v[1]) }

func (l layout) mulSpecial(v [3]uint64) (uint64, Flags, bool) {
	if !l.isInf(v[0]) && !l.isInf(v[1]) {
		return 0, 0, false
	}
	if l.isZero(v[0]) || l.isZero(v[1]) {
		return l.nan(), NV, true
	}
	return l.signed(l.inf(), l.negative(v[0]^v[1])), 0, true
}

var operations = []operation{
	{
		name: "add", operands: 2, run: each(Add16, Add32, Add64),
		special: func(l layout, v [3]uint64) (uint64, Flags, bool) {
			r, flags := l.sumInf(v[0], v[1])
			return r, flags, l.isInf(v[0]) || l.isInf(v[1])
		},
		exact: func(l layout, v [3]uint64) exact { return l.value(v[0]).add(l.value(v[1])) },
		zeroSign: func(l layout, v [3]uint64, rm Rounding) bool {
			return sumZero(l.negative(v[0]), l.negative(v[1]), rm)
		},
		host32: func(a, b, _ float32) float32 { return a + b },
		host64: func(a, b, _ float64) float64 { return a + b },
	},
	{
		name: "sub", operands: 2, run: each(Sub16, Sub32, Sub64),
		special: func(l layout, v [3]uint64) (uint64, Flags, bool) {
			r, flags := l.sumInf(v[0], v[1]^l.sign())
			return r, flags, l.isInf(v[0]) || l.isInf(v[1])
		},
		exact: func(l layout, v [3]uint64) exact { return l.value(v[0]).add(l.value(v[1] ^ l.sign())) },
		zeroSign: func(l layout, v [3]uint64, rm Rounding) bool {
			return sumZero(l.negative(v[0]), !l.negative(v[1]), rm)
		},
		host32: func(a, b, _ float32) float32 { return a - b },
		host64: func(a, b, _ float64) float64 { return a - b },
	},
	{
		name: "mul", operands: 2, run: each(Mul16, Mul32, Mul64),
		special:  layout.mulSpecial,
		exact:    func(l layout, v [3]uint64) exact { return l.value(v[0]).mul(l.value(v[1])) },
		zeroSign: xorSign,
		host32:   func(a, b, _ float32) float32 { return a * b },
		host64:   func(a, b, _ float64) float64 { return a * b },
	},
	{
		name: "div", operands: 2, run: each(Div16, Div32, Div64),
		special: func(l layout, v [3]uint64) (uint64, Flags, bool) {
			neg := l.negative(v[0] ^ v[1])
			switch a, b := v[0], v[1]; {
			case l.isInf(a) && l.isInf(b), l.isZero(a) && l.isZero(b):
				return l.nan(), NV, true
			case l.isInf(a):
				return l.signed(l.inf(), neg), 0, true
			case l.isInf(b):
				return l.signed(0, neg), 0, true
			case l.isZero(b):
				return l.signed(l.inf(), neg), DZ, true
			}
			return 0, 0, false
		},
		exact:    func(l layout, v [3]uint64) exact { return l.value(v[0]).div(l.value(v[1])) },
		zeroSign: xorSign,
		host32:   func(a, b, _ float32) float32 { return a / b },
		host64:   func(a, b, _ float64) float64 { return a / b },
	},
	{
		name: "sqrt", operands: 1,
		run: each(func(a, _ uint16, rm Rounding) (uint16, Flags) { return Sqrt16(a, rm) },
			func(a, _ uint32, rm Rounding) (uint32, Flags) { return Sqrt32(a, rm) },
			func(a, _ uint64, rm Rounding) (uint64, Flags) { return Sqrt64(a, rm) }),
		special: func(l layout, v [3]uint64) (uint64, Flags, bool) {
			if l.negative(v[0]) && !l.isZero(v[0]) {
				return l.nan(), NV, true
			}
			return v[0], 0, l.isInf(v[0])
		},
		exact:    func(l layout, v [3]uint64) exact { return l.value(v[0]).sqrt() },
		zeroSign: func(l layout, v [3]uint64, _ Rounding) bool { return l.negative(v[0]) },
		host32:   func(a, _, _ float32) float32 { return float32(math.Sqrt(float64(a))) },
		host64:   func(a, _, _ float64) float64 { return math.Sqrt(a) },
	},
	{
		name: "fma", operands: 3,
		run: func(l layout, v [3]uint64, rm Rounding) (uint64, Flags) {
			switch l {
			case half:
				return widen(FMA16(uint16(v[0]), uint16(v[1]), uint16(v[2]), rm))
			case single:
				return widen(FMA32(uint32(v[0]), uint32(v[1]), uint32(v[2]), rm))
			}
			return FMA64(v[0], v[1], v[2], rm)
		},
		special: func(l layout, v [3]uint64) (uint64, Flags, bool) {
			p, flags, ok := l.mulSpecial(v)
			switch {
			case flags != 0:
				return p, flags, true
			case ok || l.isInf(v[2]):
				r, flags := l.sumInf(p, v[2])
				return r, flags, true
			}
			return 0, 0, false
		},
		exact: func(l layout, v [3]uint64) exact {
			return l.value(v[0]).mul(l.value(v[1])).add(l.value(v[2]))
		},
		zeroSign: func(l layout, v [3]uint64, rm Rounding) bool {
			return sumZero(l.negative(v[0]^v[1]), l.negative(v[2]), rm)
		},
		host64: math.FMA,
	},
}

// expect is what the oracle says of an operation.
func (op operation) expect(l layout, v [3]uint64, rm Rounding) (uint64, Flags) {
	nan, flags := false, Flags(0)
	for _, a := range v[:op.operands] {
		nan = nan || l.isNaN(a)
		if l.isSignaling(a) {
			flags = NV
		}
	}
	if nan {
		if op.operands == 3 { // infinity times zero is invalid whatever is added
			if _, invalid, _ := l.mulSpecial(v); !l.isNaN(v[0]) && !l.isNaN(v[1]) {
				flags |= invalid
			}
		}
		return l.nan(), flags
	}
	if r, flags, ok := op.special(l, v); ok {
		return r, flags
	}
	x := op.exact(l, v)
	if x.num.Sign() == 0 {
		return l.signed(0, op.zeroSign(l, v, rm)), 0
	}
	return l.round(x, rm)
}

// host is what the host's floating point says, rounding to nearest, if it has
// the operation.
func (op operation) host(l layout, v [3]uint64) (r uint64, ok bool) {
	switch {
	case l == double:
		f := op.host64(math.Float64frombits(v[0]), math.Float64frombits(v[1]), math.Float64frombits(v[2]))
		return math.Float64bits(f), true
	case l == half || op.host32 == nil:
		return 0, false
	}
	f := op.host32(math.Float32frombits(uint32(v[0])), math.Float32frombits(uint32(v[1])), 0)
	return uint64(math.Float32bits(f)), true
}

// check tries one set of operands in every rounding mode, and reports whether
// all is well.
func (op operation) check(t *testing.T, l layout, v [3]uint64) bool {
	t.Helper()
	for _, rm := range modes {
		got, gotFlags := op.run(l, v, rm)
		want, wantFlags := op.expect(l, v, rm)
		if got != want || gotFlags != wantFlags {
			t.Errorf("%s %s %#x, mode %d: got %#x flags %05b, want %#x flags %05b",
				l.name, op.name, v[:op.operands], rm, got, gotFlags, want, wantFlags)
			return false
		}
		if rm != RNE {
			continue
		}
		if host, ok := op.host(l, v); ok && host != got && !(l.isNaN(host) && l.isNaN(got)) {
			t.Errorf("%s %s %#x: got %#x, the host %#x", l.name, op.name, v[:op.operands], got, host)
			return false
		}
	}
	return true
}

// eachArith runs a subtest for every operation in every format, until one of
// its checks fails.
func eachArith(t *testing.T, run func(t *testing.T, op operation, l layout)) {
	for _, op := range operations {
		for _, l := range layouts {
			t.Run(op.name+"/"+l.name, func(t *testing.T) { run(t, op, l) })
		}
	}
}

func TestArithmeticRandom(t *testing.T) {
	eachArith(t, func(t *testing.T, op operation, l layout) {
		s := newSource()
		for range *vectors {
			v := [3]uint64{s.operand(l)}
			v[1] = s.beside(l, v[0])
			v[2] = s.beside(l, v[s.IntN(2)])
			if op.operands == 3 && s.IntN(2) == 0 {
				// An addend near the opposite of the product, so that most of
				// it cancels.
				p, _ := each(Mul16, Mul32, Mul64)(l, v, modes[s.IntN(len(modes))])
				v[2] = s.beside(l, p^l.sign())
			}
			if !op.check(t, l, v) {
				return
			}
		}
	})
}

func TestArithmeticCorners(t *testing.T) {
	eachArith(t, func(t *testing.T, op operation, l layout) {
		corners := l.corners()
		s := newSource()
		for _, a := range corners {
			for _, b := range corners {
				if !op.check(t, l, [3]uint64{a, b, corners[s.IntN(len(corners))]}) {
					return
				}
				if op.operands == 1 {
					break
				}
			}
		}
	})
}

// TestTinyAfterRounding has results between the greatest subnormal and the
// least normal number, where detecting tininess before or after rounding
// differs. The random vectors seldom meet it.
func TestTinyAfterRounding(t *testing.T) {
	eachArith(t, func(t *testing.T, op operation, l layout) {
		s := newSource()
		normal := uint64(1) << (l.precision - 1)
		one := uint64(-l.emin+1) << (l.precision - 1)
		for range *vectors / 10 {
			d := uint64(s.IntN(4))
			v := [3]uint64{normal + d, one - 1 - uint64(s.IntN(8)), s.Uint64()&l.sign() | uint64(s.IntN(3))}
			if op.name == "div" {
				v[1] = one + 1 + uint64(s.IntN(8))
			}
			if !op.check(t, l, v) {
				return
			}
		}
	})
}

// TestArithmeticKnown holds values worked out by hand, so that a mistake shared
// with the oracle would show.
func TestArithmeticKnown(t *testing.T) {
	const (
		one, inf, nan, snan = 0x3f800000, 0x7f800000, 0x7fc00000, 0x7f800001
		minus               = 0x80000000
	)
	type result struct {
		bits  uint32
		flags Flags
	}
	known := []struct {
		name string
		run  func() (uint32, Flags)
		want result
	}{
		{"1 + half an ulp, RNE", func() (uint32, Flags) { return Add32(one, 0x33800000, RNE) }, result{one, NX}},
		{"1 + half an ulp, RMM", func() (uint32, Flags) { return Add32(one, 0x33800000, RMM) }, result{one + 1, NX}},
		{"1 + tiny, RUP", func() (uint32, Flags) { return Add32(one, 1, RUP) }, result{one + 1, NX}},
		{"1 - tiny, RTZ", func() (uint32, Flags) { return Sub32(one, 1, RTZ) }, result{one - 1, NX}},
		{"1 - 1, RDN", func() (uint32, Flags) { return Sub32(one, one, RDN) }, result{minus, 0}},
		{"1 - 1, RNE", func() (uint32, Flags) { return Sub32(one, one, RNE) }, result{0, 0}},
		{"max + max, RNE", func() (uint32, Flags) { return Add32(inf-1, inf-1, RNE) }, result{inf, OF | NX}},
		{"max + max, RTZ", func() (uint32, Flags) { return Add32(inf-1, inf-1, RTZ) }, result{inf - 1, OF | NX}},
		{"subnormals add exactly", func() (uint32, Flags) { return Add32(0x7fffff, 1, RNE) }, result{0x800000, 0}},
		{"half the least, RNE", func() (uint32, Flags) { return Mul32(1, 0x3f000000, RNE) }, result{0, UF | NX}},
		{"half the least, RUP", func() (uint32, Flags) { return Mul32(1, 0x3f000000, RUP) }, result{1, UF | NX}},
		// 2^-126 * (1 - 2^-24) needs 24 bits, so it stays tiny at full precision.
		{"tiny after rounding", func() (uint32, Flags) { return Mul32(0x800000, one-1, RUP) }, result{0x800000, UF | NX}},
		// (1 + 2^-23) * (1 - 2^-23) * 2^-126 rounds up to 2^-126 at full precision.
		{"tiny before rounding only", func() (uint32, Flags) { return Mul32(0x800001, one-2, RNE) }, result{0x800000, NX}},
		{"exact subnormal", func() (uint32, Flags) { return FMA32(0x800000, one, minus|1, RNE) }, result{0x7fffff, 0}},
		{"signaling operand", func() (uint32, Flags) { return Mul32(one, snan, RNE) }, result{nan, NV}},
		{"NaN payloads vanish", func() (uint32, Flags) { return Add32(0xffc12345, one, RNE) }, result{nan, 0}},
		{"infinity - infinity", func() (uint32, Flags) { return Sub32(inf, inf, RNE) }, result{nan, NV}},
		{"1 / -0", func() (uint32, Flags) { return Div32(one, minus, RNE) }, result{minus | inf, DZ}},
		{"infinity / 0", func() (uint32, Flags) { return Div32(inf, 0, RNE) }, result{inf, 0}},
		{"0 / 0", func() (uint32, Flags) { return Div32(0, 0, RNE) }, result{nan, NV}},
		{"1 / 3", func() (uint32, Flags) { return Div32(one, 0x40400000, RNE) }, result{0x3eaaaaab, NX}},
		{"root of 2", func() (uint32, Flags) { return Sqrt32(0x40000000, RNE) }, result{0x3fb504f3, NX}},
		{"root of 4", func() (uint32, Flags) { return Sqrt32(0x40800000, RUP) }, result{0x40000000, 0}},
		{"root of -0", func() (uint32, Flags) { return Sqrt32(minus, RNE) }, result{minus, 0}},
		{"root of -1", func() (uint32, Flags) { return Sqrt32(minus|one, RNE) }, result{nan, NV}},
		{"infinity * 0 + quiet NaN", func() (uint32, Flags) { return FMA32(inf, 0, nan, RNE) }, result{nan, NV}},
		{"1 * 1 + quiet NaN", func() (uint32, Flags) { return FMA32(one, one, nan, RNE) }, result{nan, 0}},
		// (1 + 2^-23)^2 - (1 + 2^-22) is 2^-46, which two roundings lose.
		{"fused", func() (uint32, Flags) { return FMA32(one+1, one+1, minus|one+2, RNE) }, result{0x28800000, 0}},
	}
	for _, k := range known {
		if bits, flags := k.run(); (result{bits, flags}) != k.want {
			t.Errorf("%s: got %#x flags %05b, want %#x flags %05b", k.name, bits, flags, k.want.bits, k.want.flags)
		}
	}
}
