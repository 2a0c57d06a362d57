package boot

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"strings"
	"testing"
)

// checkPlan verifies what every plan promises.
func checkPlan(t *testing.T, p Plan, memory uint64) {
	t.Helper()
	var last uint64
	for _, s := range p.Segments {
		rom := s.Addr >= ROMBase && s.End() <= ROMBase+ROMSize
		ram := s.Addr >= RAMBase && s.End() <= RAMBase+memory
		if s.Addr < last || !rom && !ram || uint64(len(s.Data)) > s.Size {
			t.Errorf("segment %s from 0x%x to 0x%x is out of order or out of memory", s.Name, s.Addr, s.End())
		}
		last = s.End()
	}
	at := p.SeedAddr - p.FDT
	tree, err := ParseTree(p.Tree)
	if err != nil {
		t.Fatal(err)
	}
	if seed := tree.Find("/chosen").Prop("rng-seed").Value; !bytes.Equal(p.Tree[at:at+SeedSize], seed) {
		t.Error("the seed is not where the plan says")
	}
}

// memory writes the plan's segments into a copy of guest memory.
func (p Plan) memory(addr, size uint64) []byte {
	b := make([]byte, size)
	for _, s := range p.Segments {
		if s.Addr >= addr && s.End() <= addr+size {
			copy(b[s.Addr-addr:], s.Data)
		}
	}
	return b
}

// TestPlaceIsTheReferences compares all of ROM and RAM at power-on.
func TestPlaceIsTheReferences(t *testing.T) {
	var (
		dynamicELF = image(t, opensbi, "fw_dynamic.elf")
		dynamicBin = image(t, opensbi, "fw_dynamic.bin")
		jumpELF    = image(t, opensbi, "fw_jump.elf")
		ubootELF   = image(t, uboot, "uboot.elf")
		ubootBin   = image(t, uboot, "u-boot.bin")
		initrd     = &File{Name: "initrd", Data: bytes.Repeat([]byte("initrd"), 100_000)}
		// Two MiB and a byte: the kernel goes past the next boundary.
		large = &File{Name: "large", Data: bytes.Repeat([]byte{0x5a}, 2*mib+1)}
		exact = &File{Name: "exact", Data: bytes.Repeat([]byte{0x5a}, 2*mib)}
		// A tree whose /chosen has some of what is going to be set.
		partial = &File{Name: "t.dtb", Data: (&Tree{Root: &Node{Children: []*Node{{Name: "chosen", Props: []Prop{
			Flag("quiet"), Cells("rng-seed", 1), Texts("bootargs", "old"),
		}}}}}).Encode()}
		apart = &File{Name: "apart.elf", Data: kernelELF(t)}
	)
	for name, m := range map[string]machine{
		"jump elf, elf, initrd":          {memory: 64 * mib, firmware: jumpELF, kernel: ubootELF, initrd: initrd},
		"dynamic flat, flat, initrd":     {memory: 32 * mib, harts: 2, firmware: dynamicBin, kernel: ubootBin, initrd: initrd},
		"dynamic elf alone":              {memory: 16 * mib, firmware: dynamicELF},
		"initrd at 128 MiB":              {memory: 320 * mib, firmware: dynamicBin, kernel: ubootBin, initrd: initrd},
		"large firmware":                 {memory: 16 * mib, firmware: large, kernel: ubootBin},
		"firmware of exactly two MiB":    {memory: 16 * mib, firmware: exact, kernel: ubootBin},
		"no firmware, flat kernel":       {memory: 16 * mib, kernel: ubootBin},
		"ELF entry is not its base":      {memory: 16 * mib, firmware: dynamicBin, kernel: apart, initrd: initrd},
		"RAM that is not whole MiB":      {memory: 16*mib + 8<<10, firmware: dynamicBin},
		"RAM that ends before the room":  {memory: 16*mib + 1016<<10, firmware: dynamicBin},
		"RAM that just leaves the room":  {memory: 17 * mib, firmware: dynamicBin},
		"a tree of the user's":           {memory: 16 * mib, firmware: dynamicBin, dtb: &File{"t.dtb", sampleTree().Encode()}},
		"a tree with a full chosen":      {memory: 16 * mib, firmware: dynamicBin, kernel: ubootBin, initrd: initrd, append: "new", dtb: partial},
		"a tree that ends near boundary": {memory: 16*mib + 16<<10, firmware: dynamicBin, dtb: &File{"t.dtb", sampleTree().Encode()}},
	} {
		t.Run(name, func(t *testing.T) {
			rom, ram := m.referenceMemory(t, m.memory)
			fdt := binary.LittleEndian.Uint64(rom[32:])
			tree, err := ParseTree(ram[fdt-RAMBase:])
			if err != nil {
				t.Fatal(err)
			}
			p, err := Place(m.config(tree))
			if err != nil {
				t.Fatal(err)
			}
			checkPlan(t, p, m.memory)
			if got := p.memory(ROMBase, romWindow); !bytes.Equal(got, rom) {
				t.Errorf("ROM is\n% x, want\n% x", got, rom)
			}
			if p.FDT != fdt {
				t.Fatalf("the device tree is at 0x%x, want 0x%x", p.FDT, fdt)
			}
			got := p.memory(RAMBase, m.memory)
			// The trees are compared as trees: their strings are in
			// another order, and the reference leaves the rest of its
			// working space behind.
			ours, err := ParseTree(got[fdt-RAMBase:])
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range compare("", ours.Root, tree.Root) {
				t.Error(d)
			}
			room := min(m.memory, fdt-RAMBase+fdtRoom)
			clear(got[fdt-RAMBase : room])
			clear(ram[fdt-RAMBase : room])
			for i := range ram {
				if got[i] != ram[i] {
					t.Fatalf("RAM differs first at 0x%x: 0x%02x, want 0x%02x", RAMBase+i, got[i], ram[i])
				}
			}
		})
	}
}

// TestPlaceHigh compares where the tree goes in RAM that reaches past 3 GiB.
func TestPlaceHigh(t *testing.T) {
	firmware := &File{Name: "firmware", Data: []byte("firmware")}
	for _, memory := range []uint64{1022 * mib, 1024 * mib, 1025 * mib, 3072 * mib, 6144 * mib} {
		m := machine{memory: memory, firmware: firmware}
		rom, _ := m.referenceMemory(t, 8)
		p, err := Place(Config{Board: Board{Memory: memory, Harts: 1}, Firmware: firmware})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.memory(ROMBase, romWindow); !bytes.Equal(got, rom) {
			t.Errorf("with %d MiB, ROM is\n% x, want\n% x", memory/mib, got, rom)
		}
	}
}

// TestPlaceStart: what the reference can start is started in the same place,
// and where it would run into nothing, the image's entry is used.
func TestPlaceStart(t *testing.T) {
	above := elfFile{
		entry: 0x80200010,
		progs: []elf.Prog64{loadable(0, 32, 32, 0x80200000, 0x80200000)},
		body:  make([]byte, 32),
	}.bytes(t)
	inside := elfFile{
		entry: 0x80000010,
		progs: []elf.Prog64{loadable(0, 32, 32, 0x80000000, 0x80000000)},
		body:  make([]byte, 32),
	}.bytes(t)
	for _, test := range []struct {
		name             string
		firmware, kernel []byte
		start, next      uint64
	}{
		{"kernel above", nil, above, 0x80200010, 0x80200000},
		{"kernel at the base, entered later", nil, inside, RAMBase, RAMBase},
		{"firmware above", above, nil, 0x80200010, 0},
		{"both", inside, above, RAMBase, 0x80200000},
	} {
		c := Config{Board: Board{Memory: 64 * mib, Harts: 1}}
		if test.firmware != nil {
			c.Firmware = &File{"f.elf", test.firmware}
		}
		if test.kernel != nil {
			c.Kernel = &File{"k.elf", test.kernel}
		}
		p, err := Place(c)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if p.Start != test.start || p.Next != test.next {
			t.Errorf("%s: start 0x%x, next 0x%x, want 0x%x, 0x%x", test.name, p.Start, p.Next, test.start, test.next)
		}
	}
}

// TestPlaceTree: a tree without /chosen gets one.
func TestPlaceTree(t *testing.T) {
	bare := (&Tree{Root: &Node{Props: []Prop{Cells("x", 1)}}}).Encode()
	p, err := Place(Config{
		Board: Board{Memory: 64 * mib, Harts: 1}, Kernel: &File{"k", []byte("kernel")},
		Append: "args", DTB: &File{"bare.dtb", bare}, Seed: [SeedSize]byte{1, 2, 3},
	})
	if err != nil {
		t.Fatal(err)
	}
	checkPlan(t, p, 64*mib)
	tree, err := ParseTree(p.Tree)
	if err != nil {
		t.Fatal(err)
	}
	if got := tree.Find("/chosen").Prop("bootargs").String(); got != `bootargs = "args"` {
		t.Error(got)
	}
	if tree.Find("/cpus") != nil || tree.Root.Prop("x") == nil {
		t.Errorf("the tree was replaced:\n%s", tree)
	}
}

func TestPlaceErrors(t *testing.T) {
	flat := func(name string, size int) *File { return &File{name, bytes.Repeat([]byte{1}, size)} }
	program := func(name string, addr, size uint64) *File {
		return &File{name, elfFile{entry: addr, progs: []elf.Prog64{loadable(0, 4, size, addr, addr)}, body: []byte("body")}.bytes(t)}
	}
	board := Board{Memory: 16 * mib, Harts: 1}
	with := func(change func(b *Board)) Board {
		b := board
		change(&b)
		return b
	}
	kernel := flat("k", 10)
	lost := &File{"lost.elf", elfFile{entry: 0, progs: []elf.Prog64{loadable(0, 4, 4, 0x80100000, 0x80100000)}, body: []byte("body")}.bytes(t)}
	for _, test := range []struct {
		name   string
		config Config
		want   string
	}{
		{"nothing", Config{Board: board}, "nothing to run: give --bios or --kernel"},
		{"initrd alone", Config{Board: board, Firmware: kernel, Initrd: kernel}, "an initrd needs a kernel"},
		{"append alone", Config{Board: board, Firmware: kernel, Append: "x"}, "a kernel command line needs a kernel"},
		{"no hart", Config{Board: with(func(b *Board) { b.Harts = 0 }), Kernel: kernel}, "0 harts"},
		{"too many harts", Config{Board: with(func(b *Board) { b.Harts = 513 }), Kernel: kernel}, "the board has 1 to 512"},
		{"too many slots", Config{Board: with(func(b *Board) { b.Virtio = 9 }), Kernel: kernel}, "9 virtio slots"},
		{"little RAM", Config{Board: with(func(b *Board) { b.Memory = 4096 }), Kernel: kernel}, "4096 bytes of RAM are too few"},
		{"part of a page", Config{Board: with(func(b *Board) { b.Memory++ }), Kernel: kernel}, "not whole pages of 4096"},
		{"much RAM", Config{Board: with(func(b *Board) { b.Memory = 1 << 62 }), Kernel: kernel}, "too many"},
		{
			"large kernel",
			Config{Board: board, Kernel: flat("k", 16*mib+1)},
			"kernel k does not fit: it ends at 0x81000001, RAM ends at 0x81000000; use a larger -m",
		},
		{"large firmware", Config{Board: board, Firmware: flat("f", 17*mib)}, "firmware f does not fit: it ends at 0x81100000"},
		{"large initrd", Config{Board: board, Kernel: kernel, Initrd: flat("i", 9*mib)}, "initrd i does not fit: it ends at 0x81100000"},
		{"huge bss", Config{Board: board, Kernel: program("k.elf", 0x80000000, 1<<62)}, "kernel k.elf does not fit: it ends at 0x4000000080000000"},
		{"kernel below RAM", Config{Board: board, Kernel: program("k.elf", 0x20000000, 8)}, "it begins at 0x20000000, RAM begins at 0x80000000"},
		{
			"firmware over kernel",
			Config{Board: board, Firmware: flat("f", 3*mib), Kernel: program("k.elf", 0x80200000, 8)},
			"firmware f (0x80000000 to 0x80300000) and kernel k.elf (0x80200000 to 0x80200008) overlap",
		},
		{"kernel over tree", Config{Board: board, Kernel: flat("k", 15*mib)}, "and the device tree (0x80e00000 to"},
		{"kernel over initrd", Config{Board: board, Kernel: flat("k", 9*mib), Initrd: kernel}, "kernel k (0x80000000 to 0x80900000) and initrd k (0x80800000"},
		{"entry outside", Config{Board: board, Firmware: lost}, "lost.elf cannot be started: it is entered at 0x0, where it loads nothing"},
		{"empty", Config{Board: board, Kernel: kernel, Initrd: flat("i", 0)}, "i is empty"},
		{"foreign", Config{Board: board, Kernel: &File{"k.elf", elfFile{machine: elf.EM_AARCH64}.bytes(t)}}, "k.elf is for AArch64, not RISC-V 64"},
		{"bad tree", Config{Board: board, Kernel: kernel, DTB: kernel}, "k: not a usable device tree: a header has 40 bytes"},
		{"large tree", Config{Board: board, Kernel: kernel, Append: strings.Repeat("x", mib)}, "the device tree does not fit"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Place(test.config)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
