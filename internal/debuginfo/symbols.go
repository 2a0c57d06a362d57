package debuginfo

import (
	"bytes"
	"cmp"
	"debug/elf"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Symbol is a name for a run of addresses.
type Symbol struct {
	Name string
	Addr uint64 // guest-virtual, as the program was linked
	Size uint64 // bytes; 0 if the file does not say
	Func bool   // code that is called, as opposed to data and labels

	end  uint64 // the first address that the name does not cover
	rank uint8  // of several symbols at one address the highest names it
}

// noEnd is the end of a symbol that covers everything up to the next.
const noEnd = ^uint64(0)

// Symbols is the symbol table of one or several images. The nil *Symbols is
// empty and usable.
type Symbols struct {
	sorted []Symbol // by address, then the better name first
	byName map[string]uint64
}

// Load reads the symbols of an ELF file; the name is used in errors only. A
// file that was stripped gives an empty table and no error.
func Load(name string, data []byte) (*Symbols, error) {
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: no symbols, it is not a readable ELF file: %w", name, err)
	}
	defer func() { _ = f.Close() }() // nothing to close behind a bytes.Reader
	if f.Machine != elf.EM_RISCV {
		return nil, fmt.Errorf("%s: no symbols, it is a program for %v: give a RISC-V one", name, f.Machine)
	}
	raw, err := f.Symbols()
	if errors.Is(err, elf.ErrNoSymbols) {
		return &Symbols{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: its symbol table is damaged: %w", name, err)
	}
	var list []Symbol
	for _, s := range raw {
		if symbol, ok := usable(f, s); ok {
			list = append(list, symbol)
		}
	}
	return index(list), nil
}

// New makes a table of the given symbols. One without a size covers everything
// up to the next.
func New(list ...Symbol) *Symbols {
	list = slices.Clone(list)
	for i := range list {
		list[i].end = noEnd
		if list[i].Size > 0 {
			list[i].end = list[i].Addr + list[i].Size
		}
	}
	return index(list)
}

// Merge joins the tables of several images; nil ones are left out. Where two
// define a name, the earlier one has it.
func Merge(tables ...*Symbols) *Symbols {
	var list []Symbol
	for _, t := range tables {
		if t != nil {
			list = append(list, t.sorted...)
		}
	}
	return index(list)
}

// usable tells whether a symbol names something in memory that a person would
// want to read. Mapping symbols ($x, $d) and the compiler's labels (.L) are none.
func usable(f *elf.File, s elf.Symbol) (Symbol, bool) {
	kind := elf.ST_TYPE(s.Info)
	named := s.Name != "" && s.Name[0] != '$' && !strings.HasPrefix(s.Name, ".L")
	typed := kind == elf.STT_FUNC || kind == elf.STT_OBJECT || kind == elf.STT_NOTYPE
	if !named || !typed || int(s.Section) >= len(f.Sections) || s.Section == elf.SHN_UNDEF {
		return Symbol{}, false
	}
	section := f.Sections[s.Section]
	if section.Flags&elf.SHF_ALLOC == 0 {
		return Symbol{}, false
	}
	symbol := Symbol{Name: s.Name, Addr: s.Value, Size: s.Size, Func: kind == elf.STT_FUNC}
	symbol.end = section.Addr + section.Size
	if s.Size > 0 {
		symbol.end = s.Value + s.Size
	}
	if kind != elf.STT_NOTYPE {
		symbol.rank += 2
	}
	if elf.ST_BIND(s.Info) != elf.STB_LOCAL {
		symbol.rank++
	}
	return symbol, true
}

// index sorts the list, ends symbols of unknown size at the next one, and makes
// them findable by name.
func index(list []Symbol) *Symbols {
	t := &Symbols{sorted: list, byName: make(map[string]uint64, len(list))}
	for _, s := range list {
		if _, taken := t.byName[s.Name]; !taken {
			t.byName[s.Name] = s.Addr
		}
	}
	slices.SortStableFunc(t.sorted, func(a, b Symbol) int {
		return cmp.Or(cmp.Compare(a.Addr, b.Addr), cmp.Compare(b.rank, a.rank))
	})
	next := uint64(noEnd)
	for i := len(list) - 1; i >= 0; i-- {
		s := &t.sorted[i]
		if s.Size == 0 {
			s.end = min(s.end, next)
		}
		if i > 0 && t.sorted[i-1].Addr != s.Addr {
			next = s.Addr
		}
	}
	return t
}

// Find returns the symbol that covers an address and how far into it the
// address lies; false if none does.
func (t *Symbols) Find(addr uint64) (name string, offset uint64, ok bool) {
	s, ok := t.symbol(addr)
	return s.Name, addr - s.Addr, ok
}

// Start returns the address of the symbol that covers addr.
func (t *Symbols) Start(addr uint64) (start uint64, ok bool) {
	s, ok := t.symbol(addr)
	return s.Addr, ok
}

// depth is how many symbols before an address are looked at: one inside
// another hides it behind at most a few of those.
const depth = 8

func (t *Symbols) symbol(addr uint64) (Symbol, bool) {
	if t == nil {
		return Symbol{}, false
	}
	i, exact := slices.BinarySearchFunc(t.sorted, addr, func(s Symbol, a uint64) int { return cmp.Compare(s.Addr, a) })
	if exact {
		return t.sorted[i], true
	}
	for n := 0; n < depth && i > 0; n++ {
		at := t.sorted[i-1].Addr
		for i > 0 && t.sorted[i-1].Addr == at {
			i--
		}
		if s := t.sorted[i]; addr < s.end {
			return s, true
		}
	}
	return Symbol{}, false
}

// Name writes an address as a person would: "main", "main+0x1c", or nothing and
// false if no symbol covers it.
func (t *Symbols) Name(addr uint64) (text string, ok bool) {
	name, offset, ok := t.Find(addr)
	if ok && offset > 0 {
		name = fmt.Sprintf("%s+%#x", name, offset)
	}
	return name, ok
}

// Lookup returns the address of the symbol called name.
func (t *Symbols) Lookup(name string) (addr uint64, ok bool) {
	if t == nil {
		return 0, false
	}
	addr, ok = t.byName[name]
	return addr, ok
}

// Len is the number of symbols.
func (t *Symbols) Len() int {
	if t == nil {
		return 0
	}
	return len(t.sorted)
}

// Functions returns all functions in ascending order of their addresses. The
// list is the caller's own.
func (t *Symbols) Functions() []Symbol {
	var list []Symbol
	if t != nil {
		for _, s := range t.sorted {
			if s.Func {
				list = append(list, s)
			}
		}
	}
	return list
}

// Complete returns the names that begin with prefix, sorted, at most limit.
func (t *Symbols) Complete(prefix string, limit int) []string {
	if t == nil {
		return nil
	}
	var names []string
	for name := range t.byName {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names[:min(limit, len(names))]
}
