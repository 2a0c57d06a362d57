package riscv

import (
	"math"

	sf "reprise/vm/riscv/softfloat"
)

// The fast loop computes with the host's floating point where that is provably
// the same as soft float: rounding is to nearest, the inexact flag is set
// already, and the result cannot raise another one. IEEE 754 leaves a host no
// choice then, whatever the operands are:
//
//   - A result that is finite tells that there was no NaN, no infinity, no
//     overflow and no division by zero.
//   - Underflow needs a result that is tiny and inexact. A sum or difference that
//     is tiny is exact. Of a product, a quotient, a conversion or a fused
//     operation the result must be clear of the smallest normal number, because
//     whether one beside it is tiny is seen before rounding on some hosts and
//     after it on others; or be a zero that is exact because an operand is one.
//   - A square root is never tiny.
//   - A conversion to an integer truncates, in C and therefore in nearly all
//     programs; its operand is range-checked first.
//
//   - A fused operation on singles is done on doubles. Their product is exact, so
//     that the sum is rounded once, and then again to a single. That goes wrong
//     only if the first result is half-way between two singles: no other double
//     has moved across such a point.
//
// Comparisons and moves need only that no operand is a NaN.

// selectFloat finds out whether registers may be written and whether the host
// may compute, after a change of mstatus.FS or fcsr.
func (h *Hart) selectFloat() {
	h.floatDirty = h.csr.mstatus>>statusFSShift&3 == fsDirty
	h.floatHost = h.floatDirty && sf.Rounding(h.csr.frm) == sf.RNE && sf.Flags(h.csr.fflags)&sf.NX != 0
}

// hostRounding is the static rounding mode, beside the dynamic one, with which the
// fast loop does an instruction. It truncates to integers and rounds all else to
// nearest. ok is false if the fast loop does not do it or does not round.
func hostRounding(code Op) (rm uint32, ok bool) {
	switch code {
	case OpFCVTWD, OpFCVTLD:
		return uint32(sf.RTZ), true
	case OpFADDD, OpFSUBD, OpFMULD, OpFDIVD, OpFSQRTD, OpFMADDD, OpFMSUBD, OpFNMSUBD, OpFNMADDD,
		OpFADDS, OpFSUBS, OpFMULS, OpFDIVS, OpFSQRTS, OpFMADDS, OpFMSUBS, OpFNMSUBS, OpFNMADDS,
		OpFCVTDW, OpFCVTDWU, OpFCVTDL, OpFCVTDS, OpFCVTSD:
		return uint32(sf.RNE), true
	}
	return 0, false
}

// roundsOtherwise reports whether the encoding asks for a rounding mode that the
// fast loop does not do. The dynamic one is to nearest while floatHost is set.
func roundsOtherwise(code Op, raw uint32) bool {
	fast, ok := hostRounding(code)
	rm := raw >> 12 & 7
	return ok && rm != fast && (rm != dynamicRM || fast != uint32(sf.RNE))
}

// rs3 is the register of the third operand.
func rs3(o *op) uint8 { return uint8(uint32(o.imm)>>27) + regFloat }

func float64of(register uint64) float64 { return math.Float64frombits(register) }
func float32of(register uint64) float32 { return math.Float32frombits(uint32(register)) }
func bits64(value float64) uint64       { return math.Float64bits(value) }
func bits32(value float32) uint64       { return uint64(math.Float32bits(value)) | boxed }

// The parts of the formats.
const (
	exponentShift64, exponentMask64 = 52, 1<<11 - 1
	exponentShift32, exponentMask32 = 23, 1<<8 - 1
)

// finite64 reports whether a double is no NaN and no infinity.
func finite64(r uint64) bool { return r>>exponentShift64&exponentMask64 != exponentMask64 }

// clear64 reports whether a double is finite and at least twice the smallest
// normal number.
func clear64(r uint64) bool { return (r>>exponentShift64-2)&exponentMask64 < exponentMask64-2 }

// finite32 is finite64 for a single.
func finite32(r uint64) bool { return r>>exponentShift32&exponentMask32 != exponentMask32 }

// clear32 is clear64 for a single.
func clear32(r uint64) bool { return (r>>exponentShift32-2)&exponentMask32 < exponentMask32-2 }

// midpoint reports whether a double lies in the middle between two singles.
func midpoint(d float64) bool { return bits64(d)<<(64-29) == 1<<63 }

// fused does a fused operation on doubles, unless soft float has to. It is not
// part of the fast loop, because the compiler adds a call to math.FMA for
// processors that lack the instruction.
func (h *Hart) fused(o *op) bool {
	p, q, c := h.x[o.rs1], h.x[o.rs2], h.x[rs3(o)]
	if o.code == OpFNMSUBD || o.code == OpFNMADDD {
		p ^= signBit
	}
	if o.code == OpFMSUBD || o.code == OpFNMADDD {
		c ^= signBit
	}
	r := bits64(math.FMA(float64of(p), float64of(q), float64of(c)))
	if !clear64(r) {
		return false
	}
	h.x[o.rd] = r
	return true
}
