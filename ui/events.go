package ui

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/replay/recording"
	"reprise/vm/state"
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

// eventRow is one event, or a run of them that are one text on a console.
type eventRow struct {
	event recording.Event // the first; with the data of all
	count int
}

// eventRows makes the rows of a list of events. A text that was written in
// pieces is one row, up to where the machine stands. here is the first row that
// is not past.
func eventRows(events []recording.Event, position state.Step) (rows []eventRow, here int) {
	for i, e := range events {
		if e.Step < position {
			here = len(rows) + 1
		}
		if i > 0 && goesOn(&events[i-1], &e) && (events[i-1].Step < position) == (e.Step < position) {
			row := &rows[len(rows)-1]
			row.event.Data = append(row.event.Data, e.Data...)
			row.event.Result += e.Result
			row.count++
			here = min(here, len(rows))
			continue
		}
		e.Data = slices.Clone(e.Data)
		rows = append(rows, eventRow{e, 1})
	}
	return rows, here
}

// goesOn reports whether an event continues the text of the one before it: the
// same console took all of it, and the line is not at its end.
func goesOn(before, e *recording.Event) bool {
	whole := func(e *recording.Event) bool {
		return e.Kind == recording.CharWrite && int(e.Result) == len(e.Data)
	}
	return whole(before) && whole(e) && before.Device == e.Device && !bytes.HasSuffix(before.Data, []byte("\n"))
}

// index is the chosen row, -1 if there is none.
func (p *eventList) index(m *root) int {
	if m.view == nil || len(m.view.rows) == 0 {
		return -1
	}
	i := m.view.here
	if p.away {
		i += p.chosen
	}
	return min(max(i, 0), len(m.view.rows)-1)
}

func (p *eventList) draw(m *root, width, height int) []string {
	switch {
	case m.view == nil:
		return nil
	case m.view.failed != nil:
		return []string{m.styles.failure.Render(m.view.failed.Error())}
	}
	s, here, chosen := m.styles, m.view.here, p.index(m)
	var lines []string
	row := 0 // what has to be seen
	for i := 0; i <= len(m.view.rows); i++ {
		if i == here {
			if !p.away {
				row = len(lines)
			}
			lines = append(lines, s.position.Render(s.glyphs.here+" "+m.view.status.Position.String()+" here"))
		}
		if i == len(m.view.rows) {
			break
		}
		if p.away && i == chosen {
			row = len(lines)
		}
		lines = append(lines, p.line(m, m.view.rows[i].event, i < here, i == chosen, width))
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
		return s.choose(text, width)
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
	at := min(max(p.index(m)+rows, 0), len(m.view.rows)-1)
	p.away, p.chosen = true, at-m.view.here
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
	return seekTo(m.view.rows[i].event.Step), true
}
