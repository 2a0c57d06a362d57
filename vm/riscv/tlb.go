package riscv

// Translations are kept per context: everything that decides what an address
// means and whether it may be accessed. Changing context then costs nothing,
// and sfence.vma has nothing to do, because a store to a page-table entry drops
// the translations that came from it (DESIGN of determinism: a hart restored
// from a snapshot starts with empty caches and must behave the same).

const (
	tlbBits    = 10
	tlbSize    = 1 << tlbBits
	jumpBits   = 12
	jumpSize   = 1 << jumpBits
	dataSpaces = 16
	codeSpaces = 8
	// noTag is the tag of an empty entry. An access is compared by its page
	// address together with those low bits that its alignment wants clear, at
	// most three: noTag has another bit.
	noTag = 1 << 3
	// noPC is the address of an empty jump: no instruction's, which are even.
	noPC = 1
)

// spaceKey names a context. Fetches do not depend on SUM and MXR.
type spaceKey struct {
	satp     uint64
	mode     Mode
	sum, mxr bool
}

// tlbEntry maps the page whose address is tag: an address plus delta is an
// offset in RAM.
type tlbEntry struct {
	tag   uint64
	delta uint64
}

// dataSpace holds the translations of loads and stores in one context. An
// entry in load or store exists only for a whole page of RAM that may be
// accessed without any further check or note.
type dataSpace struct {
	load, store   [tlbSize]tlbEntry
	loads, stores [tlbSize]uint64 // the page-table entry each came from
	key           spaceKey
	used          bool
}

// jump is a cached answer to: which block starts at this address?
type jump struct {
	pc    uint64
	block *block
}

// codeSpace holds the translations of fetches in one context.
type codeSpace struct {
	jumps [jumpSize]jump
	pages [tlbSize]tlbEntry
	key   spaceKey
	used  bool
}

// spaces is the set of contexts in use.
type spaces struct {
	data     [dataSpaces]*dataSpace
	code     [codeSpaces]*codeSpace
	nextData int
	nextCode int
}

func (s *dataSpace) clear() {
	for i := range s.load {
		s.load[i].tag = noTag
	}
	s.clearStores()
}

func (s *dataSpace) clearStores() {
	for i := range s.store {
		s.store[i].tag = noTag
	}
}

func (s *codeSpace) clear() {
	clear(s.jumps[:])
	for i := range s.jumps {
		s.jumps[i].pc = noPC
	}
	for i := range s.pages {
		s.pages[i].tag = noTag
	}
}

// selectSpaces finds the contexts that fit the hart's mode and status.
func (h *Hart) selectSpaces() {
	key := spaceKey{mode: h.mode}
	if h.paging(h.mode) {
		key.satp = h.csr.satp
	}
	if h.code == nil || h.code.key != key {
		h.code = h.spaces.codeFor(key)
	}
	key = spaceKey{mode: h.dataMode()}
	if h.paging(key.mode) {
		key.satp = h.csr.satp
		key.sum = h.csr.mstatus&statusSUM != 0
		key.mxr = h.csr.mstatus&statusMXR != 0
	}
	if h.data == nil || h.data.key != key {
		h.data = h.spaces.dataFor(key)
	}
	h.selectFloat()
}

func (s *spaces) codeFor(key spaceKey) *codeSpace {
	for _, c := range s.code {
		if c != nil && c.used && c.key == key {
			return c
		}
	}
	c := s.code[s.nextCode]
	if c == nil {
		c = new(codeSpace)
		s.code[s.nextCode] = c
	}
	s.nextCode = (s.nextCode + 1) % codeSpaces
	c.key, c.used = key, true
	c.clear()
	return c
}

func (s *spaces) dataFor(key spaceKey) *dataSpace {
	for _, d := range s.data {
		if d != nil && d.used && d.key == key {
			return d
		}
	}
	d := s.data[s.nextData]
	if d == nil {
		d = new(dataSpace)
		s.data[s.nextData] = d
	}
	s.nextData = (s.nextData + 1) % dataSpaces
	d.key, d.used = key, true
	d.clear()
	return d
}

// dropTranslations forgets everything, and selects the contexts anew.
func (h *Hart) dropTranslations() {
	for _, d := range h.spaces.data {
		if d != nil {
			d.used = false
		}
	}
	h.data = nil
	h.dropFetches()
}

// dropFetches forgets every translation of a fetch.
func (h *Hart) dropFetches() {
	for _, c := range h.spaces.code {
		if c != nil {
			c.used = false
		}
	}
	h.code = nil
	h.selectSpaces()
}

// dropData forgets the translations that came from the leaf entry at this
// place in RAM. It maps one page, whose number ends in the entry's index.
func (h *Hart) dropData(entry uint64) {
	for i := entry >> slotShift & (1<<vpnBits - 1); i < tlbSize; i += 1 << vpnBits {
		for _, d := range h.spaces.data {
			if d == nil || !d.used {
				continue
			}
			if d.loads[i] == entry {
				d.load[i].tag = noTag
			}
			if d.stores[i] == entry {
				d.store[i].tag = noTag
			}
		}
	}
}

// flushStores takes the fast path away from all stores.
func (h *Hart) flushStores() {
	for _, d := range h.spaces.data {
		if d != nil && d.used {
			d.clearStores()
		}
	}
}

// dropStores takes the fast path away from stores to one page of RAM.
func (h *Hart) dropStores(page uint64) {
	off := page << pageShift
	for _, d := range h.spaces.data {
		if d == nil || !d.used {
			continue
		}
		for i := range d.store {
			if e := &d.store[i]; e.tag != noTag && e.tag+e.delta == off {
				e.tag = noTag
			}
		}
	}
}

// cacheLoad remembers the translation of a load, for the whole page.
func (h *Hart) cacheLoad(va uint64, t *translation) {
	off, inRAM := h.ram.offset(t.pa&^pageMask, PageSize)
	if !inRAM {
		return
	}
	t.holds(h.ram, entryData)
	d, i, tag := h.data, va>>pageShift%tlbSize, va&^pageMask
	d.load[i] = tlbEntry{tag, off - tag}
	d.loads[i] = t.entry
}

// cacheStore remembers the translation of a store whose page needs no note.
func (h *Hart) cacheStore(va uint64, t *translation) {
	off, inRAM := h.ram.offset(t.pa&^pageMask, PageSize)
	if !inRAM || !t.writable {
		return
	}
	t.holds(h.ram, entryData)
	if !h.ram.fastStores(off >> pageShift) {
		return
	}
	d, i, tag := h.data, va>>pageShift%tlbSize, va&^pageMask
	d.store[i] = tlbEntry{tag, off - tag}
	d.stores[i] = t.entry
}

// cached finds the place in RAM of a virtual address whose translation is
// remembered, for accesses that the fast loop leaves to the slow path: those that
// are not aligned. The plain loop remembers nothing.
func (h *Hart) cached(entries *[tlbSize]tlbEntry, va uint64) (off uint64, ok bool) {
	e := &entries[va>>pageShift%tlbSize]
	return va + e.delta, !h.plain && e.tag == va&^pageMask
}

// fetchPage finds the place in RAM of the page that holds a virtual address
// to be fetched from. inRAM is false if the page is not wholly in RAM, or not
// wholly executable.
func (h *Hart) fetchPage(va uint64) (off uint64, inRAM bool, ex exception) {
	tag := va &^ pageMask
	e := &h.code.pages[va>>pageShift%tlbSize]
	if e.tag == tag {
		return tag + e.delta, true, none
	}
	t, wholePage, ex := h.translate(va, 2, accessFetch, h.mode)
	if ex != none {
		return 0, false, ex
	}
	off, inRAM = h.ram.offset(t.pa&^pageMask, PageSize)
	if !inRAM || !wholePage {
		return 0, false, none
	}
	t.holds(h.ram, entryCode)
	// Walking may have set the accessed bit and so dropped what was selected.
	h.code.pages[va>>pageShift%tlbSize] = tlbEntry{tag, off - tag}
	return off, true, none
}
