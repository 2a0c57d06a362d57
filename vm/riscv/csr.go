package riscv

// Numbers of control and status registers (privileged ISA, 2.2). As in qemu, of
// the event counters 3 to 18 exist; they stay at zero.
const (
	csrFflags        = 0x001
	csrFrm           = 0x002
	csrFcsr          = 0x003
	csrSstatus       = 0x100
	csrSie           = 0x104
	csrStvec         = 0x105
	csrScounteren    = 0x106
	csrSenvcfg       = 0x10a
	csrSscratch      = 0x140
	csrSepc          = 0x141
	csrScause        = 0x142
	csrStval         = 0x143
	csrSip           = 0x144
	csrStimecmp      = 0x14d
	csrSatp          = 0x180
	csrMstatus       = 0x300
	csrMisa          = 0x301
	csrMedeleg       = 0x302
	csrMideleg       = 0x303
	csrMie           = 0x304
	csrMtvec         = 0x305
	csrMcounteren    = 0x306
	csrMenvcfg       = 0x30a
	csrMcountinhibit = 0x320
	csrMhpmevent3    = 0x323
	csrMhpmevent31   = 0x33f
	csrMscratch      = 0x340
	csrMepc          = 0x341
	csrMcause        = 0x342
	csrMtval         = 0x343
	csrMip           = 0x344
	csrPmpcfg0       = 0x3a0
	csrPmpcfg2       = 0x3a2
	csrPmpaddr0      = 0x3b0
	csrPmpaddr15     = 0x3bf
	csrMcycle        = 0xb00
	csrMinstret      = 0xb02
	csrMhpmcounter3  = 0xb03
	csrMhpmcounter18 = 0xb12
	csrCycle         = 0xc00
	csrTime          = 0xc01
	csrInstret       = 0xc02
	csrHpmcounter3   = 0xc03
	csrHpmcounter18  = 0xc12
	csrMvendorid     = 0xf11
	csrMarchid       = 0xf12
	csrMimpid        = 0xf13
	csrMhartid       = 0xf14
	csrMconfigptr    = 0xf15
)

const (
	counterMask = 0xffffffff
	envFIOM     = 1       // of menvcfg and senvcfg
	envSTCE     = 1 << 63 // of menvcfg, with Sstc
	counterTime = 1 << 1  // of mcounteren
)

// slowCSR executes the Zicsr instructions. The operation's immediate is the
// encoding.
func (h *Hart) slowCSR(o *op) exception {
	raw := uint32(o.imm)
	number := uint16(raw >> 20)
	source := raw >> 15 & 31
	operand := h.x[source]
	if o.code >= OpCSRRWI {
		operand = uint64(source)
	}
	isWrite := o.code == OpCSRRW || o.code == OpCSRRWI || source != 0
	if Mode(number>>8&3) > h.mode || isWrite && number>>10 == 3 {
		return illegal(raw)
	}
	old, ok := h.readCSR(number)
	if !ok {
		return illegal(raw)
	}
	if isWrite {
		value := operand
		switch o.code {
		case OpCSRRS, OpCSRRSI:
			value = h.unread(number, old) | operand
		case OpCSRRC, OpCSRRCI:
			value = h.unread(number, old) &^ operand
		}
		h.writeCSR(number, value)
		h.attention = true
	}
	h.x[o.rd] = old
	return none
}

// unread is what a read-modify-write starts from: the lines that devices hold
// do not become software's bits (privileged ISA, 3.1.9).
func (h *Hart) unread(number uint16, value uint64) uint64 {
	if number == csrMip || number == csrSip {
		return value&^allInterrupts | h.csr.mip&value
	}
	return value
}

// PeekCSR reads a register for a debugger, whatever the hart's mode. It reports
// false for one that does not exist.
func (h *Hart) PeekCSR(number uint16) (uint64, bool) {
	mode, status := h.mode, h.csr.mstatus
	h.mode, h.csr.mstatus = Machine, status|statusFS
	value, ok := h.readCSR(number)
	h.mode, h.csr.mstatus = mode, status
	if ok {
		switch number {
		case csrMstatus:
			value = h.mstatusRead()
		case csrSstatus:
			value = h.mstatusRead() & sstatusMask
		}
	}
	return value, ok
}

// readCSR gives the value, or false for an illegal instruction.
func (h *Hart) readCSR(number uint16) (uint64, bool) {
	c := &h.csr
	switch {
	case number >= csrCycle && number <= csrHpmcounter18:
		return h.readCounter(number)
	case number >= csrPmpaddr0 && number <= csrPmpaddr15:
		return c.pmpaddr[number-csrPmpaddr0], true
	case number >= csrMhpmevent3 && number <= csrMhpmevent31:
		return c.hpmevent[number-csrMhpmevent3], true
	case number >= csrMhpmcounter3 && number <= csrMhpmcounter18:
		return 0, true
	}
	switch number {
	case csrFflags, csrFrm, csrFcsr:
		return uint64(c.frm)<<5*bit(number == csrFcsr) | uint64(c.frm)*bit(number == csrFrm) |
			uint64(c.fflags)*bit(number != csrFrm), h.floatOn()
	case csrSstatus:
		return h.mstatusRead() & sstatusMask, true
	case csrSie:
		return c.mie & c.mideleg, true
	case csrSip:
		return h.mip() & c.mideleg, true
	case csrStimecmp:
		return c.stimecmp, h.mayCompareTime()
	case csrSatp:
		return c.satp, h.mode == Machine || c.mstatus&statusTVM == 0
	case csrMstatus:
		return h.mstatusRead(), true
	case csrMisa:
		return h.misa(), true
	case csrMip:
		return h.mip(), true
	case csrPmpcfg0:
		return h.readPMPConfig(0), true
	case csrPmpcfg2:
		return h.readPMPConfig(8), true
	case csrMcycle:
		return h.mcycle(), true
	case csrMvendorid, csrMarchid, csrMimpid, csrMconfigptr:
		return 0, true
	case csrMhartid:
		return uint64(h.id), true
	}
	if p := h.plainCSR(number); p != nil {
		return *p, true
	}
	return 0, false
}

// plainCSR is the register's storage, for those that read as they are stored.
func (h *Hart) plainCSR(number uint16) *uint64 {
	c := &h.csr
	switch number {
	case csrStvec:
		return &c.stvec
	case csrScounteren:
		return &c.scounteren
	case csrSenvcfg:
		return &c.senvcfg
	case csrSscratch:
		return &c.sscratch
	case csrSepc:
		return &c.sepc
	case csrScause:
		return &c.scause
	case csrStval:
		return &c.stval
	case csrMedeleg:
		return &c.medeleg
	case csrMideleg:
		return &c.mideleg
	case csrMie:
		return &c.mie
	case csrMtvec:
		return &c.mtvec
	case csrMcounteren:
		return &c.mcounteren
	case csrMenvcfg:
		return &c.menvcfg
	case csrMcountinhibit:
		return &c.mcountinhibit
	case csrMscratch:
		return &c.mscratch
	case csrMepc:
		return &c.mepc
	case csrMcause:
		return &c.mcause
	case csrMtval:
		return &c.mtval
	case csrMinstret:
		return &c.instret
	}
	return nil
}

// readCounter reads the unprivileged counters, if the more privileged modes
// allow it (privileged ISA, 3.1.11 and 4.1.5).
func (h *Hart) readCounter(number uint16) (uint64, bool) {
	enable := uint64(1) << (number - csrCycle)
	if h.mode < Machine && h.csr.mcounteren&enable == 0 || h.mode < Supervisor && h.csr.scounteren&enable == 0 {
		return 0, false
	}
	switch number {
	case csrCycle:
		return h.mcycle(), true
	case csrTime:
		return h.board.Time(), true
	case csrInstret:
		return h.csr.instret, true
	}
	return 0, true
}

// misa lists the extensions that have a letter (privileged ISA, 3.1.1).
func (h *Hart) misa() uint64 {
	value := uint64(2)<<62 | 1<<('S'-'A') | 1<<('U'-'A')
	for _, e := range []struct {
		ext    ISA
		letter byte
	}{{ExtI, 'I'}, {ExtM, 'M'}, {ExtA, 'A'}, {ExtF, 'F'}, {ExtD, 'D'}, {ExtC, 'C'}} {
		if h.isa&e.ext != 0 {
			value |= 1 << (e.letter - 'A')
		}
	}
	return value
}

// writeCSR changes a register that exists and may be written.
func (h *Hart) writeCSR(number uint16, value uint64) {
	c := &h.csr
	switch {
	case number >= csrPmpaddr0 && number <= csrPmpaddr15:
		h.writePMPAddr(int(number-csrPmpaddr0), value)
		return
	case number >= csrMhpmevent3 && number <= csrMhpmevent31:
		c.hpmevent[number-csrMhpmevent3] = value
		return
	case number <= csrFcsr:
		h.writeFloatCSR(number, value)
		return
	}
	switch number {
	case csrSstatus:
		h.setMstatus(value, sstatusWritable)
	case csrMstatus:
		h.setMstatus(value, mstatusWritable)
	case csrSie:
		c.mie = c.mie&^c.mideleg | value&c.mideleg
	case csrMie:
		c.mie = value & allInterrupts
	case csrSip:
		h.writePending(value, SSIP&c.mideleg)
	case csrMip:
		h.writePending(value, supervisorInterrupts&^h.timedInterrupts())
	case csrMideleg:
		c.mideleg = value & supervisorInterrupts
	case csrMedeleg:
		c.medeleg = value & medelegWritable
	case csrSatp:
		h.writeSatp(value)
	case csrStvec, csrMtvec:
		if value&2 == 0 {
			*h.plainCSR(number) = value
		}
	case csrSepc, csrMepc:
		*h.plainCSR(number) = value &^ 1
	case csrScounteren, csrMcounteren:
		*h.plainCSR(number) = value & counterMask
	case csrSenvcfg:
		c.senvcfg = value & envFIOM
	case csrMenvcfg:
		c.menvcfg = value & h.menvcfgWritable()
		h.board.Retimed()
	case csrStimecmp:
		c.stimecmp = value
		h.board.Retimed()
	case csrMcountinhibit:
		h.setCountInhibit(value & counterMask)
	case csrPmpcfg0:
		h.writePMPConfig(0, value)
	case csrPmpcfg2:
		h.writePMPConfig(8, value)
	case csrMcycle:
		h.setMcycle(value)
	case csrMinstret:
		c.instret = value - 1 // the write itself retires afterwards
		if c.mcountinhibit&4 != 0 {
			c.instret = value
		}
	default:
		if p := h.plainCSR(number); p != nil {
			*p = value
		}
	}
}

func (h *Hart) writePending(value, mask uint64) { h.csr.mip = h.csr.mip&^mask | value&mask }

// writeSatp accepts the modes that exist (privileged ISA, 4.1.11); a write of
// another one has no effect at all.
func (h *Hart) writeSatp(value uint64) {
	if mode := value >> satpModeShift; mode == modeBare || mode >= modeSv39 && mode <= modeSv57 {
		h.csr.satp = value
		h.selectSpaces()
	}
}

func (h *Hart) writeFloatCSR(number uint16, value uint64) {
	switch number {
	case csrFflags:
		h.csr.fflags = uint8(value & 31)
	case csrFrm:
		h.csr.frm = uint8(value & 7)
	default:
		h.csr.fflags, h.csr.frm = uint8(value&31), uint8(value>>5&7)
	}
	h.dirtyFloat()
}

// PokeCSR writes a register for a debugger. It reports false for one that does
// not exist or is read-only.
func (h *Hart) PokeCSR(number uint16, value uint64) bool {
	if _, ok := h.PeekCSR(number); !ok || number>>10 == 3 {
		return false
	}
	h.writeCSR(number, value)
	if number == csrMinstret {
		h.csr.instret = value
	}
	return true
}
