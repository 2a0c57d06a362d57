package riscv

import sf "reprise/vm/riscv/softfloat"

const (
	canonicalNaN16 = 0x7e00
	signBit16      = 1 << 15
)

// half reads a register that should hold a boxed half (unprivileged ISA, 12.2).
func half(value uint64) uint16 {
	if value < boxedHalf {
		return canonicalNaN16
	}
	return uint16(value)
}

func boxHalf(value uint16) uint64 { return uint64(value) | boxedHalf }

func boxHalfFlags(value uint16, flags sf.Flags) (uint64, sf.Flags) { return boxHalf(value), flags }

// floatHalf is the arithmetic of Zfh, and the conversions between halves and
// the other formats.
func floatHalf(code Op, ra, rb, rc uint64, rm sf.Rounding) (uint64, sf.Flags) {
	a, b, c := half(ra), half(rb), half(rc)
	switch code {
	case OpFADDH:
		return boxHalfFlags(sf.Add16(a, b, rm))
	case OpFSUBH:
		return boxHalfFlags(sf.Sub16(a, b, rm))
	case OpFMULH:
		return boxHalfFlags(sf.Mul16(a, b, rm))
	case OpFDIVH:
		return boxHalfFlags(sf.Div16(a, b, rm))
	case OpFSQRTH:
		return boxHalfFlags(sf.Sqrt16(a, rm))
	case OpFMADDH:
		return boxHalfFlags(sf.FMA16(a, b, c, rm))
	case OpFMSUBH:
		return boxHalfFlags(sf.FMA16(a, b, c^signBit16, rm))
	case OpFNMSUBH:
		return boxHalfFlags(sf.FMA16(a^signBit16, b, c, rm))
	case OpFNMADDH:
		return boxHalfFlags(sf.FMA16(a^signBit16, b, c^signBit16, rm))
	case OpFMINH:
		return boxHalfFlags(sf.Min16(a, b))
	case OpFMAXH:
		return boxHalfFlags(sf.Max16(a, b))
	case OpFEQH:
		return boolFlags(sf.Eq16(a, b))
	case OpFLTH:
		return boolFlags(sf.Lt16(a, b))
	case OpFLEH:
		return boolFlags(sf.Le16(a, b))
	case OpFSGNJH:
		return boxHalf(a&^signBit16 | b&signBit16), 0
	case OpFSGNJNH:
		return boxHalf(a&^signBit16 | ^b&signBit16), 0
	case OpFSGNJXH:
		return boxHalf(a ^ b&signBit16), 0
	case OpFCLASSH:
		return sf.Class16(a), 0
	case OpFMVXH:
		return uint64(int16(ra)), 0
	case OpFMVHX:
		return boxHalf(uint16(ra)), 0
	}
	return convertHalf(code, ra, a, rm)
}

// convertHalf converts between halves and integers or the other formats.
func convertHalf(code Op, other uint64, a uint16, rm sf.Rounding) (uint64, sf.Flags) {
	switch code {
	case OpFCVTSH:
		return boxFlags(sf.F16ToF32(a))
	case OpFCVTHS:
		return boxHalfFlags(sf.F32ToF16(single(other), rm))
	case OpFCVTDH:
		return sf.F16ToF64(a)
	case OpFCVTHD:
		return boxHalfFlags(sf.F64ToF16(other, rm))
	case OpFCVTWH:
		return wordFlags(sf.F16ToI32(a, rm))
	case OpFCVTWUH:
		return wordFlags(sf.F16ToU32(a, rm))
	case OpFCVTLH:
		return longFlags(sf.F16ToI64(a, rm))
	case OpFCVTLUH:
		return sf.F16ToU64(a, rm)
	case OpFCVTHW:
		return boxHalfFlags(sf.I64ToF16(int64(int32(other)), rm))
	case OpFCVTHWU:
		return boxHalfFlags(sf.U64ToF16(uint64(uint32(other)), rm))
	case OpFCVTHL:
		return boxHalfFlags(sf.I64ToF16(int64(other), rm))
	case OpFCVTHLU:
		return boxHalfFlags(sf.U64ToF16(other, rm))
	}
	panic("BUG: " + code.String() + " is no operation on halves")
}
