package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// paneID names a pane.
type paneID uint8

// The panes, in the order of their keys.
const (
	consolePane paneID = iota
	codePane
	registersPane
	eventsPane
	memPane
	timePane
	pointsPane
	stackPaneID
	sourcePaneID
	watchPaneID

	paneCount
	everywhere paneID = 255 // a binding of all panes
)

// paneInfo is what is known of a pane before it shows anything.
type paneInfo struct {
	name   string // its command is the same in lower case
	make   func() pane
	beside paneID // whose place it shares where the layout does not name it
	// width and height are what it wishes for of some room, in a body of the
	// given height; 0 hides it. Nil takes what it gets.
	width, height func(room, body int, focused bool) int
}

// paneInfos are all panes. One that is added here has its key, its command and
// its place in the layouts.
var paneInfos = [paneCount]paneInfo{
	consolePane:   {name: "Console", make: func() pane { return &console{} }, beside: consolePane, width: consoleWidth, height: consoleHeight},
	codePane:      {name: "Disassembly", make: func() pane { return &disassembly{} }, beside: codePane},
	registersPane: {name: "Registers", make: func() pane { return &registerPane{} }, beside: registersPane, width: registersWidth},
	eventsPane:    {name: "Events", make: func() pane { return &eventList{} }, beside: eventsPane},
	memPane:       {name: "Memory", make: func() pane { return &memoryPane{follow: defaultMemory} }, beside: eventsPane},
	timePane:      {name: "Timeline", make: func() pane { return &timeline{} }, beside: timePane, height: timelineHeight},
	pointsPane:    {name: "Breakpoints", make: func() pane { return &pointList{} }, beside: eventsPane},
	stackPaneID:   {name: "Stack", make: func() pane { return &stackPane{} }, beside: eventsPane},
	watchPaneID:   {name: "Values", make: func() pane { return &watchPane{} }, beside: eventsPane},
	sourcePaneID:  {name: "Source", make: func() pane { return &sourcePane{} }, beside: codePane},
}

// paneNames are the names of the panes in layouts and commands.
var paneNames = func() (names [paneCount]string) {
	for p := range paneCount {
		names[p] = strings.ToLower(paneInfos[p].name)
	}
	return names
}()

// paneNamed finds a pane by its name.
func paneNamed(name string) (paneID, bool) {
	i := slices.Index(paneNames[:], strings.ToLower(name))
	return paneID(max(i, 0)), i >= 0
}

func (p paneID) String() string {
	if p < paneCount {
		return paneInfos[p].name
	}
	return "Everywhere"
}

// newPanes makes all panes.
func newPanes() (panes [paneCount]pane) {
	for p := range paneCount {
		panes[p] = paneInfos[p].make()
	}
	return panes
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

// rect is where a pane is, its title line included.
type rect struct {
	pane                paneID
	x, y, width, height int
}

func (r rect) contains(x, y int) bool {
	return x >= r.x && x < r.x+r.width && y >= r.y && y < r.y+r.height
}

// consoleWidth is the 80 columns of the guest's screen as soon as they are there.
func consoleWidth(room, _ int, _ bool) int { return min(max(ScreenWidth, room*3/5), room-30) }

// consoleHeight is all of the guest's screen if as much again is left.
func consoleHeight(room, _ int, _ bool) int {
	if room >= 2*(ScreenHeight+1) {
		return ScreenHeight + 1
	}
	return room - room/2
}

// registersWidth is two or three columns of registers.
func registersWidth(room, _ int, _ bool) int {
	return min(max(room*2/5, 2*entryWidth), 3*entryWidth)
}

// timelineHeight is the bar where there is room for it, and its lanes where it
// has the focus or there is plenty.
func timelineHeight(_, body int, focused bool) int {
	switch {
	case focused || body >= 2*(ScreenHeight+1)+laneCount+2:
		return laneCount + 2
	case body >= sideHeight:
		return 2
	}
	return 0
}

// body draws all panes into lines of exactly the given size.
func (m *root) body(width, height int) []string {
	rects := slices.Clone(m.rects)
	slices.SortStableFunc(rects, func(a, b rect) int { return a.x - b.x })
	canvas := make([]strings.Builder, height)
	for _, r := range rects {
		lines := append([]string{m.titleLine(r)}, block(m.panes[r.pane].draw(m, r.width, r.height-1), r.width, r.height-1)...)
		for i, line := range lines[:r.height] {
			if r.x > 0 {
				canvas[r.y+i].WriteString(m.styles.rule.Render(m.styles.glyphs.vertical))
			}
			canvas[r.y+i].WriteString(line)
		}
	}
	out := make([]string, height)
	for y := range out {
		out[y] = fit(canvas[y].String(), width)
	}
	return out
}

// tab is the name of a pane in the title line of another, and where a click
// finds it: columns of the body.
type tab struct {
	pane        paneID
	y, from, to int
}

// titleLine is the rule above a pane, with the names of those that share its
// place. The focused one is in brackets.
func (m *root) titleLine(r rect) string {
	s := m.styles
	name := r.pane.String()
	if extra := m.panes[r.pane].title(m); extra != "" {
		name += " " + extra
	}
	name = fitWords(name, r.width-6)
	rule := func(n int) string { return s.rule.Render(strings.Repeat(s.glyphs.horizontal, max(n, 0))) }
	text, used := s.title.Render("  "+name+"  "), textWidth(name)+5
	if r.pane == m.focus {
		text = s.focused.Render("[ " + name + " ]")
	}
	text = rule(1) + text
	if at := m.layout().find(r.pane); at != nil && len(m.rects) > 1 {
		for _, p := range at.tabs {
			if p == r.pane || used+len(p.String())+3 > r.width {
				continue
			}
			m.tabs = append(m.tabs, tab{p, r.y, r.x + used + 1, r.x + used + 1 + len(p.String())})
			text += rule(1) + s.dim.Render(p.String()) + rule(1)
			used += len(p.String()) + 2
		}
	}
	return fit(text+rule(r.width-used), r.width)
}
