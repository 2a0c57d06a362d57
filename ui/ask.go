package ui

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/monitor"
)

// asking is a line that asks for something and hands it on.
type asking struct {
	in     editor
	hints  [][2]string
	answer func(m *root, text string) tea.Cmd
	// complete returns what the line could become; nil if nobody knows.
	complete func(text string) []string
	chosen   int // of what it could become; -1 for what was typed
}

// ask opens the line with something to begin with.
func (m *root) ask(prompt, begin string, hints [][2]string, answer func(*root, string) tea.Cmd) tea.Cmd {
	return m.askFor(prompt, begin, hints, nil, answer)
}

// askFor is ask with what the line can be completed to.
func (m *root) askFor(prompt, begin string, hints [][2]string, complete func(string) []string, answer func(*root, string) tea.Cmd) tea.Cmd {
	a := &asking{in: editor{prompt: prompt}, hints: hints, answer: answer, complete: complete, chosen: -1}
	a.in.set(begin)
	m.overlay = a
	return nil
}

// symbolNames are the symbols whose names go on as the last word of a text does,
// each with what stands before that.
func (m *root) symbolNames(text string) []string {
	at := strings.LastIndexFunc(text, func(r rune) bool { return !isName(r) }) + 1
	if at == len(text) {
		return nil
	}
	var lines []string
	for _, name := range m.options.Symbols.Complete(text[at:], maxSuggestions) {
		lines = append(lines, text[:at]+name)
	}
	return lines
}

// isName reports whether a character can be part of a symbol's name.
func isName(r rune) bool { return r == '_' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// suggestions are what the line could become.
func (a *asking) suggestions() []string {
	if a.complete == nil {
		return nil
	}
	return a.complete(a.in.value())
}

func (a *asking) key(m *root, k tea.KeyMsg) tea.Cmd {
	switch k.String() {
	case "esc", "ctrl+c":
		m.overlay = nil
	case "enter":
		m.overlay = nil
		if a.chosen >= 0 {
			a.in.set(a.suggestions()[a.chosen])
		}
		if text := strings.TrimSpace(a.in.value()); text != "" {
			return a.answer(m, text)
		}
	case "up":
		a.chosen = max(a.chosen-1, -1)
	case "down":
		a.chosen = min(a.chosen+1, len(a.suggestions())-1)
	case "tab":
		if list := a.suggestions(); len(list) > 0 {
			a.in.set(list[max(a.chosen, 0)])
			a.chosen = -1
		}
	default:
		a.in.key(k)
		a.chosen = -1
	}
	return nil
}

// draw shows what the line could become, below the panes.
func (a *asking) draw(m *root, panes []string, width int) []string {
	list := a.suggestions()
	list = list[:min(len(list), max(len(panes)-1, 0))]
	lines := slices.Clone(panes[:len(panes)-len(list)])
	for i, text := range list {
		if i == a.chosen {
			lines = append(lines, m.styles.selected.Render(fit("> "+text, width)))
			continue
		}
		lines = append(lines, fit("  "+text, width))
	}
	return lines
}

func (a *asking) line(m *root, width int) string { return a.in.draw(m.styles, width) }
func (a *asking) keys() [][2]string {
	return append([][2]string{{"Enter", "does it"}, {"Esc", "closes"}}, a.hints...)
}

// whatHints say what memory and registers are called.
var whatHints = [][2]string{{"0x80001000 4", "bytes there"}, {"main", "a symbol"}, {"$a0", "a register"}}

// askWriter asks whose last write is looked for.
func askWriter(m *root) tea.Cmd {
	return m.askFor("who wrote last: ", m.chosenMemory(), whatHints, m.symbolNames, func(m *root, what string) tea.Cmd {
		return m.execute("goto_write " + what)
	})
}

// askWatch asks what is to be watched.
func askWatch(m *root) tea.Cmd {
	return m.askFor("watch: ", m.chosenMemory(), whatHints, m.symbolNames, func(m *root, what string) tea.Cmd {
		return m.execute("watch " + what)
	})
}

// askMemory asks which memory is to be shown.
func askMemory(m *root) tea.Cmd {
	return m.askFor("show memory at: ", "", whatHints[1:], m.symbolNames, func(m *root, where string) tea.Cmd {
		return m.memory().show(m, where)
	})
}

// askBookmark asks for the name of this place.
func askBookmark(m *root) tea.Cmd {
	return m.ask("bookmark: ", "", [][2]string{{"panic why it came", "a name and a note"}}, func(m *root, text string) tea.Cmd {
		return m.execute("bookmark " + text)
	})
}

// marksMsg brings the bookmarks.
type marksMsg []monitor.Bookmark

// readMarks is the command that reads them.
func (m *root) readMarks() tea.Cmd {
	marks := m.options.Marks
	if marks == nil {
		return nil
	}
	return func() tea.Msg {
		list, err := marks.List()
		if err != nil {
			return noticeMsg{firstLine(err.Error()), true}
		}
		return marksMsg(list)
	}
}

// noMarks is why there can be no bookmarks.
func (m *root) noMarks() string {
	if m.options.Marks == nil {
		return "there are no bookmarks here: this machine is not recorded"
	}
	return ""
}

// toMark is the action that goes to the next bookmark, or with -1 to the one
// before.
func toMark(by int) func(*root) tea.Cmd {
	return func(m *root) tea.Cmd {
		here := m.status.Position
		var to *monitor.Bookmark
		for i := range m.marks {
			b := &m.marks[i]
			if by > 0 && b.Step > here && to == nil || by < 0 && b.Step < here {
				to = b
			}
		}
		if to == nil {
			m.fail("there is no bookmark that way: m makes one here")
			return nil
		}
		m.say("bookmark " + to.Name + "  " + to.Note)
		return m.start(seekTo(to.Step))
	}
}

// chosenMemory is the memory that the user looks at, as a command takes it;
// empty outside the panes that show memory.
func (m *root) chosenMemory() string {
	if row, ok := m.watched(); ok && m.focus == watchPaneID && row.placed {
		return fmt.Sprintf("%#x %d", row.addr, row.size)
	}
	if m.focus != memPane {
		return ""
	}
	const word = 8
	return fmt.Sprintf("%#x %d", m.memory().at(m)&^(word-1), word)
}
