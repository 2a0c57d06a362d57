package riscv

import (
	"encoding/binary"
	"testing"
)

// compressedEncodings returns all 49152 encodings of 16 bits.
func compressedEncodings() (code []byte) {
	for c := range uint16(0xffff) {
		if c&3 != 3 {
			code = binary.LittleEndian.AppendUint16(code, c)
		}
	}
	return code
}

func TestCompressedAgreesWithObjdump(t *testing.T) {
	code := compressedEncodings()
	lines := objdump(t, archAll, code)
	if len(lines) != len(code)/2 {
		t.Fatalf("objdump printed %d lines for %d encodings", len(lines), len(code)/2)
	}
	compare(t, ISAAll, lines)
}

func TestCompressedWithoutD(t *testing.T) {
	compare(t, isaIMFC, objdump(t, archIMFC, compressedEncodings()))
}

func TestCompressedNeedsC(t *testing.T) {
	for c := range uint32(0xffff) {
		if i := Decode(c, isaIMA); c&3 != 3 && (i.Op != OpIllegal || i.Size != 2 || i.Raw != c) {
			t.Fatalf("%04x without C is %+v", c, i)
		}
	}
}

func TestCompressedOperands(t *testing.T) {
	for _, c := range []struct {
		raw  uint32
		want Inst
	}{
		{0x0000, Inst{}},
		{0x0001, Inst{Op: OpADDI}},
		{0x1141, Inst{Op: OpADDI, Rd: 2, Rs1: 2, Imm: -16}},
		{0x7139, Inst{Op: OpADDI, Rd: 2, Rs1: 2, Imm: -64}},
		{0x6101, Inst{}}, // c.addi16sp by 0
		{0x1ffc, Inst{Op: OpADDI, Rd: 15, Rs1: 2, Imm: 1020}},
		{0x8082, Inst{Op: OpJALR, Rs1: 1}},
		{0x9082, Inst{Op: OpJALR, Rd: 1, Rs1: 1}},
		{0x8002, Inst{}}, // c.jr zero
		{0x9002, Inst{Op: OpEBREAK}},
		{0xb001, Inst{Op: OpJAL, Imm: -2048}},
		{0xd001, Inst{Op: OpBEQ, Rs1: 8, Imm: -256}},
		{0x557d, Inst{Op: OpADDI, Rd: 10, Imm: -1}},
		{0x757d, Inst{Op: OpLUI, Rd: 10, Imm: -4096}},
		{0x157e, Inst{Op: OpSLLI, Rd: 10, Rs1: 10, Imm: 63}},
		{0x852e, Inst{Op: OpADD, Rd: 10, Rs2: 11}},
		{0x952e, Inst{Op: OpADD, Rd: 10, Rs1: 10, Rs2: 11}},
		{0xe02e, Inst{Op: OpSD, Rs1: 2, Rs2: 11}},
		{0x6002, Inst{}}, // c.ldsp to zero
	} {
		c.want.Size, c.want.Raw = 2, c.raw
		if got := Decode(c.raw|0xabcd0000, ISAAll); got != c.want {
			t.Errorf("Decode(%#04x) = %+v, want %+v", c.raw, got, c.want)
		}
	}
}
