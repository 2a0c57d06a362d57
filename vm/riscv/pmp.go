package riscv

// Physical memory protection (privileged ISA, 3.7): 16 entries, granularity of
// four bytes.
const (
	pmpEntries  = 16
	pmpRead     = 1 << 0
	pmpWrite    = 1 << 1
	pmpExec     = 1 << 2
	pmpModes    = 3 << 3
	pmpTOR      = 1 << 3
	pmpNA4      = 2 << 3
	pmpNAPOT    = 3 << 3
	pmpLock     = 1 << 7
	pmpAddrMask = 1<<54 - 1
)

// access is a kind of memory access, with the bits of a PMP entry and, shifted
// by one, of a page-table entry.
type access uint8

const (
	accessLoad  access = pmpRead
	accessStore access = pmpWrite
	accessFetch access = pmpExec
)

// pmpRange is the first byte and the last byte that entry i matches; ok is
// false if it matches nothing.
func (h *Hart) pmpRange(i int) (first, last uint64, ok bool) {
	addr := h.csr.pmpaddr[i]
	switch h.csr.pmpcfg[i] & pmpModes {
	case pmpTOR:
		var from uint64
		if i > 0 {
			from = h.csr.pmpaddr[i-1] << 2
		}
		return from, addr<<2 - 1, addr<<2 > from
	case pmpNA4:
		return addr << 2, addr<<2 + 3, true
	case pmpNAPOT:
		ones := addr ^ (addr + 1) // the trailing ones and the zero above them
		first = addr &^ ones << 2
		return first, first + (ones<<2 | 3), true
	}
	return 0, 0, false
}

// pmpAllows reports whether an access to the bytes first to last is allowed in
// the given mode, and whether the answer is the same for every byte of the page
// that holds first.
func (h *Hart) pmpAllows(first, last uint64, kind access, mode Mode) (ok, wholePage bool) {
	page := first &^ pageMask
	wholePage = true
	for i := range pmpEntries {
		low, high, on := h.pmpRange(i)
		if !on || high < page || low > page|pageMask {
			continue
		}
		if low > page || high < page|pageMask {
			wholePage = false
		}
		if last < low || first > high {
			continue
		}
		if first < low || last > high {
			return false, false // matches some bytes only
		}
		cfg := h.csr.pmpcfg[i]
		if mode == Machine && cfg&pmpLock == 0 {
			return true, wholePage
		}
		return cfg&uint8(kind) != 0, wholePage
	}
	return mode == Machine, wholePage
}

// pmpLocked reports whether writes to pmpaddr i are ignored.
func (h *Hart) pmpLocked(i int) bool {
	if h.csr.pmpcfg[i]&pmpLock != 0 {
		return true
	}
	return i+1 < pmpEntries && h.csr.pmpcfg[i+1]&(pmpLock|pmpModes) == pmpLock|pmpTOR
}

func (h *Hart) readPMPConfig(first int) (value uint64) {
	for i := range 8 {
		value |= uint64(h.csr.pmpcfg[first+i]) << (8 * i)
	}
	return value
}

func (h *Hart) writePMPConfig(first int, value uint64) {
	for i := range 8 {
		cfg := uint8(value >> (8 * i))
		reserved := cfg&(pmpRead|pmpWrite) == pmpWrite
		if h.csr.pmpcfg[first+i]&pmpLock == 0 && !reserved {
			h.csr.pmpcfg[first+i] = cfg &^ 0x60
		}
	}
	h.ram.dropAllTranslations()
}

func (h *Hart) writePMPAddr(i int, value uint64) {
	if !h.pmpLocked(i) {
		h.csr.pmpaddr[i] = value & pmpAddrMask
		h.ram.dropAllTranslations()
	}
}
