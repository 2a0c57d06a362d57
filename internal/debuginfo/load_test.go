package debuginfo_test

import (
	"strings"
	"testing"

	"reprise/assets"
	"reprise/internal/debuginfo"
)

const systemMap = `0000000000000000 A absolute
ffffffff80000000 T _start
ffffffff80000000 t .Lno_name
ffffffff80002000 T start_kernel
ffffffff80002100 t inner
ffffffff80c00000 D jiffies

ffffffff01000000 t probe	[virtio_mmio]
`

func TestSystemMap(t *testing.T) {
	table, err := debuginfo.Read("System.map", []byte(systemMap))
	if err != nil {
		t.Fatal(err)
	}
	for addr, want := range map[uint64]string{
		0xffffffff80000000: "_start", 0xffffffff80002004: "start_kernel+0x4", 0xffffffff80002100: "inner",
		0xffffffff80c00008: "jiffies+0x8", 0xffffffff01000010: "probe+0x10", 0xffffffff00000000: "",
	} {
		if got, _ := table.Name(addr); got != want {
			t.Errorf("%#x is %q, want %q", addr, got, want)
		}
	}
	for _, name := range []string{"absolute", ".Lno_name"} {
		if addr, ok := table.Lookup(name); ok {
			t.Errorf("%s is at %#x", name, addr)
		}
	}
	if n := len(table.Functions()); n != 4 {
		t.Errorf("%d functions, want 4", n)
	}
}

// TestReadAt moves tables to where the program was loaded.
func TestReadAt(t *testing.T) {
	kernel, err := debuginfo.ReadAt("kallsyms", []byte("ffffffff80000000 T _start\nffffffff80002000 T start_kernel\n"), 0xffffffff93a00000)
	if err != nil {
		t.Fatal(err)
	}
	if addr, _ := kernel.Lookup("start_kernel"); addr != 0xffffffff93a02000 {
		t.Errorf("start_kernel is at %#x", addr)
	}
	linked, err := debuginfo.Read("demo.elf", assets.Demo())
	if err != nil {
		t.Fatal(err)
	}
	moved, err := debuginfo.ReadAt("demo.elf", assets.Demo(), 0x1_0000_0000)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range linked.Functions() {
		want := f.Addr - 0x80000000 + 0x1_0000_0000
		if name, offset, ok := moved.Find(want); !ok || offset != 0 {
			t.Errorf("%s is not at %#x: there is %s+%#x", f.Name, want, name, offset)
		}
		if name, ok := moved.Name(f.Addr); ok {
			t.Errorf("%s is still at %#x", name, f.Addr)
		}
	}
}

func TestNoSymbols(t *testing.T) {
	for text, want := range map[string]string{
		"ffffffffffffffff B The real System.map is elsewhere\n": "line 1 is not like",
		"hello\n":                            "line 1 is not like",
		"ffffffff80000000 T _start\nx y z\n": "line 2 is not like",
		"\x7fELF":                            "it is not a readable ELF file",
	} {
		if _, err := debuginfo.Read("file", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
