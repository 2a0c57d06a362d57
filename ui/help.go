package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// helpList explains the keys of the focused pane. What is typed filters it, by
// action and by key; Enter does what the chosen row says.
type helpList struct {
	filter editor
	chosen int
	first  int // the row at the top when it was last drawn
}

func showHelp(m *root) tea.Cmd {
	m.overlay = &helpList{filter: editor{prompt: "filter: "}}
	return nil
}

// rows are the bindings that apply in the focused pane and fit the filter, the
// pane's own first. A key that the pane has for itself is not listed twice.
func (h *helpList) rows(m *root) []*binding {
	want := strings.ToLower(h.filter.value())
	var own, others []*binding
	for i := range m.keymap {
		b := &m.keymap[i]
		text := strings.ToLower(strings.Join(b.keys, " ") + " " + b.shownKey() + " " + b.name + " " + b.help)
		switch {
		case m.hidden(b) || !strings.Contains(text, want):
		case b.pane == m.focus:
			own = append(own, b)
		default:
			others = append(others, b)
		}
	}
	return append(own, others...)
}

// hidden reports whether the focused pane has another use for the key.
func (m *root) hidden(b *binding) bool {
	if len(b.keys) == 0 {
		return b.pane != everywhere && b.pane != m.focus
	}
	return m.lookup(b.keys[0]) != b
}

func (h *helpList) key(m *root, k tea.KeyMsg) tea.Cmd {
	rows := h.rows(m)
	switch k.String() {
	case "esc", "?", "ctrl+c":
		m.overlay = nil
	case "up":
		h.chosen = max(h.chosen-1, 0)
	case "down":
		h.chosen = min(h.chosen+1, max(len(rows)-1, 0))
	case "pgup":
		h.chosen = max(h.chosen-10, 0)
	case "pgdown":
		h.chosen = min(h.chosen+10, max(len(rows)-1, 0))
	case "enter":
		if h.chosen < len(rows) {
			m.overlay = nil
			return m.invoke(rows[h.chosen])
		}
	default:
		before := h.filter.value()
		h.filter.key(k)
		if h.filter.value() != before {
			h.chosen = 0
		}
	}
	return nil
}

// mouse does what the row says that is clicked; the wheel moves along the rows.
func (h *helpList) mouse(m *root, e tea.MouseEvent) tea.Cmd {
	rows := h.rows(m)
	switch {
	case e.Action != tea.MouseActionPress:
	case e.Button == tea.MouseButtonWheelUp:
		h.chosen = max(h.chosen-wheelRows, 0)
	case e.Button == tea.MouseButtonWheelDown:
		h.chosen = min(h.chosen+wheelRows, max(len(rows)-1, 0))
	case e.Button == tea.MouseButtonLeft:
		if row := h.first + e.Y - m.bodyTop - 1; e.Y > m.bodyTop && e.Y < m.height-2 && row < len(rows) {
			m.overlay = nil
			return m.invoke(rows[row])
		}
	}
	return nil
}

func (h *helpList) draw(m *root, panes []string, width int) []string {
	lines := []string{heading(m, "Help: "+m.focus.String(), width)}
	rows := h.rows(m)
	if len(rows) == 0 {
		lines = append(lines, m.styles.dim.Render("no key does that"))
	}
	first := max(h.chosen-max(len(panes)-3, 1)+1, 0)
	h.first = first
	for i, b := range rows[min(first, len(rows)):] {
		chosen := first+i == h.chosen
		lines = append(lines, h.row(m, b, chosen, width))
		if chosen && b.reason(m) != "" && len(panes) > 3 {
			lines = append(lines, m.styles.disabled.Render(fitWords("             "+b.help, width)))
		}
	}
	return block(lines, width, len(panes))
}

// row is one binding: key, name, and what it does or why it cannot be done now.
func (h *helpList) row(m *root, b *binding, chosen bool, width int) string {
	mark := "  "
	if chosen {
		mark = "> "
	}
	name := b.name
	if width < 60 {
		name = ""
	} else {
		name = fit(name, 17)
	}
	what, why := b.help, b.reason(m)
	if why != "" {
		what = "not now: " + why
	}
	text := fitWords(mark+fit(b.shownKey(), 10)+" "+name+what, width)
	switch {
	case chosen:
		return m.styles.selected.Render(fit(text, width))
	case why != "":
		return m.styles.disabled.Render(text)
	}
	return text
}

func (h *helpList) line(m *root, width int) string { return h.filter.draw(m.styles, width) }

func (h *helpList) keys() [][2]string {
	return [][2]string{{"?", "closes"}, {"Enter", "does it"}, {"Up Down", "choose"}, {"a-z", "filter"}}
}
