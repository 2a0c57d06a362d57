package debuginfo

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"strings"
	"testing"
)

// entry is a symbol of the ELF file that image makes.
type entry struct {
	name    string
	addr    uint64
	size    uint64
	info    byte
	section uint16 // 1 is .text, 0x80000000 to 0x80001000
}

func info(bind elf.SymBind, kind elf.SymType) byte { return byte(bind)<<4 | byte(kind) }

var (
	globalFunc  = info(elf.STB_GLOBAL, elf.STT_FUNC)
	localFunc   = info(elf.STB_LOCAL, elf.STT_FUNC)
	globalLabel = info(elf.STB_GLOBAL, elf.STT_NOTYPE)
	localLabel  = info(elf.STB_LOCAL, elf.STT_NOTYPE)
	object      = info(elf.STB_GLOBAL, elf.STT_OBJECT)
)

// image makes an ELF file with a .text section and the given symbols.
func image(machine elf.Machine, symbols ...entry) []byte {
	names := []byte{0}
	var table bytes.Buffer
	put := func(b *bytes.Buffer, v any) {
		if err := binary.Write(b, binary.LittleEndian, v); err != nil {
			panic(err)
		}
	}
	put(&table, elf.Sym64{})
	for _, s := range symbols {
		put(&table, elf.Sym64{Name: uint32(len(names)), Info: s.info, Shndx: s.section, Value: s.addr, Size: s.size})
		names = append(append(names, s.name...), 0)
	}
	sectionNames := []byte("\x00.text\x00.symtab\x00.strtab\x00.shstrtab\x00")
	at := func(name string) uint32 { return uint32(bytes.Index(sectionNames, []byte(name+"\x00"))) }
	const header = 64
	symtab := uint64(header)
	strtab := symtab + uint64(table.Len())
	shstrtab := strtab + uint64(len(names))
	sections := []elf.Section64{
		{},
		{Name: at(".text"), Type: uint32(elf.SHT_NOBITS), Flags: uint64(elf.SHF_ALLOC | elf.SHF_EXECINSTR), Addr: 0x80000000, Size: 0x1000},
		{Name: at(".symtab"), Type: uint32(elf.SHT_SYMTAB), Off: symtab, Size: uint64(table.Len()), Link: 3, Entsize: 24},
		{Name: at(".strtab"), Type: uint32(elf.SHT_STRTAB), Off: strtab, Size: uint64(len(names))},
		{Name: at(".shstrtab"), Type: uint32(elf.SHT_STRTAB), Off: shstrtab, Size: uint64(len(sectionNames))},
	}
	h := elf.Header64{
		Type: uint16(elf.ET_EXEC), Machine: uint16(machine), Version: 1, Ehsize: header,
		Shoff: shstrtab + uint64(len(sectionNames)), Shentsize: 64, Shnum: uint16(len(sections)), Shstrndx: 4,
	}
	copy(h.Ident[:], []byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1})
	var out bytes.Buffer
	put(&out, h)
	out.Write(table.Bytes())
	out.Write(names)
	out.Write(sectionNames)
	put(&out, sections)
	return out.Bytes()
}

func example(t *testing.T) *Symbols {
	t.Helper()
	s, err := Load("program", image(elf.EM_RISCV,
		entry{"main", 0x80000100, 0x40, globalFunc, 1},
		entry{"helper", 0x80000140, 0x20, localFunc, 1},
		entry{"inner", 0x80000110, 4, localLabel, 1},
		entry{"_start", 0x80000000, 0, globalLabel, 1},
		entry{"hang", 0x80000020, 0, localLabel, 1},
		entry{"alias", 0x80000100, 0x40, localFunc, 1},
		entry{"table", 0x80000800, 0x10, object, 1},
		entry{"tail", 0x80000f00, 0, globalLabel, 1},
		entry{"$x", 0x80000100, 0, localLabel, 1},
		entry{".L12", 0x80000104, 0, localLabel, 1},
		entry{"elsewhere", 0, 0, globalLabel, 0},
	))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFind(t *testing.T) {
	s := example(t)
	for _, c := range []struct {
		addr uint64
		want string
	}{
		{0x80000000, "_start"},
		{0x8000001e, "_start+0x1e"},
		{0x80000020, "hang"},
		{0x800000fe, "hang+0xde"}, // no size: up to the next symbol
		{0x80000100, "main"},      // the global name wins
		{0x80000112, "inner+0x2"}, // the innermost
		{0x80000120, "main+0x20"}, // after it, main again
		{0x8000015e, "helper+0x1e"},
		{0x80000160, ""}, // between symbols with a size
		{0x80000f10, "tail+0x10"},
		{0x80001000, ""}, // after the section
		{0x7fffffff, ""},
		{0, ""},
	} {
		got, ok := s.Name(c.addr)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%#x is %q, %v; want %q", c.addr, got, ok, c.want)
		}
	}
}

func TestLookup(t *testing.T) {
	s := example(t)
	if addr, ok := s.Lookup("helper"); !ok || addr != 0x80000140 {
		t.Errorf("helper is at %#x, %v", addr, ok)
	}
	for _, name := range []string{"$x", ".L12", "elsewhere", "nothing", ""} {
		if _, ok := s.Lookup(name); ok {
			t.Errorf("%q was found", name)
		}
	}
	if start, ok := s.Start(0x80000131); !ok || start != 0x80000100 {
		t.Errorf("the start of main is %#x, %v", start, ok)
	}
}

func TestFunctions(t *testing.T) {
	var names []string
	for _, f := range example(t).Functions() {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "main alias helper" {
		t.Errorf("functions: %s", got)
	}
}

func TestComplete(t *testing.T) {
	s := example(t)
	if got := strings.Join(s.Complete("ta", 10), " "); got != "table tail" {
		t.Errorf("ta completes to %s", got)
	}
	if got := s.Complete("", 3); len(got) != 3 {
		t.Errorf("the limit of 3 gave %d names", len(got))
	}
}

func TestMerge(t *testing.T) {
	other, err := Load("other", image(elf.EM_RISCV,
		entry{"main", 0x80000a00, 8, globalFunc, 1}, entry{"second", 0x80000b00, 8, globalFunc, 1}))
	if err != nil {
		t.Fatal(err)
	}
	s := Merge(example(t), nil, other)
	if addr, _ := s.Lookup("main"); addr != 0x80000100 {
		t.Errorf("main of the first image is at %#x", addr)
	}
	if name, _ := s.Name(0x80000b04); name != "second+0x4" {
		t.Errorf("a symbol of the second image is %q", name)
	}
}

func TestNew(t *testing.T) {
	s := New(Symbol{Name: "b", Addr: 0x20}, Symbol{Name: "a", Addr: 0x10}, Symbol{Name: "c", Addr: 0x30, Size: 4})
	for addr, want := range map[uint64]string{0xf: "", 0x1f: "a+0xf", 0x21: "b+0x1", 0x33: "c+0x3", 0x34: ""} {
		if got, _ := s.Name(addr); got != want {
			t.Errorf("%#x is %q, want %q", addr, got, want)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"text", []byte("hello"), "text: no symbols, it is not a readable ELF file"},
		{"alien", image(elf.EM_X86_64), "EM_X86_64: give a RISC-V one"},
	} {
		if _, err := Load(c.name, c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestEmpty(t *testing.T) {
	var s *Symbols
	if _, _, ok := s.Find(1); ok || s.Len() != 0 || s.Functions() != nil || s.Complete("", 1) != nil {
		t.Error("the nil table is not empty")
	}
	if _, ok := s.Lookup("x"); ok {
		t.Error("the nil table has a symbol")
	}
}

// TestTruncated cuts a good file at every byte: never a panic.
func TestTruncated(t *testing.T) {
	data := image(elf.EM_RISCV, entry{"main", 0x80000100, 0x40, globalFunc, 1})
	for n := range data {
		if s, err := Load("cut", data[:n]); err == nil && s.Len() > 1 {
			t.Fatalf("%d bytes gave %d symbols", n, s.Len())
		}
	}
}

// TestStripped reads a real program without symbols: no error, nothing found.
func TestStripped(t *testing.T) {
	const path = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("the Debian package opensbi is missing: %v", err)
	}
	s, err := Load(path, data)
	if err != nil || s.Len() != 0 {
		t.Errorf("%d symbols, error %v", s.Len(), err)
	}
}
