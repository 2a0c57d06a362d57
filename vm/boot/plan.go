package boot

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// File is the content of a file and its name, for messages.
type File struct {
	Name string
	Data []byte
}

// Config is what a machine is started with. Files that are not given are nil.
type Config struct {
	Board    Board
	Firmware *File // starts in M-mode; flat binaries go to RAMBase
	Kernel   *File // the next stage; flat binaries go after the firmware
	Initrd   *File // needs a kernel
	Append   string
	DTB      *File // replaces the generated tree; its /chosen is still updated
	Seed     [SeedSize]byte
}

// Plan is the memory of the machine at power-on and at every reset.
type Plan struct {
	// Segments are all that has to be written, in ROM and RAM, in ascending
	// order and without overlaps. RAM that none covers is zero.
	Segments []Segment

	Start       uint64 // where the reset vector jumps
	Next        uint64 // where the firmware goes: the kernel's lowest address, not its ELF entry; 0 without one
	InitrdStart uint64 // guest-physical; equal to InitrdEnd without an initrd
	InitrdEnd   uint64
	FDT         uint64 // guest-physical address of the device tree
	Tree        []byte // the finished device tree
	SeedAddr    uint64 // guest-physical address of the seed's 32 bytes in the tree
}

const (
	kernelAlign = 2 * mib
	fdtAlign    = 2 * mib
	fdtRoom     = 1 * mib     // kept for a generated tree
	fdtLimit    = 0xc000_0000 // a tree lies below 3 GiB
	initrdGap   = 128 * mib   // most that is left between start of kernel and initrd
	maxMemory   = 1 << 40     // far below where addresses could wrap
	pageSize    = 4096
	dtbSlack    = 10_000 // what qemu leaves free in a tree given to it
)

// Place decides where everything goes, as qemu 7.2 does, and checks that it
// fits. Of two images at the same place neither is written.
func Place(c Config) (Plan, error) {
	if err := c.check(); err != nil {
		return Plan{}, err
	}
	l := layout{ramEnd: RAMBase + c.Board.Memory}
	var p Plan
	if err := l.images(c, &p); err != nil {
		return Plan{}, err
	}
	if err := l.tree(c, &p); err != nil {
		return Plan{}, err
	}
	rom := ResetVector(p.Start, p.FDT, p.Next)
	l.segments = append(l.segments, Segment{Name: "reset vector", Addr: ROMBase, Data: rom, Size: uint64(len(rom))})

	slices.SortStableFunc(l.segments, func(a, b Segment) int { return cmp.Compare(a.Addr, b.Addr) })
	for i := 1; i < len(l.segments); i++ {
		if a, b := l.segments[i-1], l.segments[i]; b.Addr < a.End() {
			return Plan{}, fmt.Errorf("%s (0x%x to 0x%x) and %s (0x%x to 0x%x) overlap: use a larger -m, or link one of them elsewhere",
				a.Name, a.Addr, a.End(), b.Name, b.Addr, b.End())
		}
	}
	p.Segments = l.segments
	return p, nil
}

// check refuses what no layout can make right.
func (c Config) check() error {
	b := c.Board
	switch {
	case b.Harts < 1 || b.Harts > MaxHarts:
		return fmt.Errorf("%d harts: the board has 1 to %d", b.Harts, MaxHarts)
	case b.Virtio < 0 || b.Virtio > VirtioSlots:
		return fmt.Errorf("%d virtio slots: the board has 0 to %d", b.Virtio, VirtioSlots)
	case b.Memory < fdtRoom:
		return fmt.Errorf("%d bytes of RAM are too few, the device tree alone needs %d: use a larger -m", b.Memory, fdtRoom)
	case b.Memory%pageSize != 0:
		return fmt.Errorf("%d bytes of RAM are not whole pages of %d bytes: round -m up", b.Memory, pageSize)
	case b.Memory > maxMemory:
		return fmt.Errorf("%d bytes of RAM are too many: use -m 1T at most", b.Memory)
	case c.Firmware == nil && c.Kernel == nil:
		return errors.New("nothing to run: give --bios or --kernel")
	case c.Kernel == nil && c.Initrd != nil:
		return errors.New("an initrd needs a kernel: give --kernel too")
	case c.Kernel == nil && c.Append != "":
		return errors.New("a kernel command line needs a kernel: give --kernel too")
	}
	return nil
}

// layout gathers segments.
type layout struct {
	ramEnd   uint64
	segments []Segment
}

// add takes the segments of an image if they lie in RAM.
func (l *layout) add(role string, m Image) error {
	what := role + " " + m.Name
	for _, s := range m.Segments {
		if s.Addr < RAMBase {
			return fmt.Errorf("%s does not fit: it begins at 0x%x, RAM begins at 0x%x; link it for an address in RAM", what, s.Addr, uint64(RAMBase))
		}
		s.Name = what
		l.segments = append(l.segments, s)
	}
	if end := m.End(); end > l.ramEnd {
		return fmt.Errorf("%s does not fit: it ends at 0x%x, RAM ends at 0x%x; use a larger -m", what, end, l.ramEnd)
	}
	return nil
}

// images places firmware, kernel and initrd.
func (l *layout) images(c Config, p *Plan) error {
	first := Image{}
	after := uint64(RAMBase)
	if f := c.Firmware; f != nil {
		m, err := Load(f.Name, f.Data, RAMBase)
		if err != nil {
			return err
		}
		if err := l.add("firmware", m); err != nil {
			return err
		}
		first, after = m, m.End()
	}
	if f := c.Kernel; f != nil {
		m, err := Load(f.Name, f.Data, alignUp(after, kernelAlign))
		if err != nil {
			return err
		}
		if err := l.add("kernel", m); err != nil {
			return err
		}
		p.Next = m.Base()
		if c.Firmware == nil {
			first = m
		}
	}
	if p.Start = startOf(first); !first.covers(p.Start) {
		return fmt.Errorf("%s cannot be started: it is entered at 0x%x, where it loads nothing", first.Name, p.Start)
	}
	if f := c.Initrd; f != nil {
		m, err := loadFlat(f.Name, f.Data, p.Next+min(c.Board.Memory/2, initrdGap))
		if err != nil {
			return err
		}
		p.InitrdStart, p.InitrdEnd = m.Entry, m.End()
		return l.add("initrd", m)
	}
	return nil
}

// startOf says where the reset vector goes. qemu's jumps to the first byte of
// RAM whatever the entry of the first image is. Where nothing is loaded there,
// that could only fail, and the entry is used.
func startOf(first Image) uint64 {
	if first.covers(RAMBase) {
		return RAMBase
	}
	return first.Entry
}

// tree finishes the device tree and places it: as high as it goes, but below
// 3 GiB, so that a 32-bit stage reaches it too.
func (l *layout) tree(c Config, p *Plan) error {
	chosen := Chosen{Append: c.Append, InitrdStart: p.InitrdStart, InitrdEnd: p.InitrdEnd, Seed: c.Seed}
	room := uint64(fdtRoom)
	name := "the device tree"
	var t *Tree
	if f := c.DTB; f != nil {
		var err error
		if t, err = ParseTree(f.Data); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		room = 2 * (uint64(len(f.Data)) + dtbSlack)
		name = "device tree " + f.Name
		node := t.Root.Child("chosen")
		if node == nil {
			node = &Node{Name: "chosen"}
			t.Root.Children = append(t.Root.Children, node)
		}
		chosen.apply(node)
	} else {
		t = VirtTree(c.Board, chosen)
	}
	p.Tree = t.Encode()
	size := uint64(len(p.Tree))
	top := min(l.ramEnd, fdtLimit)
	if size > room || room > top-RAMBase {
		return fmt.Errorf("%s does not fit: it has %d bytes and RAM %d; use a larger -m or a smaller tree", name, size, c.Board.Memory)
	}
	p.FDT = alignDown(top-room, fdtAlign)
	placed, err := ParseTree(p.Tree)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	p.SeedAddr = p.FDT + uint64(placed.Find("/chosen").Prop("rng-seed").offset)
	l.segments = append(l.segments, Segment{Name: name, Addr: p.FDT, Data: p.Tree, Size: size})
	return nil
}

func alignUp(a, align uint64) uint64   { return (a + align - 1) &^ (align - 1) }
func alignDown(a, align uint64) uint64 { return a &^ (align - 1) }
