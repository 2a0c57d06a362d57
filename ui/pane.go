package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// paneID names a pane.
type paneID uint8

// The panes, in the order in which Tab visits them.
const (
	consolePane paneID = iota
	codePane
	registersPane
	eventsPane
	memPane
	timePane
	pointsPane

	paneCount
	everywhere paneID = 255 // a binding of all panes
)

func (p paneID) String() string {
	switch p {
	case consolePane:
		return "Console"
	case codePane:
		return "Disassembly"
	case registersPane:
		return "Registers"
	case eventsPane:
		return "Events"
	case memPane:
		return "Memory"
	case timePane:
		return "Timeline"
	case pointsPane:
		return "Breakpoints"
	default:
		return "Everywhere"
	}
}

// pane is a part of the screen that shows one aspect of the machine. It keeps
// what the user chose to see, and draws from the root's view.
type pane interface {
	// title is what stands above the pane, after its name.
	title(m *root) string
	// draw returns at most height lines; they are cut or filled to the width.
	draw(m *root, width, height int) []string
	// scroll moves the cursor or the visible part by some rows.
	scroll(m *root, rows int) tea.Cmd
	// home goes back to what follows the machine.
	home(m *root) tea.Cmd
}

// clickable is a pane whose rows can be chosen with the mouse.
type clickable interface {
	// click is at a column and a row below the title.
	click(m *root, x, y int) tea.Cmd
}

// beside reports whether a pane shares the place of the events.
func (p paneID) beside() bool { return p == eventsPane || p == memPane || p == pointsPane }

// rect is where a pane is, its title line included.
type rect struct {
	pane                paneID
	x, y, width, height int
}

func (r rect) contains(x, y int) bool {
	return x >= r.x && x < r.x+r.width && y >= r.y && y < r.y+r.height
}

// Sizes at which the layout changes.
const (
	stackedWidth = 84 // columns, and below: panes one above the other
	tinyWidth    = 50 // below: one pane
	tinyHeight   = 16
	sideHeight   = 24 // rows, from which two rows of panes are worth it
)

// layout places the panes in a body of the given size. Events, memory and
// others share a place: side is the one that is shown there.
func layout(width, height int, focus, side paneID, zoomed bool) []rect {
	switch {
	case zoomed || width < tinyWidth || height < tinyHeight-3:
		return []rect{{focus, 0, 0, width, height}}
	case width <= stackedWidth:
		return stacked(width, height, focus, side)
	}
	rows := 0
	switch {
	case focus == timePane || height >= 2*(ScreenHeight+1)+laneCount+2:
		rows = laneCount + 2
	case height >= sideHeight:
		rows = 2
	}
	list := grid(width, height-rows, side)
	if rows > 0 {
		list = append(list, rect{timePane, 0, height - rows, width, rows})
	}
	return list
}

// stacked gives the focused pane what the others leave.
func stacked(width, height int, focus, side paneID) []rect {
	least := 3 // rows, title included
	if height >= ScreenHeight {
		least = 4
	}
	panes := []paneID{consolePane, codePane, registersPane, side}
	if focus == timePane {
		panes = append(panes, timePane)
	}
	small := min(least, height/(len(panes)+1))
	var list []rect
	y := 0
	for _, p := range panes {
		h := small
		if p == focus {
			h = height - small*(len(panes)-1)
		}
		list = append(list, rect{p, 0, y, width, h})
		y += h
	}
	return list
}

// grid has disassembly and registers above, console and events below. The
// console gets its 80 columns as soon as they are there.
func grid(width, height int, side paneID) []rect {
	low := height / 2
	if height >= 2*(ScreenHeight+1) {
		low = ScreenHeight + 1
	}
	high := height - low
	registersWidth := min(max(width*2/5, 2*entryWidth), 3*entryWidth)
	codeWidth := width - registersWidth - 1
	consoleWidth := min(max(ScreenWidth, width*3/5), width-30)
	return []rect{
		{consolePane, 0, high, consoleWidth, low},
		{codePane, 0, 0, codeWidth, high},
		{registersPane, codeWidth + 1, 0, registersWidth, high},
		{side, consoleWidth + 1, high, width - consoleWidth - 1, low},
	}
}

// body draws all panes into lines of exactly the given size.
func (m *root) body(width, height int) []string {
	canvas := make([][]string, height)
	rects := m.rects
	for _, r := range rects {
		lines := append([]string{m.titleLine(r)}, block(m.panes[r.pane].draw(m, r.width, r.height-1), r.width, r.height-1)...)
		for i, line := range lines[:r.height] {
			y := r.y + i
			if r.x > 0 {
				canvas[y] = append(canvas[y], m.styles.rule.Render(m.styles.glyphs.vertical))
			}
			canvas[y] = append(canvas[y], line)
		}
	}
	out := make([]string, height)
	for y := range out {
		out[y] = fit(strings.Join(canvas[y], ""), width)
	}
	return out
}

// titleLine is the rule above a pane. The focused one is in brackets.
func (m *root) titleLine(r rect) string {
	s := m.styles
	name := r.pane.String()
	if extra := m.panes[r.pane].title(m); extra != "" {
		name += " " + extra
	}
	name = fitWords(name, r.width-6)
	rule := func(n int) string { return s.rule.Render(strings.Repeat(s.glyphs.horizontal, max(n, 0))) }
	if r.pane == m.focus {
		return fit(rule(1)+s.focused.Render("[ "+name+" ]")+rule(r.width-5-textWidth(name)), r.width)
	}
	return fit(rule(1)+s.title.Render("  "+name+"  ")+rule(r.width-5-textWidth(name)), r.width)
}
