// Package softfloat is the reference arithmetic of the Zfh, F and D extensions:
// IEEE 754-2019 binary16, binary32 and binary64 in integers only, with every
// rounding mode, every exception flag and the choices that the RISC-V unprivileged ISA
// makes where the standard leaves one (canonical NaNs, tininess detected after
// rounding, saturating conversions).
//
// A value is its encoding: a uint16 for half precision, a uint32 for single, a
// uint64 for double. Every
// operation is written once, for all formats; a further format is one more
// type in the constraint encoding, and its fracBits and width.
//
// It knows no hart: NaN boxing, fcsr, the dynamic rounding mode and the traps
// on reserved ones belong to its callers. Host floating point is never used.
// All functions are pure and may be called from any goroutine.
package softfloat
