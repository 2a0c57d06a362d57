package ui

// list is the part that panes with rows share: which row is chosen, and which
// are seen.
type list struct {
	chosen int
	top    int // the first row that is seen
}

// window keeps the chosen row inside the list and on the screen, and returns
// the rows that are seen.
func (l *list) window(rows, height int) (from, to int) {
	l.chosen = min(max(l.chosen, 0), max(rows-1, 0))
	l.top = min(max(l.top, l.chosen-height+1), l.chosen)
	l.top = max(min(l.top, rows-height), 0)
	return l.top, min(l.top+height, rows)
}

// move chooses another row.
func (l *list) move(rows, by int) { l.chosen = min(max(l.chosen+by, 0), max(rows-1, 0)) }
