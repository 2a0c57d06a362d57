package debuginfo

import (
	"bytes"
	"debug/dwarf"
	"debug/elf"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Info is the debugging information of one or several programs: lines, call
// frames, functions, variables and types. The nil *Info knows nothing. It may
// be used from any goroutine.
type Info struct {
	Lines  *Lines
	Frames *Frames

	programs []*program
}

// program is the DWARF of one ELF file.
type program struct {
	mu        sync.Mutex // of all below: package dwarf keeps what it has parsed
	data      *dwarf.Data
	lists     []byte // .debug_loclists
	oldLists  []byte // or .debug_loc
	functions []function
	globals   map[string]dwarf.Offset
	types     map[string]dwarf.Offset // "struct job", "job_t", "unsigned int"
}

// function is a function with code.
type function struct {
	name   string
	ranges [][2]uint64
	offset dwarf.Offset
	unit   uint64 // the first address of its compilation unit
	base   []byte // how to find the base of its frame
}

// LoadInfo reads the debugging information of an ELF file; the name is used in
// errors only. A file without any gives empty information and no error.
func LoadInfo(name string, data []byte) (*Info, error) {
	lines, err := LoadLines(name, data)
	if err != nil {
		return nil, err
	}
	frames, err := LoadFrames(name, data)
	if err != nil {
		return nil, err
	}
	info := &Info{Lines: lines, Frames: frames}
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing to close behind a bytes.Reader
	if f.Section(".debug_info") == nil {
		return info, nil
	}
	p := &program{globals: map[string]dwarf.Offset{}, types: map[string]dwarf.Offset{}}
	if p.data, err = f.DWARF(); err != nil {
		return nil, fmt.Errorf("%s: its DWARF is damaged: %w", name, err)
	}
	for title, to := range map[string]*[]byte{".debug_loclists": &p.lists, ".debug_loc": &p.oldLists} {
		if section := f.Section(title); section != nil {
			if *to, err = section.Data(); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", name, title, err)
			}
		}
	}
	if err := p.index(); err != nil {
		return nil, fmt.Errorf("%s: its DWARF is damaged: %w", name, err)
	}
	info.programs = []*program{p}
	return info, nil
}

// MergeInfo joins what is known of several programs. Where two define a name,
// the earlier one has it.
func MergeInfo(list ...*Info) *Info {
	all := &Info{}
	var lines []*Lines
	var frames []*Frames
	for _, i := range list {
		if i != nil {
			lines, frames = append(lines, i.Lines), append(frames, i.Frames)
			all.programs = append(all.programs, i.programs...)
		}
	}
	all.Lines, all.Frames = MergeLines(lines...), MergeFrames(frames...)
	return all
}

// errBackwards is that an entry's sibling is before it.
var errBackwards = errors.New("an entry is followed by one before it")

// index finds functions, global variables and types.
func (p *program) index() error {
	r, unit := p.data.Reader(), uint64(0)
	for last := dwarf.Offset(0); ; {
		e, err := r.Next()
		if err != nil || e == nil {
			return err
		}
		if e.Tag == 0 { // the end of a list, which has no offset
			continue
		}
		if e.Offset <= last { // the reader goes where damaged entries say that their siblings are
			return errBackwards
		}
		last = e.Offset
		name, _ := e.Val(dwarf.AttrName).(string)
		switch e.Tag {
		case dwarf.TagCompileUnit:
			unit, _ = e.Val(dwarf.AttrLowpc).(uint64)
			continue // and into it
		case dwarf.TagSubprogram:
			p.addFunction(e, unit)
		case dwarf.TagVariable:
			if _, taken := p.globals[name]; !taken && name != "" && e.Val(dwarf.AttrLocation) != nil {
				p.globals[name] = e.Offset
			}
		case dwarf.TagStructType, dwarf.TagClassType:
			p.addType("struct ", name, e)
		case dwarf.TagUnionType:
			p.addType("union ", name, e)
		case dwarf.TagEnumerationType:
			p.addType("enum ", name, e)
		case dwarf.TagTypedef, dwarf.TagBaseType:
			p.addType("", name, e)
		case dwarf.TagNamespace:
			continue
		default:
		}
		if e.Children {
			r.SkipChildren()
		}
	}
}

func (p *program) addType(kind, name string, e *dwarf.Entry) {
	if declared, _ := e.Val(dwarf.AttrDeclaration).(bool); declared || name == "" {
		return
	}
	if _, taken := p.types[kind+name]; !taken {
		p.types[kind+name] = e.Offset
	}
}

// addFunction adds a function, unless it is only declared or always inlined.
func (p *program) addFunction(e *dwarf.Entry, unit uint64) {
	ranges, err := p.data.Ranges(e)
	if err != nil || len(ranges) == 0 {
		return
	}
	base, _ := e.Val(dwarf.AttrFrameBase).([]byte)
	p.functions = append(p.functions, function{name: p.name(e), ranges: ranges, offset: e.Offset, unit: unit, base: base})
}

// name is the name of an entry, or of the one that it is an instance of.
func (p *program) name(e *dwarf.Entry) string {
	origin := p.origin(e, dwarf.AttrName)
	name, _ := origin.Val(dwarf.AttrName).(string)
	return name
}

// maxOrigins bounds how often an entry refers to another for what it lacks.
const maxOrigins = 8

// origin is the entry that has an attribute: this one, or the one that it is an
// instance of.
func (p *program) origin(e *dwarf.Entry, attribute dwarf.Attr) *dwarf.Entry {
	for range maxOrigins {
		if e.Val(attribute) != nil {
			return e
		}
		to, ok := e.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset)
		if !ok {
			if to, ok = e.Val(dwarf.AttrSpecification).(dwarf.Offset); !ok {
				return e
			}
		}
		next, err := p.at(to)
		if err != nil {
			return e
		}
		e = next
	}
	return e
}

// at is the entry at an offset.
func (p *program) at(offset dwarf.Offset) (*dwarf.Entry, error) {
	r := p.data.Reader()
	r.Seek(offset)
	e, err := r.Next()
	if err == nil && e == nil {
		err = fmt.Errorf("there is no entry at %#x", offset)
	}
	return e, err
}

// function finds the function that covers an address.
func (i *Info) function(addr uint64) (*program, *function) {
	if i == nil {
		return nil, nil
	}
	for _, p := range i.programs {
		for n := range p.functions {
			if covers(p.functions[n].ranges, addr) {
				return p, &p.functions[n]
			}
		}
	}
	return nil, nil
}

// Function is the name of the function that covers an address.
func (i *Info) Function(addr uint64) (name string, ok bool) {
	if _, f := i.function(addr); f != nil {
		return f.name, true
	}
	return "", false
}

func covers(ranges [][2]uint64, addr uint64) bool {
	return slices.ContainsFunc(ranges, func(r [2]uint64) bool { return r[0] <= addr && addr < r[1] })
}

// typeAt reads the type that an entry names.
func (p *program) typeAt(e *dwarf.Entry) (dwarf.Type, error) {
	to, ok := p.origin(e, dwarf.AttrType).Val(dwarf.AttrType).(dwarf.Offset)
	if !ok {
		return &dwarf.VoidType{CommonType: dwarf.CommonType{Name: "void"}}, nil
	}
	return p.data.Type(to)
}

// Type finds a type by its name in C: "struct job", "job_t", "unsigned int".
func (i *Info) Type(name string) (dwarf.Type, bool) {
	if i == nil {
		return nil, false
	}
	for _, p := range i.programs {
		if offset, ok := p.types[name]; ok {
			p.mu.Lock()
			t, err := p.data.Type(offset)
			p.mu.Unlock()
			return t, err == nil
		}
	}
	return nil, false
}

// Types are the names of all types that begin with prefix, sorted.
func (i *Info) Types(prefix string) []string {
	return i.names(prefix, func(p *program) map[string]dwarf.Offset { return p.types })
}

// Globals are the names of all global variables that begin with prefix, sorted.
func (i *Info) Globals(prefix string) []string {
	return i.names(prefix, func(p *program) map[string]dwarf.Offset { return p.globals })
}

func (i *Info) names(prefix string, table func(*program) map[string]dwarf.Offset) []string {
	if i == nil {
		return nil
	}
	var list []string
	for _, p := range i.programs {
		for name := range table(p) {
			if len(name) >= len(prefix) && name[:len(prefix)] == prefix {
				list = append(list, name)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
