package expr

import (
	"debug/dwarf"
	"encoding/binary"
	"errors"
	"fmt"

	"reprise/internal/debuginfo"
)

// Scope is what the names in an expression mean.
type Scope struct {
	Info    *debuginfo.Info    // nil if there is none
	Symbols *debuginfo.Symbols // nil if there are none
	Context debuginfo.Context  // the frame
	// Register reads a register by its name, without the $.
	Register func(name string) (value uint64, ok bool)
}

// Value is what an expression gives.
type Value struct {
	Type   dwarf.Type // nil for a plain number of 64 bits, such as a register
	Addr   uint64     // where it is, if Placed
	Placed bool       // it is in memory
	bytes  []byte     // its bytes, if it is not
	bits   bitField
}

// bitField is the part of a value's bytes that a member of bits has.
type bitField struct{ offset, size uint }

// number makes a plain number.
func number(v uint64) Value { return typed(nil, v) }

// typed makes a number of a type.
func typed(t dwarf.Type, v uint64) Value {
	return Value{Type: t, bytes: binary.LittleEndian.AppendUint64(nil, v)}
}

// underlying is a type without its names and qualifiers.
func underlying(t dwarf.Type) dwarf.Type {
	for range maxDepth {
		switch named := t.(type) {
		case *dwarf.TypedefType:
			t = named.Type
		case *dwarf.QualType:
			t = named.Type
		default:
			return t
		}
	}
	return t
}

// maxDepth bounds what is nested: types, parentheses, structures.
const maxDepth = 64

// size is the bytes of a type.
func size(t dwarf.Type) int {
	if t == nil {
		return 8
	}
	return int(max(underlying(t).Size(), 0))
}

// maxScalar is the bytes of the largest number.
const maxScalar = 16

// load reads the bytes of a number or a pointer.
func (s *Scope) load(v Value) ([]byte, error) {
	n := size(v.Type)
	if n == 0 || n > maxScalar {
		return nil, fmt.Errorf("a value of %s is no number", typeName(v.Type))
	}
	p := make([]byte, n)
	if !v.Placed {
		copy(p, v.bytes)
		return p, nil
	}
	if s.read(v.Addr, p) < n {
		return nil, fmt.Errorf("no memory can be read at %#x", v.Addr)
	}
	return p, nil
}

// read reads virtual memory and returns how many bytes it could.
func (s *Scope) read(addr uint64, p []byte) int {
	if s.Context.Memory == nil {
		return 0
	}
	return s.Context.Memory(addr, p)
}

// Bits reads a value as a number of 64 bits, its sign extended.
func (s *Scope) Bits(v Value) (uint64, error) {
	p, err := s.load(v)
	if err != nil {
		return 0, err
	}
	var wide [maxScalar]byte
	copy(wide[:], p)
	n := binary.LittleEndian.Uint64(wide[:8])
	width := uint(min(len(p), 8)) * 8
	if v.bits.size > 0 {
		n >>= v.bits.offset
		width = v.bits.size
	}
	shift := 64 - min(width, 64)
	if signed(v.Type) {
		return uint64(int64(n<<shift) >> shift), nil
	}
	return n << shift >> shift, nil
}

// True reports whether a value is other than zero.
func (s *Scope) True(v Value) (bool, error) {
	if f, ok, err := s.float(v); ok || err != nil {
		return f != 0, err
	}
	n, err := s.Bits(v)
	return n != 0, err
}

// signed reports whether numbers of a type have a sign.
func signed(t dwarf.Type) bool {
	switch t := underlying(t).(type) {
	case *dwarf.IntType, *dwarf.CharType:
		return true
	case *dwarf.EnumType:
		for _, v := range t.Val {
			if v.Val < 0 {
				return true
			}
		}
	}
	return false
}

// pointed is the type that a pointer points to or an array has.
func pointed(t dwarf.Type) (dwarf.Type, bool) {
	switch t := underlying(t).(type) {
	case *dwarf.PtrType:
		return t.Type, true
	case *dwarf.ArrayType:
		return t.Type, true
	}
	return nil, false
}

// pointerTo makes the type of pointers.
func pointerTo(t dwarf.Type) dwarf.Type {
	return &dwarf.PtrType{CommonType: dwarf.CommonType{ByteSize: 8}, Type: t}
}

// variable reads a variable.
func (s *Scope) variable(v debuginfo.Variable) (Value, error) {
	l, err := v.Locate(&s.Context)
	if err != nil {
		if errors.Is(err, debuginfo.ErrOptimizedOut) {
			return Value{}, err
		}
		return Value{}, fmt.Errorf("%s: %w", v.Name, err)
	}
	switch l.Kind {
	case debuginfo.InRegister:
		n, ok := s.Context.Register(l.Register)
		if !ok {
			return Value{}, debuginfo.ErrOptimizedOut
		}
		return typed(v.Type, n), nil
	case debuginfo.AsValue:
		return Value{Type: v.Type, bytes: l.Value}, nil
	default:
		return Value{Type: v.Type, Addr: l.Addr, Placed: true}, nil
	}
}

// Variable reads a variable of the frame, or a global one.
func (s *Scope) Variable(v debuginfo.Variable) (Value, error) { return s.variable(v) }

// name finds what a name means: a variable, else a symbol's address.
func (s *Scope) name(text string) (Value, error) {
	if v, ok := s.Info.Variable(&s.Context, text); ok {
		return s.variable(v)
	}
	if addr, ok := s.Symbols.Lookup(text); ok {
		return number(addr), nil
	}
	return Value{}, &UnknownError{Name: text}
}

// UnknownError is that a name means nothing here.
type UnknownError struct{ Name string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("%q is neither a variable here nor a symbol (a register is written $%s)", e.Name, e.Name)
}

// register reads a register.
func (s *Scope) register(name string) (Value, error) {
	if s.Register != nil {
		if v, ok := s.Register(name); ok {
			return number(v), nil
		}
	}
	return Value{}, fmt.Errorf("there is no register %q, or it is not known in this frame", name)
}

// Underlying is a type without its names and qualifiers.
func Underlying(t dwarf.Type) dwarf.Type { return underlying(t) }

// Pointer is where a pointer leads, and the type of what is there; false if the
// value is none.
func (s *Scope) Pointer(v Value) (to dwarf.Type, addr uint64, ok bool) {
	p, ok := underlying(v.Type).(*dwarf.PtrType)
	if !ok {
		return nil, 0, false
	}
	addr, err := s.Bits(v)
	return p.Type, addr, err == nil
}
