package riscv

import "reprise/vm/state"

// Mode is a privilege mode, with the encoding of mstatus.MPP.
type Mode uint8

// The privilege modes (privileged ISA, 1.2).
const (
	User       Mode = 0
	Supervisor Mode = 1
	Machine    Mode = 3
)

// String is the letter used in the specification.
func (m Mode) String() string {
	switch m {
	case User:
		return "U"
	case Supervisor:
		return "S"
	case Machine:
		return "M"
	}
	return "?"
}

// The register file has room for both sets of registers and is indexed with a
// byte, so that no index needs a check. Writes to x0 go to a sink.
const (
	regSink   = 32
	regFloat  = 64
	registers = 256
)

// Board is what a hart reaches outside itself.
type Board interface {
	// Load reads size bytes (1, 2, 4 or 8) from a physical address outside
	// RAM. It reports false for an access fault.
	Load(pa uint64, size int) (value uint64, ok bool)
	// Store writes size bytes to a physical address outside RAM. It reports
	// false for an access fault.
	Store(pa uint64, value uint64, size int) (ok bool)
	// Peek reads as Load does, without side effects.
	Peek(pa uint64, size int) (value uint64, ok bool)
	// Time is the value of mtime now.
	Time() uint64
	// Retimed tells that what [Hart.Stimecmp] answers has changed.
	Retimed()
	// Interrupted announces that hart took an interrupt with this cause.
	Interrupted(hart int, cause uint64)
	// Excepted announces that hart took a synchronous trap with this cause.
	Excepted(hart int, cause uint64)
}

// Hart is one hardware thread.
type Hart struct {
	id    int   `state:"-"`
	isa   ISA   `state:"-"`
	ram   *RAM  `state:"-"`
	board Board `state:"-"`
	// step is the machine's position. The machine sets it before Run, which
	// moves it on.
	step state.Step `state:"-"`

	x    [registers]uint64
	pc   uint64
	mode Mode
	csr  csrs
	// waiting is set by WFI until the hart does its next step.
	waiting bool
	// lines are the interrupt inputs that devices hold: bits of mip.
	lines uint64
	// timers are the bits of mip that follow from the time alone.
	timers uint64 `state:"-"`

	reservation reservation

	data        *dataSpace      `state:"-"` // translations of loads and stores now
	code        *codeSpace      `state:"-"` // translations of fetches now
	spaces      spaces          `state:"-"`
	blocks      blocks          `state:"-"`
	breaks      map[uint64]bool `state:"-"`
	semihosting *Semihosting    `state:"-"` // nil without

	heed   bool           `state:"-"` // breakpoints and watchpoints stop
	pass   state.Step     `state:"-"` // the step that watchpoints let pass
	noted  map[uint8]bool `state:"-"` // registers whose writes are noted
	frames *Frames        `state:"-"` // calls and returns that are looked for
	met    func(Code)     `state:"-"` // is told of code; nil for nobody
	// attention asks Run to return after the step it is in.
	attention bool `state:"-"`
	// floatDirty is set while mstatus.FS is dirty, so that floating point
	// registers may be written without telling it.
	floatDirty bool `state:"-"`
	// floatHost is set while the host's arithmetic gives the results and flags of
	// ours; see hostfloat.go.
	floatHost bool `state:"-"`
	plain     bool `state:"-"` // SetPlain
	// scratch and alone are blocks for once: part of another, and one instruction
	// by itself, which the slow path of the first may execute.
	scratch    block            `state:"-"`
	scratchOps [maxBlock + 1]op `state:"-"`
	alone      block            `state:"-"`
	aloneOps   [2]op            `state:"-"`
}

// reservation is what LR leaves for SC.
type reservation struct {
	valid bool
	addr  uint64 // physical
	value uint64
}

// NewHart makes hart number id with the given instruction set, in the state
// after reset. Its pc is 0 until [Hart.Reset].
func NewHart(id int, isa ISA, ram *RAM, board Board) *Hart {
	h := &Hart{id: id, isa: isa, ram: ram, board: board}
	h.blocks.init()
	ram.harts = append(ram.harts, h)
	h.Reset(0, 0)
	return h
}

// Reset puts the hart into the state after reset (privileged ISA, 3.4) at the
// given address. now is the step at which cycle counting starts.
func (h *Hart) Reset(pc uint64, now state.Step) {
	h.x = [registers]uint64{}
	h.pc = pc
	h.mode = Machine
	h.csr = csrs{cycleBase: uint64(now)}
	h.csr.mstatus = 2<<statusUXLShift | 2<<statusSXLShift
	h.waiting = false
	h.lines = 0
	h.timers = 0
	h.reservation = reservation{}
	h.dropTranslations()
}

// ID is the number of the hart, the value of mhartid.
func (h *Hart) ID() int { return h.id }

// PC is the address of the next instruction.
func (h *Hart) PC() uint64 { return h.pc }

// SetPC moves the hart to another instruction.
func (h *Hart) SetPC(pc uint64) { h.pc = pc &^ 1 }

// Mode is the privilege mode.
func (h *Hart) Mode() Mode { return h.mode }

// X reads integer register n, 0 to 31.
func (h *Hart) X(n int) uint64 { return h.x[n&31] }

// SetX writes integer register n; x0 stays 0.
func (h *Hart) SetX(n int, value uint64) {
	if n&31 != 0 {
		h.x[n&31] = value
	}
}

// F reads floating point register n, 0 to 31, as its 64 bits.
func (h *Hart) F(n int) uint64 { return h.x[regFloat+n&31] }

// SetF writes the 64 bits of floating point register n.
func (h *Hart) SetF(n int, value uint64) { h.x[regFloat+n&31] = value }

// Waiting reports whether the hart is in WFI.
func (h *Hart) Waiting() bool { return h.waiting }

// Runnable reports whether the hart has something to do: it does not wait, or
// an interrupt that is enabled in mie ends the wait (privileged ISA, 3.3.3).
func (h *Hart) Runnable() bool { return !h.waiting || h.mip()&h.csr.mie != 0 }

// SetLine drives one of the interrupt inputs: [MSIP], [MEIP] or [SEIP].
func (h *Hart) SetLine(line uint64, level bool) {
	if level {
		h.lines |= line
	} else {
		h.lines &^= line
	}
	h.attention = true
}

// SetTimers says which of [MTIP] and [STIP] the time sets now.
func (h *Hart) SetTimers(pending uint64) {
	if h.timers != pending {
		h.timers = pending
		h.attention = true
	}
}

// SetBreakpoints names the virtual addresses at which Run stops, as long as
// they are heeded. They are no part of the state. Naming the same again costs
// nothing.
func (h *Hart) SetBreakpoints(addrs []uint64) {
	same := len(addrs) == len(h.breaks)
	for _, a := range addrs {
		same = same && h.breaks[a]
	}
	if same {
		return
	}
	h.breaks = make(map[uint64]bool, len(addrs))
	for _, a := range addrs {
		h.breaks[a] = true
	}
	h.dropBlocks()
}

// Heed says whether breakpoints and watchpoints stop Run. They do not until it
// is called.
func (h *Hart) Heed(points bool) { h.heed = points }

// EndTurn ends the reservation that LR made: another hart may run now.
func (h *Hart) EndTurn() { h.reservation = reservation{} }

// dropReservation ends a reservation that other stores have touched.
func (h *Hart) dropReservation(pa, n uint64) {
	if h.reservation.valid && h.reservation.addr < pa+n && pa < h.reservation.addr+8 {
		h.reservation = reservation{}
	}
}

// Visit walks the architectural state.
func (h *Hart) Visit(v *state.Visitor) {
	v.Uint64s(h.x[1:32])
	v.Uint64s(h.x[regFloat : regFloat+32])
	v.Uint64(&h.pc)
	v.Uint8((*uint8)(&h.mode))
	h.csr.visit(v)
	v.Bool(&h.waiting)
	v.Uint64(&h.lines)
	v.Bool(&h.reservation.valid)
	v.Uint64(&h.reservation.addr)
	v.Uint64(&h.reservation.value)
	if v.Loading() {
		h.dropTranslations()
	}
}

// Now is the machine's position as this hart knows it: while an instruction
// executes, its step.
func (h *Hart) Now() state.Step { return h.step }

// SetNow tells a hart that does not run the machine's position, on which its
// cycle counter depends.
func (h *Hart) SetNow(step state.Step) { h.step = step }

// Attend lets Run return after the step it is in.
func (h *Hart) Attend() { h.attention = true }

// WaitsFor reports whether an interrupt is enabled in mie, so that it ends a
// wait.
func (h *Hart) WaitsFor(line uint64) bool { return h.csr.mie&line != 0 }
