package device

import (
	"math/bits"

	"reprise/vm/state"
)

// PLICSize is the length of the PLIC's register window in bytes.
const PLICSize = 0x60_0000

// PLICSources is the number of interrupt sources, counting source 0, which
// does not exist: sources are numbered from 1.
const PLICSources = 96

// The register map (RISC-V PLIC specification 1.0, chapter 3).
const (
	plicPending       = 0x1000    // one bit for each source
	plicEnable        = 0x2000    // one bit for each source, for each context
	plicEnableStride  = 0x80      // from one context to the next
	plicContext       = 0x20_0000 // threshold, then claim/complete, for each context
	plicContextStride = 0x1000

	plicPriorities = 7 // highest priority; 0 means never
	plicWords      = PLICSources / 32
	plicMaxHarts   = (PLICSize - plicContext) / plicContextStride / 2
)

// plicSet is a set of sources.
type plicSet [plicWords]uint32

// PLIC is SiFive's platform-level interrupt controller. Each hart has two
// contexts: its M-mode first, then its S-mode.
//
// As in qemu, a source becomes pending whenever its device announces that its
// line is high, and stays so, even if the line falls, until it is claimed. An
// announcement between claim and completion counts after the completion; a line
// that just stays high does not. (The gateways of chapter 5 of the specification
// look at the line itself. A driver that never acknowledges its device, as that
// for the UART in xv6 before 2024, then does nothing but take interrupts.)
// Unlike qemu's, enable bits take effect at once, and not with the next change of
// something else. As in qemu, any source can be completed, by any context.
type PLIC struct {
	setLine func(hart int, supervisor, level bool) `state:"-"`

	lines    plicSet // inputs that are high, as last announced
	pending  plicSet
	claimed  plicSet // claimed and not completed
	priority [PLICSources]uint8
	contexts []plicTarget
}

// plicTarget is one context: a mode of a hart that takes interrupts.
type plicTarget struct {
	enabled   plicSet
	threshold uint8
	raised    bool `state:"-"` // its line, which follows from the rest
}

// NewPLIC returns a PLIC for 1 to 512 harts in its power-on state. setLine
// sets the external interrupt line of a hart's M-mode or S-mode; it is called
// when a line changes.
func NewPLIC(harts int, setLine func(hart int, supervisor, level bool)) *PLIC {
	if harts < 1 || harts > plicMaxHarts {
		panic("BUG: number of harts out of range")
	}
	return &PLIC{setLine: setLine, contexts: make([]plicTarget, 2*harts)}
}

// Visit implements state.Component.
func (p *PLIC) Visit(v *state.Visitor) {
	v.Uint32s(p.lines[:])
	v.Uint32s(p.pending[:])
	v.Uint32s(p.claimed[:])
	v.Fixed(p.priority[:])
	for i := range p.contexts {
		v.Uint32s(p.contexts[i].enabled[:])
		v.Uint8(&p.contexts[i].threshold)
	}
	if v.Loading() { // the harts have loaded the lines themselves
		for i := range p.contexts {
			p.contexts[i].raised = p.best(i) != 0
		}
	}
}

// Reset implements [Device].
func (p *PLIC) Reset() {
	contexts := p.contexts
	clear(contexts)
	*p = PLIC{setLine: p.setLine, contexts: contexts}
	for i := range contexts {
		p.setLine(i/2, i%2 != 0, false)
	}
}

// SetIRQ announces the line of an interrupt source, 1 to 95.
func (p *PLIC) SetIRQ(source int, level bool) {
	if source < 1 || source >= PLICSources {
		panic("BUG: interrupt source out of range")
	}
	p.lines.set(source, level)
	if level {
		p.pending.set(source, true)
		p.update()
	}
}

// Read implements [Device]. Registers take 4 bytes; what lies between them
// reads as zero. Reading the claim register claims the source that it shows.
func (p *PLIC) Read(off uint64, size int) (uint64, bool) {
	value, ok := p.Peek(off, size)
	if ok && off >= plicContext && off%plicContextStride == 4 && value != 0 {
		p.pending.set(int(value), false)
		p.claimed.set(int(value), true)
		p.update()
	}
	return value, ok
}

// Peek implements [Device].
func (p *PLIC) Peek(off uint64, size int) (uint64, bool) {
	if size != 4 || !within(off, size, PLICSize) {
		return 0, false
	}
	if off >= plicContext {
		context, register := p.context(off)
		switch {
		case context == nil:
		case register == 0:
			return uint64(context.threshold), true
		case register == 4:
			return uint64(p.best(int((off - plicContext) / plicContextStride))), true
		}
		return 0, true
	}
	if word := p.enableWord(off); word != nil {
		return uint64(*word), true
	}
	if i := (off - plicPending) / 4; off >= plicPending && i < plicWords {
		return uint64(p.pending[i]), true
	}
	if source := off / 4; source < PLICSources {
		return uint64(p.priority[source]), true
	}
	return 0, true
}

// Write implements [Device].
func (p *PLIC) Write(off, value uint64, size int) bool {
	if size != 4 || !within(off, size, PLICSize) {
		return false
	}
	value = truncate(value, 4)
	if off >= plicContext {
		context, register := p.context(off)
		switch {
		case context == nil:
		case register == 0:
			context.threshold = uint8(value & plicPriorities)
		case register == 4 && value < PLICSources:
			p.complete(int(value))
		}
	} else if word := p.enableWord(off); word != nil {
		*word = uint32(value)
	} else if source := off / 4; source > 0 && source < PLICSources {
		p.priority[source] = uint8(value & plicPriorities)
	}
	p.update()
	return true
}

// complete lets a source interrupt again.
func (p *PLIC) complete(source int) {
	p.claimed.set(source, false)
}

// context returns the context whose registers off is among, nil if there is
// none, and the place in them.
func (p *PLIC) context(off uint64) (context *plicTarget, register uint64) {
	off -= plicContext
	if i := off / plicContextStride; i < uint64(len(p.contexts)) {
		context = &p.contexts[i]
	}
	return context, off % plicContextStride
}

// enableWord returns the register of enable bits at off, nil if there is none.
func (p *PLIC) enableWord(off uint64) *uint32 {
	if off < plicEnable {
		return nil
	}
	off -= plicEnable
	context, i := off/plicEnableStride, off%plicEnableStride/4
	if context >= uint64(len(p.contexts)) || i >= plicWords {
		return nil
	}
	return &p.contexts[context].enabled[i]
}

// best returns the source that a context would claim, 0 if there is none: the
// highest priority above the threshold, and of those the lowest number.
func (p *PLIC) best(context int) int {
	c := &p.contexts[context]
	best, highest := 0, c.threshold
	for i := range p.pending {
		candidates := p.pending[i] &^ p.claimed[i] & c.enabled[i]
		for ; candidates != 0; candidates &= candidates - 1 {
			source := 32*i + bits.TrailingZeros32(candidates)
			if p.priority[source] > highest {
				best, highest = source, p.priority[source]
			}
		}
	}
	return best
}

// update announces the lines that have changed.
func (p *PLIC) update() {
	for i := range p.contexts {
		c := &p.contexts[i]
		if raised := p.best(i) != 0; raised != c.raised {
			c.raised = raised
			p.setLine(i/2, i%2 != 0, raised)
		}
	}
}

func (s *plicSet) set(source int, member bool) {
	s[source/32] &^= 1 << (source % 32)
	if member {
		s[source/32] |= 1 << (source % 32)
	}
}
