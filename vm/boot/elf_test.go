package boot

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"testing"
)

// elfFile is an ELF file to be assembled; zero fields get the values of a
// linked RISC-V 64 program.
type elfFile struct {
	class   elf.Class
	data    elf.Data
	machine elf.Machine
	kind    elf.Type
	entry   uint64
	progs   []elf.Prog64 // Off is from the start of body
	body    []byte
}

// bytes lays the file out as header, program headers, body.
func (f elfFile) bytes(tb testing.TB) []byte {
	tb.Helper()
	or := func(v, otherwise uint16) uint16 {
		if v == 0 {
			return otherwise
		}
		return v
	}
	head := elf.Header64{
		Type:      or(uint16(f.kind), uint16(elf.ET_EXEC)),
		Machine:   or(uint16(f.machine), uint16(elf.EM_RISCV)),
		Version:   1,
		Entry:     f.entry,
		Phoff:     elfHeaderSize,
		Ehsize:    elfHeaderSize,
		Phentsize: elfProgSize,
		Phnum:     uint16(len(f.progs)),
	}
	copy(head.Ident[:], elf.ELFMAG)
	head.Ident[elf.EI_CLASS] = byte(or(uint16(f.class), uint16(elf.ELFCLASS64)))
	head.Ident[elf.EI_DATA] = byte(or(uint16(f.data), uint16(elf.ELFDATA2LSB)))
	head.Ident[elf.EI_VERSION] = 1
	order := binary.ByteOrder(binary.LittleEndian)
	if f.data == elf.ELFDATA2MSB {
		order = binary.BigEndian
	}
	var b bytes.Buffer
	if err := binary.Write(&b, order, head); err != nil {
		tb.Fatal(err)
	}
	for _, p := range f.progs {
		p.Off += uint64(elfHeaderSize + elfProgSize*len(f.progs))
		if err := binary.Write(&b, order, p); err != nil {
			tb.Fatal(err)
		}
	}
	b.Write(f.body)
	return b.Bytes()
}

// loadable makes a program header for size bytes of the body from offset off.
func loadable(off, size, memory, virtual, physical uint64) elf.Prog64 {
	return elf.Prog64{
		Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_W | elf.PF_X),
		Off: off, Filesz: size, Memsz: memory, Vaddr: virtual, Paddr: physical, Align: 1,
	}
}

// kernelELF is a program of two segments, not in ascending order, linked at
// virtual addresses that differ from where it is loaded, with bss after one.
func kernelELF(tb testing.TB) []byte {
	return elfFile{
		entry: 0xffffffff_80000004,
		progs: []elf.Prog64{
			loadable(8, 4, 0x1000, 0xffffffff_80002000, 0x80402000),
			{Type: uint32(elf.PT_NOTE), Off: 0, Filesz: 4, Memsz: 4, Paddr: 0x1},
			loadable(0, 8, 8, 0xffffffff_80000000, 0x80400000),
			loadable(0, 0, 0, 0, 0x80400000),
		},
		body: []byte("textTEXTdata"),
	}.bytes(tb)
}
