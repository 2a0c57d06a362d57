package riscv

import "reprise/vm/state"

// csrs is the state behind the control and status registers.
type csrs struct {
	mstatus    uint64
	medeleg    uint64
	mideleg    uint64
	mie        uint64
	mip        uint64 // the bits that software writes
	mtvec      uint64
	mcounteren uint64
	mscratch   uint64
	mepc       uint64
	mcause     uint64
	mtval      uint64
	menvcfg    uint64

	stvec      uint64
	scounteren uint64
	sscratch   uint64
	sepc       uint64
	scause     uint64
	stval      uint64
	satp       uint64
	senvcfg    uint64
	stimecmp   uint64

	fflags uint8
	frm    uint8

	mcountinhibit uint64
	cycleBase     uint64 // mcycle is the step minus this
	cycleStopped  uint64 // mcycle while inhibited
	instret       uint64
	hpmevent      [29]uint64

	pmpcfg  [pmpEntries]uint8
	pmpaddr [pmpEntries]uint64
}

func (c *csrs) visit(v *state.Visitor) {
	for _, p := range []*uint64{
		&c.mstatus, &c.medeleg, &c.mideleg, &c.mie, &c.mip, &c.mtvec, &c.mcounteren, &c.mscratch,
		&c.mepc, &c.mcause, &c.mtval, &c.menvcfg,
		&c.stvec, &c.scounteren, &c.sscratch, &c.sepc, &c.scause, &c.stval, &c.satp, &c.senvcfg, &c.stimecmp,
		&c.mcountinhibit, &c.cycleBase, &c.cycleStopped, &c.instret,
	} {
		v.Uint64(p)
	}
	v.Uint8(&c.fflags)
	v.Uint8(&c.frm)
	v.Uint64s(c.hpmevent[:])
	v.Fixed(c.pmpcfg[:])
	v.Uint64s(c.pmpaddr[:])
}

// Bits of mstatus (privileged ISA, 3.1.6).
const (
	statusSIE  = 1 << 1
	statusMIE  = 1 << 3
	statusSPIE = 1 << 5
	statusUBE  = 1 << 6
	statusMPIE = 1 << 7
	statusSPP  = 1 << 8
	statusMPP  = 3 << 11
	statusFS   = 3 << 13
	statusXS   = 3 << 15
	statusMPRV = 1 << 17
	statusSUM  = 1 << 18
	statusMXR  = 1 << 19
	statusTVM  = 1 << 20
	statusTW   = 1 << 21
	statusTSR  = 1 << 22
	statusUXL  = 3 << statusUXLShift
	statusSXL  = 3 << statusSXLShift
	statusSD   = 1 << 63

	statusMPPShift = 11
	statusFSShift  = 13
	statusUXLShift = 32
	statusSXLShift = 34

	fsDirty = 3
)

// What sstatus shows of mstatus, and which bits can be written.
const (
	sstatusMask = statusSIE | statusSPIE | statusUBE | statusSPP | statusFS | statusXS | statusSUM |
		statusMXR | statusUXL | statusSD
	sstatusWritable = statusSIE | statusSPIE | statusSPP | statusFS | statusSUM | statusMXR
	mstatusWritable = sstatusWritable | statusMIE | statusMPIE | statusMPP | statusMPRV | statusTVM |
		statusTW | statusTSR
)

// Bits of mip and mie.
const (
	SSIP uint64 = 1 << 1
	MSIP uint64 = 1 << 3
	STIP uint64 = 1 << 5
	MTIP uint64 = 1 << 7
	SEIP uint64 = 1 << 9
	MEIP uint64 = 1 << 11

	machineInterrupts    = MSIP | MTIP | MEIP
	supervisorInterrupts = SSIP | STIP | SEIP
	allInterrupts        = machineInterrupts | supervisorInterrupts
)

// medelegWritable are the exceptions that can be delegated: all but the call
// from M-mode and the reserved ones.
const medelegWritable = 1<<causeFetchMisaligned | 1<<causeFetchAccess | 1<<causeIllegal | 1<<causeBreakpoint |
	1<<causeLoadMisaligned | 1<<causeLoadAccess | 1<<causeStoreMisaligned | 1<<causeStoreAccess |
	1<<causeCallU | 1<<causeCallS | 1<<causeFetchPage | 1<<causeLoadPage | 1<<causeStorePage

// mip is the register as software reads it.
func (h *Hart) mip() uint64 {
	return h.csr.mip&^h.timedInterrupts() | h.lines | h.timers
}

// timedInterrupts are the supervisor's interrupts that follow from the time
// alone: STIP, once menvcfg gives stimecmp to the supervisor (Sstc).
func (h *Hart) timedInterrupts() uint64 {
	if h.csr.menvcfg&envSTCE != 0 {
		return STIP
	}
	return 0
}

// Stimecmp is the value of mtime from which on STIP is pending. ok is false
// while STIP does not depend on the time (Sstc, chapter 2).
func (h *Hart) Stimecmp() (tick uint64, ok bool) {
	return h.csr.stimecmp, h.csr.menvcfg&envSTCE != 0
}

// mayCompareTime reports whether stimecmp exists and can be reached in the
// current mode (Sstc, chapter 2).
func (h *Hart) mayCompareTime() bool {
	if !h.isa.Has(ExtSstc) {
		return false
	}
	return h.mode == Machine || h.csr.mcounteren&counterTime != 0 && h.csr.menvcfg&envSTCE != 0
}

// menvcfgWritable are the bits of menvcfg that the hart has.
func (h *Hart) menvcfgWritable() uint64 {
	if h.isa.Has(ExtSstc) {
		return envFIOM | envSTCE
	}
	return envFIOM
}

// mstatusRead is mstatus with SD, which follows from FS.
func (h *Hart) mstatusRead() uint64 {
	s := h.csr.mstatus
	if s>>statusFSShift&3 == fsDirty {
		s |= statusSD
	}
	return s
}

// setMstatus changes the bits in mask and what depends on them.
func (h *Hart) setMstatus(value, mask uint64) {
	s := h.csr.mstatus&^mask | value&mask
	if s&statusMPP == 2<<statusMPPShift { // reserved: keeps what it was
		s = s&^statusMPP | h.csr.mstatus&statusMPP
	}
	h.csr.mstatus = s
	h.selectSpaces()
}

// mcycle counts steps of the machine unless it is inhibited.
func (h *Hart) mcycle() uint64 {
	if h.csr.mcountinhibit&1 != 0 {
		return h.csr.cycleStopped
	}
	return uint64(h.step) - h.csr.cycleBase
}

func (h *Hart) setMcycle(value uint64) {
	h.csr.cycleStopped = value
	h.csr.cycleBase = uint64(h.step) - value
}

// setCountInhibit stops and starts mcycle and minstret.
func (h *Hart) setCountInhibit(value uint64) {
	cycles := h.mcycle()
	h.csr.mcountinhibit = value &^ 2
	h.setMcycle(cycles)
}
