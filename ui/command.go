package ui

import (
	"cmp"
	"context"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/vm/state"
)

// commandLine is the line behind ":". It knows every action of the keymap and
// every command of the monitor.
type commandLine struct {
	in     editor
	chosen int // a suggestion; -1 for what was typed
}

func askCommand(m *root) tea.Cmd {
	m.overlay = &commandLine{in: editor{prompt: ":"}, chosen: -1}
	return nil
}

// suggestion is something that the line could become.
type suggestion struct {
	text  string // the command
	key   string // the key that does the same; empty if none does
	usage string
	help  string
	score int
}

// maxSuggestions is how many are shown.
const maxSuggestions = 8

// suggestions are the commands that what was typed could mean, best first.
func (c *commandLine) suggestions(m *root) []suggestion {
	typed := strings.ToLower(strings.TrimSpace(c.in.value()))
	var list []suggestion
	taken := map[string]bool{}
	add := func(s suggestion) {
		if s.score = fuzzy(typed, s.text); s.score > 0 && !taken[s.text] {
			taken[s.text] = true
			list = append(list, s)
		}
	}
	for i := range m.keymap {
		b := &m.keymap[i]
		if b.pane == everywhere || b.pane == m.focus {
			add(suggestion{text: b.name, key: b.shownKey(), help: b.help})
		}
	}
	for _, c := range ownCommands() {
		add(suggestion{text: c.name, usage: c.usage, help: c.help})
	}
	for _, mc := range monitor.Table() {
		add(suggestion{text: mc.Name, usage: mc.Usage, help: mc.Help})
	}
	slices.SortStableFunc(list, func(a, b suggestion) int { return cmp.Compare(b.score, a.score) })
	return list[:min(len(list), maxSuggestions)]
}

// fuzzy rates how well what was typed fits a command: 0 for not at all. Its
// letters have to come in the same order; together and early is better.
func fuzzy(typed, text string) int {
	if typed == "" {
		return 1
	}
	switch at := strings.Index(text, typed); {
	case text == typed:
		return 1000
	case at == 0:
		return 500 - len(text)
	case at > 0:
		return 300 - len(text)
	}
	rest, gaps := text, 0
	for _, r := range typed {
		i := strings.IndexRune(rest, r)
		if i < 0 {
			return 0
		}
		gaps += i
		rest = rest[i+1:]
	}
	return max(100-gaps, 1)
}

func (c *commandLine) key(m *root, k tea.KeyMsg) tea.Cmd {
	list := c.suggestions(m)
	switch k.String() {
	case "esc", "ctrl+c":
		m.overlay = nil
	case "up":
		c.chosen = max(c.chosen-1, -1)
	case "down":
		c.chosen = min(c.chosen+1, len(list)-1)
	case "tab":
		if len(list) > 0 {
			c.in.set(list[max(c.chosen, 0)].text + " ")
			c.chosen = -1
		}
	case "backspace":
		if c.in.value() == "" {
			m.overlay = nil
			return nil
		}
		c.edit(k)
	case "enter":
		return c.enter(m, list)
	default:
		c.edit(k)
	}
	return nil
}

func (c *commandLine) edit(k tea.KeyMsg) {
	c.in.key(k)
	c.chosen = -1
}

// enter carries out what was chosen, or what was typed; a word that is no
// command stands for the best suggestion.
func (c *commandLine) enter(m *root, list []suggestion) tea.Cmd {
	line := strings.TrimSpace(c.in.value())
	switch {
	case c.chosen >= 0 && c.chosen < len(list):
		line = list[c.chosen].text
	case line != "" && !strings.Contains(line, " ") && len(list) > 0 && !known(m, line):
		line = list[0].text
	}
	m.overlay = nil
	if line == "" {
		return nil
	}
	return m.execute(line)
}

// known reports whether a word is a command by itself.
func known(m *root, word string) bool {
	if m.named(word) != nil {
		return true
	}
	if _, _, ok := ownCommandOf(word); ok {
		return true
	}
	return slices.ContainsFunc(monitor.Table(), func(c monitor.Command) bool {
		first, _, _ := strings.Cut(c.Name, " ")
		return first == word || slices.Contains(c.Aliases, word) || strings.HasPrefix(word, "x/") || strings.HasPrefix(word, "xp/")
	})
}

// commandMsg is what a command of the monitor printed.
type commandMsg struct {
	line   string
	output string
	err    error
	quit   bool
}

// execute carries out a line: an action by its name, a command of the
// interface's own, or one of the monitor's.
func (m *root) execute(line string) tea.Cmd {
	if b := m.named(line); b != nil {
		return m.invoke(b)
	}
	if c, argument, ok := ownCommandOf(line); ok {
		return c.run(m, argument)
	}
	msg := commandMsg{line: line}
	env := m.env()
	m.commands++
	return func() tea.Msg {
		env.Quit = func() { msg.quit = true }
		msg.output, msg.err = monitor.Run(context.Background(), env, line)
		return msg
	}
}

// env is what commands work on.
func (m *root) env() monitor.Env {
	o := m.options
	return monitor.Env{Session: o.Session, Symbols: o.Symbols, Debug: o.Debug, Holder: holder, Hart: m.hart, Marks: o.Marks, Devices: o.Devices}
}

// commanded shows what a command printed: one line below the panes, more in
// front of them.
func (m *root) commanded(msg commandMsg) tea.Cmd {
	m.commands--
	before := m.status.Position
	m.observe(m.options.Session.Status())
	if m.status.Position != before && !m.status.Running {
		m.visits.visit(m.status.Position)
	}
	lines := strings.Split(msg.output, "\n")
	switch {
	case msg.quit:
		return m.quit()
	case msg.err != nil:
		m.fail(firstLine(msg.err.Error()))
	case len(lines) > 1 && m.overlay == nil && !m.input:
		m.overlay = &output{title: msg.line, lines: lines}
	default:
		m.say(printable(lines[0]))
	}
	return tea.Batch(m.refresh(), m.readMarks(), m.nextLine())
}

func (c *commandLine) draw(m *root, panes []string, width int) []string {
	list := c.suggestions(m)
	list = list[:min(len(list), max(len(panes)-1, 0))]
	lines := slices.Clone(panes[:len(panes)-len(list)])
	nameWidth := 0
	for _, s := range list {
		nameWidth = max(nameWidth, len(s.text)+1+len(s.usage))
	}
	for i, s := range list {
		mark := "  "
		if i == c.chosen {
			mark = "> "
		}
		row := mark + fit(s.text+" "+s.usage, min(nameWidth, width/2)) + " " + fit(s.key, 9) + " " + s.help
		row = fit(fitWords(row, width), width)
		if i == c.chosen {
			row = m.styles.selected.Render(row)
		}
		lines = append(lines, row)
	}
	return lines
}

func (c *commandLine) line(m *root, width int) string { return c.in.draw(m.styles, width) }

func (c *commandLine) keys() [][2]string {
	return [][2]string{{"Enter", "runs"}, {"Tab", "completes"}, {"Up Down", "choose"}, {"Esc", "closes"}}
}

// askWhere asks for a place in time.
func askWhere(m *root) tea.Cmd {
	hints := [][2]string{{"1,000", "a step"}, {"50%", "of all"}, {"+9 -9", "from here"}, {"main", "a symbol or bookmark"}}
	return m.askFor("go to: ", "", hints, m.symbolNames, (*root).goTo)
}

// target reads a place in time as people write it.
func (m *root) target(where string) (state.Step, error) {
	for _, b := range m.marks {
		if b.Name == where {
			return b.Step, nil
		}
	}
	return monitor.ParseTarget(where, m.status)
}

// goTo goes to a step, a percentage, a distance, or the next time that the
// machine executes a symbol or an address.
func (m *root) goTo(where string) tea.Cmd {
	addr, found := m.options.Symbols.Lookup(where)
	if !found && strings.HasPrefix(where, "0x") {
		if n, err := monitor.ParseAddress(where, nil, nil); err == nil {
			addr, found = n, true
		}
	}
	if found {
		return m.start(runTo(addr))
	}
	step, err := m.target(where)
	if err != nil {
		m.fail(firstLine(err.Error()) + ", and no symbol or bookmark either")
		return nil
	}
	if m.status.Mode == replay.ModeNone {
		m.fail(m.noTravel())
		return nil
	}
	return m.start(seekTo(step))
}
