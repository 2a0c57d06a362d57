package debuginfo

import (
	"bufio"
	"bytes"
	"debug/elf"
	"fmt"
	"strconv"
	"strings"
)

// Read reads the symbols of an ELF file, or of a list in the format of Linux's
// System.map and /proc/kallsyms; the name is used in errors only.
func Read(name string, data []byte) (*Symbols, error) {
	if bytes.HasPrefix(data, []byte(elf.ELFMAG)) {
		return Load(name, data)
	}
	return readMap(name, data)
}

// ReadAt is Read for a program that was loaded elsewhere than it was linked for:
// its first byte is at addr. Of an ELF file that is its lowest segment, of a list
// its lowest symbol of code.
func ReadAt(name string, data []byte, addr uint64) (*Symbols, error) {
	t, err := Read(name, data)
	if err != nil || t.Len() == 0 {
		return t, err
	}
	first := t.sorted[0].Addr
	if bytes.HasPrefix(data, []byte(elf.ELFMAG)) {
		first = loadAddress(data, first)
	} else if functions := t.Functions(); len(functions) > 0 {
		first = functions[0].Addr
	}
	return t.moved(addr - first), nil
}

// loadAddress is the lowest address of an ELF file that is good.
func loadAddress(data []byte, otherwise uint64) uint64 {
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return otherwise
	}
	defer func() { _ = f.Close() }() // nothing to close behind a bytes.Reader
	lowest, found := otherwise, false
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Memsz > 0 && (!found || p.Vaddr < lowest) {
			lowest, found = p.Vaddr, true
		}
	}
	return lowest
}

// moved is the table for a program that lies distance bytes further up, modulo
// 2^64.
func (t *Symbols) moved(distance uint64) *Symbols {
	list := make([]Symbol, len(t.sorted))
	for i, s := range t.sorted {
		s.Addr += distance
		if s.end != noEnd {
			s.end += distance
		}
		list[i] = s
	}
	return index(list)
}

// readMap reads lines such as "ffffffff80000000 T _start", of which the letter is
// that of nm. Undefined and absolute symbols are left out.
func readMap(name string, data []byte) (*Symbols, error) {
	var list []Symbol
	lines := bufio.NewScanner(bytes.NewReader(data))
	for number := 1; lines.Scan(); number++ {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		const most = 4 // with the module: Debian's System.map is a sentence that says where the real one is
		if len(words) < 3 || len(words) > most || len(words[1]) != 1 {
			return nil, notSymbols(name, number)
		}
		addr, err := strconv.ParseUint(words[0], 16, 64)
		if err != nil {
			return nil, notSymbols(name, number)
		}
		if symbol, ok := mapped(addr, words[1][0], words[2]); ok {
			list = append(list, symbol)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return index(list), nil
}

func notSymbols(name string, line int) error {
	return fmt.Errorf("%s: no symbols, line %d is not like \"ffffffff80000000 T _start\", and the file is no ELF file", name, line)
}

// mapped is a symbol of a list, if it names something in memory that a person
// would want to read.
func mapped(addr uint64, kind byte, name string) (Symbol, bool) {
	if strings.ContainsRune("aAUuN?", rune(kind)) || name[0] == '$' || strings.HasPrefix(name, ".L") {
		return Symbol{}, false
	}
	s := Symbol{Name: name, Addr: addr, end: noEnd, Func: strings.ContainsRune("tTwW", rune(kind))}
	if kind >= 'A' && kind <= 'Z' {
		s.rank = 1
	}
	return s, true
}
