package ui

import (
	"debug/dwarf"
	"strings"

	"reprise/internal/expr"
)

// valueRow is a value, or a part of one, as lists show it.
type valueRow struct {
	path   string // what it is called from the outermost value on; unique in a list
	name   string
	text   string
	kind   string // its type
	depth  int
	parts  bool // it can be opened
	opened bool
	failed bool   // text says why there is no value
	placed bool   // it is in memory:
	addr   uint64 // there
	size   int
	// of a pointer: where it leads, and to what type; empty for no pointer
	target     uint64
	targetType string
	root       int // the number of the outermost value
}

// maxValueRows bounds the rows of opened values.
const maxValueRows = 500

// valueRows makes rows of a value and of the parts of it that are opened.
type valueRows struct {
	scope  *expr.Scope
	opened map[string]bool
	hex    bool
	rows   []valueRow
}

// add adds a value and what is opened of it.
func (l *valueRows) add(path, name string, v expr.Value, depth, root int) {
	if len(l.rows) >= maxValueRows {
		return
	}
	row := valueRow{path: path, name: name, depth: depth, root: root, kind: v.TypeName(), placed: v.Placed, addr: v.Addr, size: v.Size()}
	row.text = l.scope.Format(v)
	if l.hex {
		row.text = l.scope.Hex(v)
	}
	if to, target, ok := l.scope.Pointer(v); ok {
		row.target, row.targetType = target, expr.Value{Type: to}.TypeName()
	}
	row.opened = l.opened[path]
	row.parts = hasParts(v.Type)
	l.rows = append(l.rows, row)
	if !row.opened || depth >= maxOpened {
		return
	}
	for _, child := range l.scope.Children(v) {
		l.add(path+"/"+child.Name, child.Name, child.Value, depth+1, root)
	}
}

// maxOpened bounds how deep values are opened.
const maxOpened = 16

// fail adds a row that says why there is no value.
func (l *valueRows) fail(path, name string, err error, root int) {
	l.rows = append(l.rows, valueRow{path: path, name: name, text: expr.FormatError(err), failed: true, root: root})
}

// hasParts reports whether values of a type can be opened.
func hasParts(t dwarf.Type) bool {
	switch t := expr.Underlying(t).(type) {
	case *dwarf.StructType:
		return true
	case *dwarf.ArrayType:
		return t.Count > 0
	case *dwarf.PtrType:
		return expr.Value{Type: t.Type}.Size() > 0 && t.Type != nil
	}
	return false
}

// drawValue is a row: a mark for what can be opened, the name, the value, and
// the type if there is room.
func (m *root) drawValue(row *valueRow, changed, chosen bool, width int) string {
	s, mark := m.styles, " "
	switch {
	case row.parts && row.opened:
		mark = "-"
	case row.parts:
		mark = "+"
	}
	indent := strings.Repeat("  ", row.depth)
	star := " "
	if changed {
		star = "*"
	}
	head := star + indent + mark + " " + row.name + " = "
	text := head + printable(row.text)
	kind := "  " + row.kind
	if row.kind == "" || textWidth(text)+textWidth(kind) > width || strings.HasPrefix(row.text, "(") {
		kind = ""
	}
	switch {
	case chosen:
		return s.cursor.Render(fit(fitWords(text, width-textWidth(kind))+kind, width))
	case row.failed:
		return s.dim.Render(fitWords(text, width))
	case changed:
		return s.changed.Render(fitWords(text, width-textWidth(kind))) + s.dim.Render(kind)
	}
	return fitWords(text, width-textWidth(kind)) + s.dim.Render(kind)
}
