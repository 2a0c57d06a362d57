package unwind

import (
	"slices"

	"reprise/vm/riscv"
)

// prologue is what the beginning of a function has done to its stack up to an
// instruction. Functions in assembly rarely have call frame information, and
// traps are mostly taken in such ones.
type prologue struct {
	saved  map[int]int64 // where registers are, from the frame's address
	csrs   map[int]int64 // and control and status registers
	lost   [32]bool      // registers that have another value and were not saved
	depth  int64         // bytes that the stack has grown by
	framed bool          // fp is set to the frame's address, plus base
	base   int64
	trap   bool // it is where traps are taken
	mode   int  // number of the register with the pc that a trap came at
}

// The registers in which a trap leaves the pc (privileged ISA 1.12, sections
// 3.1.14 and 4.1.7).
const (
	csrSEPC = 0x141
	csrMEPC = 0x341
)

// maxPrologue bounds what is read of a function, in instructions.
const maxPrologue = 200

// value is what a register holds as far as the prologue is followed.
type value struct {
	kind   valueKind
	number int // of the register or the CSR
	offset int64
}

type valueKind uint8

const (
	unknownValue valueKind = iota
	entryValue             // what register number had at the entry, and offset
	csrValue
)

// readPrologue follows a function from its start to where a frame stands, or to
// where it calls or returns. Branches are taken as not taken: what they skip is
// mostly how a trap finds its stack.
func (s *Source) readPrologue(start uint64, f *Frame) prologue {
	p := prologue{saved: map[int]int64{}, csrs: map[int]int64{}, mode: csrMEPC}
	p.trap = slices.Contains(s.Vectors, start)
	var now [32]value
	for n := range now {
		now[n] = value{entryValue, n, 0}
	}
	stores := map[value]value{} // what was stored, by place
	until := f.PC
	for addr, n := start, 0; addr < until && n < maxPrologue; n++ {
		inst, ok := s.Fetch(addr)
		if !ok {
			break
		}
		if inst.Op == riscv.OpJAL || inst.Op == riscv.OpJALR {
			break
		}
		p.follow(&inst, &now, stores)
		addr += uint64(inst.Size)
	}
	p.conclude(now, stores)
	return p
}

// follow does what an instruction does to values.
func (p *prologue) follow(inst *riscv.Inst, now *[32]value, stores map[value]value) {
	result := value{}
	switch inst.Op {
	case riscv.OpADDI:
		if result = now[inst.Rs1]; result.kind == entryValue {
			result.offset += inst.Imm
		} else {
			result = value{}
		}
	case riscv.OpADD:
		switch {
		case inst.Rs1 == 0:
			result = now[inst.Rs2]
		case inst.Rs2 == 0:
			result = now[inst.Rs1]
		}
	case riscv.OpSD:
		if to := now[inst.Rs1]; to.kind == entryValue {
			to.offset += inst.Imm
			stores[to] = now[inst.Rs2]
		}
		return
	case riscv.OpLD:
		if from := now[inst.Rs1]; from.kind == entryValue {
			from.offset += inst.Imm
			result = stores[from]
		}
	case riscv.OpCSRRS, riscv.OpCSRRW, riscv.OpCSRRC:
		result = value{kind: csrValue, number: int(inst.Imm)}
		if inst.Imm == csrSEPC || inst.Imm == csrMEPC {
			p.mode = int(inst.Imm)
		}
	case riscv.OpSB, riscv.OpSH, riscv.OpSW, riscv.OpFSD, riscv.OpFSW,
		riscv.OpBEQ, riscv.OpBNE, riscv.OpBLT, riscv.OpBGE, riscv.OpBLTU, riscv.OpBGEU:
		return
	}
	if inst.Rd == 0 {
		return
	}
	if inst.Rd == sp && result.kind != entryValue {
		// A stack of its own begins here: what is known of it counts from its top.
		result = value{entryValue, sp, freshStack}
	}
	now[inst.Rd] = result
}

// freshStack keeps places on a stack that the function has changed to apart from
// those on the one that it was called with.
const freshStack = 1 << 40

// conclude takes down what lies where.
func (p *prologue) conclude(now [32]value, stores map[value]value) {
	origin := int64(0)
	if now[sp].kind == entryValue && now[sp].offset > freshStack/2 {
		origin = freshStack
	}
	p.depth = origin - now[sp].offset
	if now[fp].kind == entryValue && now[fp].number == sp && (now[fp].offset > freshStack/2) == (origin != 0) {
		p.framed, p.base = true, now[fp].offset-origin
	}
	for place, v := range stores {
		if place.number != sp || (place.offset > freshStack/2) != (origin != 0) {
			continue
		}
		switch {
		case v.kind == entryValue && v.offset == 0 && v.number != 0:
			p.saved[v.number] = place.offset - origin
		case v.kind == csrValue:
			p.csrs[v.number] = place.offset - origin
		}
	}
	for n, v := range now {
		p.lost[n] = v != value{entryValue, n, 0}
	}
}

// frame is the address of the frame: where the stack was at the entry.
func (p *prologue) frame(f *Frame) (uint64, bool) {
	if p.framed {
		if at, ok := f.Register(fp); ok {
			return at - uint64(p.base), true
		}
	}
	at, ok := f.Register(sp)
	return at + uint64(p.depth), ok
}

// savedPC is where the pc is that a trap came at.
func (p *prologue) savedPC() (at int64, ok bool) {
	for _, n := range []int{csrSEPC, csrMEPC} {
		if at, ok = p.csrs[n]; ok {
			return at, true
		}
	}
	return 0, false
}

// trapPC is the register that has it until then.
func (p *prologue) trapPC() int { return p.mode }
