package riscv

import sf "reprise/vm/riscv/softfloat"

const (
	canonicalNaN32 = 0x7fc00000
	signBit32      = 1 << 31
	dynamicRM      = 7
)

// floatOn reports whether floating point instructions may be executed.
func (h *Hart) floatOn() bool { return h.csr.mstatus&statusFS != 0 }

// dirtyFloat notes that floating point state has changed.
func (h *Hart) dirtyFloat() {
	h.csr.mstatus |= statusFS
	h.selectFloat()
}

// single reads a register that should hold a boxed single (unprivileged ISA,
// 12.2).
func single(value uint64) uint32 {
	if value < boxed {
		return canonicalNaN32
	}
	return uint32(value)
}

func box(value uint32) uint64 { return uint64(value) | boxed }

// slowFloat executes a floating point instruction other than a load or store.
// The operation's immediate is the encoding.
func (h *Hart) slowFloat(o *op) exception {
	raw := uint32(o.imm)
	rm := sf.Rounding(raw >> 12 & 7)
	if rm == dynamicRM {
		rm = sf.Rounding(h.csr.frm)
	}
	if !h.floatOn() || usesRounding(o.code) && rm > sf.RMM {
		return illegal(h.encoding())
	}
	a, b := h.x[o.rs1], h.x[o.rs2]
	c := h.x[regFloat+raw>>27]
	var value uint64
	var flags sf.Flags
	switch {
	case o.code >= OpFLH:
		value, flags = floatHalf(o.code, a, b, c, rm)
	case isDouble(o.code):
		value, flags = floatDouble(o.code, a, b, c, rm)
	default:
		value, flags = floatSingle(o.code, a, b, c, rm)
	}
	h.x[o.rd] = value
	if o.rd >= regFloat || flags != 0 {
		h.csr.fflags |= uint8(flags)
		h.dirtyFloat()
	}
	return none
}

// isDouble reports whether the instruction computes on doubles; conversions
// between the formats count by their operand.
func isDouble(code Op) bool { return code >= OpFLD && code != OpFCVTDS }

// usesRounding reports whether bits 14:12 of the encoding are a rounding mode.
func usesRounding(code Op) bool {
	switch code {
	case OpFSGNJS, OpFSGNJNS, OpFSGNJXS, OpFMINS, OpFMAXS, OpFMVXW, OpFEQS, OpFLTS, OpFLES, OpFCLASSS, OpFMVWX,
		OpFSGNJD, OpFSGNJND, OpFSGNJXD, OpFMIND, OpFMAXD, OpFMVXD, OpFEQD, OpFLTD, OpFLED, OpFCLASSD, OpFMVDX,
		OpFSGNJH, OpFSGNJNH, OpFSGNJXH, OpFMINH, OpFMAXH, OpFMVXH, OpFEQH, OpFLTH, OpFLEH, OpFCLASSH, OpFMVHX:
		return false
	}
	return true
}

func boolFlags(value bool, flags sf.Flags) (uint64, sf.Flags) { return bit(value), flags }

func boxFlags(value uint32, flags sf.Flags) (uint64, sf.Flags) { return box(value), flags }

func wordFlags[T int32 | uint32](value T, flags sf.Flags) (uint64, sf.Flags) {
	return uint64(int32(value)), flags
}

func longFlags(value int64, flags sf.Flags) (uint64, sf.Flags) { return uint64(value), flags }

// floatSingle is the arithmetic of F, and fcvt.d.s.
func floatSingle(code Op, ra, rb, rc uint64, rm sf.Rounding) (uint64, sf.Flags) {
	a, b, c := single(ra), single(rb), single(rc)
	switch code {
	case OpFADDS:
		return boxFlags(sf.Add32(a, b, rm))
	case OpFSUBS:
		return boxFlags(sf.Sub32(a, b, rm))
	case OpFMULS:
		return boxFlags(sf.Mul32(a, b, rm))
	case OpFDIVS:
		return boxFlags(sf.Div32(a, b, rm))
	case OpFSQRTS:
		return boxFlags(sf.Sqrt32(a, rm))
	case OpFMADDS:
		return boxFlags(sf.FMA32(a, b, c, rm))
	case OpFMSUBS:
		return boxFlags(sf.FMA32(a, b, c^signBit32, rm))
	case OpFNMSUBS:
		return boxFlags(sf.FMA32(a^signBit32, b, c, rm))
	case OpFNMADDS:
		return boxFlags(sf.FMA32(a^signBit32, b, c^signBit32, rm))
	case OpFMINS:
		return boxFlags(sf.Min32(a, b))
	case OpFMAXS:
		return boxFlags(sf.Max32(a, b))
	case OpFEQS:
		return boolFlags(sf.Eq32(a, b))
	case OpFLTS:
		return boolFlags(sf.Lt32(a, b))
	case OpFLES:
		return boolFlags(sf.Le32(a, b))
	case OpFSGNJS:
		return box(a&^signBit32 | b&signBit32), 0
	case OpFSGNJNS:
		return box(a&^signBit32 | ^b&signBit32), 0
	case OpFSGNJXS:
		return box(a ^ b&signBit32), 0
	case OpFCLASSS:
		return sf.Class32(a), 0
	case OpFMVXW:
		return uint64(int32(ra)), 0
	case OpFMVWX:
		return box(uint32(ra)), 0
	case OpFCVTDS:
		return sf.F32ToF64(a)
	}
	return convertSingle(code, ra, a, rm)
}

// convertSingle converts between singles and integers.
func convertSingle(code Op, integer uint64, a uint32, rm sf.Rounding) (uint64, sf.Flags) {
	switch code {
	case OpFCVTWS:
		return wordFlags(sf.F32ToI32(a, rm))
	case OpFCVTWUS:
		return wordFlags(sf.F32ToU32(a, rm))
	case OpFCVTLS:
		return longFlags(sf.F32ToI64(a, rm))
	case OpFCVTLUS:
		return sf.F32ToU64(a, rm)
	case OpFCVTSW:
		return boxFlags(sf.I64ToF32(int64(int32(integer)), rm))
	case OpFCVTSWU:
		return boxFlags(sf.U64ToF32(uint64(uint32(integer)), rm))
	case OpFCVTSL:
		return boxFlags(sf.I64ToF32(int64(integer), rm))
	case OpFCVTSLU:
		return boxFlags(sf.U64ToF32(integer, rm))
	}
	panic("BUG: " + code.String() + " is no operation on singles")
}

// floatDouble is the arithmetic of D, and fcvt.s.d.
func floatDouble(code Op, a, b, c uint64, rm sf.Rounding) (uint64, sf.Flags) {
	switch code {
	case OpFADDD:
		return sf.Add64(a, b, rm)
	case OpFSUBD:
		return sf.Sub64(a, b, rm)
	case OpFMULD:
		return sf.Mul64(a, b, rm)
	case OpFDIVD:
		return sf.Div64(a, b, rm)
	case OpFSQRTD:
		return sf.Sqrt64(a, rm)
	case OpFMADDD:
		return sf.FMA64(a, b, c, rm)
	case OpFMSUBD:
		return sf.FMA64(a, b, c^signBit, rm)
	case OpFNMSUBD:
		return sf.FMA64(a^signBit, b, c, rm)
	case OpFNMADDD:
		return sf.FMA64(a^signBit, b, c^signBit, rm)
	case OpFMIND:
		return sf.Min64(a, b)
	case OpFMAXD:
		return sf.Max64(a, b)
	case OpFEQD:
		return boolFlags(sf.Eq64(a, b))
	case OpFLTD:
		return boolFlags(sf.Lt64(a, b))
	case OpFLED:
		return boolFlags(sf.Le64(a, b))
	case OpFSGNJD:
		return a&^signBit | b&signBit, 0
	case OpFSGNJND:
		return a&^signBit | ^b&signBit, 0
	case OpFSGNJXD:
		return a ^ b&signBit, 0
	case OpFCLASSD:
		return sf.Class64(a), 0
	case OpFMVXD, OpFMVDX:
		return a, 0
	case OpFCVTSD:
		return boxFlags(sf.F64ToF32(a, rm))
	}
	return convertDouble(code, a, rm)
}

// convertDouble converts between doubles and integers.
func convertDouble(code Op, a uint64, rm sf.Rounding) (uint64, sf.Flags) {
	switch code {
	case OpFCVTWD:
		return wordFlags(sf.F64ToI32(a, rm))
	case OpFCVTWUD:
		return wordFlags(sf.F64ToU32(a, rm))
	case OpFCVTLD:
		return longFlags(sf.F64ToI64(a, rm))
	case OpFCVTLUD:
		return sf.F64ToU64(a, rm)
	case OpFCVTDW:
		return sf.I64ToF64(int64(int32(a)), rm)
	case OpFCVTDWU:
		return sf.U64ToF64(uint64(uint32(a)), rm)
	case OpFCVTDL:
		return sf.I64ToF64(int64(a), rm)
	case OpFCVTDLU:
		return sf.U64ToF64(a, rm)
	}
	panic("BUG: " + code.String() + " is no operation on doubles")
}
