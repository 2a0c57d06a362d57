package term

import (
	"unicode"
	"unicode/utf8"
)

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// print puts a character, read from the guest, at the cursor.
func (s *Screen) print(r rune) {
	if r < 0x80 {
		r = s.sets[s.gl].translate(r)
	} else if r < 0xa0 {
		return // a C1 control, spelt in UTF-8
	}
	s.printGlyph(r)
}

// printGlyph puts a character, translated by the character set, at the cursor.
func (s *Screen) printGlyph(r rune) {
	w := runeWidth(r)
	if w == 0 {
		s.combine(r)
		return
	}
	if w > s.width {
		r, w = utf8.RuneError, 1
	}
	s.last = r
	if s.pending {
		s.wrap()
	}
	if s.x+w > s.width { // a wide character in the last column
		if !s.modes.Autowrap {
			return
		}
		s.wrap()
	}
	if s.modes.Insert {
		s.shiftRight(s.x, w)
	}
	s.put(r, w)
	if s.x += w; s.x >= s.width {
		s.x = s.width - 1
		s.pending = s.modes.Autowrap
	}
}

// wrap continues on the next row. The text of this one ends at the cursor, or
// with it if the last column was written.
func (s *Screen) wrap() {
	if s.y == s.bottom || s.y < s.height-1 { // else the text starts over on this row
		s.row(s.y).wrap = choose(s.pending, s.x+1, s.x)
	}
	s.x = 0
	s.index()
}

// put overwrites the cells at the cursor, and blanks the remains of wide
// characters that it covers in part.
func (s *Screen) put(r rune, w int) {
	row := s.row(s.y)
	cells := row.cells
	x := s.x
	if cells[x].Width == 0 {
		cells[x-1] = blank(DefaultColor, s.step)
	}
	if end := x + w; end < s.width && cells[end].Width == 0 {
		cells[end] = blank(DefaultColor, s.step)
	}
	cells[x] = Cell{Content: content(r), Width: uint8(w), Style: s.pen, Step: s.step}
	if w == 2 {
		cells[x+1] = Cell{Style: s.pen, Step: s.step}
	}
	if x+w >= row.wrap {
		row.wrap = 0
	}
}

// combine adds a mark to the character before the cursor. Marks that turn the
// direction of text or that no terminal shows are dropped.
func (s *Screen) combine(r rune) {
	if !unicode.IsGraphic(r) && r != zeroWidthJoiner && r != zeroWidthNonJoiner {
		return
	}
	x := s.x
	if !s.pending {
		x--
	}
	if x < 0 {
		return
	}
	cells := s.row(s.y).cells
	if cells[x].Width == 0 {
		x--
	}
	c := &cells[x]
	if len(c.Content)+utf8.RuneLen(r) > maxContent {
		return
	}
	c.Content += string(r)
	for i := range int(c.Width) {
		cells[x+i].Step = s.step
	}
}

// repeat prints the last character again (REP), if nothing came between. More
// than fills the screen makes no difference.
func (s *Screen) repeat(n int) {
	last := s.last
	if last == 0 {
		return
	}
	for range min(n, s.width*s.height) {
		s.printGlyph(last)
	}
	s.last = 0
}

// shiftRight makes room for n cells at column x of the cursor's row.
func (s *Screen) shiftRight(x, n int) {
	row := s.row(s.y)
	n = min(n, s.width-x)
	copy(row.cells[x+n:], row.cells[x:])
	fill(row.cells[x:x+n], s.blank())
	row.wrap = 0
	row.mend(s.step)
}

// shiftLeft removes n cells at column x of the cursor's row.
func (s *Screen) shiftLeft(x, n int) {
	row := s.row(s.y)
	n = min(n, s.width-x)
	copy(row.cells[x:], row.cells[x+n:])
	fill(row.cells[s.width-n:], s.blank())
	row.wrap = 0
	row.mend(s.step)
}

// erase blanks columns from..to-1 of row y.
func (s *Screen) erase(y, from, to int) {
	row := s.row(y)
	fill(row.cells[from:to], s.blank())
	if to >= row.wrap {
		row.wrap = 0
	}
	row.mend(s.step)
}

// eraseRows blanks rows from..to-1.
func (s *Screen) eraseRows(from, to int) {
	for y := from; y < to; y++ {
		s.rows[y] = newRow(s.owner, s.width, s.blank())
	}
}

func fill(cells []Cell, c Cell) {
	for i := range cells {
		cells[i] = c
	}
}

// scrollUp moves rows top..bottom up by n and blanks the rows that come in at
// the bottom. With keep, rows that leave go to the scrollback.
func (s *Screen) scrollUp(top, bottom, n int, keep bool) {
	n = min(n, bottom-top+1)
	if keep && top == 0 && !s.modes.AltScreen {
		for _, r := range s.rows[:n] {
			s.hist.push(s.owner, r)
		}
	}
	copy(s.rows[top:], s.rows[top+n:bottom+1])
	s.eraseRows(bottom+1-n, bottom+1)
}

// scrollDown moves rows top..bottom down by n and blanks the rows that come in
// at the top.
func (s *Screen) scrollDown(top, bottom, n int) {
	n = min(n, bottom-top+1)
	copy(s.rows[top+n:bottom+1], s.rows[top:])
	s.eraseRows(top, top+n)
}

// index moves the cursor down a row, scrolling at the bottom of the region.
func (s *Screen) index() {
	s.pending = false
	switch {
	case s.y == s.bottom:
		s.scrollUp(s.top, s.bottom, 1, true)
	case s.y < s.height-1:
		s.y++
	}
}

// reverseIndex moves the cursor up a row, scrolling at the top of the region.
func (s *Screen) reverseIndex() {
	s.pending = false
	switch {
	case s.y == s.top:
		s.scrollDown(s.top, s.bottom, 1)
	case s.y > 0:
		s.y--
	}
}
