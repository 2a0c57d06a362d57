package ui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// memoryPane shows virtual memory as the hart on show sees it, in hexadecimal
// and as characters. It follows an expression such as $sp until the user moves.
type memoryPane struct {
	follow string // the expression; empty if the user went elsewhere
	cursor uint64 // the address of the chosen byte
	row    int    // of the cursor, from the top of the pane
	shown  uint64 // bytes of a row when it was last drawn

	as     string // the type to show it by; empty for bytes
	list          // of the rows then
	opened map[string]bool
	back   []memoryPlace // where pointers were followed from
}

// memoryRow is the number of bytes of a row.
const memoryRow = 16

// memoryRows is how many rows are fetched, from memoryBefore before the
// cursor's on.
const (
	memoryRows   = 128
	memoryBefore = 64
)

// memoryView is what the pane shows: rows of bytes, some of which cannot be
// read.
type memoryView struct {
	at     uint64 // where the cursor is
	base   uint64 // address of the first row
	data   []byte
	known  []int // bytes that can be read of each row
	failed string
	rows   []valueRow        // by its type
	values map[string]string // of the rows, to tell what has changed
}

func (v *memoryView) byteAt(addr uint64) (b byte, ok bool) {
	off := addr - v.base
	if off >= uint64(len(v.data)) || int(off%memoryRow) >= v.known[off/memoryRow] {
		return 0, false
	}
	return v.data[off], true
}

func (p *memoryPane) title(m *root) string {
	if m.view == nil {
		return ""
	}
	text := fmt.Sprintf("%#x", p.at(m))
	if p.as != "" {
		text += " " + p.as
	}
	if p.follow != "" {
		return p.follow + " " + text
	}
	if name, ok := m.options.Symbols.Name(p.at(m)); ok {
		text += " " + name
	}
	return text
}

// at is the address of the chosen byte.
func (p *memoryPane) at(m *root) uint64 {
	if p.follow != "" && m.view != nil {
		return m.view.memory.at
	}
	return p.cursor
}

func (p *memoryPane) draw(m *root, width, height int) []string {
	if m.view == nil {
		return nil
	}
	v := &m.view.memory
	if v.failed != "" {
		return []string{m.styles.dim.Render(v.failed)}
	}
	if p.as != "" {
		return p.drawTyped(m, width, height)
	}
	at, row := p.at(m), rowBytes(width)
	if p.follow != "" {
		p.row = min(height/3, memoryBefore)
	}
	p.row = min(max(p.row, 0), max(height-1, 0))
	p.shown = row
	first := at&^(row-1) - uint64(p.row)*row
	lines := make([]string, 0, height)
	for i := range uint64(height) {
		lines = append(lines, p.line(m, first+i*row, row, at))
	}
	return lines
}

// rowBytes is how many bytes a row shows: half of the usual number where there
// is no room for more.
func rowBytes(width int) uint64 {
	if width < len("0000000000000000  ")+memoryRow*len("00 0")+2 {
		return memoryRow / 2
	}
	return memoryRow
}

// line is a row: address, bytes, characters. What changed since the stop before
// is marked.
func (p *memoryPane) line(m *root, start, count, at uint64) string {
	s, v := m.styles, &m.view.memory
	digits := 8
	if start>>32 != 0 {
		digits = 16
	}
	var hex, text strings.Builder
	for i := range count {
		b, ok := v.byteAt(start + i)
		pair, char, after := "--", ".", " "
		if ok {
			pair = fmt.Sprintf("%02x", b)
			if b >= ' ' && b < 0x7f {
				char = string(rune(b))
			}
		}
		was, known := m.oldMemory.byteAt(start + i)
		switch {
		case start+i == at && m.focus == memPane && !m.input:
			pair, char, after = s.cursor.Render(pair), s.cursor.Render(char), "<"
		case ok && known && was != b:
			pair, char, after = s.changed.Render(pair), s.changed.Render(char), "*"
		}
		if i == memoryRow/2 {
			hex.WriteByte(' ')
		}
		hex.WriteString(pair + after)
		text.WriteString(char)
	}
	return s.address.Render(fmt.Sprintf("%0*x", digits, start)) + "  " + hex.String() + " " + text.String()
}

func (p *memoryPane) scroll(m *root, rows int) tea.Cmd {
	if p.as != "" && m.view != nil {
		p.list.move(len(m.view.memory.rows), rows)
		return nil
	}
	p.move(m, int64(rows)*int64(max(p.shown, memoryRow/2)))
	p.row += rows
	return m.refresh()
}

// move moves the cursor by some bytes.
func (p *memoryPane) move(m *root, by int64) {
	p.cursor, p.follow = p.at(m)+uint64(by), ""
}

// defaultMemory is what the pane follows at first.
const defaultMemory = "$sp"

func (p *memoryPane) home(m *root) tea.Cmd {
	p.follow, p.as, p.back = defaultMemory, "", nil
	return m.refresh()
}

// show goes to an expression; one with a register is followed.
func (p *memoryPane) show(m *root, where string) tea.Cmd {
	p.follow, p.as = where, ""
	m.focusOn(memPane)
	return m.refresh()
}

// moveMemory is the action of a key that moves the cursor sideways.
func moveMemory(by int64) func(*root) tea.Cmd {
	return func(m *root) tea.Cmd {
		m.memory().move(m, by)
		return m.refresh()
	}
}

// memory is the pane.
func (m *root) memory() *memoryPane { return m.panes[memPane].(*memoryPane) }

// click chooses a row of what is shown by a type, and opens it if it is chosen.
func (p *memoryPane) click(m *root, _, y int) tea.Cmd {
	if p.as == "" || m.view == nil || p.top+y >= len(m.view.memory.rows) {
		return nil
	}
	again := p.chosen == p.top+y
	p.chosen = p.top + y
	if again {
		return followPointer(m)
	}
	return nil
}
