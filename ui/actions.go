package ui

import (
	"context"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/monitor"
	"reprise/replay"
)

// What the bindings do, as far as it is more than a movement.

// pause stops what runs, or lets the machine go on.
func (m *root) pause() tea.Cmd {
	if m.status.Running || m.moving != "" {
		m.options.Session.Interrupt()
		return nil
	}
	return m.invoke(m.named("continue"))
}

func (m *root) cancel() tea.Cmd {
	m.options.Session.Interrupt()
	return nil
}

// quit leaves. Ending a recording cannot be taken back, so that asks first.
func (m *root) quit() tea.Cmd {
	if m.status.Mode == replay.ModeRecord && m.status.Live && !m.ended() {
		m.overlay = &question{text: "End the recording and leave?", yes: func(*root) tea.Cmd { return tea.Quit }}
		return nil
	}
	return tea.Quit
}

// enterInput gives the keys to the guest.
func (m *root) enterInput() tea.Cmd {
	m.focus, m.input = consolePane, true
	m.consoleState().up, m.consoleState().pick.on = 0, false
	if !m.status.Running && m.moving == "" {
		m.say("the machine is paused: it reads what you type when it goes on")
	}
	return nil
}

func (m *root) focusOn(p paneID) tea.Cmd {
	m.focus = p
	if m.layout().show(p) {
		return nil
	}
	m.layout().open(p, paneInfos[p].beside)
	return m.keepLayout()
}

func (m *root) zoom() tea.Cmd {
	m.zoomed = !m.zoomed
	return nil
}

func (m *root) follow() tea.Cmd { return m.panes[m.focus].home(m) }

func (m *root) nextConsole() tea.Cmd {
	p := m.panes[consolePane].(*console)
	p.index, p.up = (p.index+1)%len(m.options.Consoles), 0
	return nil
}

func (m *root) toggleFloats() tea.Cmd {
	p := m.panes[registersPane].(*registerPane)
	p.floats = !p.floats
	return nil
}

func (m *root) travelToEvent() tea.Cmd {
	mv, ok := m.panes[eventsPane].(*eventList).travel(m)
	if !ok {
		m.fail("there is no event to go to")
		return nil
	}
	return m.start(mv)
}

// nextHart shows another hart; its registers have no stop before.
func (m *root) nextHart() tea.Cmd {
	m.hart = (m.view.hart + 1) % m.view.harts
	m.before, m.atStop = registers{}, registers{}
	return m.refresh()
}

// revisit goes along the places visited.
func (m *root) revisit(by int) tea.Cmd {
	m.visits.at += by
	mv := seekTo(m.visits.steps[m.visits.at])
	mv.quiet = true
	return m.start(mv)
}

// takeControls takes them from whoever has them, and gives them up at once:
// the interface needs them for as long as its movements last.
func (m *root) takeControls() tea.Cmd {
	s := m.options.Session
	return func() tea.Msg {
		s.Take(holder)
		s.Release(holder)
		return noticeMsg{text: "the controls are here"}
	}
}

// toggleBreakpoint works on the instruction that is chosen in the disassembly,
// the one at the pc unless the user went elsewhere, or on the chosen line of
// source.
func (m *root) toggleBreakpoint() tea.Cmd {
	s, symbols := m.options.Session, m.options.Symbols
	addrs, set := m.breakpointAddresses()
	if len(addrs) == 0 {
		m.fail("there is no code in this line or after it")
		return nil
	}
	return func() tea.Msg {
		text := fmt.Sprintf("breakpoint at %#x", addrs[0])
		if name, ok := symbols.Name(addrs[0]); ok {
			text = "breakpoint at " + name
		}
		if len(addrs) > 1 {
			text += fmt.Sprintf(" and %d other places", len(addrs)-1)
		}
		s.Inspect(func(t monitor.Timeline) {
			for _, addr := range addrs {
				if set {
					t.ClearBreakpoint(addr)
				} else {
					t.SetBreakpoint(addr)
				}
			}
		})
		if set {
			text += " removed"
		}
		return noticeMsg{text: text}
	}
}

// toggleMouse frees the mouse, so that the terminal's own selection works.
func (m *root) toggleMouse() tea.Cmd {
	m.freeMouse = !m.freeMouse
	if m.freeMouse {
		m.say("the mouse is the terminal's: select as usual; M takes it back")
		return tea.DisableMouse
	}
	m.say("the mouse works in the panes again")
	return tea.EnableMouseCellMotion
}

// runTo is the movement to the next time that an address is executed.
func runTo(addr uint64) movement {
	return past("run to there", func(p monitor.Past, ctx context.Context) (replay.Stop, error) {
		return p.ToBreakpoint(ctx, addr, true)
	})
}
