package ui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

// TestPrinted looks for a text in what the demo prints, in both directions.
func TestPrinted(t *testing.T) {
	d := demoDriver(t, 120, 40)
	d.press("/")
	d.write("done in")
	d.press("enter")
	first := d.m.status.Position
	d.shows("done in")
	if strings.Contains(d.frame(), "done in 2") {
		t.Error("the console shows more than the text")
	}
	d.press(">", ">")
	third := d.m.status.Position
	if third <= first {
		t.Errorf("> leads from %v to %v", first, third)
	}
	d.press("<", "<")
	if got := d.m.status.Position; got != first {
		t.Errorf("< leads back to %v, want %v", got, first)
	}
	d.press("<")
	d.shows(`"done in" was not printed before here`)
	if got := d.m.status.Position; got != first {
		t.Errorf("a search without a hit moved to %v", got)
	}
}

// TestPick chooses a character of the console, with the mouse and with keys, and
// goes to the step that wrote it.
func TestPick(t *testing.T) {
	d := demoDriver(t, 120, 40)
	d.press("/")
	d.write("done in 2")
	d.press("enter")
	end := d.m.status.Position
	d.press("left", "enter") // the 2, which is the last character
	if got := d.m.status.Position; got != end-1 {
		t.Errorf("the last character leads to %v, want %v", got, end-1)
	}
	d.press("s")
	var console rect
	for _, r := range d.m.rects {
		if r.pane == consolePane {
			console = r
		}
	}
	row, column := -1, 0
	for y, line := range strings.Split(d.frame(), "\n") {
		if i := strings.Index(line, "job table"); i >= 0 && y > console.y {
			row, column = y, i
		}
	}
	if row < 0 {
		t.Fatalf("the greeting is not on the screen:\n%s", d.frame())
	}
	d.send(tea.MouseMsg{X: console.x + column, Y: row, Action: tea.MouseActionPress, Button: tea.MouseButtonLeft})
	d.shows("Enter goes to the step that wrote this character")
	d.press("enter")
	if got := d.m.status.Position; got >= end || got == 0 {
		t.Errorf("the greeting was written by step %v", got)
	}
	screen := d.m.screen()
	cursor := screen.Cursor()
	if text := screen.Text(cursor.Y); !strings.HasSuffix(text, "the") {
		t.Errorf("before that step the line is %q", text)
	}
}
