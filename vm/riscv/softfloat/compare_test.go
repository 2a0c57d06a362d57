package softfloat

import (
	"math"
	"testing"
)

// pairs calls check with corners and random operands of the format, until it
// reports a failure.
func pairs(l layout, check func(a, b uint64) bool) {
	for _, a := range l.corners() {
		for _, b := range l.corners() {
			if !check(a, b) {
				return
			}
		}
	}
	s := newSource()
	for range *vectors {
		a := s.operand(l)
		if !check(a, s.beside(l, a)) {
			return
		}
	}
}

// host returns the operand as a host number, which holds every format.
func (l layout) host(a uint64) float64 {
	switch l {
	case half:
		d, _ := F16ToF64(uint16(a)) // compared with the oracle for every half
		return math.Float64frombits(d)
	case single:
		return float64(math.Float32frombits(uint32(a)))
	}
	return math.Float64frombits(a)
}

func TestCompare(t *testing.T) {
	for _, l := range layouts {
		pairs(l, func(a, b uint64) bool {
			var eq, lt, le bool
			var eqFlags, ltFlags, leFlags Flags
			switch l {
			case half:
				eq, eqFlags = Eq16(uint16(a), uint16(b))
				lt, ltFlags = Lt16(uint16(a), uint16(b))
				le, leFlags = Le16(uint16(a), uint16(b))
			case single:
				eq, eqFlags = Eq32(uint32(a), uint32(b))
				lt, ltFlags = Lt32(uint32(a), uint32(b))
				le, leFlags = Le32(uint32(a), uint32(b))
			default:
				eq, eqFlags = Eq64(a, b)
				lt, ltFlags = Lt64(a, b)
				le, leFlags = Le64(a, b)
			}
			x, y := l.host(a), l.host(b)
			var quiet, signaling Flags
			if l.isSignaling(a) || l.isSignaling(b) {
				quiet = NV
			}
			if l.isNaN(a) || l.isNaN(b) {
				signaling = NV
			}
			if eq != (x == y) || lt != (x < y) || le != (x <= y) {
				t.Errorf("%s %#x, %#x: eq %v, lt %v, le %v; they are %v and %v", l.name, a, b, eq, lt, le, x, y)
				return false
			}
			if eqFlags != quiet || ltFlags != signaling || leFlags != signaling {
				t.Errorf("%s %#x, %#x: flags of eq %05b, lt %05b, le %05b", l.name, a, b, eqFlags, ltFlags, leFlags)
				return false
			}
			return true
		})
	}
}

// wantMin is minimumNumber, and wantMax the same of the opposite operands.
func (l layout) wantMin(a, b uint64) uint64 {
	x, y := l.host(a), l.host(b)
	switch {
	case l.isNaN(a) && l.isNaN(b):
		return l.nan()
	case l.isNaN(b) || x < y || x == y && l.negative(a):
		return a
	}
	return b
}

func (l layout) wantMax(a, b uint64) uint64 {
	if l.isNaN(a) && l.isNaN(b) {
		return l.nan()
	}
	return l.wantMin(a^l.sign(), b^l.sign()) ^ l.sign()
}

func TestMinMax(t *testing.T) {
	for _, l := range layouts {
		pairs(l, func(a, b uint64) bool {
			var least, most uint64
			var minFlags, maxFlags Flags
			switch l {
			case half:
				least, minFlags = widen(Min16(uint16(a), uint16(b)))
				most, maxFlags = widen(Max16(uint16(a), uint16(b)))
			case single:
				least, minFlags = widen(Min32(uint32(a), uint32(b)))
				most, maxFlags = widen(Max32(uint32(a), uint32(b)))
			default:
				least, minFlags = Min64(a, b)
				most, maxFlags = Max64(a, b)
			}
			var flags Flags
			if l.isSignaling(a) || l.isSignaling(b) {
				flags = NV
			}
			if least != l.wantMin(a, b) || minFlags != flags || most != l.wantMax(a, b) || maxFlags != flags {
				t.Errorf("%s %#x, %#x: min %#x flags %05b, max %#x flags %05b; want %#x, %#x, both flags %05b",
					l.name, a, b, least, minFlags, most, maxFlags, l.wantMin(a, b), l.wantMax(a, b), flags)
				return false
			}
			return true
		})
	}
}

func TestMinMaxKnown(t *testing.T) {
	const one, nan, snan, minus = 0x3f800000, 0x7fc00000, 0x7f800001, 0x80000000
	for _, k := range []struct {
		a, b, least, most uint32
		flags             Flags
	}{
		{0, minus, minus, 0, 0},
		{minus, 0, minus, 0, 0},
		{one, minus | one, minus | one, one, 0},
		{one, nan, one, one, 0},
		{snan, one, one, one, NV},
		{nan | 5, minus | nan, nan, nan, 0},
		{snan, nan, nan, nan, NV},
	} {
		least, minFlags := Min32(k.a, k.b)
		most, maxFlags := Max32(k.a, k.b)
		if least != k.least || most != k.most || minFlags != k.flags || maxFlags != k.flags {
			t.Errorf("%#x, %#x: min %#x flags %05b, max %#x flags %05b; want %#x, %#x, both flags %05b",
				k.a, k.b, least, minFlags, most, maxFlags, k.least, k.most, k.flags)
		}
	}
}

func TestClass(t *testing.T) {
	ordered := func(l layout) []uint64 { // two examples of each class, in the order of the bits
		inf, normal, sign := l.inf(), uint64(1)<<(l.precision-1), l.sign()
		return []uint64{
			sign | inf, sign | inf,
			sign | normal, sign | (inf - 1),
			sign | 1, sign | (normal - 1),
			sign, sign,
			0, 0,
			1, normal - 1,
			normal, inf - 1,
			inf, inf,
			inf + 1, sign | (l.nan() - 1),
			l.nan(), 2*sign - 1,
		}
	}
	for _, l := range layouts {
		for i, a := range ordered(l) {
			got := Class64(a)
			switch l {
			case half:
				got = Class16(uint16(a))
			case single:
				got = Class32(uint32(a))
			}
			if want := uint64(1) << (i / 2); got != want {
				t.Errorf("%s %#x: class %#x, want %#x", l.name, a, got, want)
			}
		}
	}
}
