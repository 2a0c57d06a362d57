package debuginfo

import (
	"bytes"
	"cmp"
	"debug/elf"
	"fmt"
	"slices"
)

// Frames is the call frame information of one or several programs (DWARF 5,
// section 6.4): how to find, at any instruction, the frame of the caller. The
// nil *Frames knows nothing. It never changes after it was made.
type Frames struct {
	list []frameEntry // by begin
}

// frameEntry describes a run of instructions.
type frameEntry struct {
	begin, end uint64
	common     *frameCommon
	program    []byte
}

// frameCommon is what several entries have in common.
type frameCommon struct {
	codeAlign     uint64
	dataAlign     int64
	returnAddress int
	signal        bool
	program       []byte
	encoding      byte // of addresses in .eh_frame
	augmented     bool // entries have augmentation data
	sizes         int  // bytes of an address
}

// LoadFrames reads .debug_frame and .eh_frame of an ELF file; the name is used
// in errors only. A file without them gives empty frames and no error.
func LoadFrames(name string, data []byte) (*Frames, error) {
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: no call frames, it is not a readable ELF file: %w", name, err)
	}
	defer func() { _ = f.Close() }() // nothing to close behind a bytes.Reader
	all := &Frames{}
	for _, title := range []string{".debug_frame", ".eh_frame"} {
		section := f.Section(title)
		if section == nil || section.Type == elf.SHT_NOBITS {
			continue
		}
		raw, err := section.Data()
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", name, title, err)
		}
		p := frameParser{data: raw, base: section.Addr, eh: title == ".eh_frame", commons: map[uint64]*frameCommon{}}
		if err := p.parse(all); err != nil {
			return nil, fmt.Errorf("%s: %s is damaged: %w", name, title, err)
		}
	}
	all.sort()
	return all, nil
}

func (f *Frames) sort() {
	slices.SortStableFunc(f.list, func(a, b frameEntry) int { return cmp.Compare(a.begin, b.begin) })
}

// MergeFrames joins the call frames of several programs.
func MergeFrames(list ...*Frames) *Frames {
	all := &Frames{}
	for _, f := range list {
		if f != nil {
			all.list = append(all.list, f.list...)
		}
	}
	all.sort()
	return all
}

// find returns the entry that covers an address.
func (f *Frames) find(addr uint64) *frameEntry {
	if f == nil {
		return nil
	}
	i, _ := slices.BinarySearchFunc(f.list, addr, func(e frameEntry, addr uint64) int {
		if e.begin <= addr {
			return -1
		}
		return 1
	})
	if i == 0 || addr >= f.list[i-1].end {
		return nil
	}
	return &f.list[i-1]
}

// frameParser reads a section of call frame information. The two kinds differ
// in how an entry names what it has in common with others, and in how .eh_frame
// writes addresses (Linux Standard Base 5.0, section 10.6).
type frameParser struct {
	data    []byte
	base    uint64 // address of the section
	eh      bool
	commons map[uint64]*frameCommon // by their offsets
}

func (p *frameParser) parse(to *Frames) error {
	for at := uint64(0); at < uint64(len(p.data)); {
		body, wide, next, err := p.record(at)
		if err != nil {
			return err
		}
		if len(body.data) == 0 { // the terminator of .eh_frame
			at = next
			continue
		}
		size := 4
		if wide {
			size = 8
		}
		idAt := next - uint64(len(body.data))
		id := body.unsigned(size)
		common := wide && id == ^uint64(0) || !wide && id == 0xffffffff
		if p.eh {
			common = id == 0
		}
		if common {
			_, err = p.common(at)
		} else {
			if p.eh {
				id = idAt - id
			}
			err = p.entry(to, body, id, next)
		}
		if err != nil {
			return err
		}
		at = next
	}
	return nil
}

// record is the record at an offset, without its length.
func (p *frameParser) record(at uint64) (body fields, wide bool, next uint64, err error) {
	if at >= uint64(len(p.data)) {
		return body, false, 0, fmt.Errorf("there is no record at %#x", at)
	}
	f := fields{data: p.data[at:]}
	length := f.unsigned(4)
	if length == 0xffffffff {
		wide, length = true, f.unsigned(8)
	}
	if f.bad || length > uint64(len(f.data)) {
		return body, false, 0, fmt.Errorf("the record at %#x is longer than the section", at)
	}
	next = uint64(len(p.data)-len(f.data)) + length
	return fields{data: f.data[:length]}, wide, next, nil
}

// common reads what entries have in common.
func (p *frameParser) common(at uint64) (*frameCommon, error) {
	if c := p.commons[at]; c != nil {
		return c, nil
	}
	f, wide, _, err := p.record(at)
	if err != nil {
		return nil, err
	}
	f.take(map[bool]uint64{false: 4, true: 8}[wide]) // its id
	version := f.unsigned(1)
	augmentation := f.text()
	c := &frameCommon{sizes: 8}
	if version >= 4 {
		c.sizes = int(f.unsigned(1))
		f.take(1) // the size of a segment selector
	}
	c.codeAlign, c.dataAlign = f.uleb(), f.sleb()
	if version == 1 {
		c.returnAddress = int(f.unsigned(1))
	} else {
		c.returnAddress = int(f.uleb())
	}
	for i, letter := range augmentation {
		switch {
		case letter == 'z' && i == 0:
			c.augmented = true
			f.uleb() // the length of what follows
		case letter == 'R':
			c.encoding = byte(f.unsigned(1))
		case letter == 'P':
			encoded(&f, byte(f.unsigned(1)), 0)
		case letter == 'L':
			f.unsigned(1)
		case letter == 'S':
			c.signal = true
		case letter == 'B' || letter == 'G': // of another architecture
		default:
			return nil, fmt.Errorf("the record at %#x has the unknown augmentation %q", at, augmentation)
		}
	}
	if f.bad || c.sizes != 4 && c.sizes != 8 {
		return nil, fmt.Errorf("the record at %#x is cut off", at)
	}
	c.program = f.data
	p.commons[at] = c
	return c, nil
}

// entry reads the description of a run of instructions.
func (p *frameParser) entry(to *Frames, f fields, commonAt, next uint64) error {
	c, err := p.common(commonAt)
	if err != nil {
		return err
	}
	e := frameEntry{common: c}
	if p.eh {
		here := p.base + next - uint64(len(f.data))
		e.begin = encoded(&f, c.encoding, here)
		e.end = e.begin + encoded(&f, c.encoding&0x0f, 0)
		if c.augmented {
			f.block()
		}
	} else {
		e.begin = f.unsigned(c.sizes)
		e.end = e.begin + f.unsigned(c.sizes)
	}
	if f.bad {
		return fmt.Errorf("the record before %#x is cut off", next)
	}
	e.program = f.data
	if e.end > e.begin {
		to.list = append(to.list, e)
	}
	return nil
}

// encoded reads an address of .eh_frame: a size, a sign, and whether it counts
// from here, where it stands.
func encoded(f *fields, encoding byte, here uint64) uint64 {
	const absent, signed, relation, fromHere = 0xff, 0x08, 0x70, 0x10
	if encoding == absent {
		return 0
	}
	size, v := 8, uint64(0)
	switch encoding & 0x07 {
	case 2:
		size = 2
	case 3:
		size = 4
	}
	if encoding&signed != 0 {
		v = uint64(f.signed(size))
	} else {
		v = f.unsigned(size)
	}
	if encoding&relation == fromHere {
		v += here
	}
	return v
}
