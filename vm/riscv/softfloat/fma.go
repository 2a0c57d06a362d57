package softfloat

// FMA32 returns a*b + c with one rounding, single precision (FMADD.S). The
// other fused instructions are this one with operands negated: FMSUB negates
// c, FNMSUB a, FNMADD both.
func FMA32(a, b, c uint32, rm Rounding) (uint32, Flags) { return fma(a, b, c, rm) }

// FMA64 returns a*b + c with one rounding, double precision (FMADD.D). See
// [FMA32] for the other fused instructions.
func FMA64(a, b, c uint64, rm Rounding) (uint64, Flags) { return fma(a, b, c, rm) }

func fma[T encoding](a, b, c T, rm Rounding) (T, Flags) {
	x, y, z := unpack(a), unpack(b), unpack(c)
	neg := x.neg != y.neg // of the product
	factors := x.kind | y.kind
	if factors|z.kind != finite {
		switch {
		case factors == infinite|zero:
			return invalid[T]() // even if c is a quiet NaN
		case (factors|z.kind)&nan != 0:
			return nanResult[T](factors | z.kind)
		case factors&infinite != 0:
			if z.kind == infinite && z.neg != neg {
				return invalid[T]()
			}
			return signed(infinity[T](), neg), 0
		case z.kind == infinite:
			return c, 0
		case factors&zero != 0 && z.kind == zero:
			return zeroSum[T](neg, z.neg, rm)
		case factors&zero != 0:
			return c, 0
		}
	}
	p, exp := product(x, y)
	if z.kind == zero {
		return round[T](number{sig: p.jam(), exp: exp, neg: neg}, rm)
	}
	// From here as add does, in 128 bits: the product is exact and ends in
	// zeros, and so does c.
	big, small := p.shrJam(1), wide{hi: z.sig >> 1}
	sum := number{exp: exp, neg: neg}
	smallNeg, distance := z.neg, exp-z.exp
	if distance < 0 || distance == 0 && big.less(small) {
		big, small = small, big
		sum.exp, sum.neg = z.exp, z.neg
		smallNeg, distance = neg, -distance
	}
	small = small.shrJam(uint(distance))
	if sum.neg == smallNeg {
		big = big.add(small)
	} else {
		big = big.sub(small)
		if big == (wide{}) {
			return zeroSum[T](sum.neg, smallNeg, rm)
		}
	}
	shift := big.leadingZeros()
	sum.sig = big.shl(uint(shift)).jam()
	sum.exp += 1 - shift
	return round[T](sum, rm)
}
