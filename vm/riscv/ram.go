package riscv

import (
	"encoding/binary"
	"iter"
)

// PageSize is the unit of translation, of change tracking and of snapshots, in
// bytes.
const PageSize = 1 << pageShift

const (
	pageShift = 12
	pageMask  = PageSize - 1
	lineShift = 6 // granularity of code tracking within a page
	slotShift = 3 // size of a page-table entry
	noFlags   = 0
)

// A page flag takes the fast path away from stores to the page.
const (
	flagCode    uint8 = 1 << iota // holds bytes of decoded blocks
	flagTable                     // holds page-table entries that live translations came from
	flagWatched                   // stores to it are noted
)

// RAM is the machine's main memory with what has to be known of each page.
// The bytes are handed in by their owner, who may place them outside the
// garbage-collected heap.
type RAM struct {
	base   uint64
	bytes  []byte
	flags  []uint8
	lines  []uint64     // per page: the 64-byte lines that hold decoded code
	slots  []*liveSlots // per page: nil if it never held a live page-table entry
	tables []uint64     // pages that have slots
	gens   []uint32     // per page: the generation of its last change
	gen    uint32
	order  changeOrder
	watch  *watches // nil if nothing is watched
	harts  []*Hart
}

// liveSlots tells which page-table entries of a page live translations came
// from: leaf entries of one page for loads and stores, entries with code beneath
// them, and wide ones, which are pointers to tables and leaves of many pages.
type liveSlots struct {
	data, code, wide [PageSize >> slotShift / 64]uint64
}

// NewRAM makes RAM of len(bytes) bytes that starts at the physical address
// base. Both are multiples of [PageSize].
func NewRAM(base uint64, bytes []byte) *RAM {
	if base&pageMask != 0 || len(bytes)&pageMask != 0 || len(bytes) == 0 {
		panic("BUG: RAM that is not made of whole pages")
	}
	pages := len(bytes) >> pageShift
	return &RAM{
		base:  base,
		bytes: bytes,
		flags: make([]uint8, pages),
		lines: make([]uint64, pages),
		slots: make([]*liveSlots, pages),
		gens:  make([]uint32, pages),
		gen:   1,
		order: newChangeOrder(pages),
	}
}

// Base is the physical address of the first byte.
func (r *RAM) Base() uint64 { return r.base }

// Size is the number of bytes.
func (r *RAM) Size() uint64 { return uint64(len(r.bytes)) }

// Pages is the number of pages.
func (r *RAM) Pages() int { return len(r.flags) }

// Page is the content of page n, to be read only.
func (r *RAM) Page(n int) []byte {
	return r.bytes[n<<pageShift : (n+1)<<pageShift : (n+1)<<pageShift]
}

// Generation is the current generation. Pages changed from now on carry it.
func (r *RAM) Generation() uint32 { return r.gen }

// Changed is the generation in which page n was last changed; 0 if it never
// was.
func (r *RAM) Changed(n int) uint32 { return r.gens[n] }

// ChangedSince yields the pages whose last change was in that generation or
// later, the latest first. It takes as long as there are such pages. RAM must
// not change meanwhile.
func (r *RAM) ChangedSince(gen uint32) iter.Seq[int] {
	return func(yield func(int) bool) {
		for n := range r.order.latestFirst() {
			if r.gens[n] < gen || !yield(n) {
				return
			}
		}
	}
}

// Touched is the number of pages that have ever changed.
func (r *RAM) Touched() int { return r.order.count }

// NextGeneration begins a new generation, unless nothing has changed in the
// current one, and returns it. A page p has changed since the call if
// Changed(p) is at least the value returned.
func (r *RAM) NextGeneration() uint32 {
	if first, ok := r.order.latest(); !ok || r.gens[first] != r.gen {
		return r.gen
	}
	r.gen++
	for _, h := range r.harts {
		h.flushStores()
	}
	return r.gen
}

// offset gives the place of size bytes at physical address pa, and whether
// they all lie in RAM.
func (r *RAM) offset(pa uint64, size int) (uint64, bool) {
	off := pa - r.base
	return off, off < uint64(len(r.bytes)) && uint64(size) <= uint64(len(r.bytes))-off
}

// Contains reports whether n bytes at physical address pa all lie in RAM.
func (r *RAM) Contains(pa, n uint64) bool {
	off := pa - r.base
	return off <= uint64(len(r.bytes)) && n <= uint64(len(r.bytes))-off
}

// ReadAt copies bytes at physical address pa into p and returns how many lie
// in RAM.
func (r *RAM) ReadAt(p []byte, pa uint64) int {
	if !r.Contains(pa, 0) {
		return 0
	}
	return copy(p, r.bytes[pa-r.base:])
}

// WriteAt stores p at physical address pa, as DMA and a debugger do, and
// reports whether it all lies in RAM; if not, nothing is written.
func (r *RAM) WriteAt(p []byte, pa uint64) bool {
	if !r.Contains(pa, uint64(len(p))) {
		return false
	}
	off := pa - r.base
	for len(p) > 0 {
		n := min(len(p), PageSize-int(off&pageMask))
		copy(r.bytes[off:], p[:n])
		r.stored(off, n)
		for _, h := range r.harts {
			h.dropReservation(r.base+off, uint64(n))
		}
		p, off = p[n:], off+uint64(n)
	}
	return true
}

// Clear stores n zeroes at physical address pa, all of which lie in RAM.
func (r *RAM) Clear(pa, n uint64) {
	var zeroes [PageSize]byte
	for n > 0 {
		part := min(n, PageSize-(pa-r.base)&pageMask)
		r.WriteAt(zeroes[:part], pa)
		pa, n = pa+part, n-part
	}
}

// SetPage replaces the content of page n.
func (r *RAM) SetPage(n int, content []byte) {
	r.WriteAt(content[:PageSize], r.base+uint64(n)<<pageShift)
}

// load reads size bytes, at most 8, at an offset that is known to be good.
func (r *RAM) load(off uint64, size int) uint64 {
	switch size {
	case 1:
		return uint64(r.bytes[off])
	case 2:
		return uint64(binary.LittleEndian.Uint16(r.bytes[off:]))
	case 4:
		return uint64(binary.LittleEndian.Uint32(r.bytes[off:]))
	default:
		return binary.LittleEndian.Uint64(r.bytes[off:])
	}
}

// store writes size bytes, within one page, at an offset that is known to be
// good.
func (r *RAM) store(off, value uint64, size int) {
	switch size {
	case 1:
		r.bytes[off] = uint8(value)
	case 2:
		binary.LittleEndian.PutUint16(r.bytes[off:], uint16(value))
	case 4:
		binary.LittleEndian.PutUint32(r.bytes[off:], uint32(value))
	default:
		binary.LittleEndian.PutUint64(r.bytes[off:], value)
	}
	r.stored(off, size)
}

// stored notes that size bytes within one page have changed and drops what
// that makes stale.
func (r *RAM) stored(off uint64, size int) {
	page := off >> pageShift
	if r.gens[page] != r.gen {
		r.gens[page] = r.gen
		r.order.change(int(page))
	}
	flags := r.flags[page]
	if flags&flagCode != 0 && r.lines[page]&lineMask(off, size) != 0 {
		r.dropCode(page)
	}
	if flags&flagTable != 0 {
		r.dropTranslations(page, off, size)
	}
	if flags&flagWatched != 0 {
		r.noteStore(off, size)
	}
}

// lineMask has a bit for each line of the page that the bytes touch.
func lineMask(off uint64, size int) uint64 {
	first := off & pageMask >> lineShift
	last := (off&pageMask + uint64(size) - 1) >> lineShift
	return ^uint64(0) << first & (^uint64(0) >> (63 - last))
}

// dropCode forgets every decoded block that has bytes in the page.
func (r *RAM) dropCode(page uint64) {
	r.lines[page] = 0
	r.flags[page] &^= flagCode
	for _, h := range r.harts {
		h.blocks.drop(page)
	}
}

// dropTranslations forgets the translations that came from the page-table
// entries in the bytes stored.
func (r *RAM) dropTranslations(page, off uint64, size int) {
	live := r.slots[page]
	first := off & pageMask >> slotShift
	last := (off&pageMask + uint64(size) - 1) >> slotShift
	for slot := first; slot <= last; slot++ {
		word, bit := slot/64, uint64(1)<<(slot%64)
		if live.wide[word]&bit != 0 {
			r.dropAllTranslations()
			return
		}
		if live.data[word]&bit != 0 {
			live.data[word] &^= bit
			for _, h := range r.harts {
				h.dropData(page<<pageShift | slot<<slotShift)
			}
		}
		if live.code[word]&bit != 0 {
			live.code[word] &^= bit
			for _, h := range r.harts {
				h.dropFetches()
			}
		}
	}
	if *live == (liveSlots{}) {
		r.flags[page] &^= flagTable
	}
}

// dropAllTranslations forgets every translation of every hart, so that no
// page-table entry is live any more.
func (r *RAM) dropAllTranslations() {
	for _, h := range r.harts {
		h.dropTranslations()
	}
	for _, page := range r.tables {
		r.flags[page] &^= flagTable
		*r.slots[page] = liveSlots{}
	}
}

// holdsCode notes that a decoded block has bytes here.
func (r *RAM) holdsCode(off uint64, size int) {
	page := off >> pageShift
	r.lines[page] |= lineMask(off, size)
	r.flag(page, flagCode)
}

// holdsEntry notes that a live translation used the page-table entry here.
func (r *RAM) holdsEntry(off uint64, use entryUse) {
	page, slot := off>>pageShift, off&pageMask>>slotShift
	live := r.slots[page]
	if live == nil {
		live = new(liveSlots)
		r.slots[page] = live
		r.tables = append(r.tables, page)
	}
	switch use {
	case entryData:
		live.data[slot/64] |= 1 << (slot % 64)
	case entryCode:
		live.code[slot/64] |= 1 << (slot % 64)
	case entryWide:
		live.wide[slot/64] |= 1 << (slot % 64)
	}
	r.flag(page, flagTable)
}

// entryUse says what a live translation used a page-table entry for.
type entryUse uint8

const (
	entryData entryUse = iota // leaf of one page, for loads or stores
	entryCode                 // leaf of one page, for fetches
	entryWide                 // pointer to a table, or leaf of more than a page
)

// flag sets a flag and takes the page's fast store path away.
func (r *RAM) flag(page uint64, flag uint8) {
	if r.flags[page] != noFlags {
		r.flags[page] |= flag
		return
	}
	r.flags[page] = flag
	for _, h := range r.harts {
		h.dropStores(page)
	}
}

// fastStores reports whether stores to the page need no note.
func (r *RAM) fastStores(page uint64) bool {
	return r.flags[page] == noFlags && r.gens[page] == r.gen
}
