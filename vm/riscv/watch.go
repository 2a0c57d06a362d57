package riscv

import (
	"slices"

	"reprise/vm/state"
)

// Watch names something whose uses a debugger wants to know of: a range of
// addresses, or a register of a hart. It is no part of the machine's state.
type Watch struct {
	What  Watched
	Addr  uint64 // of the first byte, or the number of the register
	Size  uint64 // bytes, at least 1; unused for a register
	Hart  int    // only this one's; [AnyHart] for all, which a physical address means anyhow
	Read  bool   // loads count; a register's reads do not
	Write bool   // stores count
}

// AnyHart is the number of no hart in particular.
const AnyHart = -1

// Watched is what the number in a [Watch] means.
type Watched uint8

const (
	// VirtualMemory is an address as a hart's instruction has it, whatever
	// address space is in use then.
	VirtualMemory Watched = iota
	// PhysicalMemory is an address after translation. Stores to it that are no
	// instruction's count too: those of page-table walks, of input and of
	// debuggers.
	PhysicalMemory
	// IntegerRegister is x1 to x31.
	IntegerRegister
	// FloatRegister is f0 to f31.
	FloatRegister
	// ControlRegister is a CSR: what instructions write to it, and what traps
	// and returns from them change in it.
	ControlRegister
	// PrivilegeMode is the mode of a hart, which traps and returns from them
	// change.
	PrivilegeMode
)

// Access is one use of what is watched.
type Access struct {
	Step  state.Step
	Hart  int    // AnyHart if no instruction did it
	PC    uint64 // of the instruction
	Addr  uint64 // of the first byte, as the watch counts, or the register
	Size  int    // bytes
	Value uint64 // what is there afterwards, or before an access that is stopped; at most 8 bytes of it
	Write bool
	Watch int // index of the watch
}

// watches is what is watched now. A hart whose RAM has none has no slower path
// for it.
type watches struct {
	list []Watch
	// note is called with each access, when it has happened. Without it the
	// hart stops before the instruction, if it heeds breakpoints.
	note func(Access)
	hit  Access // what a hart stopped for
}

// Watch replaces what is watched. With note the accesses are told as they
// happen; it must not touch the machine. Without it, Run returns StopWatchpoint
// before an instruction does one. Watching the same again costs nothing.
func (r *RAM) Watch(list []Watch, note func(Access)) {
	if r.watch != nil && slices.Equal(r.watch.list, list) {
		r.watch.note = note
		return
	}
	if len(list) == 0 {
		if r.watch != nil {
			r.unwatch()
		}
		return
	}
	r.unwatch()
	r.watch = &watches{list: slices.Clone(list), note: note}
	for _, w := range list {
		if w.What == PhysicalMemory && w.Write {
			r.flagRange(w.Addr, w.Size)
		}
	}
	for _, h := range r.harts {
		h.noteRegisters(list)
	}
}

// unwatch forgets what is watched, and every translation and block that knows.
func (r *RAM) unwatch() {
	if r.watch != nil {
		for i := range r.flags {
			r.flags[i] &^= flagWatched
		}
		for _, h := range r.harts {
			h.noteRegisters(nil)
		}
	}
	r.watch = nil
	r.dropAllTranslations()
}

// flagRange flags the pages of a physical range.
func (r *RAM) flagRange(pa, size uint64) {
	for page := range r.Pages() {
		base := r.base + uint64(page)<<pageShift
		if overlap(base, PageSize, pa, size) {
			r.flag(uint64(page), flagWatched)
		}
	}
}

// WatchHit is the access before which a hart has stopped, and what it was
// watched for.
func (r *RAM) WatchHit() (Watch, Access) {
	if r.watch == nil {
		return Watch{}, Access{}
	}
	return r.watch.list[r.watch.hit.Watch], r.watch.hit
}

func overlap(a, n, b, m uint64) bool { return b-a < n || a-b < m }

// noteRegisters marks the registers whose writes are noted.
func (h *Hart) noteRegisters(list []Watch) {
	var noted map[uint8]bool
	for _, w := range list {
		if w.What != IntegerRegister && w.What != FloatRegister || w.Hart != AnyHart && w.Hart != h.id {
			continue
		}
		if noted == nil {
			noted = map[uint8]bool{}
		}
		noted[registerIndex(w)] = true
	}
	if noted != nil || h.noted != nil {
		h.noted = noted
		h.dropBlocks()
	}
}

// registerIndex is the place in the register file of a watched register.
func registerIndex(w Watch) uint8 {
	if w.What == FloatRegister {
		return regFloat + uint8(w.Addr&31)
	}
	return uint8(w.Addr & 31)
}

// slowAlways reports whether loads or stores of the page at a virtual address,
// which lies at pa, must not get a fast path.
func (r *RAM) slowAlways(hart int, va, pa uint64, write bool) bool {
	if r.watch == nil {
		return false
	}
	for _, w := range r.watch.list {
		base := va
		if w.What == PhysicalMemory {
			base = pa
		} else if w.What != VirtualMemory || w.Hart != AnyHart && w.Hart != hart {
			continue
		}
		if (w.Read && !write || w.Write && write) && overlap(base&^pageMask, PageSize, w.Addr, w.Size) {
			return true
		}
	}
	return false
}

// noteStore notes a store to a flagged page, whoever did it.
func (r *RAM) noteStore(off uint64, size int) {
	if r.watch == nil || r.watch.note == nil {
		return
	}
	pa := r.base + off
	for i, w := range r.watch.list {
		if w.What == PhysicalMemory && w.Write && overlap(pa, uint64(size), w.Addr, w.Size) {
			a := Access{Hart: AnyHart, Addr: pa, Size: size, Write: true, Watch: i}
			for i, b := range r.bytes[off : off+uint64(min(size, 8))] {
				a.Value |= uint64(b) << (8 * i)
			}
			r.watch.note(a)
		}
	}
}

// watchedSlow does an operation of the slow path while something is watched.
func (h *Hart) watchedSlow(o *op) outcome {
	w := h.ram.watch
	if o.code == opNoted {
		return h.noteRegister(o)
	}
	if w.note == nil {
		if h.heed && h.step != h.pass {
			if hit, ok := h.foresee(o); ok {
				w.hit = hit
				return slowStop
			}
		}
		return h.doSlow(o)
	}
	tell := h.teller()
	va, hits := h.foreseeAll(o)
	before := h.watchedState()
	out := h.doSlow(o)
	for _, hit := range hits {
		hit.Value = h.peekWord(va, hit.Size)
		tell(hit)
	}
	h.noteState(before, o, tell)
	return out
}

// noteRegister does an instruction whose write to a register is noted.
func (h *Hart) noteRegister(o *op) outcome {
	w, tell := h.ram.watch, h.teller()
	out := h.marked(o)
	if w.note == nil || out == slowStop {
		return out
	}
	for i, watch := range w.list {
		if (watch.What == IntegerRegister || watch.What == FloatRegister) && registerIndex(watch) == o.rd &&
			(watch.Hart == AnyHart || watch.Hart == h.id) {
			tell(Access{Addr: watch.Addr, Value: h.x[o.rd], Write: true, Watch: i})
		}
	}
	return out
}

// teller returns what tells of an access by the instruction at the pc.
func (h *Hart) teller() func(Access) {
	step, pc := h.step, h.pc
	return func(a Access) {
		a.Step, a.Hart, a.PC = step, h.id, pc
		h.ram.watch.note(a)
	}
}

// watchedState reads the control registers and the mode, if they are watched, by
// the index of their watch.
func (h *Hart) watchedState() map[int]uint64 {
	var values map[int]uint64
	for i, w := range h.ram.watch.list {
		if w.What < ControlRegister || w.Hart != AnyHart && w.Hart != h.id {
			continue
		}
		if values == nil {
			values = map[int]uint64{}
		}
		if w.What == PrivilegeMode {
			values[i] = uint64(h.mode)
		} else {
			values[i], _ = h.PeekCSR(uint16(w.Addr))
		}
	}
	return values
}

// noteState tells of what of it has changed, and of the control registers that
// the operation, if it is not nil, has written.
func (h *Hart) noteState(before map[int]uint64, o *op, tell func(Access)) {
	if before == nil {
		return
	}
	after := h.watchedState()
	for i, w := range h.ram.watch.list {
		old, ours := before[i]
		written := o != nil && w.What == ControlRegister && writesCSR(o, uint16(w.Addr))
		if ours && (after[i] != old || written) {
			tell(Access{Addr: w.Addr, Value: after[i], Write: true, Watch: i})
		}
	}
}

// writesCSR reports whether an operation names a control register to write it.
func writesCSR(o *op, number uint16) bool {
	if o.code < OpCSRRW || o.code > OpCSRRCI {
		return false
	}
	raw := uint32(o.imm)
	return uint16(raw>>20) == number && (o.code == OpCSRRW || o.code == OpCSRRWI || raw>>15&31 != 0)
}

// trapStep does the step that is nothing but a trap: an interrupt, or a fetch
// that fails. What it changes in the control registers is noted.
func (h *Hart) trapStep(trap func()) {
	if h.ram.watch == nil || h.ram.watch.note == nil {
		h.step++
		trap()
		return
	}
	before, tell := h.watchedState(), h.teller()
	h.step++
	trap()
	h.noteState(before, nil, tell)
}

// Foresee tells whether the next instruction is about to access something that
// is watched and not noted; [RAM.WatchHit] says what. It changes nothing.
func (h *Hart) Foresee() bool {
	w := h.ram.watch
	if _, interrupted := h.pendingInterrupt(); w == nil || w.note != nil || interrupted {
		return false
	}
	inst, ok := h.FetchAt(h.pc)
	if !ok {
		return false
	}
	o := predecode(&inst, h.pc)
	hit, found := h.foresee(&o)
	if found {
		w.hit = hit
	}
	return found
}

// foresee is the first access to something watched that an operation is about
// to make.
func (h *Hart) foresee(o *op) (Access, bool) {
	if va, hits := h.foreseeAll(o); len(hits) > 0 {
		a := hits[0]
		a.Step, a.Hart, a.PC, a.Value = h.step, h.id, h.pc, h.peekWord(va, a.Size)
		return a, true
	}
	return Access{}, false
}

// foreseeAll lists the accesses to watched memory that an operation is about to
// make. An access that will be refused is none. Where accesses are noted,
// stores to physical memory are not listed: [RAM.noteStore] sees them.
func (h *Hart) foreseeAll(o *op) (va uint64, hits []Access) {
	va, size, read, write := h.operand(o)
	if size == 0 {
		return va, nil
	}
	kind := accessLoad
	if write {
		kind = accessStore
	}
	n := min(size, PageSize-int(va&pageMask))
	first, ex := h.foreseeTranslation(va, n, kind)
	second := first
	if ex == none && n < size {
		second, ex = h.foreseeTranslation(va+uint64(n), size-n, kind)
	}
	if ex != none || o.code == OpSCW && !h.foreseeSC(first, 4) || o.code == OpSCD && !h.foreseeSC(first, 8) {
		return va, nil
	}
	list := h.ram.watch.list
	for i, w := range list {
		hit := Access{Addr: va, Size: size, Write: write, Watch: i}
		switch {
		case !(w.Read && read || w.Write && write):
			continue
		case w.What == VirtualMemory:
			if w.Hart != AnyHart && w.Hart != h.id || !overlap(va, uint64(size), w.Addr, w.Size) {
				continue
			}
		case w.What == PhysicalMemory:
			if w.Write && write && h.ram.watch.note != nil && h.ram.Contains(first, uint64(n)) {
				continue
			}
			hit.Addr = first
			if !overlap(first, uint64(n), w.Addr, w.Size) {
				if n == size || !overlap(second, uint64(size-n), w.Addr, w.Size) {
					continue
				}
				hit.Addr = second
			}
		default:
			continue
		}
		hit.Write = w.Write && write
		hits = append(hits, hit)
	}
	return va, hits
}

// peekWord reads up to 8 bytes as a debugger does.
func (h *Hart) peekWord(va uint64, size int) (value uint64) {
	var p [8]byte
	for i, b := range p[:h.PeekMemory(va, p[:size])] {
		value |= uint64(b) << (8 * i)
	}
	return value
}

// foreseeTranslation translates as an access within a page will, and changes
// nothing.
func (h *Hart) foreseeTranslation(va uint64, size int, kind access) (uint64, exception) {
	w := walker{hart: h, va: va, kind: kind, mode: h.dataMode(), looking: true}
	t, ex := w.walk()
	if ex != none {
		return 0, ex
	}
	if ok, _ := h.pmpAllows(t.pa, t.pa+uint64(size)-1, kind, w.mode); !ok {
		return 0, kind.accessFault(va)
	}
	return t.pa, none
}

// foreseeSC reports whether an SC to a physical address will store.
func (h *Hart) foreseeSC(pa uint64, size int) bool {
	off, inRAM := h.ram.offset(pa, size)
	if !inRAM {
		return false
	}
	old := h.ram.load(off, size)
	if size == 4 {
		old = uint64(int32(old))
	}
	r := h.reservation
	return r.valid && r.addr == pa && r.value == old
}

// operand tells which memory an operation accesses and how; size is 0 if it
// accesses none, or will trap for a reason that is not the memory's.
func (h *Hart) operand(o *op) (va uint64, size int, read, write bool) {
	if o.code >= opConst {
		return 0, 0, false, false
	}
	va = h.x[o.rs1] + uint64(o.imm)
	switch o.code.Format() {
	case FmtLoad:
		return va, width(o.code), true, false
	case FmtStore:
		return va, width(o.code), false, true
	case FmtFLoad, FmtFStore:
		if !h.floatOn() {
			return 0, 0, false, false
		}
		store := o.code.Format() == FmtFStore
		return va, width(o.code), !store, store
	case FmtLR, FmtAMO:
		va, size = h.x[o.rs1], 4
		if o.code >= OpLRD {
			size = 8
		}
		if va&uint64(size-1) != 0 {
			return 0, 0, false, false
		}
		read = o.code != OpSCW && o.code != OpSCD
		return va, size, read, o.code != OpLRW && o.code != OpLRD
	default:
		return 0, 0, false, false
	}
}
