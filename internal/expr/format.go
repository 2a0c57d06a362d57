package expr

import (
	"debug/dwarf"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"reprise/internal/debuginfo"
)

// How much of a value is printed.
const (
	maxElements = 32  // of an array
	maxText     = 128 // bytes of a string
	maxNested   = 4   // structures in structures
)

// Format prints a value by its type, in a line.
func (s *Scope) Format(v Value) string {
	text := s.format(v, 0)
	if p, ok := underlying(v.Type).(*dwarf.PtrType); ok && !isPlainChar(p.Type) {
		return "(" + typeName(v.Type) + ") " + text
	}
	return text
}

// Hex prints a number in hexadecimal, and anything else as Format does.
func (s *Scope) Hex(v Value) string {
	switch underlying(v.Type).(type) {
	case nil, *dwarf.IntType, *dwarf.UintType, *dwarf.CharType, *dwarf.UcharType, *dwarf.EnumType:
		if n, err := s.Bits(v); err == nil {
			width := uint(size(v.Type)) * 8
			if width < 64 {
				n &= 1<<width - 1
			}
			return fmt.Sprintf("%#x", n)
		}
	}
	return s.Format(v)
}

// FormatError is what stands for a value that there is none of.
func FormatError(err error) string {
	if errors.Is(err, debuginfo.ErrOptimizedOut) {
		return "<optimized out>"
	}
	return "<" + err.Error() + ">"
}

func (s *Scope) format(v Value, depth int) string {
	switch t := underlying(v.Type).(type) {
	case *dwarf.StructType:
		return s.formatStruct(v, t, depth)
	case *dwarf.ArrayType:
		return s.formatArray(v, t, depth)
	case *dwarf.FuncType:
		return fmt.Sprintf("%#x%s", v.Addr, s.nameOf(v.Addr))
	case *dwarf.FloatType:
		if f, ok, err := s.float(v); ok && err == nil {
			return strconv.FormatFloat(f, 'g', -1, 64)
		}
	}
	n, err := s.Bits(v)
	if err != nil {
		return FormatError(err)
	}
	switch t := underlying(v.Type).(type) {
	case nil:
		return fmt.Sprintf("%#x%s", n, s.nameOf(n))
	case *dwarf.PtrType:
		return s.formatPointer(n, t)
	case *dwarf.BoolType:
		switch n {
		case 0:
			return "false"
		case 1:
			return "true"
		}
	case *dwarf.EnumType:
		return formatEnum(t, n)
	case *dwarf.CharType, *dwarf.UcharType:
		return fmt.Sprintf("%d %s", int64(n), quoted(byte(n)))
	}
	if signed(v.Type) {
		return strconv.FormatInt(int64(n), 10)
	}
	return strconv.FormatUint(n, 10)
}

// nameOf is the symbol at an address, as it stands behind one.
func (s *Scope) nameOf(addr uint64) string {
	if name, ok := s.Symbols.Name(addr); ok {
		return " <" + name + ">"
	}
	return ""
}

func (s *Scope) formatPointer(addr uint64, t *dwarf.PtrType) string {
	text := fmt.Sprintf("%#x", addr)
	if t.Type != nil && isChar(t.Type) {
		if content, ok := s.text(addr, maxText); ok {
			return text + " " + content
		}
		return text
	}
	return text + s.nameOf(addr)
}

func isChar(t dwarf.Type) bool {
	switch t := underlying(t).(type) {
	case *dwarf.CharType:
		return true
	case *dwarf.UcharType:
		return t.ByteSize == 1
	}
	return false
}

// isPlainChar reports whether pointers to a type are known to be strings by their
// text alone: char, and not uint8_t.
func isPlainChar(t dwarf.Type) bool {
	if q, ok := t.(*dwarf.QualType); ok {
		t = q.Type
	}
	_, named := t.(*dwarf.TypedefType)
	return t != nil && !named && isChar(t)
}

// text reads a string that ends with a zero.
func (s *Scope) text(addr uint64, limit int) (string, bool) {
	p := make([]byte, limit)
	n := s.read(addr, p)
	if n == 0 || addr == 0 {
		return "", false
	}
	text, more := string(p[:n]), "..."
	if end := strings.IndexByte(text, 0); end >= 0 {
		text, more = text[:end], ""
	}
	return quote(text) + more, true
}

func formatEnum(t *dwarf.EnumType, n uint64) string {
	for _, v := range t.Val {
		if uint64(v.Val) == n {
			return v.Name
		}
	}
	rest, names := n, []string{}
	for _, v := range t.Val {
		if bit := uint64(v.Val); bit != 0 && bit&(bit-1) == 0 && rest&bit != 0 {
			names, rest = append(names, v.Name), rest&^bit
		}
	}
	if rest == 0 && len(names) > 1 {
		return "(" + strings.Join(names, " | ") + ")"
	}
	return strconv.FormatInt(int64(n), 10)
}

// Child is a part of a value.
type Child struct {
	Name  string // of the member, or "[3]"
	Value Value
}

// Children are the members of a structure or the first elements of an array, or
// of what a pointer points to; nil if there are none.
func (s *Scope) Children(v Value) []Child {
	var list []Child
	switch t := underlying(v.Type).(type) {
	case *dwarf.StructType:
		for _, f := range t.Field {
			list = append(list, Child{f.Name, field(v, f)})
		}
	case *dwarf.ArrayType:
		for i := range min(max(t.Count, 0), maxElements) {
			if e, err := s.Index(v, number(uint64(i))); err == nil {
				list = append(list, Child{fmt.Sprintf("[%d]", i), e})
			}
		}
	case *dwarf.PtrType:
		if to, err := s.Dereference(v); err == nil {
			if n, err := s.Bits(v); err == nil && n != 0 {
				if list = s.Children(to); list == nil {
					list = []Child{{"*", to}}
				}
			}
		}
	}
	return list
}

func (s *Scope) formatStruct(v Value, t *dwarf.StructType, depth int) string {
	if depth >= maxNested {
		return "{...}"
	}
	var parts []string
	for _, f := range t.Field {
		text := s.format(field(v, f), depth+1)
		if f.Name != "" {
			text = f.Name + " = " + text
		}
		parts = append(parts, text)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// formatArray prints the first elements; equal ones in a row once.
func (s *Scope) formatArray(v Value, t *dwarf.ArrayType, depth int) string {
	if depth >= maxNested {
		return "{...}"
	}
	if isChar(t.Type) && v.Placed && t.Count > 0 {
		return s.formatText(v.Addr, int(min(t.Count, maxText)), t.Count > maxText)
	}
	const enough = 10 // equal elements in a row, as in gdb
	var parts []string
	last, run := "", 0
	flush := func() {
		if run >= enough {
			parts = append(parts, fmt.Sprintf("%s <repeats %d times>", last, run))
			return
		}
		for range run {
			parts = append(parts, last)
		}
	}
	shown := min(max(t.Count, 0), maxElements)
	for i := range shown {
		e, err := s.Index(v, number(uint64(i)))
		text := s.format(e, depth+1)
		if err != nil {
			text = FormatError(err)
		}
		if text != last {
			flush()
			last, run = text, 0
		}
		run++
	}
	flush()
	if t.Count > shown {
		parts = append(parts, "...")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// formatText prints an array of characters without the zeros at its end.
func (s *Scope) formatText(addr uint64, n int, more bool) string {
	p := make([]byte, n)
	if got := s.read(addr, p); got < n {
		return fmt.Sprintf("<no memory can be read at %#x>", addr+uint64(got))
	}
	text := quote(strings.TrimRight(string(p), "\x00"))
	if more {
		text += "..."
	}
	return text
}

// quote writes bytes as a string of C.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(text) {
		b.WriteString(escaped(text[i], '"'))
	}
	b.WriteByte('"')
	return b.String()
}

func quoted(c byte) string { return "'" + escaped(c, '\'') + "'" }

func escaped(c, mark byte) string {
	if i := strings.IndexByte("\a\b\t\n\v\f\r", c); i >= 0 {
		return `\` + string("abtnvfr"[i])
	}
	switch {
	case c == mark || c == '\\':
		return `\` + string(c)
	case c < ' ' || c >= 0x7f:
		return fmt.Sprintf(`\%03o`, c)
	}
	return string(c)
}
