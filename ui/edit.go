package ui

import (
	"strings"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// editor is a line to type into, with the usual keys.
type editor struct {
	prompt string
	input  *textinput.Model // nil until something is typed
}

// maxLine bounds what can be typed into a line, in characters.
const maxLine = 1000

// line is the text input, made when it is first needed.
func (e *editor) line() *textinput.Model {
	if e.input == nil {
		input := textinput.New()
		input.Prompt, input.CharLimit = "", maxLine
		input.Cursor.SetMode(cursor.CursorStatic) // a blink would draw while nothing changes
		input.Focus()
		e.input = &input
	}
	return e.input
}

func (e *editor) value() string {
	if e.input == nil {
		return ""
	}
	return e.input.Value()
}

func (e *editor) set(text string) {
	e.line().SetValue(text)
	e.line().CursorEnd()
}

// key edits the line; keys that it does not know do nothing. Pasted line ends
// and tabs become spaces.
func (e *editor) key(k tea.KeyMsg) {
	if k.String() == "ctrl+v" {
		return // what is pasted comes from the terminal
	}
	line := e.line()
	if k.Type == tea.KeyRunes {
		k.Runes = []rune(strings.NewReplacer("\r", " ", "\n", " ", "\t", " ").Replace(string(k.Runes)))
	}
	*line, _ = line.Update(k) // its only command lets the cursor blink
}

// draw shows the line in the given width, the part with the cursor if it is
// longer. Without colours the cursor is an underscore at the end of the line.
func (e *editor) draw(s styles, width int) string {
	line := e.line()
	line.Width = max(width-textWidth(e.prompt)-2, 1)
	line.TextStyle, line.Cursor.TextStyle, line.Cursor.Style = s.plain, s.plain, s.cursor
	text := line.View()
	if value := line.Value(); s.cursor.Render(" ") == " " && line.Position() == len([]rune(value)) {
		typed := value[len(strings.TrimRight(value, " ")):] // the spaces at its end
		text = strings.TrimRight(text, " ") + typed + "_"
	}
	return fit(s.key.Render(e.prompt)+text, width)
}
