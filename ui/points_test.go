package ui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/replay"
)

// click presses the left button at a row and column of a pane's content.
func (d *driver) click(pane paneID, x, y int) {
	d.t.Helper()
	d.frame()
	for _, r := range d.m.rects {
		if r.pane == pane {
			d.send(tea.MouseMsg{X: r.x + x, Y: d.m.bodyTop + r.y + 1 + y, Action: tea.MouseActionPress, Button: tea.MouseButtonLeft})
			d.settle()
			return
		}
	}
	d.t.Fatalf("%v is not on the screen:\n%s", pane, d.frame())
}

// command types a command behind the colon.
func (d *driver) command(line string) {
	d.t.Helper()
	d.press(":")
	d.write(line)
	d.press("enter")
}

// TestBreakpointPane adds a breakpoint with completion and a watchpoint, goes
// to their hits both ways, and disables and removes them, by keys and by mouse.
func TestBreakpointPane(t *testing.T) {
	d := demoDriver(t, 120, 40)
	d.press("7")
	d.shows("[ Breakpoints ]", "a adds one")
	d.press("enter")
	d.shows("there is no breakpoint here")
	d.press("a")
	d.write("pool_ta")
	d.shows("  pool_take")
	d.press("tab", "enter")
	d.shows("Breakpoints 1", "pool_take")
	d.command("watch free_slots 8")
	d.shows("Breakpoints 2", "write free_slots", "0x80002020/8")
	d.press("down", "enter") // the watchpoint alone
	if stop := d.m.status.Stop; stop.Reason != replay.AtWatchpoint {
		t.Errorf("the watchpoint was not met: %v", stop)
	}
	d.press("enter", "up", "enter")
	met := d.m.status
	if met.Stop.Reason != replay.AtBreakpoint {
		t.Errorf("the breakpoint was not met: %v", met.Stop)
	}
	d.shows("hit 1", "hit 2")
	d.press("enter", "backspace")
	if d.m.status.Position != met.Position {
		t.Errorf("back at step %v, the hit before was at %v", d.m.status.Position, met.Position)
	}
	d.click(pointsPane, 0, 1)
	d.shows("disabled")
	if p, _ := d.m.point(); p.watch == nil || !p.disabled {
		t.Errorf("the click did not disable the watchpoint: %+v", p)
	}
	d.press("t")
	if p, _ := d.m.point(); p.disabled {
		t.Error("t did not enable it again")
	}
	d.press("d")
	d.click(pointsPane, 5, 0)
	d.press("t")
	if frame := d.frame(); !strings.Contains(frame, "○") {
		t.Errorf("a disabled breakpoint is not told from another:\n%s", frame)
	}
	d.press(".")
	if name, _ := d.m.options.Symbols.Name(d.m.panes[codePane].(*disassembly).at(d.m)); name != "pool_take" || d.m.focus != codePane {
		t.Errorf(". shows %s", name)
	}
	d.press("7", "d")
	d.shows("a adds one")
}
