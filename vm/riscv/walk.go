package riscv

import "strings"

// PTE is a page-table entry (privileged ISA, 4.4.1).
type PTE uint64

// Flags are the lower bits of the entry as letters, D A G U X W R V from the
// left, with a dash for one that is clear.
func (p PTE) Flags() string {
	const letters = "VRWXUGAD"
	var b strings.Builder
	for i := len(letters) - 1; i >= 0; i-- {
		if p>>i&1 != 0 {
			b.WriteByte(letters[i])
		} else {
			b.WriteByte('-')
		}
	}
	return b.String()
}

// Frame is the physical address of the table or page that the entry points to.
func (p PTE) Frame() uint64 { return uint64(p) >> ptePPNShift & ptePPNMask << pageShift }

// Leaf reports whether the entry maps a page, rather than pointing to a table.
func (p PTE) Leaf() bool { return p&(pteR|pteX) != 0 }

// WalkLevel is an entry that a walk came by.
type WalkLevel struct {
	Level int    // 0 is that of the smallest pages
	At    uint64 // physical address of the entry
	Entry PTE
}

// Walk is a translation with the way to it, for people.
type Walk struct {
	Scheme string // "bare", "sv39", "sv48" or "sv57"
	Levels []WalkLevel
	PA     uint64 // what the address translates to, if Mapped
	Mapped bool
	// Load, Store and Fetch are empty if the hart could do that now, and else
	// the exception that it would take.
	Load, Store, Fetch string
}

// PeekWalk follows the page tables for a virtual address as the hart's loads and
// stores do now. It changes nothing.
func (h *Hart) PeekWalk(va uint64) Walk {
	w := walker{hart: h, va: va, kind: accessLoad, mode: h.dataMode(), looking: true, trusted: true}
	result := Walk{Scheme: "bare"}
	if h.paging(w.mode) {
		result.Scheme = [...]string{"sv39", "sv48", "sv57"}[h.levels()-3]
	}
	w.passed = func(level int, at, pte uint64) {
		result.Levels = append(result.Levels, WalkLevel{level, at, PTE(pte)})
	}
	t, ex := w.walk()
	result.PA, result.Mapped = t.pa, ex == none
	result.Load = h.refusal(va, accessLoad, h.dataMode())
	result.Store = h.refusal(va, accessStore, h.dataMode())
	result.Fetch = h.refusal(va, accessFetch, h.mode)
	return result
}

// refusal names the exception of an access to one byte; it is empty if there is
// none.
func (h *Hart) refusal(va uint64, kind access, mode Mode) string {
	w := walker{hart: h, va: va, kind: kind, mode: mode, looking: true}
	t, ex := w.walk()
	if ex == none {
		if ok, _ := h.pmpAllows(t.pa, t.pa, kind, mode); ok {
			return ""
		}
		ex = kind.accessFault(va)
	}
	if ex == kind.pageFault(va) {
		return "page fault"
	}
	return "access fault"
}
