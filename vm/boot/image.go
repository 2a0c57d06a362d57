package boot

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
)

// Segment is a run of guest-physical memory to be written before the first
// step: Data at Addr, and zeros after it up to Size bytes.
type Segment struct {
	Name string // what it belongs to, for messages
	Addr uint64 // guest-physical
	Data []byte // at most Size bytes; aliases the image
	Size uint64 // bytes in memory, at least 1; Addr+Size does not wrap
}

// End is the address of the first byte after the segment.
func (s Segment) End() uint64 { return s.Addr + s.Size }

// Image is a program or a blob, ready to be put into memory.
type Image struct {
	Name     string
	Segments []Segment // in the order of the file; at least one
	Entry    uint64    // guest-physical address of the first instruction
}

// Base is the address of the lowest segment.
func (m Image) Base() uint64 {
	base := m.Segments[0].Addr
	for _, s := range m.Segments {
		base = min(base, s.Addr)
	}
	return base
}

// End is the address of the first byte after the highest segment.
func (m Image) End() uint64 {
	var end uint64
	for _, s := range m.Segments {
		end = max(end, s.End())
	}
	return end
}

// covers reports whether the image loads the byte at addr.
func (m Image) covers(addr uint64) bool {
	for _, s := range m.Segments {
		if s.Addr <= addr && addr < s.End() {
			return true
		}
	}
	return false
}

// Load reads an image. An ELF file must be a linked 64-bit little-endian
// RISC-V program, and goes to the physical addresses that it names; anything
// else is taken as a flat binary for address at, entered at its first byte.
// The name is used in errors only. Segments of an ELF file may still overlap or
// lie outside RAM: [Place] checks that.
func Load(name string, data []byte, at uint64) (Image, error) {
	if bytes.HasPrefix(data, []byte(elf.ELFMAG)) {
		return loadELF(name, data)
	}
	return loadFlat(name, data, at)
}

func loadFlat(name string, data []byte, at uint64) (Image, error) {
	size := uint64(len(data))
	if size == 0 {
		return Image{}, fmt.Errorf("%s is empty: give an ELF file or a flat binary", name)
	}
	if at+size < at {
		return Image{}, fmt.Errorf("%s does not fit: %d bytes from 0x%x go past the end of the address space", name, size, at)
	}
	return Image{
		Name:     name,
		Segments: []Segment{{Name: name, Addr: at, Data: data, Size: size}},
		Entry:    at,
	}, nil
}

// Sizes of the ELF64 file header and program header (System V ABI, chapter 4).
const (
	elfHeaderSize = 64
	elfProgSize   = 56
)

// loadELF reads the file header and the program headers. Section headers are
// not looked at: loading does not need them, and stripping may break them.
func loadELF(name string, data []byte) (Image, error) {
	if err := checkELF(name, data); err != nil {
		return Image{}, err
	}
	var head elf.Header64
	if _, err := binary.Decode(data, binary.LittleEndian, &head); err != nil {
		return Image{}, fmt.Errorf("%s is not a usable ELF file: %w", name, err)
	}
	progs, err := programHeaders(name, data, head)
	if err != nil {
		return Image{}, err
	}
	m := Image{Name: name, Entry: head.Entry}
	for i, p := range progs {
		if elf.ProgType(p.Type) != elf.PT_LOAD || p.Memsz == 0 {
			continue
		}
		switch size := uint64(len(data)); {
		case p.Off > size || p.Filesz > size-p.Off:
			return Image{}, fmt.Errorf("%s is cut off: segment %d wants %d bytes from byte %d, the file has %d", name, i, p.Filesz, p.Off, size)
		case p.Filesz > p.Memsz:
			return Image{}, fmt.Errorf("%s is damaged: segment %d has %d bytes in the file and room for %d in memory", name, i, p.Filesz, p.Memsz)
		case p.Paddr+p.Memsz < p.Paddr:
			return Image{}, fmt.Errorf("%s is damaged: segment %d, 0x%x bytes from 0x%x, goes past the end of the address space", name, i, p.Memsz, p.Paddr)
		}
		m.Segments = append(m.Segments, Segment{Name: name, Addr: p.Paddr, Data: data[p.Off : p.Off+p.Filesz], Size: p.Memsz})
		// The entry is a virtual address. Execution starts without
		// translation, so it is moved to where its segment is loaded.
		if elf.ProgFlag(p.Flags)&elf.PF_X != 0 && p.Vaddr <= head.Entry && head.Entry-p.Vaddr < p.Filesz {
			m.Entry = head.Entry - p.Vaddr + p.Paddr
		}
	}
	if len(m.Segments) == 0 {
		return Image{}, fmt.Errorf("%s has nothing to load: it is an ELF file without a PT_LOAD segment", name)
	}
	return m, nil
}

// programHeaders decodes the table of program headers.
func programHeaders(name string, data []byte, head elf.Header64) ([]elf.Prog64, error) {
	n := uint64(head.Phnum)
	if n == 0 {
		return nil, fmt.Errorf("%s has nothing to load: it is an ELF file without program headers", name)
	}
	if head.Phentsize != elfProgSize {
		return nil, fmt.Errorf("%s is damaged: its program headers have %d bytes each, not %d", name, head.Phentsize, elfProgSize)
	}
	size := uint64(len(data))
	if head.Phoff > size || n*elfProgSize > size-head.Phoff {
		return nil, fmt.Errorf("%s is cut off: %d program headers from byte %d do not fit in %d bytes", name, n, head.Phoff, size)
	}
	progs := make([]elf.Prog64, n)
	if _, err := binary.Decode(data[head.Phoff:], binary.LittleEndian, progs); err != nil {
		return nil, fmt.Errorf("%s has unreadable program headers: %w", name, err)
	}
	return progs, nil
}

// checkELF refuses files that are not linked programs for this machine, and
// says what they are instead.
func checkELF(name string, data []byte) error {
	if len(data) < elfHeaderSize {
		return fmt.Errorf("%s is cut off: an ELF header has %d bytes, the file has %d", name, elfHeaderSize, len(data))
	}
	order := binary.ByteOrder(binary.LittleEndian)
	kind := ""
	if elf.Data(data[elf.EI_DATA]) == elf.ELFDATA2MSB {
		order, kind = binary.BigEndian, " (big-endian)"
	}
	machine := elf.Machine(order.Uint16(data[18:]))
	class := elf.Class(data[elf.EI_CLASS])
	switch {
	case machine != elf.EM_RISCV:
		return fmt.Errorf("%s is for %s, not RISC-V 64: build it for riscv64", name, machineName(machine))
	case class == elf.ELFCLASS32:
		return fmt.Errorf("%s is for RISC-V 32%s, not RISC-V 64: build it for riscv64", name, kind)
	case class != elf.ELFCLASS64:
		return fmt.Errorf("%s is damaged: ELF class %d is neither 32-bit nor 64-bit", name, data[elf.EI_CLASS])
	case elf.Data(data[elf.EI_DATA]) != elf.ELFDATA2LSB:
		return fmt.Errorf("%s is for RISC-V 64%s, not little-endian RISC-V 64: build it for riscv64", name, kind)
	}
	switch kind := elf.Type(order.Uint16(data[16:])); kind {
	case elf.ET_EXEC, elf.ET_DYN:
		return nil
	case elf.ET_REL:
		return fmt.Errorf("%s is an object file, not a program: link it first", name)
	case elf.ET_CORE:
		return fmt.Errorf("%s is a core dump, not a program", name)
	default:
		return fmt.Errorf("%s is not a program: its ELF type is %d", name, uint16(kind))
	}
}

// machineName gives an ELF machine the name that readelf prints.
func machineName(m elf.Machine) string {
	for _, known := range [...]struct {
		machine elf.Machine
		name    string
	}{
		{elf.EM_386, "Intel 80386"},
		{elf.EM_X86_64, "Advanced Micro Devices X86-64"},
		{elf.EM_ARM, "ARM"},
		{elf.EM_AARCH64, "AArch64"},
		{elf.EM_MIPS, "MIPS R3000"},
		{elf.EM_PPC, "PowerPC"},
		{elf.EM_PPC64, "PowerPC64"},
		{elf.EM_S390, "IBM S/390"},
		{elf.EM_SPARCV9, "Sparc v9"},
		{elf.EM_LOONGARCH, "LoongArch"},
	} {
		if known.machine == m {
			return known.name
		}
	}
	return fmt.Sprintf("ELF machine %d", uint16(m))
}
