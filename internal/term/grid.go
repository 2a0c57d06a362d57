package term

import "slices"

// owner marks the rows that a screen may change in place. Cloning gives both
// screens a new one, which makes every row shared until it is copied. It is not
// empty, so that every new one has an address of its own.
type owner struct{ _ byte }

// row is one line of the screen. Rows on the screen have exactly as many cells
// as the screen is wide.
type row struct {
	owner *owner
	cells []Cell
	wrap  int // columns of the text that continues on the next row; 0 if none does
}

func newRow(o *owner, width int, fill Cell) *row {
	r := &row{owner: o, cells: make([]Cell, width)}
	for i := range r.cells {
		r.cells[i] = fill
	}
	return r
}

// mend replaces halves of wide characters that lost the other half by blanks.
func (r *row) mend(step uint64) {
	for i := range r.cells {
		c := &r.cells[i]
		lonely := c.Width == 2 && (i+1 == len(r.cells) || r.cells[i+1].Width != 0) ||
			c.Width == 0 && (i == 0 || r.cells[i-1].Width != 2)
		if lonely {
			*c = blank(DefaultColor, step)
		}
	}
}

// fitted returns a copy of the row with the given width. A wide character that
// is cut in two becomes a blank.
func (r *row) fitted(o *owner, width int) *row {
	n := newRow(o, width, blank(DefaultColor, 0))
	copy(n.cells, r.cells)
	n.wrap = min(r.wrap, width)
	if last := &n.cells[width-1]; last.Width == 2 {
		*last = blank(DefaultColor, last.Step)
	}
	return n
}

// packed returns the row for storage in the history, without the blanks at its
// end when leaving them out saves a good part of it.
func (r *row) packed() *row {
	n := len(r.cells)
	for n > 0 && r.cells[n-1].Content == " " && r.cells[n-1].Style == (Style{}) {
		n--
	}
	if n > len(r.cells)*3/4 {
		return r
	}
	return &row{cells: slices.Clone(r.cells[:n]), wrap: r.wrap}
}

// chunkRows is how many history rows are shared between clones as one.
const chunkRows = 64

// chunk holds consecutive rows of the history. A full one never changes again.
type chunk struct {
	owner *owner
	rows  []*row
}

// history is the scrollback: at most limit rows, the oldest dropped first. The
// rows in it are never changed.
type history struct {
	limit  int
	length int
	skip   int // rows of the first chunk that are past the limit
	chunks []*chunk
}

// push appends a row.
func (h *history) push(o *owner, r *row) {
	if h.limit <= 0 {
		return
	}
	last := len(h.chunks) - 1
	switch {
	case last < 0 || len(h.chunks[last].rows) == chunkRows:
		h.chunks = append(h.chunks, &chunk{owner: o, rows: make([]*row, 0, chunkRows)})
		last++
	case h.chunks[last].owner != o:
		rows := append(make([]*row, 0, chunkRows), h.chunks[last].rows...)
		h.chunks[last] = &chunk{owner: o, rows: rows}
	}
	h.chunks[last].rows = append(h.chunks[last].rows, r.packed())
	h.length++
	if h.length > h.limit {
		h.length--
		h.skip++
		if h.skip == chunkRows {
			h.chunks = h.chunks[1:]
			h.skip = 0
		}
	}
}

// at returns row i, 0 being the oldest.
func (h *history) at(i int) *row {
	i += h.skip
	return h.chunks[i/chunkRows].rows[i%chunkRows]
}

// clone returns a history that shares all rows.
func (h *history) clone() history {
	c := *h
	c.chunks = slices.Clone(h.chunks)
	return c
}

// clear forgets all rows.
func (h *history) clear() { *h = history{limit: h.limit} }
