package ui

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/debuginfo"
	"reprise/internal/expr"
	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/vm/riscv"
)

// sourcePane shows the source of the function on show, or of the file that the
// user went to.
type sourcePane struct {
	file string // the user's; empty to follow
	line int    // the chosen one; 0 to follow
	top  int    // line of the first row, from 1, when it was last drawn
}

// sourceView is the source around where a frame stands.
type sourceView struct {
	file     string // as the compiler was given it
	line     int    // where the frame stands in it; 0 if it is elsewhere
	lines    []string
	comments []bool       // which lines begin inside of a comment
	code     map[int]bool // which lines have code
	missing  error        // why there are no lines
	values   []variable   // of the frame
	breaks   map[int]point
}

// variable is one of the frame on show.
type variable struct {
	name, value string
	line        int // where it is declared
	argument    bool
}

// readVariables evaluates the variables of a frame.
func readVariables(h *riscv.Hart, row *stackRow, l *lens) []variable {
	if l.debug == nil {
		return nil
	}
	scope := monitor.Scope(h, &row.frame, l.debug, l.symbols)
	var list []variable
	for _, v := range l.debug.Variables(&scope.Context) {
		shown := variable{name: v.Name, line: v.Line, argument: v.Argument}
		if value, err := scope.Variable(v); err != nil {
			shown.value = expr.FormatError(err)
		} else {
			shown.value = scope.Format(value)
		}
		// A name in an inner block hides it in an outer one.
		list = slices.DeleteFunc(list, func(o variable) bool { return o.name == shown.name })
		list = append(list, shown)
	}
	return list
}

// readSource adds the text of the source to a view. It may read a file.
func (v *view) readSource(l *lens, want string) {
	if l.debug == nil || l.source == nil {
		return
	}
	s := &v.source
	if len(v.stack) > 0 {
		if file, line, ok := l.debug.Lines.Find(v.stack[max(v.frame, 0)].frame.Inside()); ok {
			s.file, s.line = file, line
		}
	}
	if want != "" && want != s.file {
		s.file, s.line = want, 0
	}
	if s.file == "" {
		return
	}
	if s.lines, s.missing = l.source.File(s.file); s.missing != nil {
		return
	}
	s.comments, s.code = inComment(s.lines), l.debug.Lines.WithCode(s.file)
	s.breaks = map[int]point{}
	for _, p := range v.points {
		if file, line, ok := l.debug.Lines.Find(p.addr); ok && p.watch == nil && file == s.file {
			s.breaks[line] = p
		}
	}
}

func (p *sourcePane) title(m *root) string {
	if m.view == nil || m.view.source.file == "" {
		return ""
	}
	text := filepath.Base(m.view.source.file)
	if line := p.at(m); line > 0 {
		text += fmt.Sprintf(":%d", line)
	}
	return m.view.frameTitle() + text
}

// at is the chosen line.
func (p *sourcePane) at(m *root) int {
	if p.line > 0 || m.view == nil {
		return p.line
	}
	return max(m.view.source.line, 1)
}

func (p *sourcePane) draw(m *root, width, height int) []string {
	if m.view == nil {
		return nil
	}
	v := &m.view.source
	switch {
	case m.options.Debug != nil && m.debug == nil:
		return []string{m.styles.dim.Render("the debugging information is being read")}
	case v.file == "":
		return []string{m.styles.dim.Render("no line of source is known here: the program has no DWARF for it")}
	case v.missing != nil:
		var lines []string
		for _, line := range strings.Split(v.missing.Error(), "\n") {
			lines = append(lines, m.styles.dim.Render(printable(line)))
		}
		return lines
	}
	at := p.at(m)
	if p.line == 0 || at < p.top || at >= p.top+height {
		p.top = at - height/2
	}
	p.top = max(min(p.top, len(v.lines)-height+1), 1)
	var lines []string
	for n := p.top; n < p.top+height && n <= len(v.lines); n++ {
		lines = append(lines, p.drawLine(m, n, n == at, width))
	}
	return lines
}

// drawLine is a line of source: breakpoint, where the frame stands, number,
// text, and the values of variables behind it.
func (p *sourcePane) drawLine(m *root, n int, chosen bool, width int) string {
	s, v := m.styles, &m.view.source
	mark := " "
	if b, ok := v.breaks[n]; ok {
		mark = m.breakMark(b.addr)
	}
	here := " "
	if n == v.line {
		here = s.glyphs.current
	}
	text := strings.TrimRight(printable(strings.ReplaceAll(v.lines[n-1], "\t", "    ")), " ")
	number := fmt.Sprintf("%4d ", n)
	values := p.values(v, n, text)
	if chosen && m.focus == sourcePaneID && !m.input {
		return mark + s.cursor.Render(fit(here+number+text+values, width-1))
	}
	switch {
	case n == v.line:
		number = s.current.Render(number)
	case v.code[n]:
		number = s.address.Render(number)
	default:
		number = s.dim.Render(number)
	}
	return mark + s.current.Render(here) + number + s.highlight(v.file, text, v.comments[n-1]) + s.value.Render(values)
}

// values are those of the variables that a line is about: at the line where the
// frame stands all that it names, elsewhere those that it declares.
func (p *sourcePane) values(v *sourceView, n int, text string) string {
	var b strings.Builder
	for _, x := range v.values {
		if n == v.line && names(text, x.name) || n != v.line && n == x.line && v.line != 0 {
			b.WriteString("  " + x.name + " = " + printable(x.value))
		}
	}
	return b.String()
}

// names reports whether a line has a name as a word.
func names(text, name string) bool {
	return slices.Contains(strings.FieldsFunc(text, func(r rune) bool { return !isName(r) || r == '.' }), name)
}

func (p *sourcePane) scroll(m *root, rows int) tea.Cmd {
	if m.view == nil || len(m.view.source.lines) == 0 {
		return nil
	}
	p.line = min(max(p.at(m)+rows, 1), len(m.view.source.lines))
	p.file = m.view.source.file
	return nil
}

func (p *sourcePane) home(m *root) tea.Cmd {
	p.line, p.file = 0, ""
	return m.refresh()
}

// click chooses the line; at the marks before it, it sets a breakpoint there.
func (p *sourcePane) click(m *root, x, y int) tea.Cmd {
	if m.view == nil || p.top+y > len(m.view.source.lines) {
		return nil
	}
	p.line, p.file = p.top+y, m.view.source.file
	if x < 2 {
		return m.invoke(m.named("breakpoint"))
	}
	return nil
}

// sourceState is the pane.
func (m *root) sourceState() *sourcePane { return m.panes[sourcePaneID].(*sourcePane) }

// breakpointAddresses are where b sets breakpoints: at the chosen instruction,
// or at the chosen line of source in each function that it is part of. Those
// that are set there come instead.
func (m *root) breakpointAddresses() (addrs []uint64, set bool) {
	if m.focus != sourcePaneID {
		addr := m.panes[codePane].(*disassembly).at(m)
		_, set = m.view.breakpoint(addr)
		return []uint64{addr}, set
	}
	v, at := &m.view.source, m.sourceState().at(m)
	if m.debug == nil || v.file == "" {
		return nil, false
	}
	for _, p := range m.view.points {
		if file, line, ok := m.debug.Lines.Find(p.addr); ok && p.watch == nil && file == v.file && line == at {
			addrs = append(addrs, p.addr)
		}
	}
	if len(addrs) > 0 {
		return addrs, true
	}
	all, _ := m.debug.Lines.Addresses(v.file, at)
	var functions []uint64
	for _, addr := range all {
		function, ok := m.options.Symbols.Start(addr)
		if ok && slices.Contains(functions, function) {
			continue
		}
		functions, addrs = append(functions, function), append(addrs, addr)
	}
	return addrs, false
}

// lineAddress is the chosen line's code.
func (m *root) lineAddress() (uint64, bool) {
	addrs, _ := m.breakpointAddresses()
	if len(addrs) == 0 {
		m.fail("there is no code in this line or after it")
		return 0, false
	}
	return addrs[0], true
}

// stepLine is the action that steps by lines.
func stepLine(name string, fn func(context.Context, monitor.Timeline, monitor.Past, *debuginfo.Lines) (replay.Stop, error)) func(*root) tea.Cmd {
	return func(m *root) tea.Cmd {
		lines := m.debug.Lines
		p := m.sourceState()
		p.line, p.file = 0, ""
		return m.start(movement{name: name, short: true, run: func(ctx context.Context, t monitor.Timeline) (replay.Stop, error) {
			past, err := monitor.PastOf(t)
			if err != nil {
				return replay.Stop{}, err
			}
			return fn(ctx, t, past, lines)
		}})
	}
}

func (m *root) noNextLine() string {
	if why := m.noLines(); why != "" {
		return why
	}
	return m.noForward()
}

func (m *root) noLineBefore() string {
	if why := m.noLines(); why != "" {
		return why
	}
	return m.noBack()
}

func (m *root) noLines() string {
	if m.debug == nil || m.view == nil || len(m.view.stack) == 0 || m.view.stack[0].source == "" {
		return "no line of source is known here: s and n go by instructions"
	}
	return ""
}

func (m *root) noSourceLine() string {
	if m.view == nil || len(m.view.source.lines) == 0 {
		return "there is no source here"
	}
	return ""
}

// lineToCode shows the chosen line's code in the disassembly.
func lineToCode(m *root) tea.Cmd {
	addr, ok := m.lineAddress()
	if !ok {
		return nil
	}
	return m.showCode(addr)
}

// runToLine goes on to the chosen line.
func runToLine(m *root) tea.Cmd {
	addr, ok := m.lineAddress()
	if !ok {
		return nil
	}
	return m.start(runTo(addr))
}

// askFile asks which file is to be shown.
func askFile(m *root) tea.Cmd {
	complete := func(text string) []string {
		var list []string
		for _, file := range m.debug.Lines.Files() {
			if strings.Contains(file, text) && len(list) < maxSuggestions {
				list = append(list, file)
			}
		}
		return list
	}
	return m.askFor("file: ", "", [][2]string{{"Tab", "completes"}}, complete, func(m *root, text string) tea.Cmd {
		if list := complete(text); len(list) > 0 && !slices.Contains(list, text) {
			text = list[0]
		}
		p := m.sourceState()
		p.file, p.line = text, 1
		return m.refresh()
	})
}

func sourceBindings() []binding {
	return []binding{
		{name: "next-line", keys: []string{"d"}, pane: everywhere, short: "next line", help: "go on to the next line of source, with calls and traps as one", disabled: (*root).noNextLine, run: stepLine("next line", monitor.NextLine)},
		{name: "previous-line", keys: []string{"D"}, pane: everywhere, short: "line before", help: "go back to the line of source before, with calls and traps as one", disabled: (*root).noLineBefore, run: stepLine("previous line", monitor.PreviousLine)},
		{name: "run-to-line", keys: []string{"r"}, pane: sourcePaneID, short: "run to", help: "go on to the chosen line", disabled: (*root).noNextLine, run: runToLine},
		{name: "line-code", keys: []string{"enter"}, pane: sourcePaneID, short: "code", help: "show the code of the chosen line in the disassembly", disabled: (*root).noSourceLine, run: lineToCode},
		{name: "file", keys: []string{"a"}, pane: sourcePaneID, short: "file", help: "show another file of the program", disabled: (*root).noLines, run: askFile},
	}
}
