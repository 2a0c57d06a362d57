package riscv

// ISA is a set of extensions, one bit each. RV64I itself is always present.
type ISA uint32

// The extensions that the decode table knows.
const (
	ExtI ISA = 1 << iota
	ExtM
	ExtA
	ExtF
	ExtD
	ExtC
	ExtZicsr
	ExtZifencei
	ExtZihintpause
	ExtZba
	ExtZbb
	ExtZbc
	ExtZbs
	ExtZfhmin // a hart with ExtZfh has this too
	ExtZfh
	ExtSvinval
	ExtSstc
	ExtPriv // mret, sret, wfi and sfence.vma: the privileged architecture with M, S and U
)

const (
	// RV64GC is the base set: IMAFDC, Zicsr, Zifencei and the privileged instructions.
	RV64GC = ExtI | ExtM | ExtA | ExtF | ExtD | ExtC | ExtZicsr | ExtZifencei | ExtPriv
	// ISAAll is everything that the table knows.
	ISAAll = RV64GC | ExtZihintpause | ExtZba | ExtZbb | ExtZbc | ExtZbs | ExtZfhmin | ExtZfh | ExtSvinval | ExtSstc
)

// Has reports whether all extensions of ext are in the set.
func (isa ISA) Has(ext ISA) bool { return isa&ext == ext }

// Format says which operands an instruction has, where its encoding holds them, and how they print.
type Format uint8

// The formats. Where registers are floating-point ones, the name starts with F; in mixed formats the
// first letter after Fmt is the destination's file and the second the source's (X integer, F float).
const (
	FmtNone    Format = iota // no operands; other fields ignored
	FmtR                     // rd, rs1, rs2
	FmtR1                    // rd, rs1
	FmtI                     // rd, rs1, 12-bit immediate
	FmtShift                 // rd, rs1, 6-bit amount
	FmtShiftW                // rd, rs1, 5-bit amount
	FmtLoad                  // rd, offset(rs1)
	FmtStore                 // rs2, offset(rs1)
	FmtBranch                // rs1, rs2, target
	FmtU                     // rd, upper 20 bits
	FmtJ                     // rd, target
	FmtJALR                  // rd, offset(rs1)
	FmtCSR                   // rd, csr, rs1
	FmtCSRI                  // rd, csr, 5-bit immediate
	FmtFence                 // predecessors, successors
	FmtSFence                // rs1 (address), rs2 (ASID)
	FmtLR                    // rd, (rs1)
	FmtAMO                   // rd, rs2, (rs1)
	FmtFLoad                 // fd, offset(rs1)
	FmtFStore                // fs2, offset(rs1)
	FmtF                     // fd, fs1, fs2
	FmtFRm                   // fd, fs1, fs2, rounding mode
	FmtF4                    // fd, fs1, fs2, fs3, rounding mode
	FmtF1Rm                  // fd, fs1, rounding mode
	FmtF1Exact               // fd, fs1, a rounding mode without effect
	FmtFCmp                  // rd, fs1, fs2
	FmtXF                    // rd, fs1
	FmtXFRm                  // rd, fs1, rounding mode
	FmtFX                    // fd, rs1
	FmtFXRm                  // fd, rs1, rounding mode
	FmtFXExact               // fd, rs1, a rounding mode without effect

	numFormats
)

// row describes one instruction: raw is of this kind if raw&mask == match and the machine has all
// extensions of ext.
type row struct {
	mask, match uint32
	name        string
	ext         ISA
	format      Format
}

// Format returns the operand format of op; FmtNone for OpIllegal.
func (op Op) Format() Format {
	if int(op) >= NumOps {
		return FmtNone
	}
	return rows[op].format
}

// rows is the decode table, indexed by Op. A row that is a special case of another stands before it.
var rows = [NumOps]row{
	// RV64I.
	OpLUI:    {0x0000007f, 0x00000037, "lui", ExtI, FmtU},
	OpAUIPC:  {0x0000007f, 0x00000017, "auipc", ExtI, FmtU},
	OpJAL:    {0x0000007f, 0x0000006f, "jal", ExtI, FmtJ},
	OpJALR:   {0x0000707f, 0x00000067, "jalr", ExtI, FmtJALR},
	OpBEQ:    {0x0000707f, 0x00000063, "beq", ExtI, FmtBranch},
	OpBNE:    {0x0000707f, 0x00001063, "bne", ExtI, FmtBranch},
	OpBLT:    {0x0000707f, 0x00004063, "blt", ExtI, FmtBranch},
	OpBGE:    {0x0000707f, 0x00005063, "bge", ExtI, FmtBranch},
	OpBLTU:   {0x0000707f, 0x00006063, "bltu", ExtI, FmtBranch},
	OpBGEU:   {0x0000707f, 0x00007063, "bgeu", ExtI, FmtBranch},
	OpLB:     {0x0000707f, 0x00000003, "lb", ExtI, FmtLoad},
	OpLH:     {0x0000707f, 0x00001003, "lh", ExtI, FmtLoad},
	OpLW:     {0x0000707f, 0x00002003, "lw", ExtI, FmtLoad},
	OpLD:     {0x0000707f, 0x00003003, "ld", ExtI, FmtLoad},
	OpLBU:    {0x0000707f, 0x00004003, "lbu", ExtI, FmtLoad},
	OpLHU:    {0x0000707f, 0x00005003, "lhu", ExtI, FmtLoad},
	OpLWU:    {0x0000707f, 0x00006003, "lwu", ExtI, FmtLoad},
	OpSB:     {0x0000707f, 0x00000023, "sb", ExtI, FmtStore},
	OpSH:     {0x0000707f, 0x00001023, "sh", ExtI, FmtStore},
	OpSW:     {0x0000707f, 0x00002023, "sw", ExtI, FmtStore},
	OpSD:     {0x0000707f, 0x00003023, "sd", ExtI, FmtStore},
	OpADDI:   {0x0000707f, 0x00000013, "addi", ExtI, FmtI},
	OpSLTI:   {0x0000707f, 0x00002013, "slti", ExtI, FmtI},
	OpSLTIU:  {0x0000707f, 0x00003013, "sltiu", ExtI, FmtI},
	OpXORI:   {0x0000707f, 0x00004013, "xori", ExtI, FmtI},
	OpORI:    {0x0000707f, 0x00006013, "ori", ExtI, FmtI},
	OpANDI:   {0x0000707f, 0x00007013, "andi", ExtI, FmtI},
	OpSLLI:   {0xfc00707f, 0x00001013, "slli", ExtI, FmtShift},
	OpSRLI:   {0xfc00707f, 0x00005013, "srli", ExtI, FmtShift},
	OpSRAI:   {0xfc00707f, 0x40005013, "srai", ExtI, FmtShift},
	OpADD:    {0xfe00707f, 0x00000033, "add", ExtI, FmtR},
	OpSUB:    {0xfe00707f, 0x40000033, "sub", ExtI, FmtR},
	OpSLL:    {0xfe00707f, 0x00001033, "sll", ExtI, FmtR},
	OpSLT:    {0xfe00707f, 0x00002033, "slt", ExtI, FmtR},
	OpSLTU:   {0xfe00707f, 0x00003033, "sltu", ExtI, FmtR},
	OpXOR:    {0xfe00707f, 0x00004033, "xor", ExtI, FmtR},
	OpSRL:    {0xfe00707f, 0x00005033, "srl", ExtI, FmtR},
	OpSRA:    {0xfe00707f, 0x40005033, "sra", ExtI, FmtR},
	OpOR:     {0xfe00707f, 0x00006033, "or", ExtI, FmtR},
	OpAND:    {0xfe00707f, 0x00007033, "and", ExtI, FmtR},
	OpADDIW:  {0x0000707f, 0x0000001b, "addiw", ExtI, FmtI},
	OpSLLIW:  {0xfe00707f, 0x0000101b, "slliw", ExtI, FmtShiftW},
	OpSRLIW:  {0xfe00707f, 0x0000501b, "srliw", ExtI, FmtShiftW},
	OpSRAIW:  {0xfe00707f, 0x4000501b, "sraiw", ExtI, FmtShiftW},
	OpADDW:   {0xfe00707f, 0x0000003b, "addw", ExtI, FmtR},
	OpSUBW:   {0xfe00707f, 0x4000003b, "subw", ExtI, FmtR},
	OpSLLW:   {0xfe00707f, 0x0000103b, "sllw", ExtI, FmtR},
	OpSRLW:   {0xfe00707f, 0x0000503b, "srlw", ExtI, FmtR},
	OpSRAW:   {0xfe00707f, 0x4000503b, "sraw", ExtI, FmtR},
	OpPAUSE:  {0xffffffff, 0x0100000f, "pause", ExtZihintpause, FmtNone},
	OpFENCE:  {0x0000707f, 0x0000000f, "fence", ExtI, FmtFence},
	OpFENCEI: {0x0000707f, 0x0000100f, "fence.i", ExtZifencei, FmtNone},
	OpECALL:  {0xffffffff, 0x00000073, "ecall", ExtI, FmtNone},
	OpEBREAK: {0xffffffff, 0x00100073, "ebreak", ExtI, FmtNone},

	// Privileged, Svinval.
	OpMRET:          {0xffffffff, 0x30200073, "mret", ExtPriv, FmtNone},
	OpSRET:          {0xffffffff, 0x10200073, "sret", ExtPriv, FmtNone},
	OpWFI:           {0xffffffff, 0x10500073, "wfi", ExtPriv, FmtNone},
	OpSFENCEVMA:     {0xfe007fff, 0x12000073, "sfence.vma", ExtPriv, FmtSFence},
	OpSINVALVMA:     {0xfe007fff, 0x16000073, "sinval.vma", ExtSvinval, FmtSFence},
	OpSFENCEWINVAL:  {0xffffffff, 0x18000073, "sfence.w.inval", ExtSvinval, FmtNone},
	OpSFENCEINVALIR: {0xffffffff, 0x18100073, "sfence.inval.ir", ExtSvinval, FmtNone},

	// Zicsr.
	OpCSRRW:  {0x0000707f, 0x00001073, "csrrw", ExtZicsr, FmtCSR},
	OpCSRRS:  {0x0000707f, 0x00002073, "csrrs", ExtZicsr, FmtCSR},
	OpCSRRC:  {0x0000707f, 0x00003073, "csrrc", ExtZicsr, FmtCSR},
	OpCSRRWI: {0x0000707f, 0x00005073, "csrrwi", ExtZicsr, FmtCSRI},
	OpCSRRSI: {0x0000707f, 0x00006073, "csrrsi", ExtZicsr, FmtCSRI},
	OpCSRRCI: {0x0000707f, 0x00007073, "csrrci", ExtZicsr, FmtCSRI},

	// M.
	OpMUL:    {0xfe00707f, 0x02000033, "mul", ExtM, FmtR},
	OpMULH:   {0xfe00707f, 0x02001033, "mulh", ExtM, FmtR},
	OpMULHSU: {0xfe00707f, 0x02002033, "mulhsu", ExtM, FmtR},
	OpMULHU:  {0xfe00707f, 0x02003033, "mulhu", ExtM, FmtR},
	OpDIV:    {0xfe00707f, 0x02004033, "div", ExtM, FmtR},
	OpDIVU:   {0xfe00707f, 0x02005033, "divu", ExtM, FmtR},
	OpREM:    {0xfe00707f, 0x02006033, "rem", ExtM, FmtR},
	OpREMU:   {0xfe00707f, 0x02007033, "remu", ExtM, FmtR},
	OpMULW:   {0xfe00707f, 0x0200003b, "mulw", ExtM, FmtR},
	OpDIVW:   {0xfe00707f, 0x0200403b, "divw", ExtM, FmtR},
	OpDIVUW:  {0xfe00707f, 0x0200503b, "divuw", ExtM, FmtR},
	OpREMW:   {0xfe00707f, 0x0200603b, "remw", ExtM, FmtR},
	OpREMUW:  {0xfe00707f, 0x0200703b, "remuw", ExtM, FmtR},

	// A.
	OpLRW:      {0xf9f0707f, 0x1000202f, "lr.w", ExtA, FmtLR},
	OpSCW:      {0xf800707f, 0x1800202f, "sc.w", ExtA, FmtAMO},
	OpAMOSWAPW: {0xf800707f, 0x0800202f, "amoswap.w", ExtA, FmtAMO},
	OpAMOADDW:  {0xf800707f, 0x0000202f, "amoadd.w", ExtA, FmtAMO},
	OpAMOXORW:  {0xf800707f, 0x2000202f, "amoxor.w", ExtA, FmtAMO},
	OpAMOANDW:  {0xf800707f, 0x6000202f, "amoand.w", ExtA, FmtAMO},
	OpAMOORW:   {0xf800707f, 0x4000202f, "amoor.w", ExtA, FmtAMO},
	OpAMOMINW:  {0xf800707f, 0x8000202f, "amomin.w", ExtA, FmtAMO},
	OpAMOMAXW:  {0xf800707f, 0xa000202f, "amomax.w", ExtA, FmtAMO},
	OpAMOMINUW: {0xf800707f, 0xc000202f, "amominu.w", ExtA, FmtAMO},
	OpAMOMAXUW: {0xf800707f, 0xe000202f, "amomaxu.w", ExtA, FmtAMO},
	OpLRD:      {0xf9f0707f, 0x1000302f, "lr.d", ExtA, FmtLR},
	OpSCD:      {0xf800707f, 0x1800302f, "sc.d", ExtA, FmtAMO},
	OpAMOSWAPD: {0xf800707f, 0x0800302f, "amoswap.d", ExtA, FmtAMO},
	OpAMOADDD:  {0xf800707f, 0x0000302f, "amoadd.d", ExtA, FmtAMO},
	OpAMOXORD:  {0xf800707f, 0x2000302f, "amoxor.d", ExtA, FmtAMO},
	OpAMOANDD:  {0xf800707f, 0x6000302f, "amoand.d", ExtA, FmtAMO},
	OpAMOORD:   {0xf800707f, 0x4000302f, "amoor.d", ExtA, FmtAMO},
	OpAMOMIND:  {0xf800707f, 0x8000302f, "amomin.d", ExtA, FmtAMO},
	OpAMOMAXD:  {0xf800707f, 0xa000302f, "amomax.d", ExtA, FmtAMO},
	OpAMOMINUD: {0xf800707f, 0xc000302f, "amominu.d", ExtA, FmtAMO},
	OpAMOMAXUD: {0xf800707f, 0xe000302f, "amomaxu.d", ExtA, FmtAMO},

	// F.
	OpFLW:     {0x0000707f, 0x00002007, "flw", ExtF, FmtFLoad},
	OpFSW:     {0x0000707f, 0x00002027, "fsw", ExtF, FmtFStore},
	OpFMADDS:  {0x0600007f, 0x00000043, "fmadd.s", ExtF, FmtF4},
	OpFMSUBS:  {0x0600007f, 0x00000047, "fmsub.s", ExtF, FmtF4},
	OpFNMSUBS: {0x0600007f, 0x0000004b, "fnmsub.s", ExtF, FmtF4},
	OpFNMADDS: {0x0600007f, 0x0000004f, "fnmadd.s", ExtF, FmtF4},
	OpFADDS:   {0xfe00007f, 0x00000053, "fadd.s", ExtF, FmtFRm},
	OpFSUBS:   {0xfe00007f, 0x08000053, "fsub.s", ExtF, FmtFRm},
	OpFMULS:   {0xfe00007f, 0x10000053, "fmul.s", ExtF, FmtFRm},
	OpFDIVS:   {0xfe00007f, 0x18000053, "fdiv.s", ExtF, FmtFRm},
	OpFSQRTS:  {0xfff0007f, 0x58000053, "fsqrt.s", ExtF, FmtF1Rm},
	OpFSGNJS:  {0xfe00707f, 0x20000053, "fsgnj.s", ExtF, FmtF},
	OpFSGNJNS: {0xfe00707f, 0x20001053, "fsgnjn.s", ExtF, FmtF},
	OpFSGNJXS: {0xfe00707f, 0x20002053, "fsgnjx.s", ExtF, FmtF},
	OpFMINS:   {0xfe00707f, 0x28000053, "fmin.s", ExtF, FmtF},
	OpFMAXS:   {0xfe00707f, 0x28001053, "fmax.s", ExtF, FmtF},
	OpFCVTWS:  {0xfff0007f, 0xc0000053, "fcvt.w.s", ExtF, FmtXFRm},
	OpFCVTWUS: {0xfff0007f, 0xc0100053, "fcvt.wu.s", ExtF, FmtXFRm},
	OpFCVTLS:  {0xfff0007f, 0xc0200053, "fcvt.l.s", ExtF, FmtXFRm},
	OpFCVTLUS: {0xfff0007f, 0xc0300053, "fcvt.lu.s", ExtF, FmtXFRm},
	OpFMVXW:   {0xfff0707f, 0xe0000053, "fmv.x.w", ExtF, FmtXF},
	OpFEQS:    {0xfe00707f, 0xa0002053, "feq.s", ExtF, FmtFCmp},
	OpFLTS:    {0xfe00707f, 0xa0001053, "flt.s", ExtF, FmtFCmp},
	OpFLES:    {0xfe00707f, 0xa0000053, "fle.s", ExtF, FmtFCmp},
	OpFCLASSS: {0xfff0707f, 0xe0001053, "fclass.s", ExtF, FmtXF},
	OpFCVTSW:  {0xfff0007f, 0xd0000053, "fcvt.s.w", ExtF, FmtFXRm},
	OpFCVTSWU: {0xfff0007f, 0xd0100053, "fcvt.s.wu", ExtF, FmtFXRm},
	OpFCVTSL:  {0xfff0007f, 0xd0200053, "fcvt.s.l", ExtF, FmtFXRm},
	OpFCVTSLU: {0xfff0007f, 0xd0300053, "fcvt.s.lu", ExtF, FmtFXRm},
	OpFMVWX:   {0xfff0707f, 0xf0000053, "fmv.w.x", ExtF, FmtFX},

	// D.
	OpFLD:     {0x0000707f, 0x00003007, "fld", ExtD, FmtFLoad},
	OpFSD:     {0x0000707f, 0x00003027, "fsd", ExtD, FmtFStore},
	OpFMADDD:  {0x0600007f, 0x02000043, "fmadd.d", ExtD, FmtF4},
	OpFMSUBD:  {0x0600007f, 0x02000047, "fmsub.d", ExtD, FmtF4},
	OpFNMSUBD: {0x0600007f, 0x0200004b, "fnmsub.d", ExtD, FmtF4},
	OpFNMADDD: {0x0600007f, 0x0200004f, "fnmadd.d", ExtD, FmtF4},
	OpFADDD:   {0xfe00007f, 0x02000053, "fadd.d", ExtD, FmtFRm},
	OpFSUBD:   {0xfe00007f, 0x0a000053, "fsub.d", ExtD, FmtFRm},
	OpFMULD:   {0xfe00007f, 0x12000053, "fmul.d", ExtD, FmtFRm},
	OpFDIVD:   {0xfe00007f, 0x1a000053, "fdiv.d", ExtD, FmtFRm},
	OpFSQRTD:  {0xfff0007f, 0x5a000053, "fsqrt.d", ExtD, FmtF1Rm},
	OpFSGNJD:  {0xfe00707f, 0x22000053, "fsgnj.d", ExtD, FmtF},
	OpFSGNJND: {0xfe00707f, 0x22001053, "fsgnjn.d", ExtD, FmtF},
	OpFSGNJXD: {0xfe00707f, 0x22002053, "fsgnjx.d", ExtD, FmtF},
	OpFMIND:   {0xfe00707f, 0x2a000053, "fmin.d", ExtD, FmtF},
	OpFMAXD:   {0xfe00707f, 0x2a001053, "fmax.d", ExtD, FmtF},
	OpFCVTSD:  {0xfff0007f, 0x40100053, "fcvt.s.d", ExtD, FmtF1Rm},
	OpFCVTDS:  {0xfff0007f, 0x42000053, "fcvt.d.s", ExtD, FmtF1Exact},
	OpFEQD:    {0xfe00707f, 0xa2002053, "feq.d", ExtD, FmtFCmp},
	OpFLTD:    {0xfe00707f, 0xa2001053, "flt.d", ExtD, FmtFCmp},
	OpFLED:    {0xfe00707f, 0xa2000053, "fle.d", ExtD, FmtFCmp},
	OpFCLASSD: {0xfff0707f, 0xe2001053, "fclass.d", ExtD, FmtXF},
	OpFCVTWD:  {0xfff0007f, 0xc2000053, "fcvt.w.d", ExtD, FmtXFRm},
	OpFCVTWUD: {0xfff0007f, 0xc2100053, "fcvt.wu.d", ExtD, FmtXFRm},
	OpFCVTLD:  {0xfff0007f, 0xc2200053, "fcvt.l.d", ExtD, FmtXFRm},
	OpFCVTLUD: {0xfff0007f, 0xc2300053, "fcvt.lu.d", ExtD, FmtXFRm},
	OpFCVTDW:  {0xfff0007f, 0xd2000053, "fcvt.d.w", ExtD, FmtFXExact},
	OpFCVTDWU: {0xfff0007f, 0xd2100053, "fcvt.d.wu", ExtD, FmtFXExact},
	OpFCVTDL:  {0xfff0007f, 0xd2200053, "fcvt.d.l", ExtD, FmtFXRm},
	OpFCVTDLU: {0xfff0007f, 0xd2300053, "fcvt.d.lu", ExtD, FmtFXRm},
	OpFMVXD:   {0xfff0707f, 0xe2000053, "fmv.x.d", ExtD, FmtXF},
	OpFMVDX:   {0xfff0707f, 0xf2000053, "fmv.d.x", ExtD, FmtFX},

	// Zfhmin.
	OpFLH:    {0x0000707f, 0x00001007, "flh", ExtZfhmin, FmtFLoad},
	OpFSH:    {0x0000707f, 0x00001027, "fsh", ExtZfhmin, FmtFStore},
	OpFMVXH:  {0xfff0707f, 0xe4000053, "fmv.x.h", ExtZfhmin, FmtXF},
	OpFMVHX:  {0xfff0707f, 0xf4000053, "fmv.h.x", ExtZfhmin, FmtFX},
	OpFCVTSH: {0xfff0007f, 0x40200053, "fcvt.s.h", ExtZfhmin, FmtF1Exact},
	OpFCVTHS: {0xfff0007f, 0x44000053, "fcvt.h.s", ExtZfhmin, FmtF1Rm},
	OpFCVTDH: {0xfff0007f, 0x42200053, "fcvt.d.h", ExtZfhmin | ExtD, FmtF1Exact},
	OpFCVTHD: {0xfff0007f, 0x44100053, "fcvt.h.d", ExtZfhmin | ExtD, FmtF1Rm},

	// Zfh.
	OpFMADDH:  {0x0600007f, 0x04000043, "fmadd.h", ExtZfh, FmtF4},
	OpFMSUBH:  {0x0600007f, 0x04000047, "fmsub.h", ExtZfh, FmtF4},
	OpFNMSUBH: {0x0600007f, 0x0400004b, "fnmsub.h", ExtZfh, FmtF4},
	OpFNMADDH: {0x0600007f, 0x0400004f, "fnmadd.h", ExtZfh, FmtF4},
	OpFADDH:   {0xfe00007f, 0x04000053, "fadd.h", ExtZfh, FmtFRm},
	OpFSUBH:   {0xfe00007f, 0x0c000053, "fsub.h", ExtZfh, FmtFRm},
	OpFMULH:   {0xfe00007f, 0x14000053, "fmul.h", ExtZfh, FmtFRm},
	OpFDIVH:   {0xfe00007f, 0x1c000053, "fdiv.h", ExtZfh, FmtFRm},
	OpFSQRTH:  {0xfff0007f, 0x5c000053, "fsqrt.h", ExtZfh, FmtF1Rm},
	OpFSGNJH:  {0xfe00707f, 0x24000053, "fsgnj.h", ExtZfh, FmtF},
	OpFSGNJNH: {0xfe00707f, 0x24001053, "fsgnjn.h", ExtZfh, FmtF},
	OpFSGNJXH: {0xfe00707f, 0x24002053, "fsgnjx.h", ExtZfh, FmtF},
	OpFMINH:   {0xfe00707f, 0x2c000053, "fmin.h", ExtZfh, FmtF},
	OpFMAXH:   {0xfe00707f, 0x2c001053, "fmax.h", ExtZfh, FmtF},
	OpFEQH:    {0xfe00707f, 0xa4002053, "feq.h", ExtZfh, FmtFCmp},
	OpFLTH:    {0xfe00707f, 0xa4001053, "flt.h", ExtZfh, FmtFCmp},
	OpFLEH:    {0xfe00707f, 0xa4000053, "fle.h", ExtZfh, FmtFCmp},
	OpFCLASSH: {0xfff0707f, 0xe4001053, "fclass.h", ExtZfh, FmtXF},
	OpFCVTWH:  {0xfff0007f, 0xc4000053, "fcvt.w.h", ExtZfh, FmtXFRm},
	OpFCVTWUH: {0xfff0007f, 0xc4100053, "fcvt.wu.h", ExtZfh, FmtXFRm},
	OpFCVTLH:  {0xfff0007f, 0xc4200053, "fcvt.l.h", ExtZfh, FmtXFRm},
	OpFCVTLUH: {0xfff0007f, 0xc4300053, "fcvt.lu.h", ExtZfh, FmtXFRm},
	OpFCVTHW:  {0xfff0007f, 0xd4000053, "fcvt.h.w", ExtZfh, FmtFXRm},
	OpFCVTHWU: {0xfff0007f, 0xd4100053, "fcvt.h.wu", ExtZfh, FmtFXRm},
	OpFCVTHL:  {0xfff0007f, 0xd4200053, "fcvt.h.l", ExtZfh, FmtFXRm},
	OpFCVTHLU: {0xfff0007f, 0xd4300053, "fcvt.h.lu", ExtZfh, FmtFXRm},

	// Zba, Zbb, Zbc, Zbs.
	OpADDUW:    {0xfe00707f, 0x0800003b, "add.uw", ExtZba, FmtR},
	OpSH1ADD:   {0xfe00707f, 0x20002033, "sh1add", ExtZba, FmtR},
	OpSH1ADDUW: {0xfe00707f, 0x2000203b, "sh1add.uw", ExtZba, FmtR},
	OpSH2ADD:   {0xfe00707f, 0x20004033, "sh2add", ExtZba, FmtR},
	OpSH2ADDUW: {0xfe00707f, 0x2000403b, "sh2add.uw", ExtZba, FmtR},
	OpSH3ADD:   {0xfe00707f, 0x20006033, "sh3add", ExtZba, FmtR},
	OpSH3ADDUW: {0xfe00707f, 0x2000603b, "sh3add.uw", ExtZba, FmtR},
	OpSLLIUW:   {0xfc00707f, 0x0800101b, "slli.uw", ExtZba, FmtShift},
	OpANDN:     {0xfe00707f, 0x40007033, "andn", ExtZbb, FmtR},
	OpORN:      {0xfe00707f, 0x40006033, "orn", ExtZbb, FmtR},
	OpXNOR:     {0xfe00707f, 0x40004033, "xnor", ExtZbb, FmtR},
	OpCLZ:      {0xfff0707f, 0x60001013, "clz", ExtZbb, FmtR1},
	OpCLZW:     {0xfff0707f, 0x6000101b, "clzw", ExtZbb, FmtR1},
	OpCTZ:      {0xfff0707f, 0x60101013, "ctz", ExtZbb, FmtR1},
	OpCTZW:     {0xfff0707f, 0x6010101b, "ctzw", ExtZbb, FmtR1},
	OpCPOP:     {0xfff0707f, 0x60201013, "cpop", ExtZbb, FmtR1},
	OpCPOPW:    {0xfff0707f, 0x6020101b, "cpopw", ExtZbb, FmtR1},
	OpMAX:      {0xfe00707f, 0x0a006033, "max", ExtZbb, FmtR},
	OpMAXU:     {0xfe00707f, 0x0a007033, "maxu", ExtZbb, FmtR},
	OpMIN:      {0xfe00707f, 0x0a004033, "min", ExtZbb, FmtR},
	OpMINU:     {0xfe00707f, 0x0a005033, "minu", ExtZbb, FmtR},
	OpSEXTB:    {0xfff0707f, 0x60401013, "sext.b", ExtZbb, FmtR1},
	OpSEXTH:    {0xfff0707f, 0x60501013, "sext.h", ExtZbb, FmtR1},
	OpZEXTH:    {0xfff0707f, 0x0800403b, "zext.h", ExtZbb, FmtR1},
	OpROL:      {0xfe00707f, 0x60001033, "rol", ExtZbb, FmtR},
	OpROLW:     {0xfe00707f, 0x6000103b, "rolw", ExtZbb, FmtR},
	OpROR:      {0xfe00707f, 0x60005033, "ror", ExtZbb, FmtR},
	OpRORI:     {0xfc00707f, 0x60005013, "rori", ExtZbb, FmtShift},
	OpRORIW:    {0xfe00707f, 0x6000501b, "roriw", ExtZbb, FmtShiftW},
	OpRORW:     {0xfe00707f, 0x6000503b, "rorw", ExtZbb, FmtR},
	OpORCB:     {0xfff0707f, 0x28705013, "orc.b", ExtZbb, FmtR1},
	OpREV8:     {0xfff0707f, 0x6b805013, "rev8", ExtZbb, FmtR1},
	OpCLMUL:    {0xfe00707f, 0x0a001033, "clmul", ExtZbc, FmtR},
	OpCLMULH:   {0xfe00707f, 0x0a003033, "clmulh", ExtZbc, FmtR},
	OpCLMULR:   {0xfe00707f, 0x0a002033, "clmulr", ExtZbc, FmtR},
	OpBCLR:     {0xfe00707f, 0x48001033, "bclr", ExtZbs, FmtR},
	OpBCLRI:    {0xfc00707f, 0x48001013, "bclri", ExtZbs, FmtShift},
	OpBEXT:     {0xfe00707f, 0x48005033, "bext", ExtZbs, FmtR},
	OpBEXTI:    {0xfc00707f, 0x48005013, "bexti", ExtZbs, FmtShift},
	OpBINV:     {0xfe00707f, 0x68001033, "binv", ExtZbs, FmtR},
	OpBINVI:    {0xfc00707f, 0x68001013, "binvi", ExtZbs, FmtShift},
	OpBSET:     {0xfe00707f, 0x28001033, "bset", ExtZbs, FmtR},
	OpBSETI:    {0xfc00707f, 0x28001013, "bseti", ExtZbs, FmtShift},
}
