package ui

import (
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

// moments shows two steps side by side: what differs in registers and memory,
// and what the consoles printed between them.
type moments struct {
	list
	from, to state.Step
	rows     []momentRow
}

// momentRow is a line of it.
type momentRow struct {
	name, old, now string
	// what is asked after by Enter, as a command takes it; empty for what has no
	// writer
	writer string
	title  bool
}

// momentsMsg brings the comparison of two steps.
type momentsMsg struct {
	changes *replay.Changes
	printed string
	err     error
}

// How much of a comparison is shown.
const (
	maxRuns      = 500  // runs of bytes of memory
	maxEventsRun = 4096 // events that are looked through for what was printed
	shownRun     = 8    // bytes of a run
)

// compareWith compares two steps, or one with here.
func compareWith(m *root, argument string) tea.Cmd {
	words := strings.Fields(argument)
	if len(words) == 0 || len(words) > 2 {
		m.fail("compare which steps? Such as diff 1,000 2,000, or diff -100 for here and 100 steps before")
		return nil
	}
	if why := m.noTravel(); why != "" {
		m.fail(why)
		return nil
	}
	from, err := m.target(words[0])
	to := m.status.Position
	if err == nil && len(words) > 1 {
		to, err = m.target(words[1])
	}
	if err != nil {
		m.fail(firstLine(err.Error()))
		return nil
	}
	if from > to {
		from, to = to, from
	}
	s := m.options.Session
	m.say(fmt.Sprintf("comparing step %v with %v; Ctrl-C cancels it", from, to))
	return func() tea.Msg {
		var msg momentsMsg
		_, msg.err = monitor.Move(context.Background(), s, holder, func(ctx context.Context, t monitor.Timeline) (replay.Stop, error) {
			p, err := monitor.PastOf(t)
			if err != nil {
				return replay.Stop{}, err
			}
			if msg.changes, err = p.Compare(ctx, from, to, maxRuns); err == nil {
				msg.printed, err = printedBetween(t, from, to)
			}
			return t.Status().Stop, err
		})
		return msg
	}
}

// printedBetween is what the consoles printed from one step to another.
func printedBetween(t monitor.Timeline, from, to state.Step) (string, error) {
	events, err := t.Events(to, maxEventsRun, 0)
	var b strings.Builder
	for _, e := range events {
		if e.Kind == recording.CharWrite && e.Step >= from && e.Step < to {
			b.Write(e.Data[:min(len(e.Data), max(int(e.Result), 0))])
		}
	}
	return b.String(), err
}

// compared shows a comparison.
func (m *root) compared(msg momentsMsg) tea.Cmd {
	m.observe(m.options.Session.Status())
	if msg.err != nil || msg.changes == nil {
		if msg.err != nil {
			m.fail(firstLine(msg.err.Error()))
		}
		return m.refresh()
	}
	m.say("")
	m.overlay = &moments{from: msg.changes.From, to: msg.changes.To, rows: m.momentRows(msg.changes, msg.printed)}
	return m.refresh()
}

// momentRows are the lines of a comparison.
func (m *root) momentRows(c *replay.Changes, printed string) []momentRow {
	rows := []momentRow{{name: fmt.Sprintf("%d registers differ", len(c.Registers)), title: true}}
	for _, r := range c.Registers {
		name := registerName(r.Register)
		row := momentRow{name: name, old: m.pointed(r.Old), now: m.pointed(r.New), writer: "$" + name}
		if m.view != nil && m.view.harts > 1 {
			row.name = fmt.Sprintf("hart %d %s", r.Hart, name)
		}
		if r.Register == vm.RegPC {
			row.writer = ""
		}
		rows = append(rows, row)
	}
	rows = append(rows, momentRow{name: fmt.Sprintf("%d bytes of memory differ, in %d pages", c.Bytes, c.Pages), title: true})
	for _, run := range c.Memory {
		row := momentRow{name: fmt.Sprintf("%#x", run.Addr), old: bytesText(run.Old), now: bytesText(run.New)}
		if name, ok := m.options.Symbols.Name(run.Addr); ok {
			row.name += " " + name
		}
		row.writer = fmt.Sprintf("p:%#x %d", run.Addr, len(run.New))
		rows = append(rows, row)
	}
	if len(c.Memory) == maxRuns {
		rows = append(rows, momentRow{name: "and more"})
	}
	if len(c.Devices) > 0 {
		rows = append(rows, momentRow{name: "changed: " + strings.Join(c.Devices, ", "), title: true})
	}
	if printed != "" {
		rows = append(rows, momentRow{name: fmt.Sprintf("%d characters printed", len(printed)), title: true})
		for _, line := range strings.Split(strings.TrimRight(printed, "\r\n"), "\n") {
			rows = append(rows, momentRow{name: "  " + printable(strings.TrimRight(line, "\r"))})
		}
	}
	return rows
}

// pointed is a number with the symbol at that address.
func (m *root) pointed(v uint64) string {
	text := fmt.Sprintf("%016x", v)
	if name, ok := m.options.Symbols.Name(v); ok {
		text += " " + name
	}
	return text
}

func bytesText(p []byte) string {
	text := fmt.Sprintf("% x", p[:min(len(p), shownRun)])
	if len(p) > shownRun {
		text += fmt.Sprintf(" +%d", len(p)-shownRun)
	}
	return text
}

// registerName is what commands call a register, without its $.
func registerName(r vm.Register) string {
	switch {
	case r < vm.RegF0:
		return riscv.RegName(uint8(r))
	case r < vm.RegPC:
		return riscv.FRegName(uint8(r - vm.RegF0))
	case r == vm.RegPC:
		return "pc"
	}
	return riscv.CSRName(uint16(r - vm.RegCSR0))
}

func (o *moments) key(m *root, k tea.KeyMsg) tea.Cmd {
	switch k.String() {
	case "esc", "q", "ctrl+c":
		m.overlay = nil
	case "up", "k":
		o.move(len(o.rows), -1)
	case "down", "j":
		o.move(len(o.rows), 1)
	case "pgup":
		o.move(len(o.rows), -10)
	case "pgdown", " ":
		o.move(len(o.rows), 10)
	case "home":
		o.chosen = 0
	case "end":
		o.chosen = len(o.rows) - 1
	case "enter":
		return o.toWriter(m)
	}
	return nil
}

// toWriter goes to what wrote the chosen register or memory last before the
// later of the two steps.
func (o *moments) toWriter(m *root) tea.Cmd {
	row := o.rows[o.chosen]
	if row.writer == "" {
		m.fail("nothing writes this: choose a register or memory")
		return nil
	}
	m.overlay = nil
	env, to := m.env(), o.to
	return func() tea.Msg {
		msg := commandMsg{line: "goto_write " + row.writer}
		_, msg.err = monitor.Run(context.Background(), env, fmt.Sprintf("replay_seek %d", uint64(to)))
		if msg.err == nil {
			msg.output, msg.err = monitor.Run(context.Background(), env, msg.line)
		}
		return msg
	}
}

func (o *moments) draw(m *root, panes []string, width int) []string {
	s, height := m.styles, max(len(panes)-2, 0)
	name := min(max(width/3, 12), 40)
	column := max((width-name-4)/2, 1)
	line := func(a, b, c string) string {
		return fit(fitWords(a, name), name) + "  " + fit(fitWords(b, column), column) + "  " + fit(fitWords(c, column), column)
	}
	lines := []string{heading(m, fmt.Sprintf("Step %v and step %v", o.from, o.to), width), s.dim.Render(fit(line("", "step "+o.from.String(), "step "+o.to.String()), width))}
	from, to := o.window(len(o.rows), height)
	for i := from; i < to; i++ {
		row := o.rows[i]
		text := line(row.name, row.old, row.now)
		if row.old == "" && row.now == "" {
			text = fitWords(row.name, width)
		}
		switch {
		case i == o.chosen:
			text = s.cursor.Render(fit(text, width))
		case row.title:
			text = s.symbol.Render(text)
		}
		lines = append(lines, text)
	}
	return block(lines, width, len(panes))
}

func (o *moments) line(*root, int) string { return "" }

func (o *moments) keys() [][2]string {
	return [][2]string{{"Esc", "closes"}, {"Enter", "who wrote it"}, {"Up Down", "choose"}}
}

// askCompare asks with which moment here is to be compared.
func askCompare(m *root) tea.Cmd {
	hints := [][2]string{{"-100", "steps before"}, {"1,000", "a step"}, {"1,000 2,000", "two of them"}, {"panic", "a bookmark"}}
	return m.askFor("compare with: ", "", hints, nil, compareWith)
}
