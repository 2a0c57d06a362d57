package riscv

// Code is instructions that a hart is about to execute in a row, up to where
// control may go elsewhere or the page ends.
type Code struct {
	Hart     int
	Mode     Mode
	PC       uint64 // of the first
	Physical uint64 // address of the first
	Insts    []Inst
}

// Meet lets note be told of code before the hart executes it, whenever it is
// decoded: of every instruction at least once, and again after its decoded form
// was dropped or entered at another place. nil ends that. It is no part of the
// state, and note must not change anything.
func (h *Hart) Meet(note func(Code)) {
	if note != nil {
		h.dropBlocks()
	}
	h.met = note
}

// codeAt reads the code at a virtual address as a debugger does.
func (h *Hart) codeAt(pc uint64) Code {
	c := Code{Hart: h.id, Mode: h.mode, PC: pc}
	w := walker{hart: h, va: pc, kind: accessFetch, mode: h.mode, looking: true}
	if t, ex := w.walk(); ex == none {
		c.Physical = t.pa
	}
	for next := pc; next&^pageMask == pc&^pageMask; {
		inst, ok := h.FetchAt(next)
		if !ok {
			break
		}
		c.Insts = append(c.Insts, inst)
		if next += uint64(inst.Size); endsBlock(inst.Op) {
			break
		}
	}
	return c
}
