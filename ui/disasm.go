package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// disassembly shows the instructions around the pc, or around where the user
// went, printed from the decode table.
type disassembly struct {
	cursor uint64 // the address of the chosen row
	away   bool   // the user left the pc
}

func (p *disassembly) title(m *root) string {
	if m.view == nil {
		return ""
	}
	name, _ := m.options.Symbols.Name(p.at(m))
	switch {
	case p.away:
		return name
	case m.view.frame > 0:
		row := m.view.stack[m.view.frame]
		return strings.TrimSpace(m.view.frameTitle() + row.name + "  " + row.source)
	}
	return strings.TrimSpace(name + "  " + m.view.place)
}

// at is the address of the chosen row.
func (p *disassembly) at(m *root) uint64 {
	if !p.away && m.view != nil {
		return m.view.regs.pc
	}
	return p.cursor
}

// index is the chosen row.
func (p *disassembly) index(m *root) int {
	at := p.at(m)
	return slices.IndexFunc(m.view.code, func(in instruction) bool { return in.addr == at })
}

func (p *disassembly) draw(m *root, width, height int) []string {
	if m.view == nil || len(m.view.code) == 0 {
		return []string{m.styles.dim.Render("no memory can be read here")}
	}
	chosen := max(p.index(m), 0)
	var lines []string
	row := 0 // of the chosen instruction
	for i, in := range m.view.code {
		if in.label != "" {
			lines = append(lines, "  "+m.styles.symbol.Render(in.label+":"))
		}
		if in.source != "" {
			lines = append(lines, "  "+m.styles.source.Render(in.source))
		}
		if i == chosen {
			row = len(lines)
		}
		lines = append(lines, p.line(m, in, i == chosen, width))
	}
	top := max(row-height/3, 0)
	return lines[top:]
}

// line is an instruction: breakpoint, pc, address, encoding, text.
func (p *disassembly) line(m *root, in instruction, chosen bool, width int) string {
	s := m.styles
	breakMark, pcMark := m.breakMark(in.addr), " "
	current := in.addr == m.view.regs.pc
	if current {
		pcMark = s.glyphs.current
	}
	digits := 8
	if in.addr>>32 != 0 {
		digits = 16
	}
	raw := fmt.Sprintf("%0*x", int(in.size)*2, in.raw)
	text := fmt.Sprintf("%0*x  ", digits, in.addr)
	if width >= 60 {
		text += fmt.Sprintf("%-8s  ", raw)
	}
	mnemonic, operands, _ := strings.Cut(in.text, " ")
	text += fmt.Sprintf("%-9s %s", mnemonic, operands)
	switch {
	case chosen && m.focus == codePane && !m.input:
		return breakMark + s.choose(pcMark+" "+text, width-1)
	case current:
		return breakMark + s.current.Render(pcMark+" "+text)
	}
	return breakMark + pcMark + " " + text
}

func (p *disassembly) scroll(m *root, rows int) tea.Cmd {
	if m.view == nil || len(m.view.code) == 0 {
		return nil
	}
	i := min(max(p.index(m), 0)+rows, len(m.view.code)-1)
	p.cursor, p.away = m.view.code[max(i, 0)].addr, true
	return m.refresh()
}

func (p *disassembly) home(m *root) tea.Cmd {
	p.away = false
	return m.refresh()
}
