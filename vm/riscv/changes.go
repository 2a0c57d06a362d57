package riscv

import "iter"

// changeOrder lists the pages of RAM that have ever changed in the order of
// their last change, as far as generations tell. It is a ring of indices; the
// last index is no page but where the ring begins and ends. A page that never
// changed is a ring of its own.
type changeOrder struct {
	older, newer []uint32
	count        int
}

func newChangeOrder(pages int) changeOrder {
	o := changeOrder{older: make([]uint32, pages+1), newer: make([]uint32, pages+1)}
	for i := range o.older {
		o.older[i], o.newer[i] = uint32(i), uint32(i)
	}
	return o
}

func (o *changeOrder) end() uint32 { return uint32(len(o.older) - 1) }

// change makes a page the latest.
func (o *changeOrder) change(page int) {
	n, end := uint32(page), o.end()
	before, after := o.older[n], o.newer[n]
	if before == n {
		o.count++
	}
	o.newer[before], o.older[after] = after, before
	first := o.older[end]
	o.older[n], o.newer[n] = first, end
	o.newer[first], o.older[end] = n, n
}

// latest is the page that changed last; ok is false if none ever did.
func (o *changeOrder) latest() (page int, ok bool) {
	end := o.end()
	return int(o.older[end]), o.older[end] != end
}

// latestFirst yields all pages in the ring.
func (o *changeOrder) latestFirst() iter.Seq[int] {
	return func(yield func(int) bool) {
		for end, n := o.end(), o.older[o.end()]; n != end; n = o.older[n] {
			if !yield(int(n)) {
				return
			}
		}
	}
}
