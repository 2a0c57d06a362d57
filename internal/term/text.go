package term

import "strings"

// at returns the stored row y, or nil: 0..height-1 is the screen, negative
// numbers are the scrollback, -1 its newest line.
func (s *Screen) at(y int) *row {
	switch {
	case y >= 0 && y < s.height:
		return s.rows[y]
	case y < 0 && -y <= s.hist.length:
		return s.hist.at(s.hist.length + y)
	}
	return nil
}

// Line returns a copy of row y, exactly as many cells as the screen is wide.
// Rows 0 to height-1 are the screen; -1 is the newest line of the scrollback
// and -[Screen.History] the oldest. Any other row is blank.
func (s *Screen) Line(y int) []Cell {
	var line row
	if r := s.at(y); r != nil {
		line = *r
	}
	return line.fitted(nil, s.width).cells
}

// Wrapped reports whether the text of row y continues on the next one, because
// the line was full. Rows are numbered as in [Screen.Line].
func (s *Screen) Wrapped(y int) bool {
	r := s.at(y)
	return r != nil && r.wrap > 0
}

// StepAt returns the step whose output wrote or erased the cell at column x of
// row y, numbered as in [Screen.Line]; false if no output did. Blanks at the
// end of a line may lose their step on the way to the scrollback.
func (s *Screen) StepAt(x, y int) (step uint64, ok bool) {
	r := s.at(y)
	if r == nil || x < 0 || x >= len(r.cells) {
		return 0, false
	}
	step = r.cells[x].Step
	return step, step != 0
}

// Text returns the characters of row y, numbered as in [Screen.Line], without
// blanks at the end.
func (s *Screen) Text(y int) string { return s.text(y, 0, s.width, true) }

// TextBetween returns the text from column x0 of row y0 to column x1 of row y1,
// both inclusive, rows numbered as in [Screen.Line]. Lines that were wrapped
// are joined, others separated by a newline. Where the second place lies before
// the first, the two are exchanged.
func (s *Screen) TextBetween(x0, y0, x1, y1 int) string {
	if y1 < y0 || y1 == y0 && x1 < x0 {
		x0, y0, x1, y1 = x1, y1, x0, y0
	}
	if y0 < -s.hist.length {
		x0, y0 = 0, -s.hist.length
	}
	if y1 >= s.height {
		x1, y1 = s.width-1, s.height-1
	}
	var b strings.Builder
	for y := y0; y <= y1; y++ {
		from, to := 0, s.width
		if y == y0 {
			from = min(max(x0, 0), s.width)
		}
		if y == y1 {
			to = min(max(x1+1, 0), s.width)
		}
		if s.Wrapped(y) && y < y1 {
			b.WriteString(s.text(y, from, min(to, s.at(y).wrap), false))
			continue
		}
		b.WriteString(s.text(y, from, to, true))
		if y < y1 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// text returns the characters of columns from..to-1 of row y.
func (s *Screen) text(y, from, to int, trim bool) string {
	if from >= to {
		return ""
	}
	line := s.Line(y)
	if line[from].Width == 0 {
		from-- // the character whose second half is asked for
	}
	var b strings.Builder
	for _, c := range line[from:to] {
		b.WriteString(c.Content)
	}
	if trim {
		return strings.TrimRight(b.String(), " ")
	}
	return b.String()
}
