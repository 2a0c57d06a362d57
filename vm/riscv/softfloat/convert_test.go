package softfloat

import (
	"math"
	"math/big"
	"testing"
)

// toInt is a conversion to an integer type; results are widened to 64 bits.
type toInt struct {
	name     string
	min, max *big.Int
	run      func(l layout, a uint64, rm Rounding) (uint64, Flags)
}

// toIntOf makes the conversion to an integer type of the given width.
func toIntOf[I int32 | uint32 | int64 | uint64](name string, width uint, isSigned bool,
	h func(uint16, Rounding) (I, Flags), s func(uint32, Rounding) (I, Flags), d func(uint64, Rounding) (I, Flags),
) toInt {
	lowest, past := big.NewInt(0), new(big.Int).Lsh(big.NewInt(1), width)
	if isSigned {
		past.Rsh(past, 1)
		lowest.Neg(past)
	}
	return toInt{name, lowest, past.Sub(past, big.NewInt(1)), func(l layout, a uint64, rm Rounding) (uint64, Flags) {
		var (
			r     I
			flags Flags
		)
		switch l {
		case half:
			r, flags = h(uint16(a), rm)
		case single:
			r, flags = s(uint32(a), rm)
		default:
			r, flags = d(a, rm)
		}
		return uint64(r), flags
	}}
}

var toInts = []toInt{
	toIntOf("I32", 32, true, F16ToI32, F32ToI32, F64ToI32),
	toIntOf("U32", 32, false, F16ToU32, F32ToU32, F64ToU32),
	toIntOf("I64", 64, true, F16ToI64, F32ToI64, F64ToI64),
	toIntOf("U64", 64, false, F16ToU64, F32ToU64, F64ToU64),
}

// expect is what the oracle says of a conversion.
func (c toInt) expect(l layout, a uint64, rm Rounding) (*big.Int, Flags) {
	limit := c.max
	if l.negative(a) && !l.isNaN(a) {
		limit = c.min
	}
	if l.isNaN(a) || l.isInf(a) {
		return limit, NV
	}
	v, inexact := l.value(a).quantize(0, rm)
	if l.negative(a) {
		v.Neg(v)
	}
	switch {
	case v.Cmp(c.min) < 0 || v.Cmp(c.max) > 0:
		return limit, NV
	case inexact:
		return v, NX
	}
	return v, 0
}

// bits64 is the two's complement of v.
func bits64(v *big.Int) uint64 {
	if v.Sign() < 0 {
		return uint64(v.Int64())
	}
	return v.Uint64()
}

func TestToInteger(t *testing.T) {
	for _, c := range toInts {
		for _, l := range layouts {
			check := func(a uint64) bool {
				for _, rm := range modes {
					got, gotFlags := c.run(l, a, rm)
					v, wantFlags := c.expect(l, a, rm)
					if want := bits64(v); got != want || gotFlags != wantFlags {
						t.Errorf("%s %#x to %s, mode %d: got %#x flags %05b, want %#x flags %05b",
							l.name, a, c.name, rm, got, gotFlags, want, wantFlags)
						return false
					}
				}
				return true
			}
			t.Run(c.name+"/"+l.name, func(t *testing.T) {
				s := newSource()
				operands := l.corners()
				for range *vectors {
					biased := uint64(l.emax+s.IntN(70)-3) % (l.inf() >> (l.precision - 1)) // 2^-3 to 2^66, if there is so much
					a := s.Uint64()&l.sign() | biased<<(l.precision-1) | s.fraction(l)
					operands = append(operands, a, s.operand(l))
				}
				for _, a := range operands {
					if !check(a) {
						return
					}
				}
			})
		}
	}
}

// TestToIntegerKnown is the table of the unprivileged ISA, "Domains of float to
// integer conversions and behavior for invalid inputs".
func TestToIntegerKnown(t *testing.T) {
	minusHuge, huge := math.Float64bits(-1e30), math.Float64bits(1e30)
	outside := []struct {
		a    uint64
		want [4]uint64 // I32, U32, I64, U64
	}{
		{minusHuge, [4]uint64{0xffffffff80000000, 0, 1 << 63, 0}},
		{double.sign() | double.inf(), [4]uint64{0xffffffff80000000, 0, 1 << 63, 0}},
		{huge, [4]uint64{1<<31 - 1, 1<<32 - 1, 1<<63 - 1, 1<<64 - 1}},
		{double.inf(), [4]uint64{1<<31 - 1, 1<<32 - 1, 1<<63 - 1, 1<<64 - 1}},
		{double.nan(), [4]uint64{1<<31 - 1, 1<<32 - 1, 1<<63 - 1, 1<<64 - 1}},
		{double.sign() | double.nan(), [4]uint64{1<<31 - 1, 1<<32 - 1, 1<<63 - 1, 1<<64 - 1}},
	}
	for _, o := range outside {
		for i, c := range toInts {
			if got, flags := c.run(double, o.a, RTZ); got != o.want[i] || flags != NV {
				t.Errorf("%#x to %s: got %#x flags %05b, want %#x flags %05b", o.a, c.name, got, flags, o.want[i], NV)
			}
		}
	}
	for _, k := range []struct {
		a     float64
		rm    Rounding
		want  uint32
		flags Flags
	}{
		{-0.75, RTZ, 0, NX},
		{-0.75, RNE, 0, NV},
		{-1, RTZ, 0, NV},
		{4294967295.5, RTZ, 1<<32 - 1, NX},
		{4294967295.5, RNE, 1<<32 - 1, NV},
		{2.5, RNE, 2, NX},
		{2.5, RMM, 3, NX},
	} {
		if got, flags := F64ToU32(math.Float64bits(k.a), k.rm); got != k.want || flags != k.flags {
			t.Errorf("%v to U32, mode %d: got %d flags %05b, want %d flags %05b", k.a, k.rm, got, flags, k.want, k.flags)
		}
	}
}

func TestFromInteger(t *testing.T) {
	s := newSource()
	values := []uint64{0, 1, 1<<24 + 1, 1<<53 + 1, 1<<63 - 1, 1 << 63, 1<<64 - 1}
	for range *vectors {
		values = append(values, s.integer())
	}
	same := func(name string, l layout, v uint64, x *big.Int, rm Rounding, got uint64, gotFlags Flags, host uint64) {
		want, wantFlags := uint64(0), Flags(0)
		if x.Sign() != 0 {
			want, wantFlags = l.round(integer(x), rm)
		}
		if got != want || gotFlags != wantFlags || rm == RNE && got != host {
			t.Fatalf("%s %#x, mode %d: got %#x flags %05b, want %#x flags %05b; the host to nearest %#x",
				name, v, rm, got, gotFlags, want, wantFlags, host)
		}
	}
	for _, v := range values {
		x, i := new(big.Int).SetUint64(v), big.NewInt(int64(v))
		for _, rm := range modes {
			h, flags := I64ToF16(int64(v), rm)
			same("I64ToF16", half, v, i, rm, uint64(h), flags, uint64(h))
			h, flags = U64ToF16(v, rm)
			same("U64ToF16", half, v, x, rm, uint64(h), flags, uint64(h))
			s, flags := I64ToF32(int64(v), rm)
			same("I64ToF32", single, v, i, rm, uint64(s), flags, uint64(math.Float32bits(float32(int64(v)))))
			s, flags = U64ToF32(v, rm)
			same("U64ToF32", single, v, x, rm, uint64(s), flags, uint64(math.Float32bits(float32(v))))
			d, flags := I64ToF64(int64(v), rm)
			same("I64ToF64", double, v, i, rm, d, flags, math.Float64bits(float64(int64(v))))
			d, flags = U64ToF64(v, rm)
			same("U64ToF64", double, v, x, rm, d, flags, math.Float64bits(float64(v)))
		}
	}
}

// expectFormat is what the oracle says of a conversion between formats.
func expectFormat(from, to layout, a uint64, rm Rounding) (uint64, Flags) {
	switch neg := from.negative(a); {
	case from.isSignaling(a):
		return to.nan(), NV
	case from.isNaN(a):
		return to.nan(), 0
	case from.isInf(a):
		return to.signed(to.inf(), neg), 0
	case from.isZero(a):
		return to.signed(0, neg), 0
	}
	return to.round(from.value(a), rm)
}

func TestWiden(t *testing.T) {
	s := newSource()
	operands := single.corners()
	for range *vectors {
		operands = append(operands, s.operand(single))
	}
	for _, a := range operands {
		got, gotFlags := F32ToF64(uint32(a))
		want, wantFlags := expectFormat(single, double, a, RNE)
		host := math.Float64bits(float64(math.Float32frombits(uint32(a))))
		if got != want || gotFlags != wantFlags || host != got && !single.isNaN(a) {
			t.Fatalf("%#x: got %#x flags %05b, want %#x flags %05b, the host %#x", a, got, gotFlags, want, wantFlags, host)
		}
	}
}

func TestNarrow(t *testing.T) {
	s := newSource()
	operands := double.corners()
	for range *vectors {
		// Around the range of single precision, subnormals and overflow included.
		biased := uint64(double.emax + single.emin - 30 + s.IntN(single.emax-single.emin+40))
		a := s.Uint64()&double.sign() | biased<<52 | s.fraction(double)
		if s.IntN(3) == 0 { // close to a number of single precision, or half-way between two
			a = a>>28<<28 + uint64(s.IntN(3)) - 1
		}
		operands = append(operands, a, s.operand(double))
	}
	for e := range 30 { // the edges of the subnormals
		edge := uint64(double.emax+single.emin-e) << 52
		operands = append(operands, edge, edge-1, edge+1, edge-1<<28, edge-1<<27, edge-1<<29)
	}
	for _, a := range operands {
		for _, rm := range modes {
			got, gotFlags := F64ToF32(a, rm)
			want, wantFlags := expectFormat(double, single, a, rm)
			if uint64(got) != want || gotFlags != wantFlags {
				t.Fatalf("%#x, mode %d: got %#x flags %05b, want %#x flags %05b", a, rm, got, gotFlags, want, wantFlags)
			}
			host := math.Float32bits(float32(math.Float64frombits(a)))
			if rm == RNE && host != got && !double.isNaN(a) {
				t.Fatalf("%#x: got %#x, the host %#x", a, got, host)
			}
		}
	}
}

// TestFormatsOfHalf converts every half to the other formats, and numbers around
// the halves back.
func TestFormatsOfHalf(t *testing.T) {
	check := func(name string, from, to layout, a uint64, rm Rounding, got uint64, flags Flags) {
		want, wantFlags := expectFormat(from, to, a, rm)
		if got != want || flags != wantFlags {
			t.Fatalf("%s %#x, mode %d: got %#x flags %05b, want %#x flags %05b", name, a, rm, got, flags, want, wantFlags)
		}
	}
	for a := range uint64(1 << 16) {
		f, flags := F16ToF32(uint16(a))
		check("F16ToF32", half, single, a, RNE, uint64(f), flags)
		d, flags := F16ToF64(uint16(a))
		check("F16ToF64", half, double, a, RNE, d, flags)
		for _, rm := range modes {
			if a%7 != uint64(rm) { // a seventh of the halves for each mode
				continue
			}
			for _, beside := range []uint64{0, 1, 1<<12 - 1, 1 << 12, 1<<12 + 1, 1<<13 - 1} {
				near := uint64(f) + beside // from this half to the next one
				h, flags := F32ToF16(uint32(near), rm)
				check("F32ToF16", single, half, near, rm, uint64(h), flags)
				near = d + beside<<29 + beside&1
				h, flags = F64ToF16(near, rm)
				check("F64ToF16", double, half, near, rm, uint64(h), flags)
			}
		}
	}
}
