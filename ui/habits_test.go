package ui

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/testing/toysession"
)

// The habits of a good terminal program, one test each, by the numbers that
// docs/interface.md gives them.

// TestHabit1 finds ? on the first frame; pressed twice it gives back the same
// frame.
func TestHabit1(t *testing.T) {
	d := replayed(t)
	before := d.m.View()
	d.shows("? help")
	d.press("?")
	if d.m.View() == before {
		t.Error("? shows nothing")
	}
	d.press("?")
	if d.m.View() != before {
		t.Errorf("pressed twice, ? leaves another frame:\n%s", d.frame())
	}
}

// TestHabit2 filters the help by what is typed, lists each binding once for a
// pane, and runs the row that is chosen.
func TestHabit2(t *testing.T) {
	d := replayed(t)
	type place struct {
		pane paneID
		key  string
	}
	bound := map[place]string{}
	for _, b := range d.m.keymap {
		for _, key := range b.keys {
			at := place{b.pane, key}
			if bound[at] != "" {
				t.Errorf("%s means %s and %s", key, bound[at], b.name)
			}
			bound[at] = b.name
		}
	}
	d.press("?")
	d.write("next event")
	if frame := d.frame(); strings.Contains(frame, "reverse-continue") {
		t.Errorf("the filter leaves what does not fit:\n%s", frame)
	}
	d.press("enter")
	if d.m.overlay != nil || d.m.status.Position != toysession.Every {
		t.Errorf("Enter did not run the row: step %v\n%s", d.m.status.Position, d.frame())
	}
}

// TestHabit3 completes what is typed behind the colon and shows the key that
// does the same.
func TestHabit3(t *testing.T) {
	d := replayed(t)
	d.press("s", ":")
	d.write("stepb")
	d.shows("step-back", "S")
	d.press("enter")
	if d.m.status.Position != 0 {
		t.Errorf("the best suggestion was not run: step %v", d.m.status.Position)
	}
	for i := range d.m.keymap {
		if b := &d.m.keymap[i]; b.pane == everywhere && !known(d.m, b.name) {
			t.Errorf("%s cannot be reached from the command line", b.name)
		}
	}
}

// TestHabit4 has a footer for every mode.
func TestHabit4(t *testing.T) {
	d := replayed(t)
	d.shows("s step", "c continue")
	d.press("e")
	d.shows("S step back", "E previous event")
	d.press(":")
	d.write("replay_seek 1234")
	d.press("enter")
	d.shows("S step back", "C reverse")

	live := recorded(t)
	live.shows("p pause/run", "i type")
	live.press("S")
	live.shows("L live end")
	live.press("L", "c")
	live.shows("p pause/run", "i type")
	live.press("p")
	live.toy.Take("gdb")
	live.settle()
	live.shows("gdb has the controls", "T take over")
}

// TestHabit5 clicks a hint of the footer, and scrolls the pane under the
// pointer.
func TestHabit5(t *testing.T) {
	d := replayed(t)
	hint := func(name string) int {
		for _, h := range d.m.hints {
			if h.binding != nil && h.binding.name == name {
				return h.from
			}
		}
		t.Fatalf("no hint %s", name)
		return 0
	}
	d.frame()
	d.send(tea.MouseMsg{X: hint("step"), Y: d.m.height - 1, Action: tea.MouseActionPress, Button: tea.MouseButtonLeft})
	d.settle()
	if d.m.status.Position != 1 {
		t.Errorf("a click on the hint did not step: %v", d.m.status.Position)
	}
	focus := d.m.focus
	code := d.rect(codePane)
	before := d.frame()
	d.send(tea.MouseMsg{X: code.x + 1, Y: d.m.bodyTop + code.y + 1, Action: tea.MouseActionPress, Button: tea.MouseButtonWheelDown})
	d.settle()
	if d.m.focus != focus || d.frame() == before {
		t.Error("the wheel did not scroll the pane under the pointer, or took the focus")
	}
	d.press("M")
	if !d.m.freeMouse {
		t.Error("the mouse cannot be turned off")
	}
}

// TestHabit6 says why nothing happens.
func TestHabit6(t *testing.T) {
	d := replayed(t)
	d.press("S")
	d.shows("already at the start")
	d.press("i")
	d.shows("this is a replay")
	d.press("?")
	d.shows("already at the start")
	d.press("esc", ":")
	d.write("replay_seek 1234")
	d.press("enter", "s")
	d.shows("already at the end of the recording")
}

// TestHabit7 types at random and comes home with Esc.
func TestHabit7(t *testing.T) {
	keys := []string{"s", "S", "e", "E", "?", ":", "g", "tab", "shift+tab", "1", "2", "3", "4", "z", "b", "up", "down", "pgup", "enter", "x", "h", "v", "u", "ctrl+r", "M", "y", "i", "home", "backspace", "left"}
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		d := replayed(t)
		for range 60 {
			d.press(keys[random.IntN(len(keys))])
			d.frame()
		}
		d.press("esc", "esc", "esc")
		if d.m.overlay != nil || d.m.zoomed || d.m.input {
			t.Fatalf("seed %d: Esc does not lead home:\n%s", seed, d.frame())
		}
	}
}

// TestHabit8 draws at every size and always shows the step.
func TestHabit8(t *testing.T) {
	for _, size := range []struct{ width, height int }{{40, 12}, {60, 20}, {80, 24}, {84, 30}, {120, 40}, {200, 60}, {20, 5}, {1, 1}, {3, 200}} {
		t.Run(fmt.Sprintf("%dx%d", size.width, size.height), func(t *testing.T) {
			d := newDriver(t, size.width, size.height, plain, toysession.Options{Name: "a recording with a long name.reprise", Last: 123_456_789})
			d.press("e", "tab")
			d.frame()
			if size.width >= 40 {
				d.shows("step 50 of 123,456,789")
			}
			for _, key := range []string{"?", "esc", ":", "s", "esc", "z", "z"} {
				d.press(key)
				d.frame()
			}
		})
	}
}

// TestHabit9 walks the places visited.
func TestHabit9(t *testing.T) {
	d := replayed(t)
	d.press("e", "e", "s")
	for _, want := range []struct {
		key  string
		step uint64
	}{{"u", 100}, {"u", 50}, {"u", 0}, {"ctrl+r", 50}, {"ctrl+r", 100}} {
		d.press(want.key)
		if got := uint64(d.m.status.Position); got != want.step {
			t.Errorf("%s leads to step %d, want %d", want.key, got, want.step)
		}
	}
	live := recorded(t)
	live.press("q")
	live.shows("End the recording and leave?")
	live.press("n")
	if live.quit {
		t.Error("n left")
	}
}

// TestBurst reads keys that came at once one by one, and does each of them.
func TestBurst(t *testing.T) {
	d := replayed(t)
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("sssS")})
	d.settle()
	if d.m.status.Position != 2 {
		t.Errorf("sssS leads to step %v", d.m.status.Position)
	}
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("2z")})
	d.settle()
	if !d.m.zoomed {
		t.Error("the second key of a burst is lost")
	}
	live := recorded(t)
	live.press("c")
	live.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("ils")})
	live.settle()
	if got := live.keyboard.typed.String(); got != "ls" {
		t.Errorf("typed %q for the guest", got)
	}
}
