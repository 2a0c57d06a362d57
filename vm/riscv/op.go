package riscv

// Op numbers the instructions of the decode table: one value per row, dense from 1 in the order of
// the table. Compressed instructions have no values of their own; they decode to the Op that they
// stand for. The spelling is the mnemonic in capitals without dots (amoswap.w is OpAMOSWAPW).
type Op uint16

// OpIllegal is what every encoding decodes to that the machine's ISA does not contain.
const OpIllegal Op = 0

// RV64I, Zifencei, Zihintpause (unprivileged ISA, chapters 2, 3, 4, 5).
const (
	OpLUI Op = iota + 1
	OpAUIPC
	OpJAL
	OpJALR
	OpBEQ
	OpBNE
	OpBLT
	OpBGE
	OpBLTU
	OpBGEU
	OpLB
	OpLH
	OpLW
	OpLD
	OpLBU
	OpLHU
	OpLWU
	OpSB
	OpSH
	OpSW
	OpSD
	OpADDI
	OpSLTI
	OpSLTIU
	OpXORI
	OpORI
	OpANDI
	OpSLLI
	OpSRLI
	OpSRAI
	OpADD
	OpSUB
	OpSLL
	OpSLT
	OpSLTU
	OpXOR
	OpSRL
	OpSRA
	OpOR
	OpAND
	OpADDIW
	OpSLLIW
	OpSRLIW
	OpSRAIW
	OpADDW
	OpSUBW
	OpSLLW
	OpSRLW
	OpSRAW
	OpPAUSE // a FENCE encoding with a row of its own, because it ends the hart's turn
	OpFENCE
	OpFENCEI
	OpECALL
	OpEBREAK

	endI
)

// Privileged instructions and Svinval (privileged ISA, 3.3 and chapters 4, 7).
const (
	OpMRET Op = iota + endI
	OpSRET
	OpWFI
	OpSFENCEVMA
	OpSINVALVMA
	OpSFENCEWINVAL
	OpSFENCEINVALIR

	endPriv
)

// Zicsr (unprivileged ISA, chapter 9 of version 20191213).
const (
	OpCSRRW Op = iota + endPriv
	OpCSRRS
	OpCSRRC
	OpCSRRWI
	OpCSRRSI
	OpCSRRCI

	endCSR
)

// M: multiplication and division.
const (
	OpMUL Op = iota + endCSR
	OpMULH
	OpMULHSU
	OpMULHU
	OpDIV
	OpDIVU
	OpREM
	OpREMU
	OpMULW
	OpDIVW
	OpDIVUW
	OpREMW
	OpREMUW

	endM
)

// A: atomics. The aq and rl bits are bits 26 and 25 of Inst.Raw.
const (
	OpLRW Op = iota + endM
	OpSCW
	OpAMOSWAPW
	OpAMOADDW
	OpAMOXORW
	OpAMOANDW
	OpAMOORW
	OpAMOMINW
	OpAMOMAXW
	OpAMOMINUW
	OpAMOMAXUW
	OpLRD
	OpSCD
	OpAMOSWAPD
	OpAMOADDD
	OpAMOXORD
	OpAMOANDD
	OpAMOORD
	OpAMOMIND
	OpAMOMAXD
	OpAMOMINUD
	OpAMOMAXUD

	endA
)

// F: single-precision floating point.
const (
	OpFLW Op = iota + endA
	OpFSW
	OpFMADDS
	OpFMSUBS
	OpFNMSUBS
	OpFNMADDS
	OpFADDS
	OpFSUBS
	OpFMULS
	OpFDIVS
	OpFSQRTS
	OpFSGNJS
	OpFSGNJNS
	OpFSGNJXS
	OpFMINS
	OpFMAXS
	OpFCVTWS
	OpFCVTWUS
	OpFCVTLS
	OpFCVTLUS
	OpFMVXW
	OpFEQS
	OpFLTS
	OpFLES
	OpFCLASSS
	OpFCVTSW
	OpFCVTSWU
	OpFCVTSL
	OpFCVTSLU
	OpFMVWX

	endF
)

// D: double-precision floating point.
const (
	OpFLD Op = iota + endF
	OpFSD
	OpFMADDD
	OpFMSUBD
	OpFNMSUBD
	OpFNMADDD
	OpFADDD
	OpFSUBD
	OpFMULD
	OpFDIVD
	OpFSQRTD
	OpFSGNJD
	OpFSGNJND
	OpFSGNJXD
	OpFMIND
	OpFMAXD
	OpFCVTSD
	OpFCVTDS
	OpFEQD
	OpFLTD
	OpFLED
	OpFCLASSD
	OpFCVTWD
	OpFCVTWUD
	OpFCVTLD
	OpFCVTLUD
	OpFCVTDW
	OpFCVTDWU
	OpFCVTDL
	OpFCVTDLU
	OpFMVXD
	OpFMVDX

	endD
)

// Zfh: half-precision floating point; Zfhmin is the subset of its loads, stores, moves and
// conversions between floating-point formats.
const (
	OpFLH Op = iota + endD
	OpFSH
	OpFMVXH
	OpFMVHX
	OpFCVTSH
	OpFCVTHS
	OpFCVTDH
	OpFCVTHD
	OpFMADDH
	OpFMSUBH
	OpFNMSUBH
	OpFNMADDH
	OpFADDH
	OpFSUBH
	OpFMULH
	OpFDIVH
	OpFSQRTH
	OpFSGNJH
	OpFSGNJNH
	OpFSGNJXH
	OpFMINH
	OpFMAXH
	OpFEQH
	OpFLTH
	OpFLEH
	OpFCLASSH
	OpFCVTWH
	OpFCVTWUH
	OpFCVTLH
	OpFCVTLUH
	OpFCVTHW
	OpFCVTHWU
	OpFCVTHL
	OpFCVTHLU

	endZfh
)

// Zba, Zbb, Zbc, Zbs: bit manipulation 1.0.
const (
	OpADDUW Op = iota + endZfh
	OpSH1ADD
	OpSH1ADDUW
	OpSH2ADD
	OpSH2ADDUW
	OpSH3ADD
	OpSH3ADDUW
	OpSLLIUW
	OpANDN
	OpORN
	OpXNOR
	OpCLZ
	OpCLZW
	OpCTZ
	OpCTZW
	OpCPOP
	OpCPOPW
	OpMAX
	OpMAXU
	OpMIN
	OpMINU
	OpSEXTB
	OpSEXTH
	OpZEXTH
	OpROL
	OpROLW
	OpROR
	OpRORI
	OpRORIW
	OpRORW
	OpORCB
	OpREV8
	OpCLMUL
	OpCLMULH
	OpCLMULR
	OpBCLR
	OpBCLRI
	OpBEXT
	OpBEXTI
	OpBINV
	OpBINVI
	OpBSET
	OpBSETI

	endB
)

// NumOps is the number of values of Op, OpIllegal included: the length of a table indexed by Op.
const NumOps = int(endB)

// String returns the mnemonic ("amoswap.w"; without .aq and .rl), or "illegal".
func (op Op) String() string {
	if op == OpIllegal || int(op) >= NumOps {
		return "illegal"
	}
	return rows[op].name
}

// Ext returns the extensions that a machine needs to have op; 0 for OpIllegal.
func (op Op) Ext() ISA {
	if int(op) >= NumOps {
		return 0
	}
	return rows[op].ext
}

// Inst is one decoded instruction.
type Inst struct {
	Op Op
	// Rd, Rs1, Rs2 and Rs3 number integer or floating-point registers, 0 to 31, as the Op says;
	// fields that the instruction lacks are 0. For CSRRWI, CSRRSI and CSRRCI Rs1 is the immediate.
	Rd, Rs1, Rs2, Rs3 uint8
	// Rm is the rounding mode, 0 to 4 or 7 (dynamic); 0 where there is none.
	Rm uint8
	// Size is the number of bytes in memory: 2 or 4.
	Size uint8
	// Imm is the immediate, sign-extended. For branches and jumps it is the offset in bytes from the
	// instruction's own address, for LUI and AUIPC the value added (a multiple of 4096), for shifts
	// the amount, for CSR instructions the CSR number, for FENCE fm, pred and succ (bits 31:20).
	Imm int64
	// Raw is the encoding: 32 bits, or 16 if Size is 2.
	Raw uint32
}

// Aq reports the acquire bit of an A instruction.
func (i Inst) Aq() bool { return i.Raw>>26&1 != 0 }

// Rl reports the release bit of an A instruction.
func (i Inst) Rl() bool { return i.Raw>>25&1 != 0 }
