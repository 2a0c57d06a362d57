package ui

import (
	"errors"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"
)

// TestSourcePane steps by lines both ways, sees values, sets breakpoints on
// lines by key and by click, and runs to a line.
func TestSourcePane(t *testing.T) {
	d := demoDriver(t, 120, 40)
	d.press("d")
	d.shows("no line of source is known here")
	d.command("b pool_take")
	d.press("c", "9")
	d.shows("[ Source jobs.c:2", "static struct job *pool_take(void)", "union slot *slot = free_slots;")
	place := func() int { return d.m.view.source.line }
	first, at := place(), d.m.status.Position
	d.press("d", "d")
	if place() <= first {
		t.Errorf("two lines on from %d it is %d", first, place())
	}
	d.press("d")
	d.shows("slot = (union slot *) 0x")
	d.press("D", "D", "D")
	if place() != first || d.m.status.Position > at {
		t.Errorf("three lines back it is %d at step %v, it was %d at %v", place(), d.m.status.Position, first, at)
	}
	d.command("delete all")
	d.press("down", "down", "down", "down", "b")
	d.shows("breakpoint at pool_take")
	line := d.m.sourceState().at(d.m)
	if len(d.m.view.source.breaks) != 1 || !strings.Contains(d.frame(), "●") {
		t.Errorf("the breakpoint is not at line %d:\n%s", line, d.frame())
	}
	d.press("home", "c")
	if _, ok := d.m.view.source.breaks[place()]; !ok {
		t.Errorf("it stopped at line %d", place())
	}
	d.press("b")
	if len(d.m.view.points) != 0 {
		t.Error("b did not remove the breakpoint")
	}
	d.press("home")
	row := 3
	d.click(sourcePaneID, 0, row)
	if want := d.m.sourceState().top + row; d.m.sourceState().line != want || len(d.m.view.points) != 1 {
		t.Errorf("the click chose line %d of %d, and there are %d breakpoints", d.m.sourceState().line, want, len(d.m.view.points))
	}
	d.press("b", "down", "down", "down", "down", "r")
	d.press("a")
	d.write("shell")
	d.press("enter")
	d.shows("Source shell.c:1", "#include")
	d.press("home")
	if d.m.view.source.line == 0 {
		t.Error("Home does not return to where the machine is")
	}
	d.press("enter")
	if d.m.focus != codePane {
		t.Error("Enter does not show the code")
	}
}

// TestNextLine goes through a function line by line, over its calls, forwards
// and back over the same places.
func TestNextLine(t *testing.T) {
	d := demoDriver(t, 120, 40)
	d.command("b jobs_sum")
	d.press("c", "9")
	var lines []int
	first := d.m.view.source.line
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("dddDDD")}) // none of them is lost
	d.settle()
	if got := d.m.view.source.line; got != first {
		t.Errorf("three lines on and three back lead from %d to %d", first, got)
	}
	for range 6 {
		if name, _ := d.m.options.Symbols.Name(d.m.view.regs.pc); !strings.HasPrefix(name, "jobs_sum") {
			t.Errorf("line %d is in %s", d.m.view.source.line, name)
		}
		lines = append(lines, d.m.view.source.line)
		d.press("d")
	}
	for i := len(lines) - 1; i >= 0; i-- {
		d.press("D")
		if got := d.m.view.source.line; got != lines[i] {
			t.Errorf("back at line %d, forwards it was %v", got, lines[:i+1])
			break
		}
	}
}

// missing is source that is elsewhere.
type missing struct{ demoSource }

func (missing) File(string) ([]string, error) {
	return nil, errors.New("the source is not at hand; it was looked for at\n  assets/demo/jobs.c")
}

// TestMissingSource says what is missing.
func TestMissingSource(t *testing.T) {
	d := demoDriver(t, 120, 40)
	d.m.options.Source = missing{d.m.options.Source.(demoSource)}
	d.command("b pool_take")
	d.press("c", "9")
	d.shows("the source is not at hand", "  assets/demo/jobs.c")
}

// TestHighlight colours what C and assembly are made of, and loses nothing.
func TestHighlight(t *testing.T) {
	s := newStyles(Look{Colors: termenv.ANSI})
	mark := func(file string, line string, inside bool) string {
		text := s.highlight(file, line, inside)
		for _, c := range []struct{ code, mark string }{{"\x1b[35m", "k<"}, {"\x1b[90m", "c<"}, {"\x1b[32m", "s<"}, {"\x1b[36m", "n<"}, {"\x1b[33m", "d<"}, {"\x1b[0m", ">"}} {
			text = strings.ReplaceAll(text, c.code, c.mark)
		}
		return text
	}
	for _, c := range []struct {
		file, line string
		inside     bool
		want       string
	}{
		{"a.c", `return x1 + 0x10; // "why"`, false, `k<return> x1 + n<0x10>; c<// "why">`},
		{"a.c", `puts("a\"b" /* c */, 'x');`, false, `puts(s<"a\"b"> c</* c */>, s<'x'>);`},
		{"a.c", `ends here */ int a;`, true, `c<ends here */> k<int> a;`},
		{"a.c", `still inside`, true, `c<still inside>`},
		{"a.c", `#include <x.h>`, false, `d<#include <x.h>>`},
		{"a.S", `    ld a0, 8(sp) # int`, false, `    ld a0, n<8>(sp) c<# int>`},
		{"a.c", `"open`, false, `s<"open>`},
		{"a.c", `é = "ü"; 7`, false, `é = s<"ü">; n<7>`},
	} {
		if got := mark(c.file, c.line, c.inside); got != c.want {
			t.Errorf("%s is\n%s, want\n%s", c.line, got, c.want)
		}
	}
	if got := inComment([]string{"a /* b", "c", "d */ e // /*", "f"}); !got[1] || !got[2] || got[0] || got[3] {
		t.Errorf("comments: %v", got)
	}
}
