package riscv

import (
	"slices"
	"unsafe"
)

// Operations that the block builder makes of instructions, beyond the table's.
const (
	opConst Op = Op(NumOps) + iota // rd = imm: lui and auipc
	opEnd                          // after the last operation of every block
	opSlow                         // never done fast; the immediate is the encoding, which says what it is
	opBreak                        // a breakpoint
	opNoted                        // an instruction whose write to a register is noted
	opFrame                        // a call or a return that is looked for
)

// op is one predecoded instruction, 16 bytes.
type op struct {
	code Op
	rd   uint8 // regSink for x0
	rs1  uint8
	rs2  uint8
	size uint8
	off  uint16 // of the instruction, from the start of its page
	imm  int64  // what the operation needs; see predecode
}

// block is a run of instructions within one page that ends where control may
// leave it. Addresses are baked into its operations, so that it belongs to one
// virtual address as well as to one place in RAM.
type block struct {
	ops []op // and after them, within the capacity, opEnd
	// steps is len(ops), or more than any budget once the block is dead.
	steps int64
	taken *block // successor of a taken branch, if it is linked
	next  *block // successor in order, if it is linked
	pc    uint64 // virtual address of the first instruction
	end   uint64 // virtual address after the last one
	to    uint64 // virtual address of the taken branch
	place uint64 // offset in RAM of the first instruction
	alias *block // another block of the same place, at another address
}

// at is operation i of the block, or its end. The fast loop walks operations by
// pointer: opEnd keeps it within the block.
func (b *block) at(i int) *op {
	return (*op)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b.ops)), uintptr(i)*unsafe.Sizeof(op{})))
}

// index is the inverse of at.
func (b *block) index(o *op) int {
	return int((uintptr(unsafe.Pointer(o)) - uintptr(unsafe.Pointer(unsafe.SliceData(b.ops)))) / unsafe.Sizeof(op{}))
}

// next is the operation after o, which is not opEnd.
func (o *op) next() *op { return (*op)(unsafe.Add(unsafe.Pointer(o), unsafe.Sizeof(op{}))) }

const (
	maxBlock = 64
	// maxOps bounds the memory of decoded blocks; beyond it all are dropped.
	maxOps = 1 << 21
	// dead is more steps than any budget.
	dead = 1 << 62
)

// blocks is the set of decoded blocks of a hart.
type blocks struct {
	at    map[uint64]*block   // by place in RAM
	pages map[uint64][]*block // by page of RAM
	ops   int
}

func (b *blocks) init() {
	b.at = map[uint64]*block{}
	b.pages = map[uint64][]*block{}
	b.ops = 0
}

// find gives the block of a place and address, or nil.
func (b *blocks) find(place, pc uint64) *block {
	found := b.at[place]
	for found != nil && found.pc != pc {
		found = found.alias
	}
	return found
}

func (b *blocks) add(made *block) {
	made.alias = b.at[made.place]
	b.at[made.place] = made
	page := made.place >> pageShift
	b.pages[page] = append(b.pages[page], made)
	b.ops += len(made.ops)
}

// drop forgets the blocks in a page of RAM. Whoever still holds one finds it
// longer than any budget.
func (b *blocks) drop(page uint64) {
	for _, old := range b.pages[page] {
		delete(b.at, old.place)
		b.ops -= len(old.ops)
		old.kill()
	}
	delete(b.pages, page)
}

func (b *block) kill() { b.steps, b.taken, b.next = dead, nil, nil }

// dropBlocks forgets every block of the hart.
func (h *Hart) dropBlocks() {
	for _, page := range h.blocks.pages {
		for _, old := range page {
			old.kill()
		}
	}
	h.blocks.init()
	h.dropFetches()
}

// lookup finds or makes the block that starts at the hart's pc. It gives nil
// and no exception where the next instruction cannot be cached: it must be
// done with [Hart.single].
func (h *Hart) lookup() (*block, exception) {
	pc := h.pc
	j := &h.code.jumps[pc>>1%jumpSize]
	if j.pc == pc && j.block.steps != dead {
		return j.block, none
	}
	page, inRAM, ex := h.fetchPage(pc)
	if ex != none || !inRAM {
		return nil, ex
	}
	place := page | pc&pageMask
	b := h.blocks.find(place, pc)
	if b == nil {
		if h.blocks.ops > maxOps {
			h.dropBlocks()
		}
		if b = h.build(place, pc); b == nil {
			return nil, none
		}
		h.blocks.add(b)
	}
	h.code.jumps[pc>>1%jumpSize] = jump{pc, b}
	return b, none
}

// build decodes a block. It gives nil if not even the first instruction lies
// within the page.
func (h *Hart) build(place, pc uint64) *block {
	if h.met != nil {
		h.met(h.codeAt(pc))
	}
	b := &block{pc: pc, place: place}
	var decoded [maxBlock + 1]op
	ops := decoded[:0]
	for len(ops) < maxBlock {
		in := place&pageMask + (pc - b.pc)
		if in > PageSize-2 {
			break
		}
		raw := uint32(h.ram.load(place+(pc-b.pc), 2))
		if raw&3 == 3 {
			if in > PageSize-4 {
				break
			}
			raw = uint32(h.ram.load(place+(pc-b.pc), 4))
		}
		if h.breaks[pc] {
			if len(ops) == 0 {
				ops = append(ops, op{code: opBreak, off: uint16(in)})
				pc += 2
			}
			break
		}
		inst := Decode(raw, h.isa)
		o := predecode(&inst, pc)
		o.off = uint16(in)
		h.mark(&inst, &o)
		ops = append(ops, o)
		if isJump(inst.Op) {
			b.to = pc + uint64(inst.Imm)
		}
		pc += uint64(inst.Size)
		if endsBlock(inst.Op) {
			break
		}
	}
	if len(ops) == 0 {
		return nil
	}
	b.ops, b.end, b.steps = sealed(slices.Clone(decoded[:len(ops)+1]), len(ops)), pc, int64(len(ops))
	h.ram.holdsCode(place, int(pc-b.pc))
	return b
}

// mark makes an operation one of those that are looked for, if it is. Its
// immediate is then the encoding.
func (h *Hart) mark(inst *Inst, o *op) {
	switch {
	case h.frames != nil && (inst.IsCall() || inst.IsReturn()):
		o.code = opFrame
	case h.noted[o.rd]:
		o.code = opNoted
	default:
		return
	}
	o.imm = int64(inst.Raw)
}

// sealed makes the first n operations those of a block. There is one more.
func sealed(ops []op, n int) []op {
	ops[n] = op{code: opEnd}
	return ops[:n]
}

// predecode turns an instruction into the operation that the fast loop does.
func predecode(inst *Inst, pc uint64) op {
	o := op{code: inst.Op, rd: inst.Rd, rs1: inst.Rs1, rs2: inst.Rs2, size: inst.Size, imm: inst.Imm}
	float := floatOperands[inst.Op]
	if o.rd == 0 && float&floatRd == 0 {
		o.rd = regSink
	}
	if float&floatRd != 0 {
		o.rd += regFloat
	}
	if float&floatRs1 != 0 {
		o.rs1 += regFloat
	}
	if float&floatRs2 != 0 {
		o.rs2 += regFloat
	}
	switch inst.Op {
	case OpLUI:
		o.code = opConst
	case OpAUIPC:
		o.code, o.imm = opConst, int64(pc)+inst.Imm
	case OpJAL:
		o.imm = int64(pc + uint64(inst.Size)) // what is linked
	case OpSLTIU, OpADDI, OpJALR:
	default:
		if !keepsImmediate(inst.Op) {
			o.imm = int64(inst.Raw) // what the slow path decodes again
		}
		if roundsOtherwise(inst.Op, inst.Raw) {
			o.code = opSlow
		}
	}
	return o
}

func isJump(code Op) bool { return code == OpJAL || code >= OpBEQ && code <= OpBGEU }

// keepsImmediate reports whether the fast loop uses the immediate.
func keepsImmediate(code Op) bool {
	return code <= OpSRAIW && code >= OpBEQ || code == OpFLW || code == OpFLD || code == OpFSW || code == OpFSD ||
		code == OpFLH || code == OpFSH ||
		code == OpRORI || code == OpRORIW || code == OpSLLIUW || code == OpBCLRI || code == OpBEXTI || code == OpBINVI || code == OpBSETI
}

// endsBlock reports whether control may go elsewhere after the instruction, or
// what follows may have to be decoded anew.
func endsBlock(code Op) bool {
	switch code {
	case OpJAL, OpJALR, OpBEQ, OpBNE, OpBLT, OpBGE, OpBLTU, OpBGEU,
		OpECALL, OpEBREAK, OpMRET, OpSRET, OpWFI, OpFENCEI, OpSFENCEVMA, OpSINVALVMA, OpPAUSE, OpIllegal:
		return true
	}
	return false
}

// Which operands of an instruction are floating point registers.
const (
	floatRd = 1 << iota
	floatRs1
	floatRs2
)

// floatOperands is derived from the formats of the decode table.
var floatOperands = func() (table [NumOps]uint8) {
	for code := OpFLW; code <= OpFCVTHLU; code++ {
		switch code {
		case OpFLW, OpFLD, OpFLH:
			table[code] = floatRd
		case OpFSW, OpFSD, OpFSH:
			table[code] = floatRs2
		case OpFCVTWS, OpFCVTWUS, OpFCVTLS, OpFCVTLUS, OpFMVXW, OpFCLASSS,
			OpFCVTWD, OpFCVTWUD, OpFCVTLD, OpFCVTLUD, OpFMVXD, OpFCLASSD,
			OpFCVTWH, OpFCVTWUH, OpFCVTLH, OpFCVTLUH, OpFMVXH, OpFCLASSH:
			table[code] = floatRs1
		case OpFEQS, OpFLTS, OpFLES, OpFEQD, OpFLTD, OpFLED, OpFEQH, OpFLTH, OpFLEH:
			table[code] = floatRs1 | floatRs2
		case OpFCVTSW, OpFCVTSWU, OpFCVTSL, OpFCVTSLU, OpFMVWX,
			OpFCVTDW, OpFCVTDWU, OpFCVTDL, OpFCVTDLU, OpFMVDX,
			OpFCVTHW, OpFCVTHWU, OpFCVTHL, OpFCVTHLU, OpFMVHX:
			table[code] = floatRd
		default:
			table[code] = floatRd | floatRs1 | floatRs2
		}
	}
	return table
}()
