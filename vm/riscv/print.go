package riscv

import (
	"fmt"
	"strconv"
	"strings"
)

// Registers with a part in the calling convention or in compressed encodings.
const (
	regRA = 1
	regSP = 2
)

var regNames = [32]string{
	"zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
	"a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
}

var fregNames = [32]string{
	"ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5",
	"fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
}

// roundingModes are the names of rounding modes; dynamic (7) prints nothing, 5 and 6 are reserved.
var roundingModes = [8]string{"rne", "rtz", "rdn", "rup", "rmm", "", "", ""}

// RegName returns the ABI name of integer register n, 0 to 31 ("a0"; x8 is "s0").
func RegName(n uint8) string { return regNames[n&31] }

// FRegName returns the ABI name of floating-point register n, 0 to 31 ("fa0").
func FRegName(n uint8) string { return fregNames[n&31] }

// Print returns the instruction as assembly text in the style of GNU objdump: mnemonic, a space,
// operands separated by commas, with pseudo-instructions where there is one, and compressed
// instructions as what they expand to. pc is the instruction's address, from which targets follow.
// sym, which may be nil, turns a target into what stands behind it in angle brackets ("main+0x1c").
// Immediate forms keep their i (addi, csrwi); an illegal encoding prints as data.
func (i Inst) Print(pc uint64, sym func(addr uint64) (name string, ok bool)) string {
	if i.Op == OpIllegal {
		return i.printIllegal()
	}
	name, format := i.Op.String(), i.Op.Format()
	facts := i.facts()
	for _, a := range pseudos[i.Op] {
		if facts&a.when == a.when {
			name, format = a.name, a.format
			break
		}
	}
	var b strings.Builder
	b.WriteString(name)
	b.WriteString(i.ordering())
	separator := byte(' ')
	for _, o := range formatOperands[format] {
		if text := i.operand(o, pc, sym); text != "" {
			b.WriteByte(separator)
			b.WriteString(text)
			separator = ','
		}
	}
	return b.String()
}

func (i Inst) printIllegal() string {
	switch {
	case i.Size == 2 && i.Raw == 0:
		return "unimp"
	case i.Size == 2:
		return fmt.Sprintf(".2byte %#x", i.Raw)
	}
	return fmt.Sprintf(".4byte %#x", i.Raw)
}

// ordering returns the suffix that the aq and rl bits give to an atomic instruction.
func (i Inst) ordering() string {
	if i.Op.Ext() != ExtA {
		return ""
	}
	return [4]string{"", ".rl", ".aq", ".aqrl"}[i.Raw>>25&3]
}

// operand is one comma-separated part of an instruction's text.
type operand uint8

const (
	opdRd           operand = iota
	opdRs1                  // integer registers
	opdRs2                  //
	opdFd                   // floating-point registers
	opdFs1                  //
	opdFs2                  //
	opdFs3                  //
	opdRm                   // rounding mode, nothing if dynamic
	opdImm                  // decimal
	opdShift                // shift amount, hexadecimal
	opdUpper                // bits 31:12 of the immediate, hexadecimal
	opdMem                  // offset(rs1)
	opdAddr                 // (rs1)
	opdTarget               // pc + immediate
	opdCSR                  // register name
	opdZimm                 // the immediate in the rs1 field
	opdPredecessors         // iorw, first set of a fence
	opdSuccessors           // iorw, second set of a fence
)

// Formats that only pseudo-instructions have.
const (
	fmtRd        = numFormats + iota
	fmtRdImm     // rd, immediate
	fmtRdRs2     // rd, rs2
	fmtRs1       // rs1
	fmtMem       // offset(rs1)
	fmtTarget    // target
	fmtRs1Target // rs1, target
	fmtRs2Target // rs2, target
	fmtRdCSR     // rd, csr
	fmtCSRRs1    // csr, rs1
	fmtCSRZimm   // csr, 5-bit immediate
	fmtRdZimm    // rd, 5-bit immediate
	numPrintFormats
)

var formatOperands = [numPrintFormats][]operand{
	FmtNone:    {},
	FmtR:       {opdRd, opdRs1, opdRs2},
	FmtR1:      {opdRd, opdRs1},
	FmtI:       {opdRd, opdRs1, opdImm},
	FmtShift:   {opdRd, opdRs1, opdShift},
	FmtShiftW:  {opdRd, opdRs1, opdShift},
	FmtLoad:    {opdRd, opdMem},
	FmtStore:   {opdRs2, opdMem},
	FmtBranch:  {opdRs1, opdRs2, opdTarget},
	FmtU:       {opdRd, opdUpper},
	FmtJ:       {opdRd, opdTarget},
	FmtJALR:    {opdRd, opdMem},
	FmtCSR:     {opdRd, opdCSR, opdRs1},
	FmtCSRI:    {opdRd, opdCSR, opdZimm},
	FmtFence:   {opdPredecessors, opdSuccessors},
	FmtSFence:  {opdRs1, opdRs2},
	FmtLR:      {opdRd, opdAddr},
	FmtAMO:     {opdRd, opdRs2, opdAddr},
	FmtFLoad:   {opdFd, opdMem},
	FmtFStore:  {opdFs2, opdMem},
	FmtF:       {opdFd, opdFs1, opdFs2},
	FmtFRm:     {opdFd, opdFs1, opdFs2, opdRm},
	FmtF4:      {opdFd, opdFs1, opdFs2, opdFs3, opdRm},
	FmtF1Rm:    {opdFd, opdFs1, opdRm},
	FmtF1Exact: {opdFd, opdFs1},
	FmtFCmp:    {opdRd, opdFs1, opdFs2},
	FmtXF:      {opdRd, opdFs1},
	FmtXFRm:    {opdRd, opdFs1, opdRm},
	FmtFX:      {opdFd, opdRs1},
	FmtFXRm:    {opdFd, opdRs1, opdRm},
	FmtFXExact: {opdFd, opdRs1},

	fmtRd:        {opdRd},
	fmtRdImm:     {opdRd, opdImm},
	fmtRdRs2:     {opdRd, opdRs2},
	fmtRs1:       {opdRs1},
	fmtMem:       {opdMem},
	fmtTarget:    {opdTarget},
	fmtRs1Target: {opdRs1, opdTarget},
	fmtRs2Target: {opdRs2, opdTarget},
	fmtRdCSR:     {opdRd, opdCSR},
	fmtCSRRs1:    {opdCSR, opdRs1},
	fmtCSRZimm:   {opdCSR, opdZimm},
	fmtRdZimm:    {opdRd, opdZimm},
}

// operand returns the text of one operand; "" leaves it out.
func (i Inst) operand(o operand, pc uint64, sym func(addr uint64) (string, bool)) string {
	switch o {
	case opdRd:
		return RegName(i.Rd)
	case opdRs1:
		return RegName(i.Rs1)
	case opdRs2:
		return RegName(i.Rs2)
	case opdFd:
		return FRegName(i.Rd)
	case opdFs1:
		return FRegName(i.Rs1)
	case opdFs2:
		return FRegName(i.Rs2)
	case opdFs3:
		return FRegName(i.Rs3)
	case opdRm:
		return roundingModes[i.Rm&7]
	case opdImm:
		return strconv.FormatInt(i.Imm, 10)
	case opdShift:
		return fmt.Sprintf("%#x", i.Imm)
	case opdUpper:
		return fmt.Sprintf("%#x", uint32(i.Imm)>>12)
	case opdMem:
		return fmt.Sprintf("%d(%s)", i.Imm, RegName(i.Rs1))
	case opdAddr:
		return "(" + RegName(i.Rs1) + ")"
	case opdTarget:
		return printTarget(pc+uint64(i.Imm), sym)
	case opdCSR:
		return CSRName(uint16(i.Imm))
	case opdZimm:
		return strconv.Itoa(int(i.Rs1))
	case opdPredecessors:
		return printAccesses(i.Imm >> 4)
	case opdSuccessors:
		return printAccesses(i.Imm)
	}
	panic("BUG: operand without text")
}

func printTarget(addr uint64, sym func(addr uint64) (string, bool)) string {
	if sym != nil {
		if name, ok := sym(addr); ok {
			return fmt.Sprintf("%x <%s>", addr, name)
		}
	}
	return fmt.Sprintf("%#x", addr)
}

// printAccesses returns the letters of a fence set: input, output, reads, writes from bit 3 down.
func printAccesses(set int64) string {
	text := ""
	for bit, letter := range []string{"w", "r", "o", "i"} {
		if set>>bit&1 != 0 {
			text = letter + text
		}
	}
	if text == "" {
		return "0"
	}
	return text
}

// facts is a set of things that are true of an instruction's operands; pseudo-instructions are chosen by it.
type facts uint32

const (
	rdZero facts = 1 << iota
	rdRA
	rs1Zero
	rs1RA
	rs2Zero
	rs1Rs2 // the two sources are one register
	imm0
	imm1
	immMinus1
	imm255
	isFflags
	isFrm
	isFcsr
	isCycle
	isTime
	isInstret
	fenceAll // fence iorw,iorw
	fenceTSO // fence rw,rw with fm = 1000
	compact  // a 16-bit encoding
)

func (i Inst) facts() facts {
	var f facts
	for _, c := range []struct {
		fact facts
		is   bool
	}{
		{rdZero, i.Rd == 0},
		{rdRA, i.Rd == regRA},
		{rs1Zero, i.Rs1 == 0},
		{rs1RA, i.Rs1 == regRA},
		{rs2Zero, i.Rs2 == 0},
		{rs1Rs2, i.Rs1 == i.Rs2},
		{imm0, i.Imm == 0},
		{imm1, i.Imm == 1},
		{immMinus1, i.Imm == -1},
		{imm255, i.Imm == 255},
		{isFflags, i.Imm == 0x001},
		{isFrm, i.Imm == 0x002},
		{isFcsr, i.Imm == 0x003},
		{isCycle, i.Imm == 0xc00},
		{isTime, i.Imm == 0xc01},
		{isInstret, i.Imm == 0xc02},
		{fenceAll, i.Imm == 0x0ff},
		{fenceTSO, i.Imm == 0x833},
		{compact, i.Size == 2},
	} {
		if c.is {
			f |= c.fact
		}
	}
	return f
}

// pseudo is another way to print an instruction whose operands have all facts of when.
type pseudo struct {
	when   facts
	name   string
	format Format
}

// pseudos lists the pseudo-instructions of each Op (unprivileged ISA, assembly programmer's handbook);
// the first that applies is printed.
var pseudos = [NumOps][]pseudo{
	OpADDI: {
		{rdZero | rs1Zero | imm0, "nop", FmtNone},
		{rs1Zero, "li", fmtRdImm},
		{imm0, "mv", FmtR1},
	},
	OpADD:   {{compact | rs1Zero, "mv", fmtRdRs2}},
	OpXORI:  {{immMinus1, "not", FmtR1}},
	OpANDI:  {{imm255, "zext.b", FmtR1}},
	OpADDIW: {{imm0, "sext.w", FmtR1}},
	OpADDUW: {{rs2Zero, "zext.w", FmtR1}},
	OpSUB:   {{rs1Zero, "neg", fmtRdRs2}},
	OpSUBW:  {{rs1Zero, "negw", fmtRdRs2}},
	OpSLTIU: {{imm1, "seqz", FmtR1}},
	OpSLTU:  {{rs1Zero, "snez", fmtRdRs2}},
	OpSLT:   {{rs2Zero, "sltz", FmtR1}, {rs1Zero, "sgtz", fmtRdRs2}},

	OpJAL: {{rdZero, "j", fmtTarget}, {rdRA, "jal", fmtTarget}},
	OpJALR: {
		{rdZero | rs1RA | imm0, "ret", FmtNone},
		{rdZero | imm0, "jr", fmtRs1},
		{rdZero, "jr", fmtMem},
		{rdRA | imm0, "jalr", fmtRs1},
		{rdRA, "jalr", fmtMem},
		{imm0, "jalr", FmtR1},
	},
	OpBEQ: {{rs2Zero, "beqz", fmtRs1Target}},
	OpBNE: {{rs2Zero, "bnez", fmtRs1Target}},
	OpBLT: {{rs2Zero, "bltz", fmtRs1Target}, {rs1Zero, "bgtz", fmtRs2Target}},
	OpBGE: {{rs1Zero, "blez", fmtRs2Target}, {rs2Zero, "bgez", fmtRs1Target}},

	OpFENCE:     {{fenceAll, "fence", FmtNone}, {fenceTSO, "fence.tso", FmtNone}},
	OpSFENCEVMA: {{rs1Zero | rs2Zero, "sfence.vma", FmtNone}, {rs2Zero, "sfence.vma", fmtRs1}},

	OpCSRRW: {
		{rdZero | rs1Zero | isCycle, "unimp", FmtNone},
		{rdZero | isFflags, "fsflags", fmtRs1},
		{isFflags, "fsflags", FmtR1},
		{rdZero | isFrm, "fsrm", fmtRs1},
		{isFrm, "fsrm", FmtR1},
		{rdZero | isFcsr, "fscsr", fmtRs1},
		{isFcsr, "fscsr", FmtR1},
		{rdZero, "csrw", fmtCSRRs1},
	},
	OpCSRRS: {
		{rs1Zero | isFflags, "frflags", fmtRd},
		{rs1Zero | isFrm, "frrm", fmtRd},
		{rs1Zero | isFcsr, "frcsr", fmtRd},
		{rs1Zero | isCycle, "rdcycle", fmtRd},
		{rs1Zero | isTime, "rdtime", fmtRd},
		{rs1Zero | isInstret, "rdinstret", fmtRd},
		{rs1Zero, "csrr", fmtRdCSR},
		{rdZero, "csrs", fmtCSRRs1},
	},
	OpCSRRC: {{rdZero, "csrc", fmtCSRRs1}},
	OpCSRRWI: {
		{isFflags, "fsflagsi", fmtRdZimm},
		{isFrm, "fsrmi", fmtRdZimm},
		{rdZero, "csrwi", fmtCSRZimm},
	},
	OpCSRRSI: {{rdZero, "csrsi", fmtCSRZimm}},
	OpCSRRCI: {{rdZero, "csrci", fmtCSRZimm}},

	OpFSGNJS:  {{rs1Rs2, "fmv.s", FmtF1Exact}},
	OpFSGNJNS: {{rs1Rs2, "fneg.s", FmtF1Exact}},
	OpFSGNJXS: {{rs1Rs2, "fabs.s", FmtF1Exact}},
	OpFSGNJD:  {{rs1Rs2, "fmv.d", FmtF1Exact}},
	OpFSGNJND: {{rs1Rs2, "fneg.d", FmtF1Exact}},
	OpFSGNJXD: {{rs1Rs2, "fabs.d", FmtF1Exact}},
	OpFSGNJH:  {{rs1Rs2, "fmv.h", FmtF1Exact}},
	OpFSGNJNH: {{rs1Rs2, "fneg.h", FmtF1Exact}},
	OpFSGNJXH: {{rs1Rs2, "fabs.h", FmtF1Exact}},
}
