package expr

import (
	"debug/dwarf"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
)

// Evaluate evaluates an expression.
func (e *Expr) Evaluate(s *Scope) (Value, error) { return s.evaluate(e.root) }

// Evaluate parses and evaluates.
func Evaluate(text string, s *Scope) (Value, error) {
	e, err := Parse(text, s.Info)
	if err != nil {
		return Value{}, err
	}
	return e.Evaluate(s)
}

func (s *Scope) evaluate(n *node) (Value, error) {
	switch n.op {
	case "number":
		return typed(n.kind, n.number), nil
	case "name":
		return s.name(n.text)
	case "register":
		return s.register(n.text)
	case "&&", "||", "?":
		return s.choose(n)
	}
	a, err := s.evaluate(n.operands[0])
	if err != nil {
		return Value{}, err
	}
	switch n.op {
	case "cast":
		return s.cast(a, n.kind)
	case "sizeof":
		return typed(basic["unsigned long"], uint64(size(a.Type))), nil
	case ".":
		return s.Member(a, n.text)
	case "u*":
		return s.Dereference(a)
	case "u&":
		if !a.Placed || a.bits.size > 0 {
			return Value{}, errors.New("it has no address: it is not in memory")
		}
		return typed(pointerTo(a.Type), a.Addr), nil
	}
	if strings.HasPrefix(n.op, "u") {
		return s.prefix(n.op[1:], a)
	}
	b, err := s.evaluate(n.operands[1])
	if err != nil {
		return Value{}, err
	}
	if n.op == "[" {
		return s.Index(a, b)
	}
	return s.operate(n.op, a, b)
}

// choose evaluates only the operands that matter.
func (s *Scope) choose(n *node) (Value, error) {
	holds, err := s.holds(n.operands[0])
	if err != nil {
		return Value{}, err
	}
	switch {
	case n.op == "?" && holds:
		return s.evaluate(n.operands[1])
	case n.op == "?":
		return s.evaluate(n.operands[2])
	case holds == (n.op == "||"):
		return truth(holds), nil
	}
	holds, err = s.holds(n.operands[1])
	return truth(holds), err
}

func (s *Scope) holds(n *node) (bool, error) {
	v, err := s.evaluate(n)
	if err != nil {
		return false, err
	}
	return s.True(v)
}

func truth(holds bool) Value {
	if holds {
		return typed(basic["int"], 1)
	}
	return typed(basic["int"], 0)
}

// Dereference is what a pointer points to; a plain number points to 8 bytes.
func (s *Scope) Dereference(v Value) (Value, error) {
	if a, ok := underlying(v.Type).(*dwarf.ArrayType); ok {
		if !v.Placed {
			return Value{}, errors.New("the array is not in memory")
		}
		return Value{Type: a.Type, Addr: v.Addr, Placed: true}, nil
	}
	to, ok := pointed(v.Type)
	switch {
	case v.Type == nil:
		to = basic["unsigned long"]
	case !ok:
		return Value{}, fmt.Errorf("%s is no pointer", typeName(v.Type))
	case size(to) == 0:
		return Value{}, fmt.Errorf("what a %s points to has no size: cast it, such as *(int *)p", typeName(v.Type))
	}
	addr, err := s.Bits(v)
	return Value{Type: to, Addr: addr, Placed: true}, err
}

// Index is an element of an array, or of what a pointer points to.
func (s *Scope) Index(v, index Value) (Value, error) {
	n, err := s.Bits(index)
	if err != nil {
		return Value{}, err
	}
	first, err := s.Dereference(v)
	if err != nil {
		return Value{}, err
	}
	first.Addr += n * uint64(size(first.Type))
	return first, nil
}

// Member is a member of a structure or a union, of one without a name in it
// too.
func (s *Scope) Member(v Value, name string) (Value, error) {
	t, ok := underlying(v.Type).(*dwarf.StructType)
	if !ok {
		return Value{}, fmt.Errorf("%s has no members", typeName(v.Type))
	}
	if m, ok := s.member(v, t, name, 0); ok {
		return m, nil
	}
	var names []string
	for _, f := range t.Field {
		if f.Name != "" {
			names = append(names, f.Name)
		}
	}
	return Value{}, fmt.Errorf("%s has no member %q: it has %s", typeName(v.Type), name, strings.Join(names, ", "))
}

func (s *Scope) member(v Value, t *dwarf.StructType, name string, depth int) (Value, bool) {
	for _, f := range t.Field {
		if f.Name == name {
			return field(v, f), true
		}
		inner, ok := underlying(f.Type).(*dwarf.StructType)
		if f.Name == "" && ok && depth < maxDepth {
			if m, found := s.member(field(v, f), inner, name, depth+1); found {
				return m, true
			}
		}
	}
	return Value{}, false
}

// field is a member of a value.
func field(v Value, f *dwarf.StructField) Value {
	m := Value{Type: f.Type, Placed: v.Placed, Addr: v.Addr + uint64(f.ByteOffset)}
	bit := f.DataBitOffset
	if f.BitSize > 0 {
		unit := int64(size(f.Type)) * 8
		if f.BitOffset != 0 || bit == 0 && f.ByteSize > 0 { // DWARF 3 counts from the other end
			bit = f.ByteOffset*8 + f.ByteSize*8 - f.BitOffset - f.BitSize
		}
		if unit > 0 {
			start := bit / unit * unit
			m.Addr = v.Addr + uint64(start/8)
			m.bits = bitField{uint(bit - start), uint(f.BitSize)}
			f = &dwarf.StructField{ByteOffset: start / 8}
		}
	}
	if !v.Placed && f.ByteOffset >= 0 && f.ByteOffset <= int64(len(v.bytes)) {
		m.bytes = v.bytes[f.ByteOffset:]
	}
	return m
}

// cast converts a value to a type.
func (s *Scope) cast(v Value, t dwarf.Type) (Value, error) {
	if size(t) == 0 || size(t) > maxScalar {
		return Value{}, fmt.Errorf("nothing can be made a %s by a cast; its pointers can: *(%s *)address", typeName(t), typeName(t))
	}
	if a, ok := underlying(v.Type).(*dwarf.ArrayType); ok && v.Placed {
		v = typed(pointerTo(a.Type), v.Addr)
	}
	if f, ok, err := s.float(v); ok || err != nil {
		if err != nil {
			return Value{}, err
		}
		return fromFloat(t, f), nil
	}
	n, err := s.Bits(v)
	if err != nil {
		return Value{}, err
	}
	if _, ok := underlying(t).(*dwarf.FloatType); ok {
		if signed(v.Type) {
			return fromFloat(t, float64(int64(n))), nil
		}
		return fromFloat(t, float64(n)), nil
	}
	return typed(t, n), nil
}

// float reads a floating-point number; false if the value is none.
func (s *Scope) float(v Value) (f float64, ok bool, err error) {
	t, ok := underlying(v.Type).(*dwarf.FloatType)
	if !ok || t.ByteSize != 4 && t.ByteSize != 8 {
		return 0, false, nil
	}
	p, err := s.load(v)
	if err != nil {
		return 0, true, err
	}
	if t.ByteSize == 4 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(p))), true, nil
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(p)), true, nil
}

func fromFloat(t dwarf.Type, f float64) Value {
	if _, ok := underlying(t).(*dwarf.FloatType); !ok {
		return typed(t, uint64(int64(f)))
	}
	if size(t) == 4 {
		return typed(t, uint64(math.Float32bits(float32(f))))
	}
	return typed(t, math.Float64bits(f))
}

// prefix does an operation with one operand.
func (s *Scope) prefix(op string, v Value) (Value, error) {
	if op == "!" {
		holds, err := s.True(v)
		return truth(!holds), err
	}
	if f, ok, err := s.float(v); ok || err != nil {
		if op == "-" {
			f = -f
		}
		return fromFloat(v.Type, f), err
	}
	n, err := s.Bits(v)
	switch op {
	case "-":
		n = -n
	case "~":
		n = ^n
	}
	return typed(promoted(v.Type), n), err
}

// promoted is the type in which numbers of a type are calculated with: at least
// an int.
func promoted(t dwarf.Type) dwarf.Type {
	if t != nil && size(t) < 4 || isEnum(t) {
		return basic["int"]
	}
	return t
}

func isEnum(t dwarf.Type) bool {
	_, ok := underlying(t).(*dwarf.EnumType)
	return ok
}
