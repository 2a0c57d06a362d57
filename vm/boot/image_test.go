package boot

import (
	"bytes"
	"debug/elf"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestLoadFlat(t *testing.T) {
	data := []byte{1, 2, 3}
	m, err := Load("x.bin", data, 0x80200000)
	if err != nil {
		t.Fatal(err)
	}
	if m.Entry != 0x80200000 || m.End() != 0x80200003 || len(m.Segments) != 1 || !bytes.Equal(m.Segments[0].Data, data) {
		t.Errorf("flat image is %+v", m)
	}
}

func TestLoadELF(t *testing.T) {
	m, err := Load("k.elf", kernelELF(t), 0x80200000)
	if err != nil {
		t.Fatal(err)
	}
	if m.Entry != 0x80400004 {
		t.Errorf("entry is 0x%x, want the physical address 0x80400004", m.Entry)
	}
	if m.Base() != 0x80400000 || m.End() != 0x80403000 {
		t.Errorf("it goes from 0x%x to 0x%x, want 0x80400000 to 0x80403000", m.Base(), m.End())
	}
	if len(m.Segments) != 2 {
		t.Fatalf("%d segments, want 2: %+v", len(m.Segments), m.Segments)
	}
	text, data := m.Segments[1], m.Segments[0]
	if text.Addr != 0x80400000 || text.Size != 8 || string(text.Data) != "textTEXT" {
		t.Errorf("text is %+v", text)
	}
	if data.Addr != 0x80402000 || data.Size != 0x1000 || string(data.Data) != "data" {
		t.Errorf("data is %+v", data)
	}
	if !m.covers(0x80402fff) || m.covers(0x80403000) || m.covers(0x80401000) {
		t.Error("covers is wrong at a segment's edges")
	}
}

func TestLoadErrors(t *testing.T) {
	one := []elf.Prog64{loadable(0, 4, 4, 0x80000000, 0x80000000)}
	body := []byte("body")
	good := elfFile{progs: one, body: body}.bytes(t)
	oddSize := slices.Clone(good)
	oddSize[54] = 32
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "x.elf is empty: give an ELF file or a flat binary"},
		{
			"another machine", elfFile{machine: elf.EM_X86_64, progs: one, body: body}.bytes(t),
			"x.elf is for Advanced Micro Devices X86-64, not RISC-V 64: build it for riscv64",
		},
		{
			"another machine, 32 bits, big-endian", elfFile{class: elf.ELFCLASS32, data: elf.ELFDATA2MSB, machine: elf.EM_PPC, progs: one, body: body}.bytes(t),
			"x.elf is for PowerPC, not RISC-V 64: build it for riscv64",
		},
		{"unknown machine", elfFile{machine: 4711, progs: one, body: body}.bytes(t), "x.elf is for ELF machine 4711, not"},
		{"32 bits", elfFile{class: elf.ELFCLASS32, progs: one, body: body}.bytes(t), "x.elf is for RISC-V 32, not RISC-V 64"},
		{"no class", elfFile{class: 7, progs: one, body: body}.bytes(t), "ELF class 7 is neither"},
		{"big-endian", elfFile{data: elf.ELFDATA2MSB, progs: one, body: body}.bytes(t), "x.elf is for RISC-V 64 (big-endian), not little-endian"},
		{"object", elfFile{kind: elf.ET_REL, progs: one, body: body}.bytes(t), "x.elf is an object file, not a program: link it first"},
		{"core", elfFile{kind: elf.ET_CORE, progs: one, body: body}.bytes(t), "x.elf is a core dump"},
		{"odd type", elfFile{kind: 77, progs: one, body: body}.bytes(t), "its ELF type is 77"},
		{"short header", good[:40], "x.elf is cut off: an ELF header has 64 bytes, the file has 40"},
		{"no program headers", elfFile{}.bytes(t), "without program headers"},
		{"nothing to load", elfFile{progs: []elf.Prog64{{Type: uint32(elf.PT_NOTE)}}}.bytes(t), "without a PT_LOAD segment"},
		{"short table", good[:100], "x.elf is cut off: 1 program headers from byte 64 do not fit in 100 bytes"},
		{"odd table", oddSize, "program headers have 32 bytes each, not 56"},
		{"short body", good[:len(good)-1], "x.elf is cut off: segment 0 wants 4 bytes from byte 120, the file has 123"},
		{"offset past the end", elfFile{progs: []elf.Prog64{loadable(math.MaxUint64-200, 4, 4, 0, 0)}}.bytes(t), "x.elf is cut off"},
		{"more in the file", elfFile{progs: []elf.Prog64{loadable(0, 4, 3, 0, 0)}, body: body}.bytes(t), "4 bytes in the file and room for 3 in memory"},
		{"wraps", elfFile{progs: []elf.Prog64{loadable(0, 4, math.MaxUint64, 0, 0x80000000)}, body: body}.bytes(t), "past the end of the address space"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load("x.elf", test.data, RAMBase)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	if _, err := Load("x.bin", body, math.MaxUint64-1); err == nil || !strings.Contains(err.Error(), "address space") {
		t.Errorf("flat image past the end of the address space: %v", err)
	}
}

// FuzzELF looks for images that crash the loader, or that come out with
// segments which the file does not contain.
func FuzzELF(f *testing.F) {
	f.Add(kernelELF(f))
	f.Add(kernelELF(f)[:150])
	f.Add([]byte("flat"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Load("fuzz", data, RAMBase)
		if err != nil {
			return
		}
		if len(m.Segments) == 0 || len(m.Segments) > len(data) {
			t.Fatalf("%d segments from %d bytes", len(m.Segments), len(data))
		}
		for _, s := range m.Segments {
			if s.Size == 0 || s.End() < s.Addr || uint64(len(s.Data)) > s.Size || len(s.Data) > len(data) {
				t.Fatalf("segment at 0x%x: %d bytes of data, size %d", s.Addr, len(s.Data), s.Size)
			}
			if len(s.Data) > 0 && !bytes.Contains(data, s.Data) {
				t.Fatalf("segment at 0x%x is not in the file", s.Addr)
			}
		}
		p, err := Place(Config{Board: Board{Memory: 64 * mib, Harts: 1}, Firmware: &File{"fuzz", data}})
		if err != nil {
			return
		}
		checkPlan(t, p, 64*mib)
	})
}
