package unwind

import (
	"encoding/binary"

	"reprise/internal/debuginfo"
	"reprise/vm/riscv"
)

// How says how a frame was found, from certain to guessed.
type How uint8

// The ways to find a frame.
const (
	Innermost    How = iota // the hart executes in it
	CallFrame               // call frame information led from the frame before
	Code                    // the beginning of the frame before's function was read
	FramePointer            // the frame pointer of the frame before led here
	Link                    // the frame before's ra pointed here: a guess
)

func (h How) String() string {
	switch h {
	case Innermost:
		return "innermost"
	case CallFrame:
		return "DWARF"
	case Code:
		return "code"
	case FramePointer:
		return "frame pointer"
	case Link:
		return "ra, a guess"
	}
	return "unknown"
}

// The registers that matter by their DWARF numbers, which are those of the
// instruction set (RISC-V ELF psABI, "DWARF register numbers").
const (
	ra = 1
	sp = 2
	fp = 8

	csr0 = 4096 // the first control and status register
)

// Frame is one of a stack.
type Frame struct {
	PC  uint64 // of the instruction that is executed next here
	CFA uint64 // the stack pointer before the call; 0 if it is not known
	How How
	// Interrupted: a trap came here. Else, but in the innermost frame, a call
	// did, and PC is behind it.
	Interrupted bool
	Trap        bool // the frame is a trap's: what follows was interrupted

	registers registers
}

// Inside is an address inside of the instruction that the frame executes: what
// lines and symbols are asked with.
func (f *Frame) Inside() uint64 {
	if f.exact() {
		return f.PC
	}
	return f.PC - 1
}

func (f *Frame) exact() bool { return f.How == Innermost || f.Interrupted }

// Register returns a register of the frame by its DWARF number, if it is known.
func (f *Frame) Register(n int) (uint64, bool) { return f.registers.get(n) }

// registers are those of a frame. What they do not have is lost.
type registers struct {
	value [64]uint64 // x0 to x31, f0 to f31
	known [64]bool
	csrs  func(n int) (uint64, bool)
}

func (r *registers) get(n int) (uint64, bool) {
	switch {
	case n == 0:
		return 0, true
	case n > 0 && n < len(r.value):
		return r.value[n], r.known[n]
	case n >= csr0 && r.csrs != nil:
		return r.csrs(n)
	}
	return 0, false
}

func (r *registers) set(n int, value uint64) {
	if n > 0 && n < len(r.value) {
		r.value[n], r.known[n] = value, true
	}
}

func (r *registers) forget(n int) {
	if n > 0 && n < len(r.value) {
		r.known[n] = false
	}
}

// kept reports whether a called function leaves a register as it was (psABI,
// "Integer Register Convention"): sp, gp, tp, s0 to s11 and fs0 to fs11.
func kept(n int) bool {
	if n >= 32 {
		n -= 32
		return n == 8 || n == 9 || n >= 18 && n <= 27
	}
	return n >= 2 && n <= 4 || n == 8 || n == 9 || n >= 18 && n <= 27
}

// called forgets what a call may have changed.
func (r *registers) called() {
	for n := range r.value {
		if !kept(n) {
			r.forget(n)
		}
	}
}

// Source is what a stack is found with.
type Source struct {
	Frames  *debuginfo.Frames
	Symbols *debuginfo.Symbols
	// Memory reads virtual memory and returns how many bytes it could.
	Memory func(addr uint64, p []byte) int
	// Fetch decodes the instruction at a virtual address.
	Fetch func(addr uint64) (riscv.Inst, bool)
	// Vectors are where traps are taken: the bases of mtvec and stvec.
	Vectors []uint64
}

// Of is the source for a hart as it stands.
func Of(h *riscv.Hart, frames *debuginfo.Frames, symbols *debuginfo.Symbols) Source {
	s := Source{Frames: frames, Symbols: symbols, Memory: h.PeekMemory, Fetch: h.FetchAt}
	for _, name := range []string{"mtvec", "stvec"} {
		if number, ok := riscv.CSRNumber(name); ok {
			if base, ok := h.PeekCSR(number); ok && base != 0 {
				s.Vectors = append(s.Vectors, base&^3)
			}
		}
	}
	return s
}

// innermost is the frame that a hart executes in.
func innermost(h *riscv.Hart) Frame {
	f := Frame{PC: h.PC(), How: Innermost}
	for n := range 32 {
		f.registers.set(n, h.X(n))
		f.registers.set(32+n, h.F(n))
	}
	f.registers.csrs = func(n int) (uint64, bool) { return h.PeekCSR(uint16(n - csr0)) }
	return f
}

func (s *Source) word(addr uint64) (uint64, bool) {
	var p [8]byte
	if s.Memory(addr, p[:]) < len(p) {
		return 0, false
	}
	return binary.LittleEndian.Uint64(p[:]), true
}
