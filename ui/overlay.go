package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// overlay is something in front of the panes that has the keys. Esc always
// ends it.
type overlay interface {
	key(m *root, k tea.KeyMsg) tea.Cmd
	// draw returns the lines of the body, given those of the panes.
	draw(m *root, panes []string, width int) []string
	// line is the line above the footer, empty for the usual one.
	line(m *root, width int) string
	// keys are what the footer shows: key and meaning.
	keys() [][2]string
}

// question asks before something that cannot be taken back.
type question struct {
	text string
	yes  func(m *root) tea.Cmd
}

func (q *question) key(m *root, k tea.KeyMsg) tea.Cmd {
	switch k.String() {
	case "y", "Y":
		m.overlay = nil
		return q.yes(m)
	case "n", "N", "esc", "ctrl+c", "q":
		m.overlay = nil
	}
	return nil
}

func (q *question) draw(_ *root, panes []string, _ int) []string { return panes }

func (q *question) line(m *root, width int) string {
	return fit(m.styles.warning.Render(q.text)+" y/n", width)
}

func (q *question) keys() [][2]string { return [][2]string{{"y", "yes"}, {"n", "no"}} }

// output is text to be read: what a command printed.
type output struct {
	title string
	lines []string
	top   int
	seen  int // rows that fitted when it was last drawn
}

func (o *output) key(m *root, k tea.KeyMsg) tea.Cmd {
	by := 0
	switch k.String() {
	case "esc", "q", "enter", "ctrl+c":
		m.overlay = nil
	case "up", "k":
		by = -1
	case "down", "j":
		by = 1
	case "pgup":
		by = -o.seen
	case "pgdown", " ":
		by = o.seen
	case "home":
		by = -len(o.lines)
	case "end":
		by = len(o.lines)
	}
	o.top = min(max(o.top+by, 0), max(len(o.lines)-o.seen, 0))
	return nil
}

func (o *output) draw(m *root, panes []string, width int) []string {
	o.seen = max(len(panes)-1, 1)
	lines := []string{heading(m, o.title, width)}
	for _, line := range o.lines[min(o.top, len(o.lines)):] {
		lines = append(lines, printable(line))
	}
	return block(lines, width, len(panes))
}

func (o *output) line(*root, int) string { return "" }

func (o *output) keys() [][2]string {
	return [][2]string{{"Esc", "closes"}, {"Up Down", "scroll"}}
}

// heading is the title line of what covers the panes.
func heading(m *root, title string, width int) string {
	s := m.styles
	title = fitWords(title, width-6)
	return s.rule.Render(s.glyphs.horizontal) + s.focused.Render("[ "+title+" ]") +
		s.rule.Render(strings.Repeat(s.glyphs.horizontal, max(width-5-textWidth(title), 0)))
}

// printable replaces control characters, which would disturb the frame.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < 0x20 || r >= 0x7f && r < 0xa0:
			return '.'
		}
		return r
	}, text)
}
