package ui

import (
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/vm/riscv"
)

// pointList shows the breakpoints and watchpoints.
type pointList struct{ list }

// point is a row of it: a breakpoint or, if watch is set, a watchpoint.
type point struct {
	addr      uint64
	watch     *riscv.Watch
	disabled  bool
	condition string
	hits      int
}

// readPoints lists what is set in a timeline.
func readPoints(t monitor.Timeline) []point {
	var all []point
	for _, b := range t.BreakpointList() {
		all = append(all, point{addr: b.Addr, disabled: b.Disabled, condition: b.Condition, hits: b.Hits})
	}
	if p, err := monitor.PastOf(t); err == nil {
		for _, w := range p.WatchpointList() {
			all = append(all, point{addr: w.Addr, watch: &w.Watch, disabled: w.Disabled, hits: w.Hits})
		}
	}
	return all
}

// breakpoint returns the breakpoint at an address.
func (v *view) breakpoint(addr uint64) (point, bool) {
	for _, p := range v.points {
		if p.watch == nil && p.addr == addr {
			return p, true
		}
	}
	return point{}, false
}

// breakMark is what stands before an instruction or a line with a breakpoint.
func (m *root) breakMark(addr uint64) string {
	p, ok := m.view.breakpoint(addr)
	switch {
	case !ok:
		return " "
	case p.disabled:
		return m.styles.dim.Render(m.styles.glyphs.disabled)
	}
	return m.styles.breakpoint.Render(m.styles.glyphs.breakpoint)
}

func (p *pointList) title(m *root) string {
	if m.view == nil || len(m.view.points) == 0 {
		return ""
	}
	return fmt.Sprintf("%d", len(m.view.points))
}

func (p *pointList) draw(m *root, width, height int) []string {
	if m.view == nil {
		return nil
	}
	if len(m.view.points) == 0 {
		return []string{m.styles.dim.Render("none: a adds one here, b at an instruction, w watches memory")}
	}
	from, to := p.window(len(m.view.points), height)
	var lines []string
	for i, row := range m.view.points[from:to] {
		lines = append(lines, p.line(m, row, from+i == p.chosen, width))
	}
	return lines
}

// line is a breakpoint or a watchpoint: its mark, where it is, when it stops,
// and how often it did.
func (p *pointList) line(m *root, row point, chosen bool, width int) string {
	s := m.styles
	mark, style := s.glyphs.breakpoint, s.breakpoint
	if row.disabled {
		mark, style = s.glyphs.disabled, s.dim
	}
	text := " " + m.pointName(row)
	if row.condition != "" {
		text += "  if " + row.condition
	}
	var notes []string
	if row.hits > 0 {
		notes = append(notes, fmt.Sprintf("hit %d", row.hits))
	}
	if row.disabled {
		notes = append(notes, "disabled")
	}
	if len(notes) > 0 { // at the right edge, where long names do not hide it
		note := strings.Join(notes, " ")
		text = fit(text, max(width-1-textWidth(note)-1, 0)) + " " + note
	}
	if chosen && m.focus == pointsPane && !m.input {
		return s.choose(mark+text, width)
	}
	if row.disabled {
		return s.dim.Render(mark + text)
	}
	return style.Render(mark) + text
}

// pointName is where a point is and, of a watchpoint, what it waits for.
func (m *root) pointName(p point) string {
	place := fmt.Sprintf("%#x", p.addr)
	if name, ok := m.options.Symbols.Name(p.addr); ok && (p.watch == nil || p.watch.What == riscv.VirtualMemory) {
		place = name + "  " + place
	}
	if p.watch == nil {
		return place
	}
	if p.watch.What == riscv.PhysicalMemory {
		place = "p:" + place
	}
	kind := "write"
	switch {
	case p.watch.Read && p.watch.Write:
		kind = "access"
	case p.watch.Read:
		kind = "read"
	}
	return fmt.Sprintf("%s %s/%d", kind, place, p.watch.Size)
}

func (p *pointList) scroll(m *root, rows int) tea.Cmd {
	if m.view != nil {
		p.move(len(m.view.points), rows)
	}
	return nil
}

func (p *pointList) home(*root) tea.Cmd {
	p.chosen = 0
	return nil
}

// click chooses the row, and enables or disables it at its mark.
func (p *pointList) click(m *root, x, y int) tea.Cmd {
	if m.view == nil || p.top+y >= len(m.view.points) {
		return nil
	}
	p.chosen = p.top + y
	if x == 0 {
		return togglePoint(m)
	}
	return nil
}

// points is the pane.
func (m *root) pointList() *pointList { return m.panes[pointsPane].(*pointList) }

// point is the chosen breakpoint or watchpoint.
func (m *root) point() (point, bool) {
	p := m.pointList()
	if m.view == nil || p.chosen >= len(m.view.points) {
		return point{}, false
	}
	return m.view.points[p.chosen], true
}

func (m *root) noPoint() string {
	if _, ok := m.point(); !ok {
		return "there is no breakpoint here: a adds one"
	}
	return ""
}

func (m *root) noNextHit() string {
	if why := m.noPoint(); why != "" {
		return why
	}
	return m.noForward()
}

func (m *root) noHitBefore() string {
	if why := m.noPoint(); why != "" {
		return why
	}
	return m.noBack()
}

// toHit is the action that goes to the next time that the chosen one is met, or
// to the last time before here.
func toHit(onwards bool) func(*root) tea.Cmd {
	return func(m *root) tea.Cmd {
		p, _ := m.point()
		mv := past("look for it", func(t monitor.Past, ctx context.Context) (replay.Stop, error) {
			if p.watch != nil {
				return t.ToWatchpoint(ctx, *p.watch, onwards)
			}
			return t.ToBreakpoint(ctx, p.addr, onwards)
		})
		mv.forward = onwards && m.status.AtLiveEnd
		return m.start(mv)
	}
}

// changePoint is the command that changes the chosen one, and says so.
func (m *root) changePoint(text string, onBreak func(monitor.Timeline, uint64), onWatch func(monitor.Past, riscv.Watch)) tea.Cmd {
	p, _ := m.point()
	s := m.options.Session
	return func() tea.Msg {
		s.Inspect(func(t monitor.Timeline) {
			past, err := monitor.PastOf(t)
			switch {
			case p.watch == nil:
				onBreak(t, p.addr)
			case err == nil:
				onWatch(past, *p.watch)
			}
		})
		return noticeMsg{text: text}
	}
}

func togglePoint(m *root) tea.Cmd {
	p, _ := m.point()
	text := "disabled"
	if p.disabled {
		text = "enabled"
	}
	return m.changePoint(text,
		func(t monitor.Timeline, addr uint64) { t.EnableBreakpoint(addr, p.disabled) },
		func(t monitor.Past, w riscv.Watch) { t.EnableWatchpoint(w, p.disabled) })
}

func removePoint(m *root) tea.Cmd {
	return m.changePoint("removed", monitor.Timeline.ClearBreakpoint, monitor.Past.ClearWatchpoint)
}

// showPoint shows the chosen one's address in the disassembly, or in the memory
// pane if it watches that.
func showPoint(m *root) tea.Cmd {
	p, _ := m.point()
	if p.watch != nil {
		return m.memory().show(m, fmt.Sprintf("%#x", p.addr))
	}
	return m.showCode(p.addr)
}

// showCode goes to an address in the disassembly.
func (m *root) showCode(addr uint64) tea.Cmd {
	code := m.panes[codePane].(*disassembly)
	code.cursor, code.away = addr, true
	return tea.Batch(m.focusOn(codePane), m.refresh())
}

// askBreakpoint asks where a breakpoint is to be set.
func askBreakpoint(m *root) tea.Cmd {
	hints := [][2]string{{"main", "a symbol"}, {"0x80001000", "an address"}, {"Tab", "completes"}}
	return m.askFor("breakpoint at: ", "", hints, m.symbolNames, func(m *root, where string) tea.Cmd {
		return m.execute("b " + where)
	})
}

func pointBindings() []binding {
	return []binding{
		{name: "next-hit", keys: []string{"enter"}, pane: pointsPane, short: "next hit", help: "go to the next time that this one is met; no other stops it", disabled: (*root).noNextHit, run: toHit(true)},
		{name: "hit-before", keys: []string{"backspace"}, pane: pointsPane, short: "hit before", help: "go back to the last time that this one was met", disabled: (*root).noHitBefore, run: toHit(false)},
		{name: "add-breakpoint", keys: []string{"a"}, pane: pointsPane, short: "add", help: "set a breakpoint at a symbol or an address", run: askBreakpoint},
		{name: "enable", keys: []string{"t"}, pane: pointsPane, short: "on/off", help: "disable this one without removing it, or enable it again", disabled: (*root).noPoint, run: togglePoint},
		{name: "remove", keys: []string{"d", "delete"}, pane: pointsPane, short: "remove", help: "remove this one", disabled: (*root).noPoint, run: removePoint},
		{name: "show", keys: []string{"."}, pane: pointsPane, short: "show", help: "show where it is, in the disassembly or the memory", disabled: (*root).noPoint, run: showPoint},
	}
}
