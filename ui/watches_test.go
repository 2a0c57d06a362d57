package ui

import (
	"strings"
	"testing"
)

// TestValues watches expressions, opens structures and pointers, marks what
// changes, and shows the variables of the frame.
func TestValues(t *testing.T) {
	d := demoDriver(t, 120, 40)
	d.press("0")
	d.shows("[ Values", "a adds an expression")
	d.press("a")
	d.write("jobs->na")
	d.press("enter")
	d.shows("jobs->na = <struct job has no membe")
	d.press("up", "backspace")
	d.command("watch-expr usage.used")
	d.command("watch-expr jobs")
	d.press("a")
	d.write("$sp")
	d.press("enter", "a")
	d.write("free_sl")
	d.shows("  free_slots")
	d.press("esc")
	d.command("b pool_take")
	d.press("c", "c", "0")
	d.shows("jobs = (struct job *) 0x", "usage.used = 1", "$sp = 0x", "in pool_take", "slot = ")
	d.press("d", "d", "d", "d")
	if frame := d.frame(); !strings.Contains(frame, "*  usage.used = 2") {
		t.Errorf("the change is not shown or not marked:\n%s", frame)
	}
	d.press("home", "down", "enter") // jobs
	d.shows("- jobs = ", "ticks = ", `name = "alpha"`, "next = (struct job *) 0x0")
	d.press("down", "down", "down", "down") // its name
	if row, _ := d.m.watched(); row.name != "name" {
		t.Errorf("the chosen row is %s", row.name)
	}
	d.press("o")
	if got, row := d.m.overlay.(*asking).in.value(), d.m.view.watches.rows[5]; !strings.HasSuffix(got, " 16") || row.size != 16 {
		t.Errorf("who wrote %q is asked, of %+v", got, row)
	}
	d.press("esc", "up", "v")
	d.shows("ticks = 0x", "hex")
	d.press("v", ".")
	if d.m.focus != memPane || d.m.memory().at(d.m) != d.m.view.watches.rows[4].addr {
		t.Errorf("the memory shows %#x", d.m.memory().at(d.m))
	}
	d.press("0", "delete")
	if len(d.m.watches().expressions) != 2 {
		t.Errorf("there are still %v", d.m.watches().expressions)
	}
	d.click(watchPaneID, 4, 1)
	if row, _ := d.m.watched(); row.name != "$sp" {
		t.Errorf("the click chose %s", row.name)
	}
}

// TestMemoryAsType shows memory as a structure, follows pointers in it and goes
// back, and follows a word of bytes.
func TestMemoryAsType(t *testing.T) {
	d := demoDriver(t, 120, 40)
	d.command("b pool_take")
	d.press("c", "c", "5", "a")
	d.write("jobs")
	d.press("enter")
	d.press("enter") // the word there
	job := d.m.memory().at(d.m)
	if slot, _ := d.m.options.Symbols.Lookup("pool"); job < slot || job > slot+0x10000 {
		t.Errorf("the word leads to %#x", job)
	}
	d.press("t")
	d.write("struct jo")
	d.press("tab", "enter")
	d.shows("struct job", "sum = ", `name = "alpha"`, "next = (struct job *) 0x0")
	d.command("as union slot")
	d.shows("next = (union slot *) ")
	d.press("backspace")
	d.shows("Memory jobs")
	d.press("backspace")
	d.shows("no pointer was followed to here")
	d.press("a")
	d.write("free_slots")
	d.press("enter")
	d.command("as union slot *")
	d.shows("= (union slot *) 0x")
	d.press("enter")
	first := d.m.memory().at(d.m)
	d.press("down", "enter")
	if second := d.m.memory().at(d.m); second == first || len(d.m.memory().back) != 2 {
		t.Errorf("the pointer of %#x leads to %#x", first, second)
	}
	d.press("backspace")
	if at := d.m.memory().at(d.m); at != first {
		t.Errorf("back at %#x, want %#x", at, first)
	}
	d.press("v")
	if d.m.memory().as != "" {
		t.Error("v does not show bytes")
	}
	d.command("as struct nobody")
	d.shows(`there is no type "struct nobody"`)
}
