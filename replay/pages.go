package replay

import (
	"bytes"
	"slices"
	"sync"

	"reprise/vm/riscv"
)

// memory is bytes with a lifetime of their own.
type memory struct {
	bytes []byte
}

const (
	fanBits   = 6
	fan       = 1 << fanBits
	arenaSize = 4 << 20    // bytes by which the page store grows
	tableSize = 8*fan + 64 // bytes that a table takes, about
)

// image is the content of RAM at some moment: a tree whose leaves are pages.
// Images share what they have in common, so that to share all costs nothing,
// to change a page costs the tables above it, and to compare two costs what
// differs. A part that is nothing but zeroes is nil.
type image = *node

// node is a page, if it has content, or a table of what lies beneath. It is
// not changed while more than one refers to it.
type node struct {
	refs    int
	content []byte
	kids    *[fan]*node
}

// pageStore keeps the pages of all images. Their memory lies outside the
// garbage-collected heap and is used again. Any goroutine may read an image
// that it has a reference to, and take or give up references.
type pageStore struct {
	levels int // of tables above the pages

	mu     sync.Mutex
	arenas []*memory
	spare  [][]byte
	used   int64 // bytes in use
}

// newPageStore makes a store for images of that many pages.
func newPageStore(pages int) *pageStore {
	st := &pageStore{levels: 1}
	for pages > 1<<(fanBits*st.levels) {
		st.levels++
	}
	return st
}

// bytesUsed is how much memory all images take.
func (st *pageStore) bytesUsed() int64 {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.used
}

// newPage copies a page's content; a page of zeroes is nil.
func (st *pageStore) newPage(content []byte) (*node, error) {
	if isZero(content) {
		return nil, nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
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
	p := &node{refs: 1, content: st.spare[len(st.spare)-1]}
	st.spare = st.spare[:len(st.spare)-1]
	copy(p.content, content)
	st.used += riscv.PageSize
	return p, nil
}

// share returns another reference.
func (st *pageStore) share(n *node) *node {
	if n != nil {
		st.mu.Lock()
		n.refs++
		st.mu.Unlock()
	}
	return n
}

// drop gives up a reference.
func (st *pageStore) drop(n *node) {
	st.mu.Lock()
	st.release(n)
	st.mu.Unlock()
}

func (st *pageStore) release(n *node) {
	if n == nil {
		return
	}
	if n.refs--; n.refs > 0 {
		return
	}
	if n.content != nil {
		st.spare = append(st.spare, n.content)
		st.used -= riscv.PageSize
		return
	}
	for _, kid := range n.kids {
		st.release(kid)
	}
	st.used -= tableSize
}

// replace returns an image with another page number n. It takes over both
// references.
func (st *pageStore) replace(im image, n int, page *node) image {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.replaceIn(im, st.levels, n, page)
}

func (st *pageStore) replaceIn(table *node, level, n int, page *node) *node {
	if level == 0 {
		st.release(table)
		return page
	}
	table = st.own(table)
	kid := &table.kids[n>>(fanBits*(level-1))%fan]
	*kid = st.replaceIn(*kid, level-1, n, page)
	return table
}

// own returns a table that nobody else refers to.
func (st *pageStore) own(table *node) *node {
	if table != nil && table.refs == 1 {
		return table
	}
	st.used += tableSize
	if table == nil {
		return &node{refs: 1, kids: new([fan]*node)}
	}
	kids := *table.kids
	for _, kid := range kids {
		if kid != nil {
			kid.refs++
		}
	}
	st.release(table)
	return &node{refs: 1, kids: &kids}
}

// page is the content of page number n; nil if it is zero.
func (st *pageStore) page(im image, n int) []byte {
	for level := st.levels - 1; level >= 0 && im != nil; level-- {
		im = im.kids[n>>(fanBits*level)%fan]
	}
	return im.bytes()
}

// differences calls fn with the number of each page that differs between two
// images, in ascending order, and its content in each; nil stands for zeroes.
func (st *pageStore) differences(a, b image, fn func(n int, in, to []byte)) {
	compare(a, b, st.levels, 0, func(n int, in, to *node) { fn(n, in.bytes(), to.bytes()) })
}

// bytes is the content of a page; nil for zeroes.
func (n *node) bytes() []byte {
	if n == nil {
		return nil
	}
	return n.content
}

// nodes calls fn with the number of each page of an image that is not the same
// as that of another, in ascending order, and the page; nil stands for zeroes.
func (st *pageStore) nodes(other, im image, fn func(n int, page *node)) {
	compare(other, im, st.levels, 0, func(n int, _, page *node) { fn(n, page) })
}

// compare calls fn with the pages of two parts of images that are not the same.
func compare(a, b *node, level, first int, fn func(n int, in, to *node)) {
	if a == b {
		return
	}
	if level == 0 {
		fn(first, a, b)
		return
	}
	for i := range fan {
		var in, to *node
		if a != nil {
			in = a.kids[i]
		}
		if b != nil {
			to = b.kids[i]
		}
		compare(in, to, level-1, first+i<<(fanBits*(level-1)), fn)
	}
}

// free gives everything back.
func (st *pageStore) free() {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, a := range st.arenas {
		a.free()
	}
	st.arenas, st.spare, st.used = nil, nil, 0
}

// tracker knows which image a RAM was last equal to, and since when it has
// changed.
type tracker struct {
	store *pageStore
	ram   *riscv.RAM
	base  image
	since uint32 // pages of this generation or later have changed since
}

// newTracker makes the tracker of RAM that was zero before anything changed it.
func newTracker(store *pageStore, ram *riscv.RAM) *tracker {
	return &tracker{store: store, ram: ram, since: 1}
}

// capture returns the content of RAM now. It takes as long as what has changed
// since the last capture or restore.
func (t *tracker) capture() (image, error) {
	for n := range t.ram.ChangedSince(t.since) {
		content := t.ram.Page(n)
		if bytes.Equal(orZeroes(t.store.page(t.base, n)), content) {
			continue
		}
		p, err := t.store.newPage(content)
		if err != nil {
			return nil, err
		}
		t.base = t.store.replace(t.base, n, p)
	}
	t.since = t.ram.NextGeneration()
	return t.store.share(t.base), nil
}

// restore makes the content of RAM that of an image. It takes as long as what
// differs.
func (t *tracker) restore(im image) {
	changed := slices.Collect(t.ram.ChangedSince(t.since))
	t.store.differences(t.base, im, func(n int, _, want []byte) {
		if t.ram.Changed(n) < t.since {
			t.set(n, want)
		}
	})
	for _, n := range changed {
		t.set(n, t.store.page(im, n))
	}
	base := t.base
	t.base = t.store.share(im)
	t.store.drop(base)
	t.since = t.ram.NextGeneration()
}

func (t *tracker) set(n int, want []byte) {
	if want = orZeroes(want); !bytes.Equal(want, t.ram.Page(n)) {
		t.ram.SetPage(n, want)
	}
}

// free gives up the tracker's reference.
func (t *tracker) free() {
	t.store.drop(t.base)
	t.base = nil
}

var zeroes [riscv.PageSize]byte

// orZeroes is a page's content.
func orZeroes(content []byte) []byte {
	if content == nil {
		return zeroes[:]
	}
	return content
}

// isZero reports whether a page holds nothing but zeroes.
func isZero(content []byte) bool { return bytes.Equal(content, zeroes[:]) }
