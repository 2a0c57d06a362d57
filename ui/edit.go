package ui

import (
	"slices"
	"strings"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"
)

// editor is a line to type into, with the usual keys.
type editor struct {
	prompt string
	text   []rune
	at     int // the cursor
}

// maxLine bounds what can be typed into a line.
const maxLine = 1000

func (e *editor) value() string { return string(e.text) }

func (e *editor) set(text string) {
	e.text = []rune(text)
	e.at = len(e.text)
}

// key edits the line; keys that it does not know do nothing.
func (e *editor) key(k tea.KeyMsg) {
	switch k.String() {
	case "left", "ctrl+b":
		e.at = max(e.at-1, 0)
	case "right", "ctrl+f":
		e.at = min(e.at+1, len(e.text))
	case "home", "ctrl+a":
		e.at = 0
	case "end", "ctrl+e":
		e.at = len(e.text)
	case "backspace", "ctrl+h":
		e.remove(max(e.at-1, 0), e.at)
	case "delete", "ctrl+d":
		e.remove(e.at, min(e.at+1, len(e.text)))
	case "ctrl+u":
		e.remove(0, e.at)
	case "ctrl+k":
		e.remove(e.at, len(e.text))
	case "ctrl+w":
		from := e.at
		for from > 0 && e.text[from-1] == ' ' {
			from--
		}
		for from > 0 && e.text[from-1] != ' ' {
			from--
		}
		e.remove(from, e.at)
	default:
		if (k.Type == tea.KeyRunes || k.Type == tea.KeySpace) && !k.Alt {
			e.insert(k.Runes)
		}
	}
}

// insert adds what can be printed; pasted line ends become spaces.
func (e *editor) insert(runes []rune) {
	for _, r := range runes {
		if r == '\r' || r == '\n' || r == '\t' {
			r = ' '
		}
		if len(e.text) < maxLine && (r == ' ' || unicode.IsPrint(r)) {
			e.text = slices.Insert(e.text, e.at, r)
			e.at++
		}
	}
}

func (e *editor) remove(from, to int) {
	e.text = slices.Delete(e.text, from, to)
	e.at = from
}

// draw shows the line in the given width, the part with the cursor if it is
// longer. Without colours the cursor is an underscore at the end of the line.
func (e *editor) draw(s styles, width int) string {
	room := max(width-textWidth(e.prompt)-1, 1)
	from := 0
	for from < e.at && textWidth(string(e.text[from:e.at])) > room-1 {
		from++
	}
	under, rest := "_", ""
	if e.at < len(e.text) {
		under, rest = string(e.text[e.at]), string(e.text[e.at+1:])
	} else if s.cursor.Render(" ") != " " {
		under = " "
	}
	var b strings.Builder
	b.WriteString(s.key.Render(e.prompt))
	b.WriteString(string(e.text[from:e.at]))
	b.WriteString(s.cursor.Render(under))
	b.WriteString(rest)
	return fit(b.String(), width)
}
