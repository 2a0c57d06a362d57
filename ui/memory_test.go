package ui

import (
	"strings"
	"testing"
)

// TestMemory shows the toy's program, follows a register, and marks nothing
// that cannot be read.
func TestMemory(t *testing.T) {
	d := replayed(t)
	d.press("5")
	d.shows("Memory $sp 0x0", "--")
	d.press("s")
	d.shows("Memory $sp 0x80008000")
	d.press("a")
	d.write("_start")
	d.press("enter")
	d.shows("Memory _start 0x80000000", "17<81 00 00")
	d.press("right", "down")
	if d.m.memory().follow != "" || d.m.memory().at(d.m)&15 != 9 && d.m.memory().at(d.m)&15 != 1 {
		t.Errorf("the cursor is at %#x", d.m.memory().at(d.m))
	}
	d.press("o")
	if got := d.m.overlay.(*asking).in.value(); got != "0x80000008 8" && got != "0x80000010 8" {
		t.Errorf("the chosen memory is %q", got)
	}
	d.press("esc", "a")
	d.write("nowhere")
	d.press("enter")
	d.shows("\"nowhere\" is neither a number")
	d.press("home")
	d.shows("Memory $sp")
}

// TestMemoryChanges marks the bytes that changed since the stop before.
func TestMemoryChanges(t *testing.T) {
	d := replayed(t)
	d.press("5", "s")
	d.press(":")
	d.write("seek 100")
	d.press("enter", ":")
	d.write("seek 110")
	d.press("enter")
	v, old := &d.m.view.memory, &d.m.oldMemory
	changed := 0
	for addr := v.base; addr < v.base+memoryRows*memoryRow; addr++ {
		b, ok := v.byteAt(addr)
		was, known := old.byteAt(addr)
		if ok && known && b != was {
			changed++
			if addr>>3 != 0x80008000>>3 {
				t.Errorf("byte %#x changed", addr)
			}
		}
	}
	if changed == 0 || !strings.Contains(d.frame(), "80008000") {
		t.Errorf("what the program stores at $sp did not change:\n%s", d.frame())
	}
}
