package vm

import (
	"testing"

	"reprise/vm/riscv"
	"reprise/vm/state"
)

// grown is a component that gained a field with the schema after this one.
type grown struct {
	old, added uint64
}

const nextSchema = state.Schema + 1

func (g *grown) Visit(v *state.Visitor) {
	v.Uint64(&g.old)
	if v.Since(nextSchema) {
		v.Uint64(&g.added)
	}
}

// TestDigestOfOlderSchema compares states by the fields that an older build had.
func TestDigestOfOlderSchema(t *testing.T) {
	m, err := New(Config{Harts: 1, ISA: riscv.RV64GC}, make([]byte, MinMemory), nil)
	if err != nil {
		t.Fatal(err)
	}
	part := &grown{}
	m.parts = append(m.parts, Component{"grown", part})
	was, will := m.DigestOf(state.Schema), m.DigestOf(nextSchema)
	part.added = 1
	if d := was.Difference(m.DigestOf(state.Schema)); d != "" {
		t.Errorf("a field that the schema does not have changes the digest of %s", d)
	}
	if d := will.Difference(m.DigestOf(nextSchema)); d != "grown" {
		t.Errorf("a field of the schema changes the digest of %q", d)
	}
	part.old = 1
	if d := was.Difference(m.DigestOf(state.Schema)); d != "grown" {
		t.Errorf("a field that there always was changes the digest of %q", d)
	}
}
