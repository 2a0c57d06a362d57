package ui

import (
	"fmt"
	"strings"
	"testing"

	"reprise/internal/testing/toysession"
)

// listing is the source of the toy's program: a line for every two
// instructions, and none before the loop.
type listing struct{}

func (listing) Line(addr uint64) (place, text string, ok bool) {
	if addr < toysession.Loop {
		return "", "", false
	}
	line := (addr - toysession.Base) / 8
	return fmt.Sprintf("toy.c:%d", line), fmt.Sprintf("\tline(%d);\x1b[2J", line), true
}

func (listing) File(string) ([]string, error) { return nil, nil }

// TestSource shows each line of source once, before its instructions, and what
// is in it does nothing to the screen.
func TestSource(t *testing.T) {
	d := replayed(t)
	d.m.options.Source = listing{}
	d.press("s", "s")
	frame := d.frame()
	if !strings.Contains(frame, "toy.c:1      line(1);.[2J") || strings.Count(frame, "toy.c:2") != 1 {
		t.Errorf("the source is not where it should be:\n%s", frame)
	}
	before, _, _ := strings.Cut(frame, "80000008")
	if !strings.Contains(before, "toy.c:1  ") || strings.Contains(before, "toy.c:2") {
		t.Errorf("the line does not stand before its instructions:\n%s", frame)
	}
	d.shows("Disassembly loop  toy.c:1")
}
