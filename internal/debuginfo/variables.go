package debuginfo

import (
	"debug/dwarf"
	"encoding/binary"
	"slices"
)

// Variable is a variable of the guest's program.
type Variable struct {
	Name     string
	Type     dwarf.Type
	Argument bool
	Line     int // where it is declared; 0 if that is not known

	program  *program
	location any // an expression, an offset of a list of them, or nil
	constant any // the value of what has no place
	function *function
}

// Variables are those that can be named in the frame of a context, of inner
// blocks after those of outer ones, whose names they hide.
func (i *Info) Variables(c *Context) []Variable {
	p, f := i.function(c.PC)
	if f == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.data.Reader()
	r.Seek(f.offset)
	if e, err := r.Next(); err != nil || e == nil || !e.Children {
		return nil
	}
	var list []Variable
	last := f.offset
	for depth := 1; depth > 0; {
		e, err := r.Next()
		if err == nil && e != nil && e.Tag == 0 { // the end of a list
			depth--
			continue
		}
		if err != nil || e == nil || e.Offset <= last {
			break
		}
		last = e.Offset
		switch e.Tag {
		case dwarf.TagFormalParameter, dwarf.TagVariable:
			if v, ok := p.variable(e, f); ok {
				list = append(list, v)
			}
		case dwarf.TagLexDwarfBlock, dwarf.TagInlinedSubroutine:
			if ranges, err := p.data.Ranges(e); e.Children && err == nil && covers(ranges, c.PC) {
				depth++
				continue
			}
		default:
		}
		if e.Children {
			r.SkipChildren()
		}
	}
	return list
}

// variable reads an entry; false if it is only declared.
func (p *program) variable(e *dwarf.Entry, f *function) (Variable, bool) {
	named := p.origin(e, dwarf.AttrName)
	v := Variable{program: p, function: f, Argument: e.Tag == dwarf.TagFormalParameter}
	v.Name, _ = named.Val(dwarf.AttrName).(string)
	if line, ok := named.Val(dwarf.AttrDeclLine).(int64); ok {
		v.Line = int(line)
	}
	if declared, _ := e.Val(dwarf.AttrDeclaration).(bool); declared || v.Name == "" {
		return v, false
	}
	var err error
	if v.Type, err = p.typeAt(e); err != nil {
		return v, false
	}
	v.location = p.origin(e, dwarf.AttrLocation).Val(dwarf.AttrLocation)
	v.constant = p.origin(e, dwarf.AttrConstValue).Val(dwarf.AttrConstValue)
	return v, true
}

// Variable finds what a name means in a context: a variable of its frame, of
// the file that its function is in, or a global one.
func (i *Info) Variable(c *Context, name string) (Variable, bool) {
	list := i.Variables(c)
	slices.Reverse(list)
	for _, v := range list {
		if v.Name == name {
			return v, true
		}
	}
	return i.Global(name)
}

// Global finds a variable with a fixed place.
func (i *Info) Global(name string) (Variable, bool) {
	if i == nil {
		return Variable{}, false
	}
	for _, p := range i.programs {
		if offset, ok := p.globals[name]; ok {
			p.mu.Lock()
			defer p.mu.Unlock()
			e, err := p.at(offset)
			if err != nil {
				return Variable{}, false
			}
			return p.variable(e, nil)
		}
	}
	return Variable{}, false
}

// Locate says where a variable is in a context. The error is [ErrOptimizedOut]
// if it is nowhere.
func (v *Variable) Locate(c *Context) (Location, error) {
	switch constant := v.constant.(type) {
	case int64:
		return Location{Kind: AsValue, Value: binary.LittleEndian.AppendUint64(nil, uint64(constant))}, nil
	case []byte:
		return Location{Kind: AsValue, Value: constant}, nil
	}
	expression, _ := v.location.([]byte)
	if offset, ok := v.location.(int64); ok && v.function != nil {
		expression = v.program.listed(uint64(offset), v.function.unit, c.PC)
	}
	in := *c
	if v.function != nil {
		in.frameBase = v.function.base
	}
	return in.locate(expression)
}

// listed finds the expression for an address in a list of locations (DWARF 5,
// section 7.7.3); nil if there is none.
func (p *program) listed(offset, base, pc uint64) []byte {
	if p.lists == nil {
		return p.listedOld(offset, base, pc)
	}
	if offset > uint64(len(p.lists)) {
		return nil
	}
	const endOfList, offsetPair, defaultLocation, baseAddress, startEnd, startLength, viewPair = 0, 4, 5, 6, 7, 8, 9
	var otherwise []byte
	for f := (fields{data: p.lists[offset:]}); !f.bad; {
		var begin, end uint64
		switch f.unsigned(1) {
		case endOfList:
			return otherwise
		case offsetPair:
			begin, end = base+f.uleb(), base+f.uleb()
		case defaultLocation:
			otherwise = f.block()
			continue
		case baseAddress:
			base = f.unsigned(8)
			continue
		case startEnd:
			begin, end = f.unsigned(8), f.unsigned(8)
		case startLength:
			begin = f.unsigned(8)
			end = begin + f.uleb()
		case viewPair:
			f.uleb()
			f.uleb()
			continue
		default: // addresses by index, which only split DWARF has
			return nil
		}
		if expression := f.block(); begin <= pc && pc < end {
			return expression
		}
	}
	return nil
}

// listedOld is listed for .debug_loc (DWARF 4, section 2.6.2).
func (p *program) listedOld(offset, base, pc uint64) []byte {
	if offset > uint64(len(p.oldLists)) {
		return nil
	}
	for f := (fields{data: p.oldLists[offset:]}); !f.bad; {
		begin, end := f.unsigned(8), f.unsigned(8)
		switch {
		case begin == 0 && end == 0:
			return nil
		case begin == ^uint64(0):
			base = end
			continue
		}
		if expression := f.take(f.unsigned(2)); base+begin <= pc && pc < base+end {
			return expression
		}
	}
	return nil
}
