package ui

import (
	"encoding/binary"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/expr"
	"reprise/internal/monitor"
	"reprise/internal/unwind"
	"reprise/vm/riscv"
)

// The memory pane can show memory by a type of the program, and follow pointers.

// memoryPlace is what the memory pane shows.
type memoryPlace struct {
	follow string // the expression; empty for cursor
	cursor uint64
	as     string // the type; empty for bytes
}

// maxPlaces bounds the places that can be gone back to.
const maxPlaces = 100

// readTyped reads the memory at a place by its type.
func (v *memoryView) readTyped(h *riscv.Hart, l *lens, r request) {
	if r.memoryAs == "" || v.failed != "" {
		return
	}
	kind, err := expr.ParseType(r.memoryAs, l.debug)
	if err != nil {
		v.failed = firstLine(err.Error())
		return
	}
	rows := valueRows{scope: monitor.Scope(h, &unwind.Frame{}, l.debug, l.symbols), opened: r.memoryOpened}
	rows.add("", fmt.Sprintf("%#x", v.at), expr.Value{Type: kind, Addr: v.at, Placed: true}, 0, 0)
	v.rows = rows.rows
	v.values = map[string]string{}
	for _, row := range v.rows {
		v.values[fmt.Sprintf("%x %s", row.addr, row.kind)] = row.text
	}
}

// showAs shows the memory by a type from now on, or without one by bytes.
func showAs(m *root, name string) tea.Cmd {
	if name != "" {
		if _, err := expr.ParseType(name, m.debug); err != nil {
			m.fail(firstLine(err.Error()))
			return nil
		}
	}
	p := m.memory()
	p.as, p.opened, p.list = name, map[string]bool{"": true}, list{}
	return tea.Batch(m.focusOn(memPane), m.refresh())
}

// askType asks by which type the memory is to be shown.
func askType(m *root) tea.Cmd {
	complete := func(text string) []string {
		list := m.debug.Types(text)
		return list[:min(len(list), maxSuggestions)]
	}
	return m.askFor("show as: ", m.memory().as, [][2]string{{"struct job", "a type"}, {"Tab", "completes"}}, complete, showAs)
}

func showBytes(m *root) tea.Cmd { return showAs(m, "") }

// drawTyped draws the rows of a value.
func (p *memoryPane) drawTyped(m *root, width, height int) []string {
	v := &m.view.memory
	var lines []string
	from, to := p.window(len(v.rows), height)
	for i := from; i < to; i++ {
		row := &v.rows[i]
		old, known := m.oldMemory.values[fmt.Sprintf("%x %s", row.addr, row.kind)]
		lines = append(lines, m.drawValue(row, known && old != row.text, i == p.chosen && m.focus == memPane && !m.input, width))
	}
	return lines
}

// typedRow is the chosen row of memory that is shown by a type.
func (m *root) typedRow() (*valueRow, bool) {
	p := m.memory()
	if p.as == "" || m.view == nil || p.chosen >= len(m.view.memory.rows) {
		return nil, false
	}
	return &m.view.memory.rows[p.chosen], true
}

// followPointer goes to where the chosen pointer leads, or the chosen word; what
// has parts and is no pointer is opened.
func followPointer(m *root) tea.Cmd {
	p := m.memory()
	target, as := uint64(0), ""
	if row, ok := m.typedRow(); ok {
		if row.targetType == "" && row.parts {
			p.opened = flipped(p.opened, row.path)
			return m.refresh()
		}
		if target = row.target; row.targetType != "void" {
			as = row.targetType
		}
	} else if word, ok := m.chosenWord(); ok {
		target = word
	}
	if target == 0 {
		m.fail("this is a null pointer, or none at all")
		return nil
	}
	p.back = append(p.back, memoryPlace{p.follow, p.at(m), p.as})
	if len(p.back) > maxPlaces {
		p.back = p.back[1:]
	}
	p.follow, p.cursor, p.as, p.opened, p.list = "", target, as, map[string]bool{"": true}, list{}
	return m.refresh()
}

// chosenWord is the aligned word that the cursor is in.
func (m *root) chosenWord() (uint64, bool) {
	const size = 8
	at := m.memory().at(m) &^ (size - 1)
	var word [size]byte
	for i := range word {
		b, ok := m.view.memory.byteAt(at + uint64(i))
		if !ok {
			return 0, false
		}
		word[i] = b
	}
	return binary.LittleEndian.Uint64(word[:]), true
}

// followBack returns to where a pointer was followed from.
func followBack(m *root) tea.Cmd {
	p := m.memory()
	last := p.back[len(p.back)-1]
	p.back = p.back[:len(p.back)-1]
	p.follow, p.cursor, p.as, p.opened, p.list = last.follow, last.cursor, last.as, map[string]bool{"": true}, list{}
	return m.refresh()
}

func (m *root) noMemory() string {
	if m.view == nil || m.view.memory.failed != "" {
		return "no memory is shown"
	}
	return ""
}

func (m *root) noFollowed() string {
	if len(m.memory().back) == 0 {
		return "no pointer was followed to here: Enter follows one"
	}
	return ""
}

func (m *root) noTypes() string {
	if m.debug == nil || len(m.debug.Types("")) == 0 {
		return "no types are known: the program has no DWARF"
	}
	return ""
}

func typedBindings() []binding {
	return []binding{
		{name: "follow-pointer", keys: []string{"enter"}, pane: memPane, short: "follow", help: "go to where the chosen pointer leads; open what has parts", disabled: (*root).noMemory, run: followPointer},
		{name: "pointer-back", keys: []string{"backspace"}, pane: memPane, short: "back", help: "return to where a pointer was followed from", disabled: (*root).noFollowed, run: followBack},
		{name: "show-as", keys: []string{"t"}, pane: memPane, short: "as type", help: "show the memory as a structure or another type of the program", disabled: (*root).noTypes, run: askType},
		{name: "show-bytes", keys: []string{"v"}, pane: memPane, short: "bytes", help: "show the memory as bytes again", run: showBytes},
	}
}
