package ui

import (
	"fmt"
	"path/filepath"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/unwind"
	"reprise/vm/riscv"
)

// stackPane shows the frames of the hart's stack. The one that was gone to is
// what registers, disassembly and source are of.
type stackPane struct{ list }

// stackRow is a frame as the pane shows it.
type stackRow struct {
	frame  unwind.Frame
	name   string // of its function, with the distance into it
	source string // file and line; empty if they are not known
}

// readStack finds the frames of a hart.
func readStack(h *riscv.Hart, l *lens) []stackRow {
	source := unwind.Of(h, nil, l.symbols)
	if l.debug != nil {
		source.Frames = l.debug.Frames
	}
	var rows []stackRow
	for _, f := range unwind.Stack(h, source, unwind.MaxFrames) {
		row := stackRow{frame: f, name: fmt.Sprintf("%#x", f.PC)}
		if start, ok := l.symbols.Start(f.Inside()); ok { // the next function's, of one that does not return
			row.name, _ = l.symbols.Name(start)
			if f.PC > start {
				row.name += fmt.Sprintf("+%#x", f.PC-start)
			}
		}
		if l.debug != nil {
			if file, line, ok := l.debug.Lines.Find(f.Inside()); ok {
				row.source = fmt.Sprintf("%s:%d", filepath.Base(file), line)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// frameRegisters are the registers of a frame, as far as they are known; those
// that there is one of only are the hart's.
func frameRegisters(f *unwind.Frame, now registers) registers {
	r := registers{valid: true, pc: f.PC, mode: now.mode, csrs: now.csrs}
	for n := range 32 {
		var known bool
		r.x[n], known = f.Register(n)
		r.lost[n] = !known
		r.f[n], known = f.Register(32 + n)
		r.lost[32+n] = !known
	}
	return r
}

// frameTitle says which frame a pane is of, unless it is the innermost.
func (v *view) frameTitle() string {
	if v == nil || v.frame == 0 {
		return ""
	}
	return fmt.Sprintf("frame %d ", v.frame)
}

func (p *stackPane) title(m *root) string {
	if m.view == nil {
		return ""
	}
	if m.view.frame > 0 {
		return fmt.Sprintf("at frame %d of %d", m.view.frame, len(m.view.stack))
	}
	return fmt.Sprintf("%d", len(m.view.stack))
}

func (p *stackPane) draw(m *root, width, height int) []string {
	if m.view == nil {
		return nil
	}
	from, to := p.window(len(m.view.stack), height)
	var lines []string
	for i, row := range m.view.stack[from:to] {
		lines = append(lines, p.line(m, row, from+i, width))
	}
	return lines
}

// line is a frame: its number, where it stands, and how it was found unless that
// is certain. What traps have interrupted is told too.
func (p *stackPane) line(m *root, row stackRow, n, width int) string {
	s, mark := m.styles, " "
	if n == m.view.frame {
		mark = s.glyphs.current
	}
	text := fmt.Sprintf("%s%2d %s", mark, n, row.name)
	if row.frame.Trap {
		text += " (trap)"
	}
	if row.source != "" {
		text += "  " + row.source
	}
	note := ""
	if row.frame.How > unwind.CallFrame {
		note = "  by " + map[unwind.How]string{unwind.Code: "code", unwind.FramePointer: "fp", unwind.Link: "ra?"}[row.frame.How]
	}
	room := max(width-textWidth(note), 8)
	for _, more := range []string{fmt.Sprintf("  %#x", row.frame.PC), map[bool]string{true: "  interrupted"}[row.frame.Interrupted]} {
		if textWidth(text)+textWidth(more) <= room {
			text += more
		}
	}
	text = fit(fitWords(text, room), room) + note
	switch {
	case n == p.chosen && m.focus == stackPaneID && !m.input:
		return s.choose(text, width)
	case n == m.view.frame:
		return s.current.Render(text)
	case row.frame.How == unwind.Link:
		return s.dim.Render(text)
	}
	return text
}

func (p *stackPane) scroll(m *root, rows int) tea.Cmd {
	if m.view != nil {
		p.move(len(m.view.stack), rows)
	}
	return nil
}

func (p *stackPane) home(m *root) tea.Cmd {
	p.chosen = 0
	return m.toFrame(0)
}

func (p *stackPane) click(m *root, _, y int) tea.Cmd {
	if m.view == nil || p.top+y >= len(m.view.stack) {
		return nil
	}
	p.chosen = p.top + y
	return m.toFrame(p.chosen)
}

// toFrame shows a frame in the panes that show one.
func (m *root) toFrame(n int) tea.Cmd {
	if m.frame == n {
		return nil
	}
	m.frame = n
	m.panes[codePane].(*disassembly).away = false
	if n > 0 {
		m.say(fmt.Sprintf("registers, code and variables are those of frame %d; Home returns to where the hart is", n))
	}
	return m.refresh()
}

// selectFrame is the action that goes to the chosen frame.
func selectFrame(m *root) tea.Cmd { return m.toFrame(m.panes[stackPaneID].(*stackPane).chosen) }

// toCaller is the action that goes to the next frame outwards, or inwards.
func toCaller(by int) func(*root) tea.Cmd {
	return func(m *root) tea.Cmd {
		n := m.frame + by
		m.panes[stackPaneID].(*stackPane).chosen = n
		return m.toFrame(n)
	}
}

func (m *root) noStack() string {
	if m.view == nil || len(m.view.stack) == 0 {
		return "there is no stack"
	}
	return ""
}

func (m *root) noFrameOut() string {
	if m.view == nil || m.frame+1 >= len(m.view.stack) {
		return "this is the outermost frame that is known"
	}
	return ""
}

func (m *root) noFrameIn() string {
	if m.frame == 0 {
		return "this is the innermost frame"
	}
	return ""
}

// runOut is the action that goes on until the frames inside the chosen one have
// returned to it.
func runOut(m *root) tea.Cmd {
	row := m.view.stack[min(m.panes[stackPaneID].(*stackPane).chosen, len(m.view.stack)-1)]
	return m.start(runTo(row.frame.PC))
}

func stackBindings() []binding {
	return []binding{
		{name: "frame", keys: []string{"enter"}, pane: stackPaneID, short: "go there", help: "show the registers, the code and the variables of the chosen frame", disabled: (*root).noStack, run: selectFrame},
		{name: "run-to-frame", keys: []string{"r"}, pane: stackPaneID, short: "run to", help: "go on until the machine is where the chosen frame goes on", disabled: (*root).noForward, run: runOut},
		{name: "frame-out", keys: []string{"K"}, pane: everywhere, short: "frame out", help: "look at the frame of the caller", disabled: (*root).noFrameOut, run: toCaller(1)},
		{name: "frame-in", keys: []string{"J"}, pane: everywhere, short: "frame in", help: "look at the frame that this one has called", disabled: (*root).noFrameIn, run: toCaller(-1)},
	}
}
