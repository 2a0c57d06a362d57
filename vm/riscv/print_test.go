package riscv

import "testing"

func TestPrint(t *testing.T) {
	sym := func(addr uint64) (string, bool) {
		return "main+0x10", addr == 0x80000010
	}
	for _, c := range []struct {
		raw  uint32
		want string
	}{
		{0x00000013, "nop"},
		{0x4505, "li a0,1"},
		{0x1141, "addi sp,sp,-16"},
		{0xfff50513, "addi a0,a0,-1"},
		{0x852e, "mv a0,a1"},
		{0x00b00533, "add a0,zero,a1"},
		{0x8082, "ret"},
		{0x0100006f, "j 80000010 <main+0x10>"},
		{0xa809, "j 0x80000012"},
		{0xfe051ee3, "bnez a0,0x7ffffffc"},
		{0x8ff57513, "andi a0,a0,-1793"},
		{0x0ff57513, "zext.b a0,a0"},
		{0x00154513, "xori a0,a0,1"},
		{0x02051513, "slli a0,a0,0x20"},
		{0x60555513, "rori a0,a0,0x5"},
		{0xfffff537, "lui a0,0xfffff"},
		{0x10016073, "csrsi sstatus,2"},
		{0x7c01d573, "csrrwi a0,0x7c0,3"},
		{0x00202573, "frrm a0"},
		{0xc0102573, "rdtime a0"},
		{0xc0001073, "unimp"},
		{0x1605a52f, "lr.w.aqrl a0,(a1)"},
		{0x04b6352f, "amoadd.d.aq a0,a1,(a2)"},
		{0x02b6352f, "amoadd.d.rl a0,a1,(a2)"},
		{0x00c58553, "fadd.s fa0,fa1,fa2,rne"},
		{0x00c5f553, "fadd.s fa0,fa1,fa2"},
		{0xd2057553, "fcvt.d.w fa0,a0"},
		{0x22b59553, "fneg.d fa0,fa1"},
		{0x0ff0000f, "fence"},
		{0x8330000f, "fence.tso"},
		{0x1330008f, "fence rw,rw"}, // reserved fm and rd
		{0x0010000f, "fence 0,w"},
		{0x0010100f, "fence.i"},
		{0x0100000f, "pause"},
		{0x12000073, "sfence.vma"},
		{0x12b00073, "sfence.vma zero,a1"},
		{0x0000, "unimp"},
		{0x0004, ".2byte 0x4"},
		{0x7b200073, ".4byte 0x7b200073"}, // dret
	} {
		if got := Decode(c.raw, ISAAll).Print(0x80000000, sym); got != c.want {
			t.Errorf("%08x prints %q, want %q", c.raw, got, c.want)
		}
	}
	if got, want := Decode(0x0100006f, ISAAll).Print(0x80000000, nil), "j 0x80000010"; got != want {
		t.Errorf("without symbols %q, want %q", got, want)
	}
}

// TestEveryFormatPrints checks that each format has its operands, so that none is printed without.
func TestEveryFormatPrints(t *testing.T) {
	for f := range numPrintFormats {
		if len(formatOperands[f]) == 0 && f != FmtNone {
			t.Errorf("format %d has no operands", f)
		}
	}
}

func TestRegisterNames(t *testing.T) {
	for n, want := range map[uint8][2]string{0: {"zero", "ft0"}, 8: {"s0", "fs0"}, 10: {"a0", "fa0"}, 31: {"t6", "ft11"}} {
		if RegName(n) != want[0] || FRegName(n) != want[1] {
			t.Errorf("register %d is %s and %s, want %v", n, RegName(n), FRegName(n), want)
		}
	}
}
