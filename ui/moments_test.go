package ui

import (
	"strings"
	"testing"
)

// TestMoments compares two steps and goes to what wrote a byte that differs.
func TestMoments(t *testing.T) {
	d := demoDriver(t, 120, 40)
	d.command("b pool_take")
	d.press("c")
	begin := d.m.status.Position
	d.press("f")
	end := d.m.status.Position
	d.command("seek " + end.String())
	d.command("diff " + begin.String())
	d.shows("Step "+begin.String()+" and step "+end.String(), "registers differ", "pc", "bytes of memory differ", "free_slots", "usage", "00 ")
	o := d.m.overlay.(*moments)
	for o.rows[o.chosen].name == "" || !strings.Contains(o.rows[o.chosen].name, "free_slots") {
		if o.chosen == len(o.rows)-1 {
			t.Fatal("free_slots is not among the rows")
		}
		d.press("down")
	}
	d.press("enter")
	if at := d.m.status.Position; at < begin || at >= end {
		t.Errorf("free_slots was written at step %v, between %v and %v", at, begin, end)
	}
	d.press("#")
	d.write("90,933 91,500")
	d.press("enter")
	d.press("end")
	d.shows("characters printed", "demo> ")
	d.press("enter")
	d.shows("nothing writes this")
	d.press("esc")
	d.command("diff nowhere")
	d.shows("nowhere")
	toy := replayed(t)
	toy.command("diff 3 4")
	toy.shows("cannot answer questions about its past")
}
