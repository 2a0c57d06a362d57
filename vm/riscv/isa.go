package riscv

import (
	"fmt"
	"strings"
)

// isaNames are the extensions as the device tree's riscv,isa names them, in
// canonical order (unprivileged ISA, chapter 27). ExtPriv has no name.
var isaNames = []struct {
	ext  ISA
	name string
}{
	{ExtI, "i"},
	{ExtM, "m"},
	{ExtA, "a"},
	{ExtF, "f"},
	{ExtD, "d"},
	{ExtC, "c"},
	{ExtZicsr, "zicsr"},
	{ExtZifencei, "zifencei"},
	{ExtZihintpause, "zihintpause"},
	{ExtZfh, "zfh"},
	{ExtZfhmin, "zfhmin"},
	{ExtZba, "zba"},
	{ExtZbb, "zbb"},
	{ExtZbc, "zbc"},
	{ExtZbs, "zbs"},
	{ExtSstc, "sstc"},
	{ExtSvinval, "svinval"},
}

// String is the set as riscv,isa writes it, such as "rv64imafdc_zicsr".
func (isa ISA) String() string {
	text := "rv64"
	for _, e := range isaNames {
		switch {
		case isa&e.ext == 0:
		case len(e.name) == 1:
			text += e.name
		default:
			text += "_" + e.name
		}
	}
	return text
}

// ParseISA reads what String writes. The privileged architecture is part of
// every set.
func ParseISA(text string) (ISA, error) {
	letters, ok := strings.CutPrefix(text, "rv64")
	if !ok {
		return 0, fmt.Errorf("instruction set %q: it has to begin with rv64", text)
	}
	letters, rest, more := strings.Cut(letters, "_")
	names := strings.Split(letters, "")
	if more {
		names = append(names, strings.Split(rest, "_")...)
	}
	isa := ExtPriv
next:
	for _, name := range names {
		for _, e := range isaNames {
			if e.name == name {
				isa |= e.ext
				continue next
			}
		}
		return 0, fmt.Errorf("instruction set %q: there is no extension %q", text, name)
	}
	return isa, nil
}
