package debuginfo

import (
	"bytes"
	"cmp"
	"debug/dwarf"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
)

// Lines tells which line of which source file an instruction comes from. The
// nil *Lines knows none. It never changes after it was made.
type Lines struct {
	files []string
	rows  []lineRow // by address
}

// lineRow is where a run of instructions begins that come from one line.
type lineRow struct {
	addr uint64
	file int32 // index into files; -1 where a program's code ends
	line int32
}

// LoadLines reads the DWARF line tables of an ELF file; the name is used in
// errors only. A file without any gives empty lines and no error.
func LoadLines(name string, data []byte) (*Lines, error) {
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: no lines, it is not a readable ELF file: %w", name, err)
	}
	defer func() { _ = f.Close() }() // nothing to close behind a bytes.Reader
	if f.Section(".debug_line") == nil && f.Section(".zdebug_line") == nil {
		return &Lines{}, nil
	}
	d, err := f.DWARF()
	if err != nil {
		return nil, fmt.Errorf("%s: its DWARF is damaged: %w", name, err)
	}
	l, index := &Lines{}, map[string]int32{}
	last := dwarf.Offset(0)
	for r := d.Reader(); ; r.SkipChildren() {
		unit, err := r.Next()
		if err != nil {
			return nil, fmt.Errorf("%s: its DWARF is damaged: %w", name, err)
		}
		if unit == nil {
			break
		}
		if unit.Tag != 0 && unit.Offset <= last {
			return nil, fmt.Errorf("%s: its DWARF is damaged: %w", name, errBackwards)
		}
		last = unit.Offset
		if err := l.addUnit(d, unit, index); err != nil {
			return nil, fmt.Errorf("%s: a line table is damaged: %w", name, err)
		}
	}
	l.sort()
	return l, nil
}

// addUnit adds the lines of a compilation unit.
func (l *Lines) addUnit(d *dwarf.Data, unit *dwarf.Entry, index map[string]int32) error {
	r, err := d.LineReader(unit)
	if err != nil || r == nil {
		return err
	}
	folder, _ := unit.Val(dwarf.AttrCompDir).(string)
	for {
		var e dwarf.LineEntry
		if err := r.Next(&e); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		row := lineRow{addr: e.Address, file: -1}
		if !e.EndSequence && e.File != nil {
			name := e.File.Name
			if !path.IsAbs(name) {
				name = path.Join(folder, name)
			}
			file, ok := index[name]
			if !ok {
				file = int32(len(l.files))
				l.files = append(l.files, name)
				index[name] = file
			}
			row.file, row.line = file, int32(e.Line)
		}
		l.rows = append(l.rows, row)
	}
}

// sort orders the rows. Where one program ends and the next begins, the one
// that begins counts.
func (l *Lines) sort() {
	slices.SortStableFunc(l.rows, func(a, b lineRow) int {
		return cmp.Or(cmp.Compare(a.addr, b.addr), cmp.Compare(min(a.file, 0), min(b.file, 0)))
	})
}

// MergeLines joins the lines of several programs.
func MergeLines(list ...*Lines) *Lines {
	all := &Lines{}
	for _, l := range list {
		if l == nil {
			continue
		}
		base := int32(len(all.files))
		all.files = append(all.files, l.files...)
		for _, row := range l.rows {
			if row.file >= 0 {
				row.file += base
			}
			all.rows = append(all.rows, row)
		}
	}
	all.sort()
	return all
}

// Find returns the file, as the compiler was given it, and the line, from 1, of
// the instruction at an address.
func (l *Lines) Find(addr uint64) (file string, line int, ok bool) {
	if l == nil {
		return "", 0, false
	}
	i, _ := slices.BinarySearchFunc(l.rows, addr, func(row lineRow, addr uint64) int {
		if row.addr <= addr {
			return -1
		}
		return 1
	})
	if i == 0 || l.rows[i-1].file < 0 || l.rows[i-1].line == 0 {
		return "", 0, false
	}
	row := l.rows[i-1]
	return l.files[row.file], int(row.line), true
}
