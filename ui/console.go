package ui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"reprise/internal/term"
)

// console shows the guest's terminal screen, one of several if the machine has
// several character devices.
type console struct {
	index int // into the root's consoles
	up    int // rows scrolled back

	pick        pick
	selection   selection
	first, left int    // row and column of the screen at the pane's corner
	wanted      string // the text that is looked for
}

func (p *console) title(m *root) string {
	c, ok := m.console()
	if !ok {
		return "(none)"
	}
	text := c.Name
	if len(m.options.Consoles) > 1 {
		text += fmt.Sprintf(" %d/%d", p.index+1, len(m.options.Consoles))
	}
	switch {
	case m.input:
		text += " INPUT, Ctrl-] leaves"
	case p.up > 0:
		text += fmt.Sprintf(" %d rows back", p.up)
	}
	return text
}

// console returns the console on show.
func (m *root) console() (Console, bool) {
	p := m.panes[consolePane].(*console)
	if p.index >= len(m.options.Consoles) {
		return Console{}, false
	}
	return m.options.Consoles[p.index], true
}

// screen returns the screen on show, or nil while there is none.
func (m *root) screen() *term.Screen {
	c, ok := m.console()
	if !ok || m.view == nil {
		return nil
	}
	return m.view.screens[c.ID]
}

func (p *console) draw(m *root, width, height int) []string {
	screen := m.screen()
	if screen == nil {
		return []string{m.styles.dim.Render("this machine has no console here")}
	}
	p.first, p.left = p.corner(screen, width, height)
	first, left := p.first, p.left
	cursor := screen.Cursor()
	options := term.Options{Left: left, Width: width, ASCII: m.styles.ascii, Colors: m.styles.guestColors}
	options.Mark = func(x, y int, c term.Cell) term.Style {
		if p.selection.has(x, y) {
			c.Style.Attrs ^= term.Reverse
			return c.Style
		}
		if p.pick.on {
			if y == p.pick.y && x == p.pick.x {
				c.Style.Attrs ^= term.Reverse
			}
			return c.Style
		}
		if y == cursor.Y && x == cursor.X && cursor.Visible && (m.input || m.focus == consolePane) {
			c.Style.Attrs ^= term.Reverse
		}
		return c.Style
	}
	return screen.Render(first, first+height, options)
}

// corner is the row and column of the screen that the pane's upper left shows:
// the part with the cursor if not all fits, the scrollback above if there is
// room for more.
func (p *console) corner(s *term.Screen, width, height int) (row, column int) {
	columns, rows := s.Size()
	cursor := s.Cursor()
	row = min(max(cursor.Y-height+1, 0), max(rows-height, 0))
	if height > rows {
		row = -min(s.History(), height-rows)
	}
	p.up = min(p.up, max(row+s.History(), 0))
	if cursor.X >= width {
		column = min(cursor.X-width+1, columns-width)
	}
	return row - p.up, column
}

func (p *console) scroll(_ *root, rows int) tea.Cmd {
	p.up = max(p.up-rows, 0)
	return nil
}

func (p *console) home(*root) tea.Cmd {
	p.up, p.pick.on, p.selection = 0, false, selection{}
	return nil
}

// noInput says why nothing can be typed now; empty if it can.
func (m *root) noInput() string {
	c, ok := m.console()
	st := m.status
	switch {
	case !ok:
		return "this machine has no console"
	case !st.Live:
		return "this is a replay: what was typed is in the recording"
	case c.Typist == nil:
		return "this console is not typed into here: it belongs to another backend"
	case !st.AtLiveEnd:
		return "this is history: L returns to the live end, where the machine listens"
	case m.ended():
		return "the guest has ended its machine: nobody listens"
	}
	return ""
}

// typeInto sends what the user typed to the guest.
func (m *root) typeInto(p []byte) tea.Cmd {
	if why := m.noInput(); why != "" {
		m.fail(why)
		return nil
	}
	c, _ := m.console()
	m.panes[consolePane].(*console).up = 0
	if n := c.Typist.Type(p); n < len(p) {
		m.fail(fmt.Sprintf("the guest does not read: %d of %d bytes were not taken", len(p)-n, len(p)))
	}
	return nil
}

// guestModes are the modes that say how keys are sent.
func (m *root) guestModes() term.Modes {
	if s := m.screen(); s != nil {
		return s.Modes()
	}
	return term.Modes{}
}

// guestColors are the colours that the guest's output may use.
func guestColors(profile termenv.Profile) term.Colors {
	switch profile {
	case termenv.TrueColor:
		return term.TrueColor
	case termenv.ANSI256:
		return term.Colors256
	case termenv.ANSI:
		return term.Colors16
	case termenv.Ascii:
	}
	return term.Monochrome
}
