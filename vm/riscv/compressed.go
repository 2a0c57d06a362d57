package riscv

// decodeCompressed expands a 16-bit encoding (unprivileged ISA, chapter on the C extension, RV64C)
// into the instruction that it stands for. Reserved encodings are OpIllegal; hints expand to the
// instruction without effect that they are.
func decodeCompressed(raw uint16, isa ISA) Inst {
	i := Inst{Size: 2, Raw: uint32(raw)}
	if !isa.Has(ExtC) {
		return i
	}
	c := cinst(raw)
	switch raw & 3 {
	case 0:
		c.quadrant0(&i)
	case 1:
		c.quadrant1(&i)
	case 2:
		c.quadrant2(&i)
	}
	if !isa.Has(i.Op.Ext()) {
		return Inst{Size: 2, Raw: uint32(raw)}
	}
	return i
}

// cinst is a 16-bit encoding. Its methods extract fields; an immediate's name is the format's, and
// the comment gives the bits in the order in which the encoding holds them.
type cinst uint16

func (c cinst) funct3() uint16 { return uint16(c >> 13) }

// rd is the full register field at bits 11:7 (rd or rs1), rs2 the one at bits 6:2.
func (c cinst) rd() uint8  { return uint8(c >> 7 & 31) }
func (c cinst) rs2() uint8 { return uint8(c >> 2 & 31) }

// rdShort is the register x8 to x15 at bits 9:7 (rd' or rs1'), rs2Short the one at bits 4:2.
func (c cinst) rdShort() uint8  { return uint8(c>>7&7) + 8 }
func (c cinst) rs2Short() uint8 { return uint8(c>>2&7) + 8 }

// bits returns n bits of c from bit lo on, moved to bit position to.
func (c cinst) bits(lo, n, to uint) int64 { return int64(c>>lo&(1<<n-1)) << to }

// sign returns bit 12 as the sign, from bit position to upwards.
func (c cinst) sign(to uint) int64 { return -c.bits(12, 1, to) }

// uimm6 is 5 | 4:0, unsigned; imm6 the same, signed.
func (c cinst) uimm6() int64 { return c.bits(12, 1, 5) | c.bits(2, 5, 0) }
func (c cinst) imm6() int64  { return c.sign(5) | c.bits(2, 5, 0) }

// immADDI4SPN is 5:4|9:6|2|3.
func (c cinst) immADDI4SPN() int64 {
	return c.bits(11, 2, 4) | c.bits(7, 4, 6) | c.bits(6, 1, 2) | c.bits(5, 1, 3)
}

// immADDI16SP is 9 | 4|6|8:7|5.
func (c cinst) immADDI16SP() int64 {
	return c.sign(9) | c.bits(6, 1, 4) | c.bits(5, 1, 6) | c.bits(3, 2, 7) | c.bits(2, 1, 5)
}

// immW and immD are the offsets of register-based loads and stores: 5:3 | 2|6 and 5:3 | 7:6.
func (c cinst) immW() int64 { return c.bits(10, 3, 3) | c.bits(6, 1, 2) | c.bits(5, 1, 6) }
func (c cinst) immD() int64 { return c.bits(10, 3, 3) | c.bits(5, 2, 6) }

// immLWSP and immLDSP are the offsets of stack loads: 5 | 4:2|7:6 and 5 | 4:3|8:6.
func (c cinst) immLWSP() int64 { return c.bits(12, 1, 5) | c.bits(4, 3, 2) | c.bits(2, 2, 6) }
func (c cinst) immLDSP() int64 { return c.bits(12, 1, 5) | c.bits(5, 2, 3) | c.bits(2, 3, 6) }

// immSWSP and immSDSP are the offsets of stack stores: 5:2|7:6 and 5:3|8:6.
func (c cinst) immSWSP() int64 { return c.bits(9, 4, 2) | c.bits(7, 2, 6) }
func (c cinst) immSDSP() int64 { return c.bits(10, 3, 3) | c.bits(7, 3, 6) }

// immJ is 11|4|9:8|10|6|7|3:1|5.
func (c cinst) immJ() int64 {
	return c.sign(11) | c.bits(11, 1, 4) | c.bits(9, 2, 8) | c.bits(8, 1, 10) |
		c.bits(7, 1, 6) | c.bits(6, 1, 7) | c.bits(3, 3, 1) | c.bits(2, 1, 5)
}

// immB is 8|4:3 | 7:6|2:1|5.
func (c cinst) immB() int64 {
	return c.sign(8) | c.bits(10, 2, 3) | c.bits(5, 2, 6) | c.bits(3, 2, 1) | c.bits(2, 1, 5)
}

// The setters give i one shape of instruction; none of them is reached for a reserved encoding.

func (i *Inst) regImm(op Op, rd, rs1 uint8, imm int64) {
	i.Op, i.Rd, i.Rs1, i.Imm = op, rd, rs1, imm
}

func (i *Inst) store(op Op, rs2, rs1 uint8, imm int64) {
	i.Op, i.Rs2, i.Rs1, i.Imm = op, rs2, rs1, imm
}

func (i *Inst) regReg(op Op, rd, rs1, rs2 uint8) {
	i.Op, i.Rd, i.Rs1, i.Rs2 = op, rd, rs1, rs2
}

// quadrant0 expands C.ADDI4SPN and the register-based loads and stores.
func (c cinst) quadrant0(i *Inst) {
	reg, base := c.rs2Short(), c.rdShort()
	switch c.funct3() {
	case 0:
		if imm := c.immADDI4SPN(); imm != 0 {
			i.regImm(OpADDI, reg, regSP, imm)
		}
	case 1:
		i.regImm(OpFLD, reg, base, c.immD())
	case 2:
		i.regImm(OpLW, reg, base, c.immW())
	case 3:
		i.regImm(OpLD, reg, base, c.immD())
	case 5:
		i.store(OpFSD, reg, base, c.immD())
	case 6:
		i.store(OpSW, reg, base, c.immW())
	case 7:
		i.store(OpSD, reg, base, c.immD())
	}
}

// quadrant1 expands the immediate instructions, the arithmetic on x8 to x15, jumps and branches.
func (c cinst) quadrant1(i *Inst) {
	rd := c.rd()
	switch c.funct3() {
	case 0: // C.NOP, C.ADDI
		i.regImm(OpADDI, rd, rd, c.imm6())
	case 1: // C.ADDIW
		if rd != 0 {
			i.regImm(OpADDIW, rd, rd, c.imm6())
		}
	case 2: // C.LI
		i.regImm(OpADDI, rd, 0, c.imm6())
	case 3: // C.ADDI16SP, C.LUI
		if c.imm6() == 0 {
			return
		}
		if rd == regSP {
			i.regImm(OpADDI, rd, rd, c.immADDI16SP())
		} else {
			i.regImm(OpLUI, rd, 0, c.imm6()<<12)
		}
	case 4:
		c.arithmetic(i)
	case 5: // C.J
		i.Op, i.Imm = OpJAL, c.immJ()
	case 6: // C.BEQZ
		i.store(OpBEQ, 0, c.rdShort(), c.immB())
	case 7: // C.BNEZ
		i.store(OpBNE, 0, c.rdShort(), c.immB())
	}
}

// compressedArith is indexed by bits 12 and 6:5 of the register-register group; two are reserved.
var compressedArith = [8]Op{OpSUB, OpXOR, OpOR, OpAND, OpSUBW, OpADDW, OpIllegal, OpIllegal}

// arithmetic expands C.SRLI, C.SRAI, C.ANDI and the register-register group of quadrant 1.
func (c cinst) arithmetic(i *Inst) {
	rd := c.rdShort()
	switch c >> 10 & 3 {
	case 0:
		i.regImm(OpSRLI, rd, rd, c.uimm6())
	case 1:
		i.regImm(OpSRAI, rd, rd, c.uimm6())
	case 2:
		i.regImm(OpANDI, rd, rd, c.imm6())
	case 3:
		if op := compressedArith[c>>12&1<<2|c>>5&3]; op != OpIllegal {
			i.regReg(op, rd, rd, c.rs2Short())
		}
	}
}

// quadrant2 expands C.SLLI, the stack loads and stores, and the register jumps and moves.
func (c cinst) quadrant2(i *Inst) {
	rd, rs2 := c.rd(), c.rs2()
	switch c.funct3() {
	case 0:
		i.regImm(OpSLLI, rd, rd, c.uimm6())
	case 1:
		i.regImm(OpFLD, rd, regSP, c.immLDSP())
	case 2:
		if rd != 0 {
			i.regImm(OpLW, rd, regSP, c.immLWSP())
		}
	case 3:
		if rd != 0 {
			i.regImm(OpLD, rd, regSP, c.immLDSP())
		}
	case 4:
		c.jumpOrMove(i, rd, rs2)
	case 5:
		i.store(OpFSD, rs2, regSP, c.immSDSP())
	case 6:
		i.store(OpSW, rs2, regSP, c.immSWSP())
	case 7:
		i.store(OpSD, rs2, regSP, c.immSDSP())
	}
}

// jumpOrMove expands C.JR, C.MV, C.EBREAK, C.JALR and C.ADD.
func (c cinst) jumpOrMove(i *Inst, rd, rs2 uint8) {
	link := c>>12&1 != 0
	switch {
	case rs2 != 0 && !link:
		i.regReg(OpADD, rd, 0, rs2)
	case rs2 != 0:
		i.regReg(OpADD, rd, rd, rs2)
	case rd != 0 && !link:
		i.regImm(OpJALR, 0, rd, 0)
	case rd != 0:
		i.regImm(OpJALR, regRA, rd, 0)
	case link:
		i.Op = OpEBREAK
	}
}
