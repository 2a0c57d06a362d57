package cli

import (
	"testing"

	"reprise/assets"
	"reprise/internal/debuginfo"
	"reprise/replay/recording"
)

// TestSourceOfDemo finds the line that the tutorial comes to.
func TestSourceOfDemo(t *testing.T) {
	data := assets.Demo()
	s := sourcesOf(symbolFiles{}.debug([]recording.Image{{Role: "bios", File: "demo.elf", SHA256: recording.Sum(data)}},
		func(recording.Hash) ([]byte, error) { return data, nil }), nil)
	symbols, err := debuginfo.Load("demo.elf", data)
	if err != nil {
		t.Fatal(err)
	}
	addr, ok := symbols.Lookup("pool_take")
	if !ok {
		t.Fatal("the demo has no pool_take")
	}
	found := false
	for end := addr + 32; addr < end; addr += 2 {
		place, text, ok := s.Line(addr)
		if !ok {
			t.Errorf("%#x has no line", addr)
		}
		found = found || place == "jobs.c:31" && text == "\tfree_slots = slot->next;"
	}
	if !found {
		t.Error("the line that takes a slot from the list is not found")
	}
	if _, _, ok := s.Line(0x1000); ok {
		t.Error("the reset vector has a line")
	}
}
