package ui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/vm/riscv"
)

// registerPane shows the registers of a hart. What differs from the stop before
// is marked with a star.
type registerPane struct {
	top    int
	floats bool // floating point instead of integer registers
	last   int  // the rows that there were when it was last drawn
	seen   int  // and that fitted
}

func (p *registerPane) title(m *root) string {
	if m.view == nil {
		return ""
	}
	text := m.view.frameTitle()
	if m.view.harts > 1 {
		text = fmt.Sprintf("hart %d of %d", m.view.hart, m.view.harts)
	}
	if p.floats {
		text += " floating point"
	}
	return strings.TrimSpace(text)
}

// entryWidth is the columns of a register: mark, name, value, gap.
const entryWidth = 1 + 5 + 16 + 2

func (p *registerPane) draw(m *root, width, height int) []string {
	if m.view == nil || !m.view.regs.valid {
		return nil
	}
	now, before := &m.view.regs, &m.before
	if m.view.frame > 0 { // what changes from frame to frame is no change in time
		before = &registers{}
	}
	lines := []string{m.pcLine(now, before)}
	columns := max(width/entryWidth, 1)
	rows := (32 + columns - 1) / columns
	for row := range rows {
		var b strings.Builder
		for column := range columns {
			n := column*rows + row
			if n >= 32 {
				break
			}
			name, value, old, lost := riscv.RegName(uint8(n)), now.x[n], before.x[n], now.lost[n]
			if p.floats {
				name, value, old, lost = riscv.FRegName(uint8(n)), now.f[n], before.f[n], now.lost[32+n]
			}
			if lost {
				b.WriteString(fit(m.styles.dim.Render(fmt.Sprintf(" %-4s not saved", name)), entryWidth))
				continue
			}
			b.WriteString(fit(m.registerText(name, value, before.valid && value != old), entryWidth))
		}
		lines = append(lines, b.String())
	}
	lines = append(lines, m.csrLines(now, before)...)
	p.last, p.seen = len(lines), height
	p.top = min(p.top, max(len(lines)-height, 0))
	return lines[p.top:]
}

func (m *root) registerText(name string, value uint64, changed bool) string {
	if changed {
		return m.styles.changed.Render(fmt.Sprintf("*%-4s %016x", name, value))
	}
	return fmt.Sprintf(" %-4s %016x", name, value)
}

func (m *root) pcLine(now, before *registers) string {
	line := m.registerText("pc", now.pc, before.valid && now.pc != before.pc) + "  " + now.mode.String() + "-mode"
	if now.wait {
		line += " waiting"
	}
	if name, ok := m.options.Symbols.Name(now.pc); ok {
		line += "  " + m.styles.symbol.Render(name)
	}
	return line
}

// csrLines has a line for each control and status register, with its fields
// where they are worth reading.
func (m *root) csrLines(now, before *registers) []string {
	old := make(map[string]uint64, len(before.csrs))
	for _, c := range before.csrs {
		old[c.name] = c.value
	}
	var lines []string
	for _, c := range now.csrs {
		was, known := old[c.name]
		text := fmt.Sprintf("%-8s %016x", c.name, c.value)
		if known && was != c.value {
			text = m.styles.changed.Render("*" + text)
		} else {
			text = " " + text
		}
		if fields := csrFields(c.name, c.value); fields != "" {
			text += "  " + m.styles.dim.Render(fields)
		}
		lines = append(lines, text)
	}
	return lines
}

// csrFields decodes a register (privileged ISA 1.12, chapters 3 and 4).
func csrFields(name string, v uint64) string {
	switch name {
	case "mstatus":
		return statusFields(v)
	case "mcause", "scause":
		return causeName(v)
	case "mie", "mip":
		return interruptNames(v)
	case "mtvec", "stvec":
		return [4]string{"direct", "vectored", "", ""}[v&3]
	case "satp":
		return map[uint64]string{0: "bare", 8: "Sv39", 9: "Sv48", 10: "Sv57"}[v>>60]
	}
	return ""
}

func statusFields(v uint64) string {
	var set []string
	for _, f := range []struct {
		bit  uint
		name string
	}{{1, "SIE"}, {3, "MIE"}, {5, "SPIE"}, {7, "MPIE"}, {8, "SPP"}, {17, "MPRV"}, {18, "SUM"}, {19, "MXR"}, {20, "TVM"}, {21, "TW"}, {22, "TSR"}} {
		if v>>f.bit&1 != 0 {
			set = append(set, f.name)
		}
	}
	set = append(set, "MPP="+riscv.Mode(v>>11&3).String())
	set = append(set, "FS="+[4]string{"off", "initial", "clean", "dirty"}[v>>13&3])
	return strings.Join(set, " ")
}

func interruptNames(v uint64) string {
	var set []string
	for _, f := range []struct {
		bit  uint64
		name string
	}{{riscv.SSIP, "SS"}, {riscv.MSIP, "MS"}, {riscv.STIP, "ST"}, {riscv.MTIP, "MT"}, {riscv.SEIP, "SE"}, {riscv.MEIP, "ME"}} {
		if v&f.bit != 0 {
			set = append(set, f.name)
		}
	}
	return strings.Join(set, " ")
}

var exceptionNames = [16]string{
	"instruction misaligned", "instruction access fault", "illegal instruction", "breakpoint",
	"load misaligned", "load access fault", "store misaligned", "store access fault",
	"ecall from U", "ecall from S", "", "ecall from M",
	"instruction page fault", "load page fault", "", "store page fault",
}

var interruptCauses = map[uint64]string{
	1: "S software", 3: "M software", 5: "S timer", 7: "M timer", 9: "S external", 11: "M external",
}

// causeName reads mcause and scause; 0 may also mean that there was no trap yet.
func causeName(v uint64) string {
	const interrupt = 1 << 63
	switch {
	case v&interrupt != 0:
		return interruptCauses[v&^interrupt] + " interrupt"
	case v > 0 && v < uint64(len(exceptionNames)):
		return exceptionNames[v]
	}
	return ""
}

func (p *registerPane) scroll(_ *root, rows int) tea.Cmd {
	p.top = min(max(p.top+rows, 0), max(p.last-p.seen, 0))
	return nil
}

func (p *registerPane) home(*root) tea.Cmd {
	p.top = 0
	return nil
}
