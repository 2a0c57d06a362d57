package riscv

// Exception causes (privileged ISA, table 3.6).
const (
	causeFetchMisaligned uint64 = 0
	causeFetchAccess     uint64 = 1
	causeIllegal         uint64 = 2
	causeBreakpoint      uint64 = 3
	causeLoadMisaligned  uint64 = 4
	causeLoadAccess      uint64 = 5
	causeStoreMisaligned uint64 = 6
	causeStoreAccess     uint64 = 7
	causeCallU           uint64 = 8
	causeCallS           uint64 = 9
	causeCallM           uint64 = 11
	causeFetchPage       uint64 = 12
	causeLoadPage        uint64 = 13
	causeStorePage       uint64 = 15

	causeInterrupt uint64 = 1 << 63
)

// exception is a synchronous trap that an instruction ends in, as a value.
type exception struct {
	cause uint64
	tval  uint64
}

// none is the exception of an instruction that completes.
var none = exception{cause: ^uint64(0)}

// illegal is the exception of an instruction that may not be executed. Its
// value is the encoding.
func illegal(raw uint32) exception { return exception{causeIllegal, uint64(raw)} }

// interruptOrder lists the interrupts by falling priority (privileged ISA,
// 3.1.9), as numbers of bits.
var interruptOrder = [...]uint64{11, 3, 7, 9, 1, 5}

// pendingInterrupt is the cause of the interrupt that is taken before the next
// instruction, if there is one.
func (h *Hart) pendingInterrupt() (number uint64, ok bool) {
	pending := h.mip() & h.csr.mie
	if pending == 0 {
		return 0, false
	}
	enabled := uint64(0)
	if h.mode < Machine || h.csr.mstatus&statusMIE != 0 {
		enabled = pending &^ h.csr.mideleg
	}
	if enabled == 0 && (h.mode < Supervisor || h.mode == Supervisor && h.csr.mstatus&statusSIE != 0) {
		enabled = pending & h.csr.mideleg
	}
	for _, n := range interruptOrder {
		if enabled>>n&1 != 0 {
			return n, true
		}
	}
	return 0, false
}

// interrupt takes an interrupt. It is a step of its own.
func (h *Hart) interrupt(number uint64) {
	h.enterTrap(number, true, 0)
	h.board.Interrupted(h.id, number)
}

// raise takes a synchronous trap, which ends the step of its instruction.
func (h *Hart) raise(ex exception) {
	h.enterTrap(ex.cause, false, ex.tval)
	h.board.Excepted(h.id, ex.cause)
}

// enterTrap is the change of state that a trap is (privileged ISA, 3.1.6.1 and
// 4.1.1).
func (h *Hart) enterTrap(number uint64, isInterrupt bool, tval uint64) {
	h.reservation = reservation{}
	cause, delegated := number, h.csr.medeleg
	if isInterrupt {
		cause, delegated = number|causeInterrupt, h.csr.mideleg
	}
	c, s := &h.csr, h.csr.mstatus
	var vector uint64
	if h.mode != Machine && delegated>>number&1 != 0 {
		c.sepc, c.scause, c.stval, vector = h.pc, cause, tval, c.stvec
		s = s&^(statusSPIE|statusSPP) | s&statusSIE<<4 | uint64(h.mode&1)<<8
		s &^= statusSIE
		h.mode = Supervisor
	} else {
		c.mepc, c.mcause, c.mtval, vector = h.pc, cause, tval, c.mtvec
		s = s&^(statusMPIE|statusMPP) | s&statusMIE<<4 | uint64(h.mode)<<statusMPPShift
		s &^= statusMIE
		h.mode = Machine
	}
	c.mstatus = s
	h.pc = vector &^ 3
	if isInterrupt && vector&1 != 0 {
		h.pc += 4 * number
	}
	h.selectSpaces()
}

// LastTrap tells of the last trap into the hart's mode where it came from, mepc
// or sepc, and its mtval or stval.
func (h *Hart) LastTrap() (epc, tval uint64) {
	if h.mode == Machine {
		return h.csr.mepc, h.csr.mtval
	}
	return h.csr.sepc, h.csr.stval
}

// TrapMode is the mode from which the last trap into the hart's mode came: MPP
// or SPP.
func (h *Hart) TrapMode() Mode {
	if h.mode == Machine {
		return Mode(h.csr.mstatus >> statusMPPShift & 3)
	}
	return Mode(h.csr.mstatus >> 8 & 1)
}

// IsCallCause reports whether the cause of an exception is an environment call,
// from whatever mode.
func IsCallCause(cause uint64) bool {
	return cause >= causeCallU && cause <= causeCallU+uint64(Machine)
}

// mret returns from a trap taken in M-mode.
func (h *Hart) mret() {
	s := h.csr.mstatus
	h.mode = Mode(s >> statusMPPShift & 3)
	s = s&^(statusMIE|statusMPP) | s&statusMPIE>>4 | statusMPIE
	h.leaveTrap(s, h.csr.mepc)
}

// sret returns from a trap taken in S-mode.
func (h *Hart) sret() {
	s := h.csr.mstatus
	h.mode = Mode(s >> 8 & 1)
	s = s&^(statusSIE|statusSPP) | s&statusSPIE>>4 | statusSPIE
	h.leaveTrap(s, h.csr.sepc)
}

func (h *Hart) leaveTrap(status, pc uint64) {
	h.reservation = reservation{}
	if h.mode != Machine {
		status &^= statusMPRV
	}
	h.csr.mstatus = status
	h.pc = pc
	h.selectSpaces()
}
