package ui

import (
	"context"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/vm/state"
)

// The console in time: which step wrote a character, and when a text was
// printed.

// pick is the character of the console's screen that the user has chosen.
type pick struct {
	on   bool
	x, y int // column and row of the screen; rows above it are negative
}

// move chooses a neighbouring character, or first the one before the guest's
// cursor.
func (p *console) movePick(dx, dy int) func(*root) tea.Cmd {
	return func(m *root) tea.Cmd {
		screen := m.screen()
		if screen == nil {
			return nil
		}
		columns, rows := screen.Size()
		if !p.pick.on {
			cursor := screen.Cursor()
			p.pick = pick{true, cursor.X, cursor.Y}
			if dx == 0 && dy == 0 {
				return nil
			}
		}
		p.pick.x = min(max(p.pick.x+dx, 0), columns-1)
		p.pick.y = min(max(p.pick.y+dy, -screen.History()), rows-1)
		if _, ok := screen.StepAt(p.pick.x, p.pick.y); ok {
			m.say("Enter goes to the step that wrote this character")
		}
		return nil
	}
}

// clickPick chooses the character at a place of the pane.
func (p *console) clickPick(m *root, x, y int) {
	if screen := m.screen(); screen != nil {
		p.pick = pick{true, p.left + x, p.first + y}
		p.movePick(0, 0)(m)
		m.say("Enter goes to the step that wrote this character")
	}
}

// choose goes to the step that wrote the chosen character, or without one
// begins to type.
func chooseInConsole(m *root) tea.Cmd {
	p := m.consoleState()
	if !p.pick.on {
		return m.enterInput()
	}
	step, ok := m.screen().StepAt(p.pick.x, p.pick.y)
	if !ok {
		m.fail("nothing was written there")
		return nil
	}
	p.pick.on = false
	return m.start(seekTo(state.Step(step)))
}

// noChoice is why Enter does nothing in the console.
func (m *root) noChoice() string {
	if m.consoleState().pick.on {
		return m.noTravel()
	}
	return m.noInput()
}

// consoleState is the pane.
func (m *root) consoleState() *console { return m.panes[consolePane].(*console) }

// picking is the action of a key that moves the choice.
func picking(dx, dy int) func(*root) tea.Cmd {
	return func(m *root) tea.Cmd { return m.consoleState().movePick(dx, dy)(m) }
}

// askPrinted asks for a text to look for in what the console prints.
func askPrinted(m *root) tea.Cmd {
	return m.ask("printed: ", m.consoleState().wanted, [][2]string{{"panic", "a text; > and < go on"}}, func(m *root, text string) tea.Cmd {
		m.consoleState().wanted = text
		return m.toPrinted(true)
	})
}

// findPrinted is the action of a key that goes on looking.
func findPrinted(onwards bool) func(*root) tea.Cmd {
	return func(m *root) tea.Cmd {
		if m.consoleState().wanted == "" {
			return askPrinted(m)
		}
		return m.toPrinted(onwards)
	}
}

// toPrinted goes to where the console has just printed the text, the next time
// after here or the last before.
func (m *root) toPrinted(onwards bool) tea.Cmd {
	c, ok := m.console()
	if !ok {
		m.fail("this machine has no console")
		return nil
	}
	text, here := m.consoleState().wanted, m.status.Position
	return m.start(past("search", func(p monitor.Past, ctx context.Context) (replay.Stop, error) {
		// A text that ends in the step before here is the one that is shown.
		find, at := p.NextPrinted, here
		if !onwards {
			find, at = p.LastPrinted, max(here, 1)-1
		}
		last, found, err := find(ctx, c.ID, text, at)
		switch {
		case err != nil:
			return replay.Stop{}, err
		case !found && onwards:
			return replay.Stop{}, fmt.Errorf("%q is not printed after here", text)
		case !found:
			return replay.Stop{}, fmt.Errorf("%q was not printed before here", text)
		}
		return p.Seek(ctx, last+1)
	}))
}
