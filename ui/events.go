package ui

import (
	"fmt"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/replay/recording"
)

// eventList shows what came, where the machine stands, what is pending and
// what comes.
type eventList struct {
	away   bool // the user left the pending event
	chosen int  // rows from the first that is not past, if away
}

func (p *eventList) title(m *root) string {
	if m.view != nil && m.view.failed != nil {
		return "(cannot be read)"
	}
	return ""
}

// here is the index of the first event that is not past.
func (p *eventList) here(m *root) int {
	for i, e := range m.view.events {
		if e.Step >= m.view.status.Position {
			return i
		}
	}
	return len(m.view.events)
}

// index is the chosen event, -1 if there is none.
func (p *eventList) index(m *root) int {
	if m.view == nil || len(m.view.events) == 0 {
		return -1
	}
	i := p.here(m)
	if p.away {
		i += p.chosen
	}
	return min(max(i, 0), len(m.view.events)-1)
}

func (p *eventList) draw(m *root, width, height int) []string {
	switch {
	case m.view == nil:
		return nil
	case m.view.failed != nil:
		return []string{m.styles.failure.Render(m.view.failed.Error())}
	}
	s, here, chosen := m.styles, p.here(m), p.index(m)
	var lines []string
	row := 0 // what has to be seen
	for i := 0; i <= len(m.view.events); i++ {
		if i == here {
			if !p.away {
				row = len(lines)
			}
			lines = append(lines, s.position.Render(s.glyphs.here+" "+m.view.status.Position.String()+" here"))
		}
		if i == len(m.view.events) {
			break
		}
		if p.away && i == chosen {
			row = len(lines)
		}
		lines = append(lines, p.line(m, m.view.events[i], i < here, i == chosen, width))
	}
	top := min(max(row-height/2, 0), max(len(lines)-height, 0))
	return lines[top:]
}

// line is an event: its step, kind and what matters of it. What is past is dim;
// the first that is not is the pending one.
func (p *eventList) line(m *root, e recording.Event, past, chosen bool, width int) string {
	s := m.styles
	text := fmt.Sprintf("  %v %v %s", e.Step, e.Kind, m.detail(e))
	switch {
	case chosen && m.focus == eventsPane && !m.input:
		return s.cursor.Render(fit(text, width))
	case past:
		return s.dim.Render(text)
	}
	return text
}

// shownData is how much of an event's data a line can show.
const shownData = 200

// detail is what matters of an event beside its kind.
func (m *root) detail(e recording.Event) string {
	switch e.Kind {
	case recording.Interrupt:
		return causeName(e.Cause | 1<<63)
	case recording.Exception:
		return causeName(e.Cause)
	case recording.AsyncCharRead, recording.CharWrite, recording.CharReadAll:
		text := strconv.Quote(string(e.Data[:min(len(e.Data), shownData)]))
		if e.Kind == recording.CharWrite && int(e.Result) < len(e.Data) {
			text += fmt.Sprintf(" (%d of %d bytes taken)", e.Result, len(e.Data))
		}
		for _, c := range m.options.Consoles {
			if c.ID == e.Device && len(m.options.Consoles) > 1 {
				return c.Name + " " + text
			}
		}
		return text
	default:
		return strings.TrimPrefix(e.String(), e.Step.String()+" "+e.Kind.String()+" ")
	}
}

func (p *eventList) scroll(m *root, rows int) tea.Cmd {
	if p.index(m) < 0 {
		return nil
	}
	at := min(max(p.index(m)+rows, 0), len(m.view.events)-1)
	p.away, p.chosen = true, at-p.here(m)
	return nil
}

func (p *eventList) home(m *root) tea.Cmd {
	p.away = false
	return m.refresh()
}

// travel is the movement to the chosen event.
func (p *eventList) travel(m *root) (movement, bool) {
	i := p.index(m)
	if i < 0 {
		return movement{}, false
	}
	return seekTo(m.view.events[i].Step), true
}
