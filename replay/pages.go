package replay

import (
	"bytes"

	"reprise/vm/riscv"
)

// memory is bytes with a lifetime of their own.
type memory struct {
	bytes []byte
}

const (
	chunkPages = 64      // pages that snapshots share as one
	arenaSize  = 4 << 20 // bytes by which the page store grows
)

// page is the content of a page of RAM at some moment. A page of zeroes is nil.
type page struct {
	refs    int
	content []byte
}

// chunk is a run of pages that snapshots share as long as none of them changes.
type chunk struct {
	refs  int
	pages [chunkPages]*page
}

// pageStore keeps the pages of all snapshots. Pages and chunks are counted, and
// their memory, which lies outside the garbage-collected heap, is used again.
type pageStore struct {
	arenas []*memory
	spare  [][]byte
	used   int64 // bytes of pages in use
}

// image is the content of RAM at some moment.
type image []*chunk

func (st *pageStore) newPage(content []byte) (*page, error) {
	if len(st.spare) == 0 {
		arena, err := newMemory(arenaSize)
		if err != nil {
			return nil, err
		}
		st.arenas = append(st.arenas, arena)
		for i := 0; i < arenaSize; i += riscv.PageSize {
			st.spare = append(st.spare, arena.bytes[i:i+riscv.PageSize:i+riscv.PageSize])
		}
	}
	p := &page{refs: 1, content: st.spare[len(st.spare)-1]}
	st.spare = st.spare[:len(st.spare)-1]
	copy(p.content, content)
	st.used += riscv.PageSize
	return p, nil
}

func (st *pageStore) dropPage(p *page) {
	if p == nil {
		return
	}
	if p.refs--; p.refs == 0 {
		st.spare = append(st.spare, p.content)
		st.used -= riscv.PageSize
	}
}

// share returns another reference to an image.
func (im image) share() image {
	other := append(image(nil), im...)
	for _, c := range other {
		c.refs++
	}
	return other
}

// drop gives up a reference to an image.
func (st *pageStore) drop(im image) {
	for _, c := range im {
		if c.refs--; c.refs == 0 {
			for _, p := range c.pages {
				st.dropPage(p)
			}
		}
	}
}

// set replaces a page of an image, which copies the chunk if it is shared.
func (st *pageStore) set(im image, n int, p *page) {
	c := im[n/chunkPages]
	if c.refs > 1 {
		c.refs--
		own := &chunk{refs: 1, pages: c.pages}
		for _, p := range own.pages {
			if p != nil {
				p.refs++
			}
		}
		im[n/chunkPages], c = own, own
	}
	st.dropPage(c.pages[n%chunkPages])
	c.pages[n%chunkPages] = p
}

// free gives everything back.
func (st *pageStore) free() {
	for _, a := range st.arenas {
		a.free()
	}
	*st = pageStore{}
}

// tracker knows which image the RAM was last equal to, and since when it has
// changed.
type tracker struct {
	store *pageStore
	ram   *riscv.RAM
	base  image
	since uint32 // pages of this generation or later have changed since
}

func newTracker(store *pageStore, ram *riscv.RAM) *tracker {
	t := &tracker{store: store, ram: ram}
	t.base = make(image, (ram.Pages()+chunkPages-1)/chunkPages)
	for i := range t.base {
		t.base[i] = &chunk{refs: 1}
	}
	return t
}

// capture returns the content of RAM now.
func (t *tracker) capture() (image, error) {
	for n := range t.ram.Pages() {
		if t.ram.Changed(n) < t.since {
			continue
		}
		content := t.ram.Page(n)
		old := t.base[n/chunkPages].pages[n%chunkPages]
		switch {
		case old != nil && bytes.Equal(old.content, content):
			continue
		case isZero(content):
			if old != nil {
				t.store.set(t.base, n, nil)
			}
			continue
		}
		p, err := t.store.newPage(content)
		if err != nil {
			return nil, err
		}
		t.store.set(t.base, n, p)
	}
	t.since = t.ram.NextGeneration()
	return t.base.share(), nil
}

// restore makes the content of RAM that of an image.
func (t *tracker) restore(im image) {
	var zeroes [riscv.PageSize]byte
	for n := range t.ram.Pages() {
		c := im[n/chunkPages]
		if c == t.base[n/chunkPages] && t.ram.Changed(n) < t.since {
			continue
		}
		want := c.pages[n%chunkPages]
		if want == t.base[n/chunkPages].pages[n%chunkPages] && t.ram.Changed(n) < t.since {
			continue
		}
		content := zeroes[:]
		if want != nil {
			content = want.content
		}
		if !bytes.Equal(content, t.ram.Page(n)) {
			t.ram.SetPage(n, content)
		}
	}
	t.store.drop(t.base)
	t.base = im.share()
	t.since = t.ram.NextGeneration()
}

// isZero reports whether a page holds nothing but zeroes.
func isZero(content []byte) bool {
	var zeroes [riscv.PageSize]byte
	return bytes.Equal(content, zeroes[:])
}
