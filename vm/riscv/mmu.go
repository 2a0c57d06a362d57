package riscv

// The bits of a page-table entry, and of satp (privileged ISA, 4.1.11 and 4.4.1).
const (
	pteV        = 1 << 0
	pteR        = 1 << 1
	pteW        = 1 << 2
	pteX        = 1 << 3
	pteU        = 1 << 4
	pteA        = 1 << 6
	pteD        = 1 << 7
	ptePPNShift = 10
	ptePPNMask  = 1<<44 - 1
	pteReserved = 0x3ff << 54 // N, PBMT and reserved: none of them is offered

	satpModeShift = 60
	satpPPNMask   = 1<<44 - 1
	modeBare      = 0
	modeSv39      = 8
	modeSv48      = 9
	modeSv57      = 10
	maxLevels     = 5

	vpnBits = 9
)

// translation is what a walk finds.
type translation struct {
	pa       uint64
	writable bool   // a store to the page needs no further change of the entry
	entry    uint64 // place in RAM of the leaf entry; noEntry if there is none
	wide     bool   // the leaf maps more than a page
	branches [maxLevels - 1]uint64
	depth    int // number of branches
}

const noEntry = ^uint64(0)

// walker is one translation of one address. A walk that is only looking
// changes nothing; one that is trusted ignores protection.
type walker struct {
	hart    *Hart
	va      uint64
	kind    access
	mode    Mode
	looking bool
	trusted bool
	passed  func(level int, at, pte uint64) // told of each entry; may be nil
}

// paging reports whether addresses are translated in the given mode.
func (h *Hart) paging(mode Mode) bool {
	return mode != Machine && h.csr.satp>>satpModeShift != modeBare
}

// levels is the number of levels of page tables while paging is on: satp holds
// no mode but those that exist.
func (h *Hart) levels() int { return min(int(h.csr.satp>>satpModeShift)-modeSv39+3, maxLevels) }

// dataMode is the mode that loads and stores are done in (MPRV, privileged ISA,
// 3.1.6.3).
func (h *Hart) dataMode() Mode {
	if h.csr.mstatus&statusMPRV != 0 {
		return Mode(h.csr.mstatus >> statusMPPShift & 3)
	}
	return h.mode
}

// pageFault is the exception for a translation that fails.
func (k access) pageFault(va uint64) exception {
	switch k {
	case accessLoad:
		return exception{causeLoadPage, va}
	case accessStore:
		return exception{causeStorePage, va}
	default:
		return exception{causeFetchPage, va}
	}
}

// accessFault is the exception for an access that physical memory refuses.
func (k access) accessFault(va uint64) exception {
	switch k {
	case accessLoad:
		return exception{causeLoadAccess, va}
	case accessStore:
		return exception{causeStoreAccess, va}
	default:
		return exception{causeFetchAccess, va}
	}
}

// walk translates the address (privileged ISA, 4.3.2; Sv48 and Sv57 differ from
// Sv39 in the number of levels). A and D are set by hardware.
func (w *walker) walk() (t translation, ex exception) {
	h := w.hart
	if !h.paging(w.mode) {
		return translation{pa: w.va, writable: true, entry: noEntry}, none
	}
	levels := h.levels()
	if top := int64(w.va) >> (pageShift + levels*vpnBits - 1); top != 0 && top != -1 {
		return t, w.kind.pageFault(w.va)
	}
	table := h.csr.satp & satpPPNMask << pageShift
	for level := levels - 1; level >= 0; level-- {
		index := w.va >> (pageShift + level*vpnBits) & (1<<vpnBits - 1)
		at := table + index<<slotShift
		off, inRAM := h.ram.offset(at, 8)
		if !inRAM || !w.mayRead(at) {
			return t, w.kind.accessFault(w.va)
		}
		pte := h.ram.load(off, 8)
		if w.passed != nil {
			w.passed(level, at, pte)
		}
		if pte&pteV == 0 || pte&(pteR|pteW) == pteW || pte&pteReserved != 0 {
			return t, w.kind.pageFault(w.va)
		}
		if pte&(pteR|pteX) == 0 {
			if pte&(pteA|pteD|pteU) != 0 || level == 0 {
				return t, w.kind.pageFault(w.va)
			}
			t.branches[t.depth] = off
			t.depth++
			table = pte >> ptePPNShift & ptePPNMask << pageShift
			continue
		}
		return w.leaf(t, pte, off, level)
	}
	return t, w.kind.pageFault(w.va)
}

// leaf checks and updates the leaf entry and completes the translation.
func (w *walker) leaf(t translation, pte, off uint64, level int) (translation, exception) {
	h := w.hart
	size := uint64(1) << (pageShift + level*vpnBits)
	frame := pte >> ptePPNShift & ptePPNMask << pageShift
	if frame&(size-1) != 0 || !w.trusted && !w.permitted(pte) {
		return t, w.kind.pageFault(w.va)
	}
	used := pte | pteA
	if w.kind == accessStore {
		used |= pteD
	}
	if used != pte && !w.trusted {
		at := h.ram.base + off
		if ok, _ := h.pmpAllows(at, at+7, accessStore, Supervisor); !ok {
			return t, w.kind.accessFault(w.va)
		}
		if !w.looking {
			h.ram.store(off, used, 8)
		}
	}
	t.pa = frame | w.va&(size-1)
	t.writable = used&pteD != 0 && used&pteW != 0
	t.entry = off
	t.wide = level > 0
	return t, none
}

// mayRead applies PMP to the fetch of a page-table entry.
func (w *walker) mayRead(at uint64) bool {
	if w.trusted {
		return true
	}
	ok, _ := w.hart.pmpAllows(at, at+7, accessLoad, Supervisor)
	return ok
}

// permitted applies the entry's R, W, X and U bits.
func (w *walker) permitted(pte uint64) bool {
	status := w.hart.csr.mstatus
	if pte&pteU != 0 {
		if w.mode == Supervisor && (w.kind == accessFetch || status&statusSUM == 0) {
			return false
		}
	} else if w.mode == User {
		return false
	}
	switch w.kind {
	case accessLoad:
		return pte&pteR != 0 || pte&pteX != 0 && status&statusMXR != 0
	case accessStore:
		return pte&pteW != 0
	default:
		return pte&pteX != 0
	}
}

// translate finds the physical address of an access of size bytes that lies
// within one page and checks it against PMP. wholePage tells whether the
// answer holds for every byte of the page.
func (h *Hart) translate(va uint64, size int, kind access, mode Mode) (t translation, wholePage bool, ex exception) {
	w := walker{hart: h, va: va, kind: kind, mode: mode}
	t, ex = w.walk()
	if ex != none {
		return t, false, ex
	}
	ok, wholePage := h.pmpAllows(t.pa, t.pa+uint64(size)-1, kind, mode)
	if !ok {
		return t, false, kind.accessFault(va)
	}
	return t, wholePage, none
}

// holds registers the page-table entries that a cached translation came from.
func (t *translation) holds(ram *RAM, use entryUse) {
	for _, off := range t.branches[:t.depth] {
		ram.holdsEntry(off, entryWide)
	}
	if t.entry == noEntry {
		return
	}
	if t.wide {
		use = entryWide
	}
	ram.holdsEntry(t.entry, use)
}

// PeekAddress translates a virtual address as the hart's loads would, without
// changing anything and ignoring protection.
func (h *Hart) PeekAddress(va uint64) (pa uint64, ok bool) {
	w := walker{hart: h, va: va, kind: accessLoad, mode: h.dataMode(), looking: true, trusted: true}
	t, ex := w.walk()
	return t.pa, ex == none
}

// PeekMemory reads virtual memory as the hart's loads would see it, without
// side effects, and returns how many bytes could be read.
func (h *Hart) PeekMemory(va uint64, p []byte) int {
	done := 0
	for done < len(p) {
		pa, ok := h.PeekAddress(va + uint64(done))
		if !ok {
			break
		}
		n := min(len(p)-done, PageSize-int(pa&pageMask))
		if h.ram.Contains(pa, uint64(n)) {
			h.ram.ReadAt(p[done:done+n], pa)
		} else if n = h.peekBoard(pa, p[done:done+n]); n == 0 {
			break
		}
		done += n
	}
	return done
}

// peekBoard reads bytes outside RAM for a debugger.
func (h *Hart) peekBoard(pa uint64, p []byte) int {
	for i := range p {
		value, ok := h.board.Peek(pa+uint64(i), 1)
		if !ok {
			return i
		}
		p[i] = uint8(value)
	}
	return len(p)
}
