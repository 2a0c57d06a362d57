package ui

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/store"
)

// Action is what the user chose on the start screen.
type Action uint8

// The actions.
const (
	Leave  Action = iota // nothing
	Demo                 // open the bundled recording
	Replay               // open the recording Choice.Path
	Record               // record the machine that Choice.Arguments describe
)

// Choice is the start screen's answer.
type Choice struct {
	Action    Action
	Path      string
	Arguments []string // as on the command line of record
}

// Recents are the recordings that were used last, the last one first.
type Recents interface {
	Recent() ([]store.Recent, error)
}

// Start shows the start screen and returns what the user chose. The message, if
// there is one, says what went wrong with the last choice. Cancelling ctx is the
// same as leaving.
func Start(ctx context.Context, recents Recents, look Look, noMouse bool, message string) (Choice, error) {
	m := newStartScreen(recents, look)
	m.failure = message
	err := run(ctx, m, &terminal{File: os.Stdout}, noMouse)
	return m.choice, err
}

// startScreen is the model of the start screen.
type startScreen struct {
	styles  styles
	recents Recents
	rows    []startRow
	chosen  int
	loaded  bool
	failure string
	editor  *editor // the machine to record is being typed
	choice  Choice
	width   int
	height  int
}

// startRow is a thing that can be chosen.
type startRow struct {
	text, detail string
	choice       Choice
	asks         bool // for the machine, before it is an answer
}

func newStartScreen(recents Recents, look Look) *startScreen {
	return &startScreen{styles: newStyles(look), recents: recents, rows: []startRow{
		{text: "Demo", detail: "a recorded crash, and how time travel explains it", choice: Choice{Action: Demo}},
		{text: "Record something new", detail: "a machine from your own images", asks: true},
	}}
}

// recentsMsg brings the list of recordings.
type recentsMsg struct {
	list []store.Recent
	err  error
}

// Init implements tea.Model.
func (m *startScreen) Init() tea.Cmd {
	recents := m.recents
	return func() tea.Msg {
		list, err := recents.Recent()
		return recentsMsg{list, err}
	}
}

// Update implements tea.Model.
func (m *startScreen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case recentsMsg:
		m.loaded = true
		if msg.err != nil {
			m.failure = firstLine(msg.err.Error())
		}
		for _, r := range msg.list {
			m.rows = append(m.rows, startRow{
				text: filepath.Base(r.Path), detail: r.Used.Local().Format(time.DateTime) + "  " + filepath.Dir(r.Path),
				choice: Choice{Action: Replay, Path: r.Path},
			})
		}
	case tea.KeyMsg:
		var commands []tea.Cmd
		for _, k := range singly(msg, m.editor != nil) {
			commands = append(commands, m.key(k))
		}
		return m, tea.Batch(commands...)
	}
	return m, nil
}

func (m *startScreen) key(k tea.KeyMsg) tea.Cmd {
	if m.editor != nil {
		return m.edit(k)
	}
	switch k.String() {
	case "up", "k", "shift+tab":
		m.chosen = max(m.chosen-1, 0)
	case "down", "j", "tab":
		m.chosen = min(m.chosen+1, len(m.rows)-1)
	case "enter":
		row := m.rows[m.chosen]
		if row.asks {
			m.editor = &editor{prompt: "reprise record "}
			return nil
		}
		m.choice = row.choice
		return tea.Quit
	case "q", "esc", "ctrl+c":
		return tea.Quit
	}
	return nil
}

// edit is a key while the machine is being typed.
func (m *startScreen) edit(k tea.KeyMsg) tea.Cmd {
	switch k.String() {
	case "esc", "ctrl+c":
		m.editor, m.failure = nil, ""
	case "enter":
		arguments, err := splitArguments(m.editor.value())
		if err != "" {
			m.failure = err
			return nil
		}
		m.choice = Choice{Action: Record, Arguments: arguments}
		return tea.Quit
	default:
		m.editor.key(k)
	}
	return nil
}

// splitArguments takes a command line apart as a shell does: at spaces outside
// quotes. What is wrong with it is the second result.
func splitArguments(line string) (arguments []string, wrong string) {
	var word strings.Builder
	quote, started := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, started = r, true
		case quote == 0 && r == ' ':
			if started {
				arguments = append(arguments, word.String())
				word.Reset()
				started = false
			}
		default:
			word.WriteRune(r)
			started = true
		}
	}
	if quote != 0 {
		return nil, "a quote is not closed"
	}
	if started {
		arguments = append(arguments, word.String())
	}
	if len(arguments) == 0 {
		return nil, "name the machine's images: --bios FILE, --kernel FILE"
	}
	return arguments, ""
}

// View implements tea.Model.
func (m *startScreen) View() string {
	if m.width <= 0 || m.height <= 0 {
		return ""
	}
	s := m.styles
	lines := []string{"", s.focused.Render("  Reprise") + s.dim.Render("  record a machine, replay it exactly, walk it in both directions"), ""}
	body := m.height - 2
	first := max(m.chosen-max(body-len(lines)-2, 1)+1, 0)
	for i, row := range m.rows[first:] {
		text := "    " + row.text
		if first+i == m.chosen {
			text = "  " + s.glyphs.current + " " + row.text
		}
		text = fit(text, max(textWidth(text), 30)) + "  "
		if first+i == m.chosen {
			lines = append(lines, s.selected.Render(fit(text+row.detail, m.width)))
		} else {
			lines = append(lines, text+s.dim.Render(row.detail))
		}
	}
	if m.loaded && len(m.rows) == 2 && m.failure == "" {
		lines = append(lines, "", s.dim.Render("    no recordings yet: they are listed here once you made some"))
	}
	note := ""
	switch {
	case m.failure != "":
		note = s.failure.Render("! " + m.failure)
	case m.editor != nil:
		note = m.editor.draw(s, m.width)
	}
	if m.editor != nil && m.failure != "" {
		note = m.editor.draw(s, m.width-textWidth(m.failure)-4) + "  " + note
	}
	keys := "Enter opens  Up Down choose  q leaves"
	if m.editor != nil {
		keys = "Enter records  Esc goes back"
	}
	lines = append(block(lines, m.width, max(body, 0)), note, s.hint.Render(keys))
	frame := strings.Join(block(lines, m.width, m.height), "\n")
	if s.ascii {
		frame = onlyASCII(frame)
	}
	return frame
}
