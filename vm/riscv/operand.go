package riscv

// MemoryAccess is the memory that an instruction accesses.
type MemoryAccess struct {
	Addr        uint64 // virtual, of the first byte
	Size        int    // bytes: 1, 2, 4 or 8
	Read, Write bool   // both for an AMO
}

// AccessOf tells what memory an instruction will access if the hart executes it
// now, unless it traps. ok is false if it accesses none.
func (h *Hart) AccessOf(inst *Inst) (a MemoryAccess, ok bool) {
	o := predecode(inst, h.pc)
	a.Addr, a.Size, a.Read, a.Write = h.operand(&o)
	if inst.Op == OpSCW || inst.Op == OpSCD {
		pa, ex := h.foreseeTranslation(a.Addr, a.Size, accessStore)
		return a, ex == none && h.foreseeSC(pa, a.Size)
	}
	return a, a.Size != 0
}

// Destination is the register that an instruction writes: 0 to 31 for an
// integer register, 32 to 63 for a floating point one. ok is false if it writes
// none, or x0.
func (i *Inst) Destination() (number int, ok bool) {
	if floatOperands[i.Op]&floatRd != 0 {
		return 32 + int(i.Rd), true
	}
	return int(i.Rd), i.Rd != 0
}
