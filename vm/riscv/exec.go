package riscv

import (
	"math"
	"math/bits"
	"unsafe"
)

// exit says why the fast loop returned.
type exit uint8

const (
	// exitSlow: the operation at the index is not done yet and needs a slow path.
	exitSlow exit = iota
	// exitFused: the operation at the index is not done yet; it is a fused one on
	// doubles, and the host may compute it.
	exitFused
	// exitJump: every operation of the block is done, h.pc is where to go on.
	exitJump
	// exitBudget: the block has not begun, it is longer than what is left.
	exitBudget
)

// exec is the fast loop: it executes blocks, following their links, until
// something needs a slow path or the budget does not cover the next block. It
// begins with operation i of b and returns the block and operation it stands
// at, and what is left of the budget after the steps done.
//
// It is a leaf: it calls nothing, so that nothing is spilled. That is why it is
// one long function, and why it has no helper for the same few lines of a
// translation. Memory is reached through pointers: an entry of a dataSpace
// exists only for a whole page of RAM, and the alignment bits in the comparison
// with its tag keep the access within the page.
//
//nolint:gocyclo // one case an operation
func (h *Hart) exec(b *block, i int, budget int64) (*block, int, int64, exit) {
	x := &h.x
	ram := unsafe.Pointer(unsafe.SliceData(h.ram.bytes))
	load, store := &h.data.load, &h.data.store
	jumps := &h.code.jumps
	o := b.at(i)
	budget += int64(i) // those before it are paid for
	for {
		if budget -= b.steps; budget < 0 {
			i = b.index(o)
			return b, i, budget + b.steps - int64(i), exitBudget
		}
		for ; ; o = o.next() {
			switch o.code {
			case opConst:
				x[o.rd] = uint64(o.imm)
			case OpADDI:
				x[o.rd] = x[o.rs1] + uint64(o.imm)
			case OpSLTI:
				x[o.rd] = bit(int64(x[o.rs1]) < o.imm)
			case OpSLTIU:
				x[o.rd] = bit(x[o.rs1] < uint64(o.imm))
			case OpXORI:
				x[o.rd] = x[o.rs1] ^ uint64(o.imm)
			case OpORI:
				x[o.rd] = x[o.rs1] | uint64(o.imm)
			case OpANDI:
				x[o.rd] = x[o.rs1] & uint64(o.imm)
			case OpSLLI:
				x[o.rd] = x[o.rs1] << (uint64(o.imm) & 63)
			case OpSRLI:
				x[o.rd] = x[o.rs1] >> (uint64(o.imm) & 63)
			case OpSRAI:
				x[o.rd] = uint64(int64(x[o.rs1]) >> (uint64(o.imm) & 63))
			case OpADD:
				x[o.rd] = x[o.rs1] + x[o.rs2]
			case OpSUB:
				x[o.rd] = x[o.rs1] - x[o.rs2]
			case OpSLL:
				x[o.rd] = x[o.rs1] << (x[o.rs2] & 63)
			case OpSLT:
				x[o.rd] = bit(int64(x[o.rs1]) < int64(x[o.rs2]))
			case OpSLTU:
				x[o.rd] = bit(x[o.rs1] < x[o.rs2])
			case OpXOR:
				x[o.rd] = x[o.rs1] ^ x[o.rs2]
			case OpSRL:
				x[o.rd] = x[o.rs1] >> (x[o.rs2] & 63)
			case OpSRA:
				x[o.rd] = uint64(int64(x[o.rs1]) >> (x[o.rs2] & 63))
			case OpOR:
				x[o.rd] = x[o.rs1] | x[o.rs2]
			case OpAND:
				x[o.rd] = x[o.rs1] & x[o.rs2]
			case OpADDIW:
				x[o.rd] = uint64(int32(x[o.rs1]) + int32(o.imm))
			case OpSLLIW:
				x[o.rd] = uint64(int32(x[o.rs1]) << (uint64(o.imm) & 31))
			case OpSRLIW:
				x[o.rd] = uint64(int32(uint32(x[o.rs1]) >> (uint64(o.imm) & 31)))
			case OpSRAIW:
				x[o.rd] = uint64(int32(x[o.rs1]) >> (uint64(o.imm) & 31))
			case OpADDW:
				x[o.rd] = uint64(int32(x[o.rs1]) + int32(x[o.rs2]))
			case OpSUBW:
				x[o.rd] = uint64(int32(x[o.rs1]) - int32(x[o.rs2]))
			case OpSLLW:
				x[o.rd] = uint64(int32(x[o.rs1]) << (x[o.rs2] & 31))
			case OpSRLW:
				x[o.rd] = uint64(int32(uint32(x[o.rs1]) >> (x[o.rs2] & 31)))
			case OpSRAW:
				x[o.rd] = uint64(int32(x[o.rs1]) >> (x[o.rs2] & 31))

			case OpMUL:
				x[o.rd] = x[o.rs1] * x[o.rs2]
			case OpMULHU:
				x[o.rd], _ = bits.Mul64(x[o.rs1], x[o.rs2])
			case OpMULH:
				p, q := x[o.rs1], x[o.rs2]
				high, _ := bits.Mul64(p, q)
				x[o.rd] = high - uint64(int64(p)>>63)&q - uint64(int64(q)>>63)&p
			case OpMULHSU:
				p, q := x[o.rs1], x[o.rs2]
				high, _ := bits.Mul64(p, q)
				x[o.rd] = high - uint64(int64(p)>>63)&q
			case OpMULW:
				x[o.rd] = uint64(int32(x[o.rs1]) * int32(x[o.rs2]))
			case OpDIV:
				p, q := int64(x[o.rs1]), int64(x[o.rs2])
				if q == 0 {
					x[o.rd] = ^uint64(0)
				} else {
					x[o.rd] = uint64(p / q) // Go defines the overflow as RISC-V does
				}
			case OpDIVU:
				if q := x[o.rs2]; q == 0 {
					x[o.rd] = ^uint64(0)
				} else {
					x[o.rd] = x[o.rs1] / q
				}
			case OpREM:
				p, q := int64(x[o.rs1]), int64(x[o.rs2])
				if q == 0 {
					x[o.rd] = uint64(p)
				} else {
					x[o.rd] = uint64(p % q)
				}
			case OpREMU:
				if p, q := x[o.rs1], x[o.rs2]; q == 0 {
					x[o.rd] = p
				} else {
					x[o.rd] = p % q
				}
			case OpDIVW:
				p, q := int32(x[o.rs1]), int32(x[o.rs2])
				if q == 0 {
					x[o.rd] = ^uint64(0)
				} else {
					x[o.rd] = uint64(p / q)
				}
			case OpDIVUW:
				p, q := uint32(x[o.rs1]), uint32(x[o.rs2])
				if q == 0 {
					x[o.rd] = ^uint64(0)
				} else {
					x[o.rd] = uint64(int32(p / q))
				}
			case OpREMW:
				p, q := int32(x[o.rs1]), int32(x[o.rs2])
				if q == 0 {
					x[o.rd] = uint64(p)
				} else {
					x[o.rd] = uint64(p % q)
				}
			case OpREMUW:
				p, q := uint32(x[o.rs1]), uint32(x[o.rs2])
				if q == 0 {
					x[o.rd] = uint64(int32(p))
				} else {
					x[o.rd] = uint64(int32(p % q))
				}

			case OpADDUW:
				x[o.rd] = uint64(uint32(x[o.rs1])) + x[o.rs2]
			case OpSH1ADD:
				x[o.rd] = x[o.rs1]<<1 + x[o.rs2]
			case OpSH1ADDUW:
				x[o.rd] = uint64(uint32(x[o.rs1]))<<1 + x[o.rs2]
			case OpSH2ADD:
				x[o.rd] = x[o.rs1]<<2 + x[o.rs2]
			case OpSH2ADDUW:
				x[o.rd] = uint64(uint32(x[o.rs1]))<<2 + x[o.rs2]
			case OpSH3ADD:
				x[o.rd] = x[o.rs1]<<3 + x[o.rs2]
			case OpSH3ADDUW:
				x[o.rd] = uint64(uint32(x[o.rs1]))<<3 + x[o.rs2]
			case OpSLLIUW:
				x[o.rd] = uint64(uint32(x[o.rs1])) << (uint64(o.imm) & 63)
			case OpANDN:
				x[o.rd] = x[o.rs1] &^ x[o.rs2]
			case OpORN:
				x[o.rd] = x[o.rs1] | ^x[o.rs2]
			case OpXNOR:
				x[o.rd] = ^(x[o.rs1] ^ x[o.rs2])
			case OpCLZ:
				x[o.rd] = uint64(bits.LeadingZeros64(x[o.rs1]))
			case OpCLZW:
				x[o.rd] = uint64(bits.LeadingZeros32(uint32(x[o.rs1])))
			case OpCTZ:
				x[o.rd] = uint64(bits.TrailingZeros64(x[o.rs1]))
			case OpCTZW:
				x[o.rd] = uint64(bits.TrailingZeros32(uint32(x[o.rs1])))
			case OpMAX:
				x[o.rd] = uint64(max(int64(x[o.rs1]), int64(x[o.rs2])))
			case OpMAXU:
				x[o.rd] = max(x[o.rs1], x[o.rs2])
			case OpMIN:
				x[o.rd] = uint64(min(int64(x[o.rs1]), int64(x[o.rs2])))
			case OpMINU:
				x[o.rd] = min(x[o.rs1], x[o.rs2])
			case OpSEXTB:
				x[o.rd] = uint64(int8(x[o.rs1]))
			case OpSEXTH:
				x[o.rd] = uint64(int16(x[o.rs1]))
			case OpZEXTH:
				x[o.rd] = uint64(uint16(x[o.rs1]))
			case OpROL:
				x[o.rd] = bits.RotateLeft64(x[o.rs1], int(x[o.rs2]&63))
			case OpROR:
				x[o.rd] = bits.RotateLeft64(x[o.rs1], -int(x[o.rs2]&63))
			case OpRORI:
				x[o.rd] = bits.RotateLeft64(x[o.rs1], -int(o.imm&63))
			case OpROLW:
				x[o.rd] = uint64(int32(bits.RotateLeft32(uint32(x[o.rs1]), int(x[o.rs2]&31))))
			case OpRORW:
				x[o.rd] = uint64(int32(bits.RotateLeft32(uint32(x[o.rs1]), -int(x[o.rs2]&31))))
			case OpRORIW:
				x[o.rd] = uint64(int32(bits.RotateLeft32(uint32(x[o.rs1]), -int(o.imm&31))))
			case OpREV8:
				x[o.rd] = bits.ReverseBytes64(x[o.rs1])
			case OpBCLR:
				x[o.rd] = x[o.rs1] &^ (1 << (x[o.rs2] & 63))
			case OpBCLRI:
				x[o.rd] = x[o.rs1] &^ (1 << (uint64(o.imm) & 63))
			case OpBEXT:
				x[o.rd] = x[o.rs1] >> (x[o.rs2] & 63) & 1
			case OpBEXTI:
				x[o.rd] = x[o.rs1] >> (uint64(o.imm) & 63) & 1
			case OpBINV:
				x[o.rd] = x[o.rs1] ^ 1<<(x[o.rs2]&63)
			case OpBINVI:
				x[o.rd] = x[o.rs1] ^ 1<<(uint64(o.imm)&63)
			case OpBSET:
				x[o.rd] = x[o.rs1] | 1<<(x[o.rs2]&63)
			case OpBSETI:
				x[o.rd] = x[o.rs1] | 1<<(uint64(o.imm)&63)

			case OpLB:
				va := x[o.rs1] + uint64(o.imm)
				e := &load[va>>pageShift%tlbSize]
				if va&^pageMask != e.tag {
					goto slow
				}
				x[o.rd] = uint64(*(*int8)(unsafe.Add(ram, va+e.delta)))
			case OpLBU:
				va := x[o.rs1] + uint64(o.imm)
				e := &load[va>>pageShift%tlbSize]
				if va&^pageMask != e.tag {
					goto slow
				}
				x[o.rd] = uint64(*(*uint8)(unsafe.Add(ram, va+e.delta)))
			case OpLH:
				va := x[o.rs1] + uint64(o.imm)
				e := &load[va>>pageShift%tlbSize]
				if va&^(pageMask-1) != e.tag {
					goto slow
				}
				x[o.rd] = uint64(*(*int16)(unsafe.Add(ram, va+e.delta)))
			case OpLHU:
				va := x[o.rs1] + uint64(o.imm)
				e := &load[va>>pageShift%tlbSize]
				if va&^(pageMask-1) != e.tag {
					goto slow
				}
				x[o.rd] = uint64(*(*uint16)(unsafe.Add(ram, va+e.delta)))
			case OpLW:
				va := x[o.rs1] + uint64(o.imm)
				e := &load[va>>pageShift%tlbSize]
				if va&^(pageMask-3) != e.tag {
					goto slow
				}
				x[o.rd] = uint64(*(*int32)(unsafe.Add(ram, va+e.delta)))
			case OpLWU:
				va := x[o.rs1] + uint64(o.imm)
				e := &load[va>>pageShift%tlbSize]
				if va&^(pageMask-3) != e.tag {
					goto slow
				}
				x[o.rd] = uint64(*(*uint32)(unsafe.Add(ram, va+e.delta)))
			case OpLD:
				va := x[o.rs1] + uint64(o.imm)
				e := &load[va>>pageShift%tlbSize]
				if va&^(pageMask-7) != e.tag {
					goto slow
				}
				x[o.rd] = *(*uint64)(unsafe.Add(ram, va+e.delta))
			case OpSB:
				va := x[o.rs1] + uint64(o.imm)
				e := &store[va>>pageShift%tlbSize]
				if va&^pageMask != e.tag {
					goto slow
				}
				*(*uint8)(unsafe.Add(ram, va+e.delta)) = uint8(x[o.rs2])
			case OpSH:
				va := x[o.rs1] + uint64(o.imm)
				e := &store[va>>pageShift%tlbSize]
				if va&^(pageMask-1) != e.tag {
					goto slow
				}
				*(*uint16)(unsafe.Add(ram, va+e.delta)) = uint16(x[o.rs2])
			case OpSW:
				va := x[o.rs1] + uint64(o.imm)
				e := &store[va>>pageShift%tlbSize]
				if va&^(pageMask-3) != e.tag {
					goto slow
				}
				*(*uint32)(unsafe.Add(ram, va+e.delta)) = uint32(x[o.rs2])
			case OpSD:
				va := x[o.rs1] + uint64(o.imm)
				e := &store[va>>pageShift%tlbSize]
				if va&^(pageMask-7) != e.tag {
					goto slow
				}
				*(*uint64)(unsafe.Add(ram, va+e.delta)) = x[o.rs2]
			case OpFLD:
				va := x[o.rs1] + uint64(o.imm)
				e := &load[va>>pageShift%tlbSize]
				if va&^(pageMask-7) != e.tag || !h.floatDirty {
					goto slow
				}
				x[o.rd] = *(*uint64)(unsafe.Add(ram, va+e.delta))
			case OpFSD:
				va := x[o.rs1] + uint64(o.imm)
				e := &store[va>>pageShift%tlbSize]
				if va&^(pageMask-7) != e.tag || !h.floatDirty {
					goto slow
				}
				*(*uint64)(unsafe.Add(ram, va+e.delta)) = x[o.rs2]
			case OpFLW:
				va := x[o.rs1] + uint64(o.imm)
				e := &load[va>>pageShift%tlbSize]
				if va&^(pageMask-3) != e.tag || !h.floatDirty {
					goto slow
				}
				x[o.rd] = uint64(*(*uint32)(unsafe.Add(ram, va+e.delta))) | boxed
			case OpFSW:
				va := x[o.rs1] + uint64(o.imm)
				e := &store[va>>pageShift%tlbSize]
				if va&^(pageMask-3) != e.tag || !h.floatDirty {
					goto slow
				}
				*(*uint32)(unsafe.Add(ram, va+e.delta)) = uint32(x[o.rs2])
			case OpFLH:
				va := x[o.rs1] + uint64(o.imm)
				e := &load[va>>pageShift%tlbSize]
				if va&^(pageMask-1) != e.tag || !h.floatDirty {
					goto slow
				}
				x[o.rd] = uint64(*(*uint16)(unsafe.Add(ram, va+e.delta))) | boxedHalf
			case OpFSH:
				va := x[o.rs1] + uint64(o.imm)
				e := &store[va>>pageShift%tlbSize]
				if va&^(pageMask-1) != e.tag || !h.floatDirty {
					goto slow
				}
				*(*uint16)(unsafe.Add(ram, va+e.delta)) = uint16(x[o.rs2])
			case OpFSGNJD:
				if !h.floatDirty {
					goto slow
				}
				x[o.rd] = x[o.rs1]&^signBit | x[o.rs2]&signBit
			case OpFSGNJND:
				if !h.floatDirty {
					goto slow
				}
				x[o.rd] = x[o.rs1]&^signBit | ^x[o.rs2]&signBit
			case OpFSGNJXD:
				if !h.floatDirty {
					goto slow
				}
				x[o.rd] = x[o.rs1] ^ x[o.rs2]&signBit
			case OpFSGNJS:
				p, q := x[o.rs1], x[o.rs2]
				if p&q < boxed || !h.floatDirty {
					goto slow
				}
				x[o.rd] = p&^signBit32 | q&signBit32
			case OpFSGNJNS:
				p, q := x[o.rs1], x[o.rs2]
				if p&q < boxed || !h.floatDirty {
					goto slow
				}
				x[o.rd] = p&^signBit32 | ^q&signBit32
			case OpFSGNJXS:
				p, q := x[o.rs1], x[o.rs2]
				if p&q < boxed || !h.floatDirty {
					goto slow
				}
				x[o.rd] = p ^ q&signBit32
			case OpFMVXD, OpFMVDX:
				if !h.floatDirty {
					goto slow
				}
				x[o.rd] = x[o.rs1]
			case OpFMVXW:
				if !h.floatDirty {
					goto slow
				}
				x[o.rd] = uint64(int32(x[o.rs1]))
			case OpFMVWX:
				if !h.floatDirty {
					goto slow
				}
				x[o.rd] = x[o.rs1] | boxed

			case OpFADDD:
				r := bits64(float64of(x[o.rs1]) + float64of(x[o.rs2]))
				if !finite64(r) || !h.floatHost {
					goto slow
				}
				x[o.rd] = r
			case OpFSUBD:
				r := bits64(float64of(x[o.rs1]) - float64of(x[o.rs2]))
				if !finite64(r) || !h.floatHost {
					goto slow
				}
				x[o.rd] = r
			case OpFMULD:
				p, q := x[o.rs1], x[o.rs2]
				r := bits64(float64of(p) * float64of(q))
				if !clear64(r) && (r<<1 != 0 || p<<1 != 0 && q<<1 != 0) || !h.floatHost {
					goto slow
				}
				x[o.rd] = r
			case OpFDIVD:
				p := x[o.rs1]
				r := bits64(float64of(p) / float64of(x[o.rs2]))
				if !clear64(r) && (r<<1 != 0 || p<<1 != 0) || !h.floatHost {
					goto slow
				}
				x[o.rd] = r
			case OpFSQRTD:
				r := bits64(math.Sqrt(float64of(x[o.rs1])))
				if !finite64(r) || !h.floatHost {
					goto slow
				}
				x[o.rd] = r
			case OpFMADDD, OpFMSUBD, OpFNMSUBD, OpFNMADDD:
				if !h.floatHost {
					goto slow
				}
				i = b.index(o)
				return b, i, budget + b.steps - int64(i), exitFused
			case OpFMADDS:
				p, q, c := x[o.rs1], x[o.rs2], x[rs3(o)]
				d := float64(float64(float32of(p))*float64(float32of(q))) + float64(float32of(c))
				r := bits32(float32(d))
				if !clear32(r) || midpoint(d) || p&q&c < boxed || !h.floatHost {
					goto slow
				}
				x[o.rd] = r
			case OpFMSUBS:
				p, q, c := x[o.rs1], x[o.rs2], x[rs3(o)]
				d := float64(float64(float32of(p))*float64(float32of(q))) - float64(float32of(c))
				r := bits32(float32(d))
				if !clear32(r) || midpoint(d) || p&q&c < boxed || !h.floatHost {
					goto slow
				}
				x[o.rd] = r
			case OpFNMSUBS:
				p, q, c := x[o.rs1], x[o.rs2], x[rs3(o)]
				d := float64(float32of(c)) - float64(float64(float32of(p))*float64(float32of(q)))
				r := bits32(float32(d))
				if !clear32(r) || midpoint(d) || p&q&c < boxed || !h.floatHost {
					goto slow
				}
				x[o.rd] = r
			case OpFNMADDS:
				p, q, c := x[o.rs1], x[o.rs2], x[rs3(o)]
				d := float64(-float64(float32of(p))*float64(float32of(q))) - float64(float32of(c))
				r := bits32(float32(d))
				if !clear32(r) || midpoint(d) || p&q&c < boxed || !h.floatHost {
					goto slow
				}
				x[o.rd] = r
			case OpFADDS:
				p, q := x[o.rs1], x[o.rs2]
				r := bits32(float32of(p) + float32of(q))
				if !finite32(r) || p&q < boxed || !h.floatHost {
					goto slow
				}
				x[o.rd] = r
			case OpFSUBS:
				p, q := x[o.rs1], x[o.rs2]
				r := bits32(float32of(p) - float32of(q))
				if !finite32(r) || p&q < boxed || !h.floatHost {
					goto slow
				}
				x[o.rd] = r
			case OpFMULS:
				p, q := x[o.rs1], x[o.rs2]
				r := bits32(float32of(p) * float32of(q))
				if !clear32(r) || p&q < boxed || !h.floatHost {
					goto slow
				}
				x[o.rd] = r
			case OpFDIVS:
				p, q := x[o.rs1], x[o.rs2]
				r := bits32(float32of(p) / float32of(q))
				if !clear32(r) || p&q < boxed || !h.floatHost {
					goto slow
				}
				x[o.rd] = r
			case OpFSQRTS:
				p := x[o.rs1]
				r := bits32(float32(math.Sqrt(float64(float32of(p)))))
				if !finite32(r) || p < boxed || !h.floatHost {
					goto slow
				}
				x[o.rd] = r

			case OpFEQD:
				p, q := float64of(x[o.rs1]), float64of(x[o.rs2])
				if p != p || q != q || !h.floatDirty {
					goto slow
				}
				x[o.rd] = bit(p == q)
			case OpFLTD:
				p, q := float64of(x[o.rs1]), float64of(x[o.rs2])
				if p != p || q != q || !h.floatDirty {
					goto slow
				}
				x[o.rd] = bit(p < q)
			case OpFLED:
				p, q := float64of(x[o.rs1]), float64of(x[o.rs2])
				if p != p || q != q || !h.floatDirty {
					goto slow
				}
				x[o.rd] = bit(p <= q)
			case OpFCVTDW:
				if !h.floatHost {
					goto slow
				}
				x[o.rd] = bits64(float64(int32(x[o.rs1])))
			case OpFCVTDWU:
				if !h.floatHost {
					goto slow
				}
				x[o.rd] = bits64(float64(uint32(x[o.rs1])))
			case OpFCVTDL:
				if !h.floatHost {
					goto slow
				}
				x[o.rd] = bits64(float64(int64(x[o.rs1])))
			case OpFCVTWD:
				p := float64of(x[o.rs1])
				if !(p > -1<<31-1 && p < 1<<31) || !h.floatHost {
					goto slow
				}
				x[o.rd] = uint64(int64(p))
			case OpFCVTLD:
				p := float64of(x[o.rs1])
				if !(p >= -1<<63 && p < 1<<63) || !h.floatHost {
					goto slow
				}
				x[o.rd] = uint64(int64(p))
			case OpFCVTDS:
				p := x[o.rs1]
				r := bits64(float64(float32of(p)))
				if !finite64(r) || p < boxed || !h.floatHost {
					goto slow
				}
				x[o.rd] = r
			case OpFCVTSD:
				p := x[o.rs1]
				r := bits32(float32(float64of(p)))
				if !clear32(r) && p<<1 != 0 || !h.floatHost {
					goto slow
				}
				x[o.rd] = r

			case OpFENCE:
			case OpBEQ:
				if x[o.rs1] == x[o.rs2] {
					goto taken
				}
				goto next
			case OpBNE:
				if x[o.rs1] != x[o.rs2] {
					goto taken
				}
				goto next
			case OpBLT:
				if int64(x[o.rs1]) < int64(x[o.rs2]) {
					goto taken
				}
				goto next
			case OpBGE:
				if int64(x[o.rs1]) >= int64(x[o.rs2]) {
					goto taken
				}
				goto next
			case OpBLTU:
				if x[o.rs1] < x[o.rs2] {
					goto taken
				}
				goto next
			case OpBGEU:
				if x[o.rs1] >= x[o.rs2] {
					goto taken
				}
				goto next
			case OpJAL:
				x[o.rd] = uint64(o.imm)
				goto taken
			case OpJALR:
				target := (x[o.rs1] + uint64(o.imm)) &^ 1
				x[o.rd] = b.end
				if j := &jumps[target>>1%jumpSize]; j.pc == target {
					b = j.block
					goto follow
				}
				h.pc = target
				return b, b.index(o), budget, exitJump

			case opEnd:
				goto next
			default:
				goto slow
			}
		}
	next: // in order to the next block
		if to := b.next; to != nil {
			b = to
			goto follow
		}
		if j := &jumps[b.end>>1%jumpSize]; j.pc == b.end {
			b = j.block
			goto follow
		}
		h.pc = b.end
		return b, b.index(o), budget, exitJump
	taken:
		if to := b.taken; to != nil {
			b = to
			goto follow
		}
		if j := &jumps[b.to>>1%jumpSize]; j.pc == b.to {
			b = j.block
			goto follow
		}
		h.pc = b.to
		return b, b.index(o), budget, exitJump
	slow:
		i = b.index(o)
		return b, i, budget + b.steps - int64(i), exitSlow
	follow:
		o = b.at(0)
	}
}

const (
	signBit = 1 << 63
	boxed   = 0xffffffff << 32 // the upper half of a register that holds a single

	boxedHalf = 0xffffffffffff << 16 // the upper bits of a register that holds a half
)

func bit(condition bool) uint64 {
	if condition {
		return 1
	}
	return 0
}
