package softfloat

import "math/bits"

// Rounding is a rounding mode, numbered as in the rm field of an instruction
// and in frm (unprivileged ISA, "Floating-Point Control and Status Register").
// The values 5 to 7 are not rounding modes: callers resolve DYN and trap on
// the reserved ones first.
type Rounding uint8

// The rounding modes.
const (
	RNE Rounding = 0 // to nearest, ties to even
	RTZ Rounding = 1 // towards zero
	RDN Rounding = 2 // towards minus infinity
	RUP Rounding = 3 // towards plus infinity
	RMM Rounding = 4 // to nearest, ties away from zero
)

// Flags is a set of exceptions raised by one operation, with the bits of
// fcsr.fflags; callers accumulate them with or.
type Flags uint8

// The exception flags.
const (
	NX Flags = 1 << iota // inexact
	UF                   // underflow: tiny after rounding, and inexact
	OF                   // overflow
	DZ                   // divide by zero
	NV                   // invalid operation
)

// encoding lists the types whose values are encoded floating-point numbers.
// The width of the type says which format it is.
type encoding interface{ uint16 | uint32 | uint64 }

// fracBits is the number of stored fraction bits; the precision is one more.
// Like the functions that follow, it is a constant once it has been compiled
// for one encoding.
func fracBits[T encoding]() int {
	switch width[T]() {
	case 16:
		return 10
	case 32:
		return 23
	}
	return 52
}

// width is the number of bits of the encoding.
func width[T encoding]() int {
	switch uint64(^T(0)) {
	case 1<<16 - 1:
		return 16
	case 1<<32 - 1:
		return 32
	}
	return 64
}

// bias is added to an exponent to encode it, and is the greatest exponent.
func bias[T encoding]() int { return 1<<(width[T]()-fracBits[T]()-2) - 1 }

// signBit is the sign bit, and so the encoding of minus zero.
func signBit[T encoding]() T { return 1 << (width[T]() - 1) }

// infinity is the encoding of plus infinity.
func infinity[T encoding]() T { return signBit[T]() - 1<<fracBits[T]() }

// canonicalNaN is the only NaN that an operation returns ("NaN Generation and
// Propagation").
func canonicalNaN[T encoding]() T { return infinity[T]() | 1<<(fracBits[T]()-1) }

// signed gives the encoding of a non-negative value the sign wanted.
func signed[T encoding](magnitude T, negative bool) T {
	if negative {
		return magnitude | signBit[T]()
	}
	return magnitude
}

// kind tells numbers apart. They are bits, so that the kinds of several
// operands can be tested at once.
type kind uint8

const (
	zero kind = 1 << iota
	infinite
	quietNaN
	signalingNaN

	finite kind = 0 // and not zero
	nan         = quietNaN | signalingNaN
)

// number is a decoded value. If it is finite, its magnitude is
// sig * 2^(exp-63) and the top bit of sig is set, for subnormals too; so exp
// is the exponent of the leading bit, and sig has at least 11 bits more than
// any format needs. In a result not rounded yet, bit 0 of sig also stands for
// everything below it that is not zero.
type number struct {
	sig  uint64
	exp  int
	neg  bool
	kind kind
}

// unpack decodes a.
func unpack[T encoding](a T) number {
	frac := uint64(a) & (1<<fracBits[T]() - 1)
	exp := int(a &^ signBit[T]() >> fracBits[T]())
	n := number{neg: a&signBit[T]() != 0}
	switch {
	case exp == 2*bias[T]()+1:
		n.kind = infinite
		if frac != 0 {
			n.kind = signalingNaN
			if frac>>(fracBits[T]()-1) != 0 {
				n.kind = quietNaN
			}
		}
	case exp != 0:
		n.sig = (frac | 1<<fracBits[T]()) << (63 - fracBits[T]())
		n.exp = exp - bias[T]()
	case frac != 0:
		shift := bits.LeadingZeros64(frac)
		n.sig = frac << shift
		n.exp = 64 - shift - bias[T]() - fracBits[T]()
	default:
		n.kind = zero
	}
	return n
}

// round encodes a finite n and returns the flags that this raises.
func round[T encoding](n number, rm Rounding) (T, Flags) {
	drop := 63 - fracBits[T]() // bits of sig beyond the precision
	exp := n.exp + bias[T]()
	tiny := false
	if exp < 1 {
		// Tiny after rounding: still below the smallest normal number if
		// rounded to full precision, as though exponents had no bound.
		tiny = true
		if exp == 0 {
			full, _ := roundShift(n.sig, drop, n.neg, rm)
			tiny = full < 2<<fracBits[T]()
		}
		drop += 1 - exp
		exp = 1
	}
	sig, inexact := roundShift(n.sig, drop, n.neg, rm)
	// The leading bit of sig, where there is one, adds the missing 1 to the
	// exponent, and a carry out of sig adds another. No operation has results
	// so great that the sum leaves 64 bits.
	encoded := uint64(exp-1)<<fracBits[T]() + sig
	if encoded >= uint64(infinity[T]()) {
		return overflow[T](n.neg, rm), OF | NX
	}
	var flags Flags
	if inexact {
		flags = NX
		if tiny {
			flags |= UF
		}
	}
	return signed(T(encoded), n.neg), flags
}

// overflow is the result of rounding a number too great for the format:
// infinity, or the greatest finite number if the mode rounds towards it.
func overflow[T encoding](neg bool, rm Rounding) T {
	if rm == RTZ || rm == RDN && !neg || rm == RUP && neg {
		return signed(infinity[T]()-1, neg)
	}
	return signed(infinity[T](), neg)
}

// roundShift rounds sig / 2^n, not zero, n >= 0, to an integer, and reports
// whether that changed it. The sign matters to the directed modes.
func roundShift(sig uint64, n int, neg bool, rm Rounding) (q uint64, inexact bool) {
	const half = 1 << 63
	var rem uint64 // the fraction, times 2^64
	if n <= 64 {
		q, rem = sig>>uint(n), sig<<uint(64-n)
	} else {
		q, rem = 0, 1 // all that matters: not zero, below a half
	}
	if rem == 0 {
		return q, false
	}
	up := false
	switch rm {
	case RNE:
		up = rem > half || rem == half && q&1 != 0
	case RMM:
		up = rem >= half
	case RDN:
		up = neg
	case RUP:
		up = !neg
	case RTZ:
	}
	if up {
		q++
	}
	return q, true
}

// shiftRightJam returns sig >> n, with bit 0 set if any bit was lost.
func shiftRightJam(sig uint64, n uint) uint64 {
	shifted := sig >> n
	if shifted<<n != sig || n >= 64 && sig != 0 {
		shifted |= 1
	}
	return shifted
}

// nanResult is the result of an operation on operands of the given kinds, at
// least one of them a NaN: the canonical NaN, invalid if one is signaling.
func nanResult[T encoding](operands kind) (T, Flags) {
	if operands&signalingNaN != 0 {
		return canonicalNaN[T](), NV
	}
	return canonicalNaN[T](), 0
}

// invalid is the result of an operation that has none.
func invalid[T encoding]() (T, Flags) { return canonicalNaN[T](), NV }
