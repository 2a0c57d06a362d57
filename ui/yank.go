package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/term"
)

// How text gets out of the console: a selection with the mouse or all that is on
// show, into the clipboard or a file.

// selection is what the mouse marks in the console, from where it went down to
// where it is; columns and rows of the guest's screen.
type selection struct {
	on, moved      bool
	x0, y0, x1, y1 int
}

// ordered are both ends, the upper one first.
func (s selection) ordered() (x0, y0, x1, y1 int) {
	if s.y1 < s.y0 || s.y1 == s.y0 && s.x1 < s.x0 {
		return s.x1, s.y1, s.x0, s.y0
	}
	return s.x0, s.y0, s.x1, s.y1
}

// has reports whether a character is selected.
func (s selection) has(x, y int) bool {
	x0, y0, x1, y1 := s.ordered()
	after := y > y0 || y == y0 && x >= x0
	before := y < y1 || y == y1 && x <= x1
	return s.on && s.moved && after && before
}

// mouseIn is where a point of the body is on the guest's screen, moved into it.
func (p *console) mouseIn(screen *term.Screen, r rect, x, y int) (column, row int) {
	columns, rows := screen.Size()
	return min(max(p.left+x-r.x, 0), columns-1), min(max(p.first+y-r.y-1, -screen.History()), rows-1)
}

// select begins or goes on with a selection.
func (p *console) selectTo(m *root, r rect, x, y int, begin bool) {
	screen := m.screen()
	if screen == nil {
		return
	}
	s := &p.selection
	column, row := p.mouseIn(screen, r, x, y)
	if begin {
		*s = selection{on: true, x0: column, y0: row}
	} else if s.on {
		s.moved = true
	}
	s.x1, s.y1 = column, row
}

// copySelection ends a selection: its text goes into the clipboard.
func (p *console) copySelection(m *root) tea.Cmd {
	s := p.selection
	p.selection.on = false
	screen := m.screen()
	if !s.on || !s.moved || screen == nil {
		return nil
	}
	x0, y0, x1, y1 := s.ordered()
	if text := strings.TrimRight(screen.TextBetween(x0, y0, x1, y1), "\n"); strings.TrimSpace(text) != "" {
		return m.clipboard.copy(text)
	}
	return nil
}

// shownText is what the console pane's screen shows.
func (m *root) shownText() string {
	screen := m.screen()
	if screen == nil {
		return ""
	}
	columns, rows := screen.Size()
	up := m.consoleState().up
	return strings.TrimRight(screen.TextBetween(0, -up, columns-1, rows-1-up), "\n")
}

// copyConsole copies what the console pane's screen shows.
func (m *root) copyConsole() tea.Cmd {
	text := m.shownText()
	if text == "" {
		m.fail("the console is empty")
		return nil
	}
	return m.clipboard.copy(text)
}

// yank is the command :yank, for terminals that do not let programs copy.
func yank(m *root, path string) tea.Cmd {
	switch {
	case path == "":
		m.fail("into which file? :yank FILE; y copies to the clipboard")
		return nil
	case m.noScreen() != "":
		m.fail(m.noScreen())
		return nil
	}
	return m.writeNew(path, "the console's screen", []byte(m.shownText()+"\n"))
}

// writeNew is the command that writes a file that is not there yet, and says so.
func (m *root) writeNew(path, what string, data []byte) tea.Cmd {
	return func() tea.Msg {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return noticeMsg{path + " is there already: give another name", true}
		}
		if err == nil {
			_, err = f.Write(data)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			return noticeMsg{firstLine(err.Error()), true}
		}
		return noticeMsg{text: fmt.Sprintf("%s is in %s", what, path)}
	}
}
