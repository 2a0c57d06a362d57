package riscv

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const (
	archAll  = "rv64imafdc_zicsr_zifencei_zihintpause_zba_zbb_zbc_zbs_zfh_svinval"
	archIMA  = "rv64ima_zicsr_zifencei"
	archIMFC = "rv64imfc_zicsr"

	isaIMA  = ExtI | ExtM | ExtA | ExtZicsr | ExtZifencei | ExtPriv
	isaIMFC = ExtI | ExtM | ExtF | ExtC | ExtZicsr | ExtPriv
)

// dumped is one line of objdump's output.
type dumped struct {
	addr uint64
	raw  uint32
	text string
}

var dumpLine = regexp.MustCompile(`^ *([0-9a-f]+):\t([0-9a-f]+) *\t(.*)$`)

// objdump disassembles code for an architecture string, the way objdump does by default.
func objdump(t *testing.T, arch string, code []byte) []dumped {
	t.Helper()
	dir := t.TempDir()
	run := func(name string, args ...string) string {
		cmd := exec.Command("riscv64-unknown-elf-"+name, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v (Debian package binutils-riscv64-unknown-elf)\n%s", name, err, out)
		}
		return string(out)
	}
	source := ".attribute arch,\"" + arch + "\"\n.text\n.incbin \"code.bin\"\n"
	for name, content := range map[string][]byte{"code.bin": code, "code.s": []byte(source)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run("as", "-o", "code.o", "code.s")
	var lines []dumped
	for line := range strings.Lines(run("objdump", "-D", "-z", "-j", ".text", "code.o")) {
		m := dumpLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			continue
		}
		addr, err := strconv.ParseUint(m[1], 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := strconv.ParseUint(m[2], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, dumped{addr, uint32(raw), normalise(m[3])})
	}
	return lines
}

var angle = regexp.MustCompile(` *<[^>]*>`)

// normalise cuts comments and symbols, which depend on the file, and makes white space one blank.
func normalise(text string) string {
	text, _, _ = strings.Cut(text, "#")
	return strings.Join(strings.Fields(angle.ReplaceAllString(text, "")), " ")
}

// spellings are the texts that we print differently on purpose.
var spellings = []struct {
	objdump *regexp.Regexp
	ours    string
	reason  string
}{
	{regexp.MustCompile(`^c\.nop (.*)$`), "li zero,$1", "hint: shown as what it expands to"},
	{regexp.MustCompile(`^c\.li zero,0$`), "nop", "hint"},
	{regexp.MustCompile(`^c\.(li|lui) (.*)$`), "$1 $2", "hint"},
	{regexp.MustCompile(`^c\.mv (.*)$`), "mv $1", "hint"},
	{regexp.MustCompile(`^c\.add zero,(.*)$`), "mv zero,$1", "hint"},
	{regexp.MustCompile(`^c\.slli (\w+),(.*)$`), "slli $1,$1,$2", "hint"},
	{regexp.MustCompile(`^c\.(s...)64 (\w+)$`), "$1 $2,$2,0x0", "hint: a shift by 0"},
	{regexp.MustCompile(`^add (\w+),\w+,0$`), "mv $1,$1", "hint: c.addi with 0"},
	{
		regexp.MustCompile(`^(add|and|or|xor|slt)(w?) (\w+,\w+,-?\d+)$`), "${1}i$2 $3",
		"immediate forms keep their i, as other versions of objdump print them",
	},
	{regexp.MustCompile(`^(sll|srl|sra|ror)(w?) (\w+,\w+,0x.*)$`), "${1}i$2 $3", "the same"},
	{regexp.MustCompile(`^(bset|bclr|binv|bext) (\w+,\w+,0x.*)$`), "${1}i $2", "the same"},
	{regexp.MustCompile(`^sltu (\w+,\w+,-?\d+)$`), "sltiu $1", "the same"},
	{regexp.MustCompile(`^(csr[wsc]) (\w+,\d+)$`), "${1}i $2", "the same"},
	{regexp.MustCompile(`^(csrr[wsc]) (\w+,\w+,\d+)$`), "${1}i $2", "the same"},
	{regexp.MustCompile(`^csrw f(flags|rm|csr),(\w+)$`), "fs$1 $2", "without F objdump lacks these; Print is not told the ISA"},
	{regexp.MustCompile(`^csrr (\w+),f(flags|rm|csr)$`), "fr$2 $1", "the same"},
	{regexp.MustCompile(`^fence unknown,unknown$`), "fence 0,0", "an empty set is reserved, but it has a meaning: nothing"},
	{regexp.MustCompile(`^fence unknown,(.*)$`), "fence 0,$1", "the same"},
	{regexp.MustCompile(`^fence (.*),unknown$`), "fence $1,0", "the same"},
}

// legality lists the encodings on whose legality we differ on purpose.
var legality = []struct {
	mask, match uint32
	legal       bool // here
	reason      string
}{
	{0x0000707f, 0x0000000f, true, "reserved fm, rs1 and rd of fence are to be ignored (unprivileged ISA, 2.7)"},
	{0x0000707f, 0x0000100f, true, "reserved fields of fence.i are to be ignored (unprivileged ISA, 3.1)"},
	{0xfff0007f, 0x42000053, true, "fcvt.d.s is exact, any valid rounding mode goes"},
	{0xffe0007f, 0xd2000053, true, "fcvt.d.w and fcvt.d.wu, the same"},
	{0xfff0007f, 0x40200053, true, "fcvt.s.h, the same"},
	{0xfff0007f, 0x42200053, true, "fcvt.d.h, the same"},
	{0xffffffff, 0x7b200073, false, "dret exists in debug mode only"},
	{0xffffffff, 0x00200073, false, "uret went with the N extension"},
	{0xffffffff, 0x20200073, false, "hret is of privileged ISA 1.7"},
	{0xfff07fff, 0x10400073, false, "sfence.vm is of privileged ISA 1.9"},
	{0xffffffff, 0x00006101, false, "c.addi16sp by 0 is reserved"},
}

func isRounded(raw uint32) bool {
	switch raw & 0x7f {
	case 0x43, 0x47, 0x4b, 0x4f, 0x53:
		return true
	}
	return false
}

// compare checks Decode and Print against objdump's lines.
func compare(t *testing.T, isa ISA, lines []dumped) {
	t.Helper()
	failures := 0
	for _, l := range lines {
		i := Decode(l.raw, isa)
		ours := normalise(i.Print(l.addr, func(uint64) (string, bool) { return "", true }))
		if agrees(i, ours, l) {
			continue
		}
		if failures++; failures <= 40 {
			t.Errorf("%08x at %x: %q, objdump %q", l.raw, l.addr, ours, l.text)
		}
	}
	if failures > 40 {
		t.Errorf("%d differences in all", failures)
	}
}

func agrees(i Inst, ours string, l dumped) bool {
	theirs := l.text
	if ours == theirs {
		return true
	}
	legal := i.Op != OpIllegal
	if isRounded(l.raw) && strings.HasSuffix(theirs, ",unknown") {
		return !legal // rounding modes 101 and 110 are reserved
	}
	if theirLegal := !strings.Contains(theirs, "byte "); legal != theirLegal {
		for _, d := range legality {
			if l.raw&d.mask == d.match && legal == d.legal {
				return true
			}
		}
		return false
	}
	for _, s := range spellings {
		if s.objdump.MatchString(theirs) && s.objdump.ReplaceAllString(theirs, s.ours) == ours {
			return true
		}
	}
	return false
}

func words(raw ...uint32) []byte {
	var code []byte
	for _, w := range raw {
		code = binary.LittleEndian.AppendUint32(code, w)
	}
	return code
}

// sweep32 returns encodings that try every row and every major opcode: random operands, each fixed
// bit of each row flipped, random words.
func sweep32(r *rand.Rand, perRow, perOpcode int) []uint32 {
	var raw []uint32
	for op := OpIllegal + 1; int(op) < NumOps; op++ {
		row := rows[op]
		for range perRow {
			raw = append(raw, row.match|r.Uint32()&^row.mask)
		}
		for bit := range 30 {
			if row.mask>>bit&4 != 0 {
				raw = append(raw, (row.match|r.Uint32()&^row.mask)^4<<bit)
			}
		}
	}
	for opcode := range uint32(32) {
		for range perOpcode {
			raw = append(raw, r.Uint32()&^0x7f|opcode<<2|3)
		}
	}
	// objdump reads what looks like longer encodings as such; they are tested below.
	kept := raw[:0]
	for _, w := range raw {
		if w&0x1f != 0x1f {
			kept = append(kept, w)
		}
	}
	return kept
}

func TestDecodeAgreesWithObjdump(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	raw := sweep32(r, 150, 3000)
	t.Logf("%d encodings", len(raw))
	lines := objdump(t, archAll, words(raw...))
	if len(lines) != len(raw) {
		t.Fatalf("objdump printed %d lines for %d words", len(lines), len(raw))
	}
	compare(t, ISAAll, lines)
}

func TestDecodeAgreesOnSmallerISAs(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	raw := sweep32(r, 5, 300)
	compare(t, isaIMA, objdump(t, archIMA, words(raw...)))
	compare(t, isaIMFC, objdump(t, archIMFC, words(raw...)))
}

func TestDecodeOperands(t *testing.T) {
	for _, c := range []struct {
		raw  uint32
		want Inst
	}{
		{0xfff50593, Inst{Op: OpADDI, Rd: 11, Rs1: 10, Imm: -1}},
		{0x80000537, Inst{Op: OpLUI, Rd: 10, Imm: -0x80000000}},
		{0x8000006f, Inst{Op: OpJAL, Imm: -0x100000}},
		{0x7ffff0ef, Inst{Op: OpJAL, Rd: 1, Imm: 0xffffe}},
		{0x80b50063, Inst{Op: OpBEQ, Rs1: 10, Rs2: 11, Imm: -4096}},
		{0x7eb50fe3, Inst{Op: OpBEQ, Rs1: 10, Rs2: 11, Imm: 4094}},
		{0xfeb53c23, Inst{Op: OpSD, Rs1: 10, Rs2: 11, Imm: -8}},
		{0x43f55513, Inst{Op: OpSRAI, Rd: 10, Rs1: 10, Imm: 63}},
		{0xf1402573, Inst{Op: OpCSRRS, Rd: 10, Imm: 0xf14}},
		{0x3000f073, Inst{Op: OpCSRRCI, Rs1: 1, Imm: 0x300}},
		{0x68c5f543, Inst{Op: OpFMADDS, Rd: 10, Rs1: 11, Rs2: 12, Rs3: 13, Rm: 7}},
		{0x0100000f, Inst{Op: OpPAUSE}},
		{0x0ff0000f, Inst{Op: OpFENCE, Imm: 0xff}},
		{0x00c5d553, Inst{}}, // rounding mode 101
		{0xffffffff, Inst{}},
		{0x0000001f, Inst{}}, // longer than 32 bits
	} {
		c.want.Size, c.want.Raw = 4, c.raw
		if got := Decode(c.raw, ISAAll); got != c.want {
			t.Errorf("Decode(%#08x) = %+v, want %+v", c.raw, got, c.want)
		}
	}
	if got := Decode(0x0100000f, RV64GC).Op; got != OpFENCE {
		t.Errorf("pause without Zihintpause is %v, want fence", got)
	}
	if i := Decode(0x1605a52f, ISAAll); !i.Aq() || !i.Rl() {
		t.Errorf("lr.w.aqrl: Aq %v, Rl %v", i.Aq(), i.Rl())
	}
}

// TestDecodeIndex decodes by a scan over the whole table and compares.
func TestDecodeIndex(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, raw := range sweep32(r, 50, 1000) {
		want := OpIllegal
		for op := OpIllegal + 1; int(op) < NumOps && want == OpIllegal; op++ {
			if raw&rows[op].mask == rows[op].match {
				want = op
			}
		}
		i := Decode(raw, ISAAll)
		if reserved := i.Op == OpIllegal && isRounded(raw) && (raw>>12&7 == 5 || raw>>12&7 == 6); i.Op != want && !reserved {
			t.Fatalf("Decode(%#08x) is %v, the table says %v", raw, i.Op, want)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	raw := sweep32(rand.New(rand.NewPCG(7, 8)), 4, 0)
	for n := 0; b.Loop(); n++ {
		Decode(raw[n%len(raw)], ISAAll)
	}
}
