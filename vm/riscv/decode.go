package riscv

// Decode finds the instruction that raw encodes on a machine with the given extensions. If the low
// two bits of raw are not 11, it is a compressed instruction in the low 16 bits, and the rest of raw
// is ignored. What isa lacks, reserved encodings and reserved rounding modes (101, 110) give
// OpIllegal with Size and Raw set. Encodings longer than 32 bits count as illegal ones of 4 bytes.
func Decode(raw uint32, isa ISA) Inst {
	if raw&3 != 3 {
		return decodeCompressed(uint16(raw), isa)
	}
	for _, op := range decodeIndex[bucket(raw)] {
		r := &rows[op]
		if raw&r.mask == r.match && isa.Has(r.ext) {
			i := Inst{Op: op, Size: 4, Raw: raw}
			if !i.setOperands(r.format) {
				break
			}
			return i
		}
	}
	return Inst{Size: 4, Raw: raw}
}

const (
	opcodeOpFP  = 0x53
	opFPBuckets = 256 // the OP-FP buckets follow those of opcode and funct3
	numBuckets  = opFPBuckets + 128
)

// decodeIndex lists, for each bucket of encodings, the rows that can match there, in the table's order.
var decodeIndex = buildIndex()

// bucket returns the index into decodeIndex for a 32-bit encoding: major opcode and funct3, but
// funct7 for OP-FP, where funct3 is mostly the rounding mode.
func bucket(raw uint32) uint32 {
	if raw&0x7f == opcodeOpFP {
		return opFPBuckets + raw>>25
	}
	return raw>>2&31<<3 | raw>>12&7
}

func buildIndex() (index [numBuckets][]Op) {
	for op := OpIllegal + 1; int(op) < NumOps; op++ {
		r := &rows[op]
		for f3 := range uint32(8) {
			raw := f3 << 12
			if raw&r.mask != r.match&(7<<12) {
				continue
			}
			b := bucket(r.match | raw)
			if n := len(index[b]); n > 0 && index[b][n-1] == op {
				continue // OP-FP: all values of funct3 share a bucket
			}
			index[b] = append(index[b], op)
		}
	}
	return index
}

// setOperands fills in the fields that the format has. It reports whether the encoding is legal:
// false for a reserved rounding mode.
func (i *Inst) setOperands(f Format) bool {
	raw := i.Raw
	rd, rs1, rs2 := uint8(raw>>7&31), uint8(raw>>15&31), uint8(raw>>20&31)
	switch f {
	case FmtNone:
	case FmtR, FmtF, FmtFCmp, FmtAMO:
		i.Rd, i.Rs1, i.Rs2 = rd, rs1, rs2
	case FmtR1, FmtLR, FmtXF, FmtFX:
		i.Rd, i.Rs1 = rd, rs1
	case FmtI, FmtLoad, FmtFLoad, FmtJALR:
		i.Rd, i.Rs1, i.Imm = rd, rs1, int64(int32(raw)>>20)
	case FmtShift:
		i.Rd, i.Rs1, i.Imm = rd, rs1, int64(raw>>20&63)
	case FmtShiftW:
		i.Rd, i.Rs1, i.Imm = rd, rs1, int64(rs2)
	case FmtStore, FmtFStore:
		i.Rs1, i.Rs2, i.Imm = rs1, rs2, int64(int32(raw)>>25<<5)|int64(rd)
	case FmtBranch:
		i.Rs1, i.Rs2, i.Imm = rs1, rs2, branchOffset(raw)
	case FmtU:
		i.Rd, i.Imm = rd, int64(int32(raw&^0xfff))
	case FmtJ:
		i.Rd, i.Imm = rd, jumpOffset(raw)
	case FmtCSR, FmtCSRI:
		i.Rd, i.Rs1, i.Imm = rd, rs1, int64(raw>>20)
	case FmtFence:
		i.Rd, i.Rs1, i.Imm = rd, rs1, int64(raw>>20)
	case FmtSFence:
		i.Rs1, i.Rs2 = rs1, rs2
	case FmtFRm:
		i.Rd, i.Rs1, i.Rs2 = rd, rs1, rs2
		return i.setRm()
	case FmtF4:
		i.Rd, i.Rs1, i.Rs2, i.Rs3 = rd, rs1, rs2, uint8(raw>>27)
		return i.setRm()
	case FmtF1Rm, FmtF1Exact, FmtXFRm, FmtFXRm, FmtFXExact:
		i.Rd, i.Rs1 = rd, rs1
		return i.setRm()
	default:
		panic("BUG: decode table row without an operand format")
	}
	return true
}

func (i *Inst) setRm() bool {
	i.Rm = uint8(i.Raw >> 12 & 7)
	return i.Rm != 5 && i.Rm != 6
}

// branchOffset returns the immediate of the B format: bits 12, 11, 10:5, 4:1.
func branchOffset(raw uint32) int64 {
	return int64(int32(raw)>>31<<12) | int64(raw>>7&1<<11|raw>>25&0x3f<<5|raw>>8&0xf<<1)
}

// jumpOffset returns the immediate of the J format: bits 20, 19:12, 11, 10:1.
func jumpOffset(raw uint32) int64 {
	return int64(int32(raw)>>31<<20) | int64(raw&0xff000|raw>>20&1<<11|raw>>21&0x3ff<<1)
}
