package riscv

import "reprise/vm/state"

// Frames asks for the calls and returns of one hart that belong to a frame of
// its stack or to one further out: those at which the stack pointer is at least
// SP, in the same mode and address space. Calls are jumps that link to ra or
// t0, returns are jumps to them (unprivileged ISA, table 2.1).
type Frames struct {
	SP   uint64
	Mode Mode
	SATP uint64
	// Note is called before each. Without it, Run stops there with
	// StopBreakpoint if points are heeded.
	Note func(step state.Step, call bool)
}

// WatchFrames begins or, with nil, ends to look for calls and returns.
func (h *Hart) WatchFrames(f *Frames) {
	if (f == nil) != (h.frames == nil) {
		h.dropBlocks()
	}
	h.frames = f
}

// Frame is the frame that the hart executes in.
func (h *Hart) Frame() Frames { return Frames{SP: h.x[2], Mode: h.mode, SATP: h.csr.satp} }

// In reports whether the hart is in the frame, or in one further out.
func (f *Frames) In(h *Hart) bool {
	return h.x[2] >= f.SP && h.mode == f.Mode && h.csr.satp == f.SATP
}

// IsCall reports whether an instruction calls.
func (inst *Inst) IsCall() bool {
	return (inst.Op == OpJAL || inst.Op == OpJALR) && links(inst.Rd)
}

// IsReturn reports whether an instruction returns.
func (inst *Inst) IsReturn() bool {
	return inst.Op == OpJALR && inst.Rd == 0 && links(inst.Rs1)
}

func links(register uint8) bool { return register == 1 || register == 5 }

// frameSlow does a call or a return, if nothing stops it.
func (h *Hart) frameSlow(o *op) outcome {
	f := h.frames
	if f.In(h) {
		switch {
		case f.Note != nil:
			f.Note(h.step, o.rd != regSink)
		case h.heed && h.step != h.pass:
			return slowBreak
		}
	}
	return h.marked(o)
}

// marked does an operation that was marked. It leaves the pc where to go on.
func (h *Hart) marked(o *op) outcome {
	inst := Decode(uint32(o.imm), h.isa)
	if out := h.execute(&inst); out != slowNext {
		return out
	}
	return slowJump
}
