package statecheck

import (
	"strings"
	"testing"

	"reprise/vm/state"
)

// part is a component that does what its visit says.
type part struct {
	callback func() `state:"-"`
	cache    int    `state:"-"`

	flag   bool
	small  uint8
	large  uint64
	signed int32
	pair   [2]uint16
	rows   []row
	text   []byte
	box    *row

	visit func(p *part, v *state.Visitor) `state:"-"`
}

type row struct{ a, b uint32 }

func (p *part) Visit(v *state.Visitor) { p.visit(p, v) }

// complete visits every field, and in a struct that has been loaded, a new box
// and new rows.
func complete(p *part, v *state.Visitor) {
	v.Bool(&p.flag)
	v.Uint8(&p.small)
	v.Uint64(&p.large)
	signed := uint32(p.signed)
	v.Uint32(&signed)
	p.signed = int32(signed)
	v.Uint16(&p.pair[0])
	v.Uint16(&p.pair[1])
	if v.Loading() {
		p.rows = make([]row, len(p.rows))
	}
	for i := range p.rows {
		v.Uint32(&p.rows[i].a)
		v.Uint32(&p.rows[i].b)
	}
	v.Bytes(&p.text, 4)
	present := p.box != nil
	v.Bool(&present)
	if v.Loading() {
		p.box = nil
		if present {
			p.box = new(row)
		}
	}
	if present {
		v.Uint32(&p.box.a)
		v.Uint32(&p.box.b)
	}
}

func newPart(visit func(*part, *state.Visitor)) *part {
	return &part{callback: func() {}, cache: 1, rows: make([]row, 2), visit: visit}
}

func TestCompletePasses(t *testing.T) {
	p := newPart(complete)
	Check(t, p)
	p.box, p.text = &row{1, 2}, []byte("ab")
	Check(t, p)
	if *p.box != (row{1, 2}) || string(p.text) != "ab" || p.large != 0 {
		t.Errorf("Check left %+v", p)
	}
}

func TestFaultsNameTheField(t *testing.T) {
	saveOnly := func(v *state.Visitor, visit func()) {
		if v.Loading() {
			return
		}
		visit()
	}
	tests := []struct {
		name  string
		want  string
		visit func(p *part, v *state.Visitor)
	}{
		{"missing", "field pair[1] is not visited", func(p *part, v *state.Visitor) {
			kept := p.pair[1]
			p.pair[1] = 0
			complete(p, v)
			p.pair[1] = kept
		}},
		{"missing in a row", "field rows[1].b is not visited", func(p *part, v *state.Visitor) {
			kept := p.rows[1].b
			p.rows[1].b = 0
			complete(p, v)
			p.rows[1].b = kept
		}},
		{"too short", "field large is not visited", func(p *part, v *state.Visitor) {
			low := uint32(p.large)
			v.Uint32(&low)
			p.large = uint64(low)
		}},
		{"not loaded", "field large is not loaded", func(p *part, v *state.Visitor) {
			kept := p.large
			complete(p, v)
			if v.Loading() {
				p.large = kept
			}
		}},
		{"not read", "Load leaves 1 bytes", func(p *part, v *state.Visitor) {
			complete(p, v)
			saveOnly(v, func() { v.Uint8(&p.small) })
		}},
		{"not undone", "field box: loading the unchanged state does not undo", func(p *part, v *state.Visitor) {
			kept := p.box
			complete(p, v)
			if v.Loading() && p.box == nil {
				p.box = kept
			}
		}},
		{"refused", "field small: Load accepts no changed value", func(p *part, v *state.Visitor) {
			complete(p, v)
			if v.Loading() && p.small != 0 {
				v.Fail("small")
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, fault := range faults(newPart(test.visit), nil) {
				if strings.HasPrefix(fault, test.want) || strings.Contains(fault, ": "+test.want) {
					return
				}
			}
			t.Errorf("no fault %q in %q", test.want, faults(newPart(test.visit), nil))
		})
	}
}

func TestExcept(t *testing.T) {
	onlyFlag := func(p *part, v *state.Visitor) { v.Bool(&p.flag) }
	except := []string{"small", "large", "signed", "pair", "rows[0]", "rows[1].a", "rows[1].b", "text", "box"}
	if got := faults(newPart(onlyFlag), except); got != nil {
		t.Errorf("faults outside the exceptions: %q", got)
	}
	if got := faults(newPart(onlyFlag), except[1:]); len(got) != 1 || !strings.HasPrefix(got[0], "field small is not visited") {
		t.Errorf("faults %q, want that of small", got)
	}
}

// strange has a field that cannot be encoded and is not tagged.
type strange struct {
	hook func()
}

func (s *strange) Visit(*state.Visitor) {}

func TestUntaggedFunction(t *testing.T) {
	got := faults(&strange{hook: func() {}}, nil)
	if len(got) != 1 || !strings.HasPrefix(got[0], "field hook is a func") {
		t.Errorf("faults %q, want that of hook", got)
	}
}

// long has an array of which only some elements are changed.
type long struct {
	bytes [100_000]uint8
	seen  int `state:"-"` // number of bytes visited
}

func (l *long) Visit(v *state.Visitor) { v.Fixed(l.bytes[:l.seen]) }

func TestLongArrayIsSampledToItsEnd(t *testing.T) {
	if got := faults(&long{seen: 100_000}, nil); got != nil {
		t.Errorf("faults of a complete visit: %q", got)
	}
	if got := faults(&long{seen: 99_999}, nil); len(got) != 1 || !strings.HasPrefix(got[0], "field bytes[99999] ") {
		t.Errorf("faults %q, want that of the last byte", got)
	}
}
