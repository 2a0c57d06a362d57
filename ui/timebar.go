package ui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm/state"
)

// timeline shows the whole recording as a bar, or the part that was zoomed
// into, with a lane for each sort of event. A click goes there, and dragging
// scrubs.
type timeline struct {
	zoom     int // the bar shows 1/2^zoom of all
	lanes    *lanes
	fetching bool
	target   state.Step // the last place that was dragged to
	dragging bool
}

// laneCount is the number of lanes, and laneColumns how finely they are counted.
const (
	laneCount   = 4
	laneColumns = 512
)

var laneNames = [laneCount]string{"output", "input", "irq", "trap"}

// laneOf is the lane of an event; -1 for none.
func laneOf(k recording.Kind) int {
	switch k {
	case recording.CharWrite:
		return 0
	case recording.AsyncCharRead, recording.CharReadAll, recording.AsyncNet, recording.DebugWrite:
		return 1
	case recording.Interrupt:
		return 2
	case recording.Exception:
		return 3
	default:
		return -1
	}
}

// lanes is how many events there are in each part of a span of steps.
type lanes struct {
	from, to state.Step // the span
	counts   [laneCount][laneColumns]uint32
	seen     state.Step // how far it is counted: to, if it is
	next     uint64     // the ordinal of the next event to be counted, once one was
}

// lanesMsg brings lanes, as far as they are counted.
type lanesMsg struct {
	lanes *lanes
	err   error
}

// history is what a session has if its events can be gone through apart from
// the machine.
type history interface{ Log() *recording.Log }

// lanesAtOnce is how many events are counted before the user sees the result.
const lanesAtOnce = 200_000

// count is the command that counts some more events of a span. It does not need
// the machine, which may be busy.
func count(s Session, l lanes) tea.Cmd {
	return func() tea.Msg {
		var log *recording.Log
		s.Inspect(func(t monitor.Timeline) {
			if h, ok := t.(history); ok {
				log = h.Log()
			}
		})
		if log == nil {
			return lanesMsg{}
		}
		var err error
		if l.next == 0 {
			l.next, err = log.Find(l.from)
		}
		width, room := max((l.to-l.from)/laneColumns, 1), lanesAtOnce
		if err == nil {
			err = log.Each(l.next, l.next+lanesAtOnce, func(e *recording.Event) bool {
				if e.Step >= l.to {
					return false
				}
				if lane := laneOf(e.Kind); lane >= 0 {
					l.counts[lane][min((e.Step-l.from)/width, laneColumns-1)]++
				}
				l.seen = e.Step
				l.next++
				room--
				return true
			})
		}
		if room > 0 {
			l.seen = l.to // there are no more
		}
		return lanesMsg{&l, err}
	}
}

// span is what the bar shows, around the position if it is zoomed.
func (p *timeline) span(m *root) (from, to state.Step) {
	last := max(m.status.Last, 1)
	length := max(last>>p.zoom, 1)
	if length >= last {
		return 0, last
	}
	// The part changes only when the position leaves it.
	if l := p.lanes; l != nil && l.to-l.from == length && m.status.Position >= l.from && m.status.Position <= l.to {
		return l.from, l.to
	}
	from = min(m.status.Position-min(m.status.Position, length/2), last-length)
	return from, from + length
}

// update starts counting if the bar shows something else than what is counted,
// or goes on. A live machine grows all the time: its bar is counted anew when it
// has grown by an eighth.
func (p *timeline) update(m *root) tea.Cmd {
	if p.fetching || m.status.Mode == replay.ModeNone || m.view == nil {
		return nil // nothing is to come before the first frame
	}
	from, to := p.span(m)
	switch l := p.lanes; {
	case l == nil || l.from != from || l.to > to || to-l.to > (l.to-l.from)/8 || !m.status.Running && l.to != to:
		p.fetching = true
		return count(m.options.Session, lanes{from: from, to: to, seen: from})
	case l.seen < l.to:
		p.fetching = true
		return count(m.options.Session, *l)
	}
	return nil
}

// counted takes over what was counted.
func (p *timeline) counted(m *root, msg lanesMsg) tea.Cmd {
	p.fetching = false
	switch {
	case msg.err != nil:
		m.fail(firstLine(msg.err.Error()))
	case msg.lanes != nil:
		p.lanes = msg.lanes
		return p.update(m)
	}
	return nil
}

func (p *timeline) title(m *root) string {
	from, to := p.span(m)
	if p.zoom == 0 {
		return ""
	}
	return fmt.Sprintf("%v to %v, %d times", from, to, 1<<p.zoom)
}

// laneWidth is the room for the names of the lanes.
const laneWidth = 7

func (p *timeline) draw(m *root, width, height int) []string {
	room := width - laneWidth
	if room < 1 {
		return nil
	}
	from, to := p.span(m)
	at := p.column(m.status.Position, from, to, room)
	var lines []string
	for lane := range min(laneCount, height-1) {
		lines = append(lines, m.styles.dim.Render(fit(laneNames[lane], laneWidth))+p.lane(m, lane, room, at))
	}
	share := percent(uint64(m.status.Position), uint64(max(m.status.Last, 1)))
	return append(lines, m.styles.dim.Render(fit(share, laneWidth))+p.bar(m, from, to, room, at))
}

// bar is the time itself: where the machine is, and the bookmarks.
func (p *timeline) bar(m *root, from, to state.Step, room, at int) string {
	s := m.styles
	marked := make([]bool, room+1)
	for _, b := range m.marks {
		if b.Step >= from && b.Step <= to {
			marked[p.column(b.Step, from, to, room)] = true
		}
	}
	cell := func(i int) (lipgloss.Style, string) {
		switch {
		case i == at:
			return s.position, s.glyphs.here
		case marked[i]:
			return s.warning, s.glyphs.mark
		case i < at:
			return s.running, s.glyphs.barFull
		}
		return s.dim, s.glyphs.barEmpty
	}
	var b strings.Builder
	for i := 0; i < room; { // runs of the same cell as one
		style, glyph := cell(i)
		n := 1
		for _, next := cell(i + n); i+n < room && next == glyph; _, next = cell(i + n) {
			n++
		}
		b.WriteString(style.Render(strings.Repeat(glyph, n)))
		i += n
	}
	return b.String()
}

// column is where a step is on the bar.
func (p *timeline) column(step, from, to state.Step, room int) int {
	if step <= from || to <= from {
		return 0
	}
	return min(int(float64(step-from)/float64(to-from)*float64(room)), room-1)
}

// lane is how dense the events of one sort are.
func (p *timeline) lane(m *root, lane, room, at int) string {
	if p.lanes == nil {
		return ""
	}
	counts := &p.lanes.counts[lane]
	most := uint32(1)
	sums := make([]uint32, room)
	for i := range sums {
		first, last := i*laneColumns/room, max((i+1)*laneColumns/room, i*laneColumns/room+1)
		for _, n := range counts[first:min(last, laneColumns)] {
			sums[i] += n
		}
		most = max(most, sums[i])
	}
	var b strings.Builder
	levels := []rune(m.styles.glyphs.levels)
	for i, n := range sums {
		level := levels[0]
		if n > 0 {
			level = levels[1+int(uint64(n-1)*uint64(len(levels)-1)/uint64(most))]
		}
		if i == at {
			b.WriteString(m.styles.position.Render(m.styles.glyphs.vertical))
			continue
		}
		b.WriteRune(level)
	}
	return b.String()
}

// scroll moves the position by some hundredths of the bar.
func (p *timeline) scroll(m *root, rows int) tea.Cmd {
	if why := m.noTravel(); why != "" {
		m.fail(why)
		return nil
	}
	from, to := p.span(m)
	by := max((to-from)/100, 1) * state.Step(max(rows, -rows))
	step := m.status.Position
	if rows < 0 {
		step -= min(step, by)
	} else {
		step = min(step+by, m.status.Last)
	}
	return m.start(seekTo(step))
}

func (p *timeline) home(m *root) tea.Cmd {
	p.zoom = 0
	return p.update(m)
}

// maxZoom shows about a hundred steps of the longest recording.
const maxZoom = 40

// zoomTimeline is the action of a key that zooms the bar.
func zoomTimeline(by int) func(*root) tea.Cmd {
	return func(m *root) tea.Cmd {
		p := m.timebar()
		p.zoom = min(max(p.zoom+by, 0), maxZoom)
		for p.zoom > 0 && m.status.Last>>p.zoom < laneColumns/8 {
			p.zoom--
		}
		return p.update(m)
	}
}

// timebar is the pane.
func (m *root) timebar() *timeline { return m.panes[timePane].(*timeline) }

// drag goes to where the mouse is on the bar. While one seek is under way the
// last place that was asked for waits; those between are left out.
func (p *timeline) drag(m *root, x int) tea.Cmd {
	for _, r := range m.rects {
		if r.pane != timePane || r.width <= laneWidth {
			continue
		}
		from, to := p.span(m)
		room := r.width - laneWidth
		column := min(max(x-r.x-laneWidth, 0), room)
		p.target = from + state.Step(float64(to-from)*float64(column)/float64(room))
		p.target = min(p.target, m.status.Last)
	}
	if m.moving != "" {
		p.dragging = m.current.scrub // another movement is not disturbed
		return nil
	}
	if why := m.noTravel(); why != "" {
		m.fail(why)
		return nil
	}
	p.dragging = false
	return m.start(scrubTo(p.target))
}

// dragged goes on to the last place that was asked for.
func (p *timeline) dragged(m *root) tea.Cmd {
	if !p.dragging || m.moving != "" {
		return nil
	}
	p.dragging = false
	return m.start(scrubTo(p.target))
}

// scrubTo is a seek that is one of many: panes show each place.
func scrubTo(step state.Step) movement {
	mv := seekTo(step)
	mv.name, mv.scrub, mv.quiet = "scrub", true, true
	return mv
}
