package softfloat

// Min32 returns the lesser of a and b, single precision (FMIN.S): IEEE 754-2019
// minimumNumber, -0 less than +0, a NaN only if both are NaNs. A signaling NaN
// raises [NV].
func Min32(a, b uint32) (uint32, Flags) { return pick(a, b, true) }

// Min64 is [Min32] in double precision (FMIN.D).
func Min64(a, b uint64) (uint64, Flags) { return pick(a, b, true) }

// Max32 returns the greater of a and b, single precision (FMAX.S): IEEE
// 754-2019 maximumNumber, with the rules of [Min32].
func Max32(a, b uint32) (uint32, Flags) { return pick(a, b, false) }

// Max64 is [Max32] in double precision (FMAX.D).
func Max64(a, b uint64) (uint64, Flags) { return pick(a, b, false) }

// Eq32 reports whether a == b, single precision (FEQ.S). A NaN equals nothing;
// only a signaling one raises [NV].
func Eq32(a, b uint32) (bool, Flags) { return equal(a, b) }

// Eq64 is [Eq32] in double precision (FEQ.D).
func Eq64(a, b uint64) (bool, Flags) { return equal(a, b) }

// Lt32 reports whether a < b, single precision (FLT.S). It is false for NaNs,
// and any NaN raises [NV].
func Lt32(a, b uint32) (bool, Flags) { return less(a, b, false) }

// Lt64 is [Lt32] in double precision (FLT.D).
func Lt64(a, b uint64) (bool, Flags) { return less(a, b, false) }

// Le32 reports whether a <= b, single precision (FLE.S), NaNs as in [Lt32].
func Le32(a, b uint32) (bool, Flags) { return less(a, b, true) }

// Le64 is [Le32] in double precision (FLE.D).
func Le64(a, b uint64) (bool, Flags) { return less(a, b, true) }

// Class32 returns the class of a, single precision, as FCLASS.S does: one bit
// of 0 to 9 set, for -infinity, negative normal, negative subnormal, -0, +0,
// positive subnormal, positive normal, +infinity, signaling NaN, quiet NaN.
func Class32(a uint32) uint64 { return class(a) }

// Class64 is [Class32] in double precision (FCLASS.D).
func Class64(a uint64) uint64 { return class(a) }

// isNaN reports whether a is a NaN of either sort.
func isNaN[T encoding](a T) bool { return a&^signBit[T]() > infinity[T]() }

// isSignaling reports whether a is a signaling NaN.
func isSignaling[T encoding](a T) bool {
	return isNaN(a) && a>>(fracBits[T]()-1)&1 == 0
}

// nanFlags returns NV if a or b is a signaling NaN.
func nanFlags[T encoding](a, b T) Flags {
	if isSignaling(a) || isSignaling(b) {
		return NV
	}
	return 0
}

// below reports whether a comes before b in the order of numbers, in which -0
// comes before +0. Neither is a NaN.
func below[T encoding](a, b T) bool {
	if (a|b)&signBit[T]() == 0 {
		return a < b
	}
	return a > b // of two negative numbers, or a negative one alone
}

func pick[T encoding](a, b T, least bool) (T, Flags) {
	flags := nanFlags(a, b)
	switch {
	case isNaN(a) && isNaN(b):
		return canonicalNaN[T](), flags
	case isNaN(a):
		return b, flags
	case isNaN(b):
		return a, flags
	case below(a, b) == least:
		return a, flags
	}
	return b, flags
}

func equal[T encoding](a, b T) (bool, Flags) {
	if isNaN(a) || isNaN(b) {
		return false, nanFlags(a, b)
	}
	return a == b || (a|b)&^signBit[T]() == 0, 0
}

// less compares a with b, and with orEqual holds for equals too.
func less[T encoding](a, b T, orEqual bool) (bool, Flags) {
	if isNaN(a) || isNaN(b) {
		return false, NV
	}
	if a == b || (a|b)&^signBit[T]() == 0 {
		return orEqual, 0
	}
	return below(a, b), 0
}

func class[T encoding](a T) uint64 {
	magnitude := a &^ signBit[T]()
	smallestNormal := T(1) << fracBits[T]()
	bit := 0 // how far from zero
	switch {
	case isSignaling(a):
		return 1 << 8
	case isNaN(a):
		return 1 << 9
	case magnitude == infinity[T]():
		bit = 3
	case magnitude >= smallestNormal:
		bit = 2
	case magnitude != 0:
		bit = 1
	}
	if magnitude != a {
		return 1 << (3 - bit)
	}
	return 1 << (4 + bit)
}
