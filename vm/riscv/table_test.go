package riscv

import "testing"

func TestTableIsComplete(t *testing.T) {
	names := map[string]Op{}
	for op := OpIllegal + 1; int(op) < NumOps; op++ {
		r := rows[op]
		if r.name == "" || r.ext == 0 || !ISAAll.Has(r.ext) || r.format >= numFormats {
			t.Errorf("row %d (%q) is incomplete: %+v", op, r.name, r)
		}
		if r.match&^r.mask != 0 {
			t.Errorf("%s: match %#x has bits outside of mask %#x", r.name, r.match, r.mask)
		}
		if r.mask&0x7f != 0x7f || r.match&3 != 3 {
			t.Errorf("%s: the major opcode is not fixed", r.name)
		}
		if other, ok := names[r.name]; ok {
			t.Errorf("rows %d and %d are both %s", other, op, r.name)
		}
		names[r.name] = op
	}
	if rows[OpIllegal] != (row{}) {
		t.Errorf("OpIllegal has a row: %+v", rows[OpIllegal])
	}
}

// TestRowsOverlap checks that no encoding fits two rows, but for pause, which is a fence.
func TestRowsOverlap(t *testing.T) {
	for a := OpIllegal + 1; int(a) < NumOps; a++ {
		for b := a + 1; int(b) < NumOps; b++ {
			common := rows[a].mask & rows[b].mask
			if rows[a].match&common == rows[b].match&common && (a != OpPAUSE || b != OpFENCE) {
				t.Errorf("%v and %v overlap", a, b)
			}
		}
	}
}

func TestISAHas(t *testing.T) {
	if !RV64GC.Has(ExtF|ExtD) || RV64GC.Has(ExtD|ExtZba) || RV64GC.Has(ExtZfhmin) {
		t.Error("RV64GC has F and D, and neither Zba nor Zfhmin")
	}
}
