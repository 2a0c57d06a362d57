package riscv

// Semihosting carries out a guest's requests to its host. A request is an ebreak
// between two shifts that do nothing, all of them uncompressed and in one page
// (RISC-V Semihosting 1.0, 2.1).
type Semihosting struct {
	// User lets U-mode ask, too. Otherwise its ebreak is a breakpoint.
	User bool
	// Call does what the hart's registers ask for, and puts the answer into a0.
	// It reports false if that is not possible yet: then it has changed
	// nothing, and Run returns StopBlocked.
	Call func() (done bool)
}

// The instructions before and after the ebreak of a request.
const (
	semihostEntry = 0x01f01013 // slli x0, x0, 31
	semihostExit  = 0x40705013 // srai x0, x0, 7
)

// SetSemihosting turns semihosting on.
func (h *Hart) SetSemihosting(s Semihosting) { h.semihosting = &s }

// asksHost reports whether the ebreak at the pc is a request to the host.
func (h *Hart) asksHost(o *op) bool {
	s := h.semihosting
	if s == nil || o.size != 4 || h.mode == User && !s.User {
		return false
	}
	in := h.pc & pageMask
	if in < 4 || in > PageSize-8 {
		return false
	}
	w := walker{hart: h, va: h.pc, kind: accessFetch, mode: h.mode, looking: true}
	t, ex := w.walk()
	if ex != none {
		return false
	}
	off, inRAM := h.ram.offset(t.pa-4, 12)
	return inRAM && h.ram.load(off, 4) == semihostEntry && h.ram.load(off+8, 4) == semihostExit
}
