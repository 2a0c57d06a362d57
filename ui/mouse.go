package ui

import (
	tea "github.com/charmbracelet/bubbletea"
)

// pointed is an overlay that can be used with the mouse.
type pointed interface {
	mouse(m *root, e tea.MouseEvent) tea.Cmd
}

// mouse routes what the mouse does to what is shown there.
func (m *root) mouse(e tea.MouseEvent) tea.Cmd {
	switch {
	case m.overlay != nil:
		if o, ok := m.overlay.(pointed); ok {
			return o.mouse(m, e)
		}
		return nil
	case e.Action == tea.MouseActionRelease:
		return m.mouseUp()
	case e.Action == tea.MouseActionMotion && e.Button == tea.MouseButtonLeft:
		return m.mouseDrag(e)
	case e.Action != tea.MouseActionPress:
		return nil
	case e.Button == tea.MouseButtonLeft && e.Y == m.height-1:
		return m.clickHint(e.X)
	}
	for _, r := range m.rects {
		if !r.contains(e.X, e.Y-m.bodyTop) {
			continue
		}
		switch e.Button {
		case tea.MouseButtonLeft:
			return m.click(r, e.X, e.Y-m.bodyTop)
		case tea.MouseButtonWheelUp:
			return m.wheel(r.pane, -1)
		case tea.MouseButtonWheelDown:
			return m.wheel(r.pane, 1)
		default:
			return nil
		}
	}
	if e.Button == tea.MouseButtonLeft {
		m.dragBorder(e.X, e.Y-m.bodyTop)
	}
	return nil
}

// clickHint does what the footer says at a column.
func (m *root) clickHint(x int) tea.Cmd {
	for _, h := range m.hints {
		if x >= h.from && x < h.to && h.binding != nil && !m.input {
			m.say("")
			return m.invoke(h.binding)
		}
	}
	return nil
}

// click is a press on a pane; x and y are in the body.
func (m *root) click(r rect, x, y int) tea.Cmd {
	m.input = m.input && r.pane == consolePane
	for _, t := range m.tabs {
		if y == t.y && x >= t.from && x < t.to {
			return m.focusOn(t.pane)
		}
	}
	if y == r.y { // the title: also the line between two panes
		m.dragBorder(x, y)
		return m.focusOn(r.pane)
	}
	if r.pane == timePane {
		return tea.Batch(m.focusOn(r.pane), m.timebar().drag(m, x))
	}
	if r.pane == consolePane && m.focus == consolePane && !m.input {
		m.consoleState().clickPick(m, x-r.x, y-r.y-1)
	}
	if r.pane == consolePane {
		m.consoleState().selectTo(m, r, x, y, true)
	}
	choose := m.focusOn(r.pane)
	if p, ok := m.panes[r.pane].(clickable); ok {
		return tea.Batch(choose, p.click(m, x-r.x, y-r.y-1))
	}
	return choose
}

// wheelRows is how far one notch of the wheel scrolls.
const wheelRows = 3

// wheel scrolls the pane under the pointer; the timeline comes closer instead.
func (m *root) wheel(p paneID, by int) tea.Cmd {
	if p == timePane {
		return zoomTimeline(-by)(m)
	}
	return m.panes[p].scroll(m, by*wheelRows)
}

// mouseDrag is a movement with the button held.
func (m *root) mouseDrag(e tea.MouseEvent) tea.Cmd {
	switch {
	case m.dragged != nil:
		m.dragBorder(e.X, e.Y-m.bodyTop)
	case m.focus == timePane:
		return m.timebar().drag(m, e.X)
	case m.consoleState().selection.on:
		for _, r := range m.rects {
			if r.pane == consolePane {
				m.consoleState().selectTo(m, r, e.X, e.Y-m.bodyTop, false)
			}
		}
	}
	return nil
}

// mouseUp ends what was dragged.
func (m *root) mouseUp() tea.Cmd {
	if m.dragged != nil {
		m.dragged = nil
		return m.keepLayout()
	}
	if m.focus == timePane {
		m.visits.visit(m.status.Position)
	}
	return m.consoleState().copySelection(m)
}
