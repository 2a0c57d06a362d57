package riscv

import (
	"flag"
	"math"
	"math/rand/v2"
	"testing"

	sf "reprise/vm/riscv/softfloat"
)

var operands = flag.Int("operands", 20_000, "operands to try for each floating point instruction")

// hostOps are the instructions that the fast loop may leave to the host.
func hostOps() (list []Op) {
	for code := OpFLW; code < Op(NumOps); code++ {
		_, rounds := hostRounding(code)
		switch code {
		case OpFSGNJS, OpFSGNJNS, OpFSGNJXS, OpFSGNJD, OpFSGNJND, OpFSGNJXD, OpFMVXW, OpFMVWX, OpFMVXD, OpFMVDX,
			OpFEQD, OpFLTD, OpFLED:
			rounds = true
		}
		if rounds {
			list = append(list, code)
		}
	}
	return list
}

// TestHostFloat compares the fast loop with soft float, value and flags, with
// operands at which they could differ: near the limits of the formats, in the
// middle between two results, special and not boxed.
func TestHostFloat(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 8))
	for _, code := range hostOps() {
		c := newFloatCase(t, code)
		fast := 0
		for range *operands {
			operands := [3]uint64{floatOperand(rnd, code), floatOperand(rnd, code), floatOperand(rnd, code)}
			switch rnd.IntN(16) {
			case 0:
				operands = nearMiddle(rnd)
			case 1:
				operands = nearTiny(rnd, isDouble(code))
			}
			flags, rm := sf.NX, sf.RNE
			if rnd.IntN(16) == 0 {
				flags, rm = sf.Flags(rnd.Uint32N(32)), sf.Rounding(rnd.IntN(5))
			}
			if c.compare(t, operands, flags, rm) {
				fast++
			}
		}
		if fast < *operands/20 {
			t.Errorf("%v: the fast loop did %d of %d", code, fast, *operands)
		}
	}
}

// floatCase is a hart whose program is one instruction: rd is 4, the operands are
// 1 to 3.
type floatCase struct {
	code  Op
	hart  *Hart
	block *block
	fixed sf.Rounding // if the instruction has a rounding mode of its own
	own   bool
}

func newFloatCase(t *testing.T, code Op) *floatCase {
	c := &floatCase{code: code}
	const operands = 4<<7 | 1<<15 | 2<<20 | 3<<27
	word := rows[code].match | operands&^rows[code].mask
	if mode, rounds := hostRounding(code); rounds && sf.Rounding(mode) != sf.RNE {
		c.fixed, c.own = sf.Rounding(mode), true
		word |= mode << 12
	} else if rounds {
		word |= dynamicRM << 12
	}
	c.hart, _ = newTestHart(encode(word))
	c.hart.setMstatus(statusFS, statusFS)
	var ex exception
	if c.block, ex = c.hart.lookup(); ex != none || c.block.ops[0].code != code {
		t.Fatalf("%v: %#x makes the operation %v (%v)", code, word, c.block.ops[0].code, ex)
	}
	return c
}

// compare executes the instruction and reports whether the host did it.
func (c *floatCase) compare(t *testing.T, operands [3]uint64, flags sf.Flags, rm sf.Rounding) (fast bool) {
	t.Helper()
	h := c.hart
	h.writeFloatCSR(csrFcsr, uint64(flags)|uint64(rm)<<5)
	for n, value := range operands {
		h.SetX(n+1, value)
		h.SetF(n+1, value)
	}
	if c.own {
		rm = c.fixed
	}
	var want uint64
	var raised sf.Flags
	if isDouble(c.code) {
		want, raised = floatDouble(c.code, operands[0], operands[1], operands[2], rm)
	} else {
		want, raised = floatSingle(c.code, operands[0], operands[1], operands[2], rm)
	}
	_, at, _, why := h.exec(c.block, 0, 100)
	fast = at > 0 || why == exitFused
	h.pc = testBase
	h.Run(0, 1, false)
	got := h.F(4)
	if floatOperands[c.code]&floatRd == 0 {
		got = h.X(4)
	}
	if got != want || h.csr.fflags != uint8(flags|raised) {
		t.Fatalf("%v %#x with flags %#x, rounding %v: got %#x, flags %#x; want %#x, flags %#x",
			c.code, operands, flags, rm, got, h.csr.fflags, want, flags|raised)
	}
	return fast
}

// floatOperand is a register as an instruction might find it.
func floatOperand(rnd *rand.Rand, code Op) uint64 {
	if isDouble(code) {
		return doubleOperand(rnd)
	}
	if rnd.IntN(64) == 0 {
		return rnd.Uint64() // hardly ever boxed
	}
	return singleOperand(rnd) | boxed
}

func doubleOperand(rnd *rand.Rand) uint64 {
	sign := rnd.Uint64() & signBit
	switch rnd.IntN(12) {
	case 0:
		return sign | []uint64{0, 1, 0x7ff << 52, 0x7ff8 << 48, 0x7ff<<52 | 1, 1 << 52, 1<<52 - 1, 0x7ff<<52 - 1}[rnd.IntN(8)]
	case 1:
		return rnd.Uint64()
	case 2: // products and quotients that are tiny or too large
		return sign | rnd.Uint64()>>12 | []uint64{1, 2, 0x1ff, 0x200, 0x3fe, 0x5fe, 0x5ff, 0x7fd, 0x7fe}[rnd.IntN(9)]<<52
	case 3: // near the limits of the conversions
		return bits64([]float64{0, 0x1p31, -0x1p31, 0x1p32, 0x1p63, -0x1p63}[rnd.IntN(6)] + float64(rnd.IntN(9)-4)/2)
	case 4: // at the limits of singles
		return sign | rnd.Uint64()>>12&^(1<<28-1) | (0x380+rnd.Uint64N(4)-1)<<52
	}
	return sign | rnd.Uint64()>>12>>rnd.IntN(52) | (0x3ff+rnd.Uint64N(60)-30)<<52
}

func singleOperand(rnd *rand.Rand) uint64 {
	sign := rnd.Uint64() & signBit32
	switch rnd.IntN(8) {
	case 0:
		return sign | []uint64{0, 1, 0x7f8 << 20, 0x7fc << 20, 0x7f8<<20 | 1, 1 << 23, 1<<23 - 1, 0x7f8<<20 - 1}[rnd.IntN(8)]
	case 1:
		return uint64(rnd.Uint32())
	case 2:
		return sign | uint64(rnd.Uint32()>>9) | []uint64{1, 2, 0x3f, 0x40, 0x41, 0x7e, 0xbf, 0xfd, 0xfe}[rnd.IntN(9)]<<23
	}
	return sign | uint64(rnd.Uint32()>>9>>rnd.IntN(23)) | (0x7f+rnd.Uint64N(40)-20)<<23
}

// nearMiddle gives singles a, b and c so that a*b is half-way between two singles
// and c less than doubles can tell from it, or nothing.
func nearMiddle(rnd *rand.Rand) [3]uint64 {
	a, b := float32(1<<11+rnd.IntN(1<<11)|1), float32(1<<12+rnd.IntN(1<<12)|1)
	c := uint64(math.Float32bits(0x1p-40)) * rnd.Uint64N(2)
	return [3]uint64{bits32(a), bits32(b), boxed | c | rnd.Uint64()&signBit32}
}

// nearTiny gives operands whose product is a hair below the smallest normal
// number, or not.
func nearTiny(rnd *rand.Rand, double bool) [3]uint64 {
	if double {
		return [3]uint64{bits64(1) - rnd.Uint64N(3), bits64(0x1p-1022) + rnd.Uint64N(2), rnd.Uint64N(2) << 63}
	}
	return [3]uint64{bits32(1) - rnd.Uint64N(3), bits32(0x1p-126) + rnd.Uint64N(2), boxed | rnd.Uint64N(2)<<31}
}
