package softfloat

import "math/bits"

// F64ToF32 converts double to single precision (FCVT.S.D).
func F64ToF32(a uint64, rm Rounding) (uint32, Flags) { return convert[uint32](a, rm) }

// F32ToF64 converts single to double precision (FCVT.D.S), which is exact; it
// can only raise [NV], for a signaling NaN.
func F32ToF64(a uint32) (uint64, Flags) { return convert[uint64](a, RNE) }

// F32ToI32 rounds a to an integer (FCVT.W.S). Where the integer does not fit,
// the result is the nearest that does, the greatest for a NaN, and [NV] is
// raised, without [NX] (unprivileged ISA, "Single-Precision Floating-Point
// Conversion and Move Instructions").
func F32ToI32(a uint32, rm Rounding) (int32, Flags) {
	v, flags := toInteger(a, rm, 1<<31, 1<<31-1)
	return int32(v), flags
}

// F32ToU32 is [F32ToI32] for FCVT.WU.S. As in all conversions to unsigned
// integers, a negative number that rounds to zero fits, others become 0. RV64
// sign-extends the result from bit 31, which is left to the caller.
func F32ToU32(a uint32, rm Rounding) (uint32, Flags) {
	v, flags := toInteger(a, rm, 0, 1<<32-1)
	return uint32(v), flags
}

// F32ToI64 is [F32ToI32] for FCVT.L.S.
func F32ToI64(a uint32, rm Rounding) (int64, Flags) {
	v, flags := toInteger(a, rm, 1<<63, 1<<63-1)
	return int64(v), flags
}

// F32ToU64 is [F32ToU32] for FCVT.LU.S.
func F32ToU64(a uint32, rm Rounding) (uint64, Flags) {
	return toInteger(a, rm, 0, 1<<64-1)
}

// F64ToI32 is [F32ToI32] for FCVT.W.D.
func F64ToI32(a uint64, rm Rounding) (int32, Flags) {
	v, flags := toInteger(a, rm, 1<<31, 1<<31-1)
	return int32(v), flags
}

// F64ToU32 is [F32ToU32] for FCVT.WU.D.
func F64ToU32(a uint64, rm Rounding) (uint32, Flags) {
	v, flags := toInteger(a, rm, 0, 1<<32-1)
	return uint32(v), flags
}

// F64ToI64 is [F32ToI32] for FCVT.L.D.
func F64ToI64(a uint64, rm Rounding) (int64, Flags) {
	v, flags := toInteger(a, rm, 1<<63, 1<<63-1)
	return int64(v), flags
}

// F64ToU64 is [F32ToU32] for FCVT.LU.D.
func F64ToU64(a uint64, rm Rounding) (uint64, Flags) {
	return toInteger(a, rm, 0, 1<<64-1)
}

// I64ToF32 converts a signed integer (FCVT.S.L, and FCVT.S.W of the
// sign-extended word).
func I64ToF32(v int64, rm Rounding) (uint32, Flags) { return fromSigned[uint32](v, rm) }

// U64ToF32 converts an unsigned integer (FCVT.S.LU, and FCVT.S.WU of the
// zero-extended word).
func U64ToF32(v uint64, rm Rounding) (uint32, Flags) { return fromInteger[uint32](v, false, rm) }

// I64ToF64 converts a signed integer (FCVT.D.L, and FCVT.D.W of the
// sign-extended word).
func I64ToF64(v int64, rm Rounding) (uint64, Flags) { return fromSigned[uint64](v, rm) }

// U64ToF64 converts an unsigned integer (FCVT.D.LU, and FCVT.D.WU of the
// zero-extended word).
func U64ToF64(v uint64, rm Rounding) (uint64, Flags) { return fromInteger[uint64](v, false, rm) }

// convert changes the format of a.
func convert[To, From encoding](a From, rm Rounding) (To, Flags) {
	x := unpack(a)
	switch {
	case x.kind&nan != 0:
		return nanResult[To](x.kind)
	case x.kind == infinite:
		return signed(infinity[To](), x.neg), 0
	case x.kind == zero:
		return signed(To(0), x.neg), 0
	}
	return round[To](x, rm)
}

// toInteger rounds a to an integer from -lowest to highest, and returns it in
// two's complement.
func toInteger[T encoding](a T, rm Rounding, lowest, highest uint64) (uint64, Flags) {
	x := unpack(a)
	if x.kind == zero {
		return 0, 0
	}
	neg := x.neg && x.kind&nan == 0
	limit := highest
	if neg {
		limit = lowest
	}
	magnitude, inexact := uint64(0), false
	fits := x.kind == finite && x.exp < 64
	if fits {
		magnitude, inexact = roundShift(x.sig, 63-x.exp, x.neg, rm)
		fits = magnitude <= limit
	}
	var flags Flags
	switch {
	case !fits:
		magnitude, flags = limit, NV
	case inexact:
		flags = NX
	}
	if neg {
		magnitude = -magnitude
	}
	return magnitude, flags
}

func fromSigned[T encoding](v int64, rm Rounding) (T, Flags) {
	if v < 0 {
		return fromInteger[T](-uint64(v), true, rm)
	}
	return fromInteger[T](uint64(v), false, rm)
}

// fromInteger converts an integer given as magnitude and sign.
func fromInteger[T encoding](magnitude uint64, neg bool, rm Rounding) (T, Flags) {
	if magnitude == 0 {
		return 0, 0
	}
	shift := bits.LeadingZeros64(magnitude)
	return round[T](number{sig: magnitude << shift, exp: 63 - shift, neg: neg}, rm)
}
