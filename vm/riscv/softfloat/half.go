package softfloat

// The operations of Zfh: those of single precision on uint16.

// Add16 returns a + b (FADD.H).
func Add16(a, b uint16, rm Rounding) (uint16, Flags) { return add(a, b, rm) }

// Sub16 returns a - b (FSUB.H).
func Sub16(a, b uint16, rm Rounding) (uint16, Flags) { return add(a, b^signBit[uint16](), rm) }

// Mul16 returns a * b (FMUL.H).
func Mul16(a, b uint16, rm Rounding) (uint16, Flags) { return mul(a, b, rm) }

// Div16 returns a / b (FDIV.H).
func Div16(a, b uint16, rm Rounding) (uint16, Flags) { return div(a, b, rm) }

// Sqrt16 returns the square root of a (FSQRT.H).
func Sqrt16(a uint16, rm Rounding) (uint16, Flags) { return sqrt(a, rm) }

// FMA16 is [FMA32] in half precision (FMADD.H).
func FMA16(a, b, c uint16, rm Rounding) (uint16, Flags) { return fma(a, b, c, rm) }

// Min16 is [Min32] in half precision (FMIN.H).
func Min16(a, b uint16) (uint16, Flags) { return pick(a, b, true) }

// Max16 is [Max32] in half precision (FMAX.H).
func Max16(a, b uint16) (uint16, Flags) { return pick(a, b, false) }

// Eq16 is [Eq32] in half precision (FEQ.H).
func Eq16(a, b uint16) (bool, Flags) { return equal(a, b) }

// Lt16 is [Lt32] in half precision (FLT.H).
func Lt16(a, b uint16) (bool, Flags) { return less(a, b, false) }

// Le16 is [Le32] in half precision (FLE.H).
func Le16(a, b uint16) (bool, Flags) { return less(a, b, true) }

// Class16 is [Class32] in half precision (FCLASS.H).
func Class16(a uint16) uint64 { return class(a) }

// F16ToF32 converts half to single precision (FCVT.S.H), which is exact; it can
// only raise [NV], for a signaling NaN.
func F16ToF32(a uint16) (uint32, Flags) { return convert[uint32](a, RNE) }

// F16ToF64 converts half to double precision (FCVT.D.H), with the rules of
// [F16ToF32].
func F16ToF64(a uint16) (uint64, Flags) { return convert[uint64](a, RNE) }

// F32ToF16 converts single to half precision (FCVT.H.S).
func F32ToF16(a uint32, rm Rounding) (uint16, Flags) { return convert[uint16](a, rm) }

// F64ToF16 converts double to half precision (FCVT.H.D).
func F64ToF16(a uint64, rm Rounding) (uint16, Flags) { return convert[uint16](a, rm) }

// F16ToI32 is [F32ToI32] for FCVT.W.H.
func F16ToI32(a uint16, rm Rounding) (int32, Flags) {
	v, flags := toInteger(a, rm, 1<<31, 1<<31-1)
	return int32(v), flags
}

// F16ToU32 is [F32ToU32] for FCVT.WU.H.
func F16ToU32(a uint16, rm Rounding) (uint32, Flags) {
	v, flags := toInteger(a, rm, 0, 1<<32-1)
	return uint32(v), flags
}

// F16ToI64 is [F32ToI32] for FCVT.L.H.
func F16ToI64(a uint16, rm Rounding) (int64, Flags) {
	v, flags := toInteger(a, rm, 1<<63, 1<<63-1)
	return int64(v), flags
}

// F16ToU64 is [F32ToU32] for FCVT.LU.H.
func F16ToU64(a uint16, rm Rounding) (uint64, Flags) {
	return toInteger(a, rm, 0, 1<<64-1)
}

// I64ToF16 converts a signed integer (FCVT.H.L, and FCVT.H.W of the
// sign-extended word).
func I64ToF16(v int64, rm Rounding) (uint16, Flags) { return fromSigned[uint16](v, rm) }

// U64ToF16 converts an unsigned integer (FCVT.H.LU, and FCVT.H.WU of the
// zero-extended word).
func U64ToF16(v uint64, rm Rounding) (uint16, Flags) { return fromInteger[uint16](v, false, rm) }
