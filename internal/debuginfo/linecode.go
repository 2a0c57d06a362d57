package debuginfo

import "slices"

// lineStarts are the instructions with which a line begins: the first of each
// stretch of code that it has, ascending.
func (l *Lines) lineStarts(file int32, line int) []uint64 {
	var list []uint64
	inside := false
	for i, row := range l.rows {
		if i+1 < len(l.rows) && l.rows[i+1].addr == row.addr {
			continue // it has no code: the next row counts
		}
		same := row.file == file && int(row.line) == line
		if same && !inside {
			list = append(list, row.addr)
		}
		inside = same
	}
	return list
}

// fileIndex is the number of a file; -1 if there is none of that name.
func (l *Lines) fileIndex(file string) int32 {
	if l == nil {
		return -1
	}
	return int32(slices.Index(l.files, file))
}

// Addresses returns the instructions with which a line begins, ascending, or
// those of the next line of the file that has code; and that line. A line that
// is inlined, or whose code is scattered, has several.
func (l *Lines) Addresses(file string, line int) (addrs []uint64, at int) {
	index := l.fileIndex(file)
	if index < 0 {
		return nil, 0
	}
	var lines []int
	for _, row := range l.rows {
		if n := int(row.line); row.file == index && n >= line {
			lines = append(lines, n)
		}
	}
	slices.Sort(lines)
	for _, n := range slices.Compact(lines) {
		if addrs = l.lineStarts(index, n); len(addrs) > 0 {
			return addrs, n
		}
	}
	return nil, 0
}

// Files are the source files that have code, sorted.
func (l *Lines) Files() []string {
	if l == nil {
		return nil
	}
	list := slices.Clone(l.files)
	slices.Sort(list)
	return slices.Compact(list)
}

// WithCode are the lines of a file that have code.
func (l *Lines) WithCode(file string) map[int]bool {
	lines := map[int]bool{}
	if index := l.fileIndex(file); index >= 0 {
		for _, row := range l.rows {
			if row.file == index {
				lines[int(row.line)] = true
			}
		}
	}
	return lines
}
