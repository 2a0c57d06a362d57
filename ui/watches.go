package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/expr"
	"reprise/internal/monitor"
	"reprise/vm/riscv"
)

// watchPane shows expressions that the user wants to see, evaluated in the frame
// on show, and below them the variables of that frame.
type watchPane struct {
	list
	expressions []string
	opened      map[string]bool
	hex         bool
}

// watchRequest is what the pane wants to see. The map is not changed afterwards.
type watchRequest struct {
	expressions []string
	opened      map[string]bool
	hex         bool
}

// watchView is what the pane shows.
type watchView struct {
	rows   []valueRow
	values map[string]string // by path, to tell what has changed
	own    int               // rows of the user's expressions
}

// Paths of the rows begin with what they are.
const (
	ofExpression = "expression "
	ofVariable   = "variable "
)

// readWatches evaluates the expressions and the variables in a frame.
func readWatches(h *riscv.Hart, row *stackRow, l *lens, r watchRequest) watchView {
	scope := monitor.Scope(h, &row.frame, l.debug, l.symbols)
	rows := valueRows{scope: scope, opened: r.opened, hex: r.hex}
	for i, text := range r.expressions {
		if v, err := expr.Evaluate(text, scope); err != nil {
			rows.fail(ofExpression+text, text, err, i)
		} else {
			rows.add(ofExpression+text, text, v, 0, i)
		}
	}
	view := watchView{own: len(rows.rows), values: map[string]string{}}
	names := map[string]bool{}
	variables := l.debug.Variables(&scope.Context)
	slices.Reverse(variables) // inner blocks hide outer ones
	for _, v := range variables {
		if names[v.Name] {
			continue
		}
		names[v.Name] = true
		if value, err := scope.Variable(v); err != nil {
			rows.fail(ofVariable+v.Name, v.Name, err, -1)
		} else {
			rows.add(ofVariable+v.Name, v.Name, value, 0, -1)
		}
	}
	view.rows = rows.rows
	for _, row := range view.rows {
		view.values[row.path] = row.text
	}
	return view
}

func (p *watchPane) title(m *root) string {
	if m.view == nil {
		return ""
	}
	text := m.view.frameTitle()
	if len(m.view.stack) > 0 {
		name, _, _ := strings.Cut(m.view.stack[max(m.view.frame, 0)].name, "+")
		text += "in " + name
	}
	if p.hex {
		text += " hex"
	}
	return text
}

func (p *watchPane) draw(m *root, width, height int) []string {
	if m.view == nil {
		return nil
	}
	v := &m.view.watches
	if len(v.rows) == 0 {
		return []string{m.styles.dim.Render("nothing: a adds an expression, such as $sp, jobs->name or *(int *)0x80001000")}
	}
	lines := make([]string, 0, height)
	from, to := p.window(len(v.rows), height)
	for i := from; i < to; i++ {
		row := &v.rows[i]
		old, known := m.oldWatches[row.path]
		lines = append(lines, m.drawValue(row, known && old != row.text, i == p.chosen && m.focus == watchPaneID && !m.input, width))
	}
	return lines
}

func (p *watchPane) scroll(m *root, rows int) tea.Cmd {
	if m.view != nil {
		p.move(len(m.view.watches.rows), rows)
	}
	return nil
}

func (p *watchPane) home(*root) tea.Cmd {
	p.chosen = 0
	return nil
}

func (p *watchPane) click(m *root, _, y int) tea.Cmd {
	if m.view == nil || p.top+y >= len(m.view.watches.rows) {
		return nil
	}
	again := p.chosen == p.top+y
	p.chosen = p.top + y
	if again {
		return openValue(m)
	}
	return nil
}

// watches is the pane.
func (m *root) watches() *watchPane { return m.panes[watchPaneID].(*watchPane) }

// watched is the chosen row.
func (m *root) watched() (*valueRow, bool) {
	p := m.watches()
	if m.view == nil || p.chosen >= len(m.view.watches.rows) {
		return nil, false
	}
	return &m.view.watches.rows[p.chosen], true
}

// watchRequest is what the pane wants to see.
func (m *root) watchRequest() watchRequest {
	p := m.watches()
	return watchRequest{slices.Clone(p.expressions), p.opened, p.hex}
}

// flipped is a set with one element more or less; the set stays as it is.
func flipped(set map[string]bool, path string) map[string]bool {
	now := map[string]bool{}
	for p := range set {
		now[p] = true
	}
	if now[path] {
		delete(now, path)
	} else {
		now[path] = true
	}
	return now
}

// openValue opens the chosen value, or closes it.
func openValue(m *root) tea.Cmd {
	row, ok := m.watched()
	if !ok || !row.parts {
		return nil
	}
	p := m.watches()
	p.opened = flipped(p.opened, row.path)
	return m.refresh()
}

// addWatch shows an expression from now on.
func addWatch(m *root, text string) tea.Cmd {
	if _, err := expr.Parse(text, m.debug); err != nil {
		m.fail(err.Error())
		return nil
	}
	p := m.watches()
	p.expressions = append(slices.DeleteFunc(slices.Clone(p.expressions), func(e string) bool { return e == text }), text)
	return tea.Batch(m.focusOn(watchPaneID), m.refresh())
}

// askExpression asks for an expression.
func askExpression(m *root) tea.Cmd {
	hints := [][2]string{{"jobs->name", "C"}, {"$sp", "a register"}, {"Tab", "completes"}}
	return m.askFor("expression: ", "", hints, m.expressionNames, addWatch)
}

// expressionNames are variables and symbols whose names go on as the last word
// of a text does.
func (m *root) expressionNames(text string) []string {
	list := m.symbolNames(text)
	at := strings.LastIndexFunc(text, func(r rune) bool { return !isName(r) }) + 1
	if m.view == nil || at == len(text) {
		return list
	}
	for _, row := range m.view.watches.rows {
		if name := row.name; row.depth == 0 && row.root < 0 && strings.HasPrefix(name, text[at:]) {
			list = append([]string{text[:at] + name}, list...)
		}
	}
	for _, name := range m.debug.Globals(text[at:]) {
		if !slices.Contains(list, text[:at]+name) {
			list = append(list, text[:at]+name)
		}
	}
	return list[:min(len(list), maxSuggestions)]
}

func removeWatch(m *root) tea.Cmd {
	row, _ := m.watched()
	p := m.watches()
	p.expressions = slices.Delete(slices.Clone(p.expressions), row.root, row.root+1)
	return m.refresh()
}

func toggleHex(m *root) tea.Cmd {
	m.watches().hex = !m.watches().hex
	m.oldWatches = nil // all of them read differently now
	return m.refresh()
}

// valueToMemory shows what the chosen value points to, or where it is.
func valueToMemory(m *root) tea.Cmd {
	row, _ := m.watched()
	if row.targetType != "" {
		return m.memory().show(m, fmt.Sprintf("%#x", row.target))
	}
	return m.memory().show(m, fmt.Sprintf("%#x", row.addr))
}

func (m *root) noValue() string {
	if _, ok := m.watched(); !ok {
		return "there is no value here: a adds an expression"
	}
	return ""
}

func (m *root) noParts() string {
	if row, ok := m.watched(); ok && !row.parts {
		return "this value has no parts"
	}
	return m.noValue()
}

func (m *root) noOwnWatch() string {
	if row, ok := m.watched(); ok && row.root < 0 {
		return "this is a variable of the function, which comes and goes with it"
	}
	return m.noValue()
}

func (m *root) noPlace() string {
	if row, ok := m.watched(); ok && !row.placed && row.targetType == "" {
		return "this value is not in memory"
	}
	return m.noValue()
}

func watchBindings() []binding {
	return []binding{
		{name: "open", keys: []string{"enter", "right", "left"}, pane: watchPaneID, short: "open", help: "open what the chosen value consists of or points to, or close it", disabled: (*root).noParts, run: openValue},
		{name: "add-expression", keys: []string{"a"}, pane: watchPaneID, short: "add", help: "watch an expression: variables, registers and symbols with C's operators", run: askExpression},
		{name: "remove-expression", keys: []string{"delete", "backspace"}, pane: watchPaneID, short: "remove", help: "do not watch the chosen expression any more", disabled: (*root).noOwnWatch, run: removeWatch},
		{name: "hex", keys: []string{"v"}, pane: watchPaneID, short: "hex", help: "show numbers in hexadecimal or decimal", run: toggleHex},
		{name: "value-memory", keys: []string{"."}, pane: watchPaneID, short: "memory", help: "show what the chosen value points to in the memory pane, or where it is", disabled: (*root).noPlace, run: valueToMemory},
	}
}
