package ui

import (
	"fmt"
	"strings"
	"time"

	"reprise/internal/monitor"
	"reprise/replay"
)

// statusHeight is how many lines the always-visible part takes: all of it fits
// on one wide line, two lines of the usual width, or three narrow ones.
func statusHeight(width, height int) int {
	switch {
	case width >= 150 || height < 10:
		return 1
	case width >= 60:
		return 2
	}
	return 3
}

// statusLines are what is always on screen: mode, recording, step and last
// step, what is pending and how far away, virtual time, speed, and who has the
// controls.
func (m *root) statusLines(width, rows int) []string {
	s, st := m.styles, m.status
	gap := "  "
	mode := s.mode.Render(m.modeText())
	name := fitWords(st.Name, max(width/3, 8))
	place := "step " + s.position.Render(st.Position.String()) + " of " + st.Last.String()
	if st.Last > 0 && !st.AtLiveEnd {
		place += fmt.Sprintf(" (%s)", percent(uint64(st.Position), uint64(st.Last)))
	}
	pending := monitor.PendingText(st)
	if pending == "" {
		pending = "nothing pending"
	}
	clock := time.Duration(st.Virtual).String()
	var rest []string
	if st.Running {
		rest = append(rest, s.running.Render("running "+speedText(st.Speed)))
	}
	if st.Holder != "" {
		rest = append(rest, s.warning.Render(st.Holder+" has the controls"))
	}
	if end := m.endText(); end != "" {
		rest = append(rest, s.warning.Render(end))
	}
	last := strings.Join(rest, gap)
	switch rows {
	case 1:
		if width < 60 {
			return block([]string{mode + " " + place}, width, 1)
		}
		return block([]string{strings.Join([]string{mode, name, place, pending, clock, last}, gap)}, width, 1)
	case 2:
		first := strings.Join([]string{mode, name, place}, gap)
		return block([]string{first, strings.Join([]string{pending, clock, last}, gap)}, width, 2)
	}
	return block([]string{mode + gap + name, place + gap + clock, pending + gap + last}, width, rows)
}

// modeText is the mode with its mark.
func (m *root) modeText() string {
	g, st := m.styles.glyphs, m.status
	switch {
	case st.Mode == replay.ModePlay:
		return g.replay + " replay"
	case st.Mode == replay.ModeNone:
		return g.run + " run"
	case !st.AtLiveEnd:
		return g.past + " past of live"
	}
	return g.live + " live"
}

// endText says what is over.
func (m *root) endText() string {
	switch {
	case m.status.Err != nil:
		return "broken: see info status"
	case m.ended():
		return "the guest has ended its machine"
	}
	return ""
}

// percent is a share with one decimal, cut rather than rounded: 100% is the end
// and nothing else.
func percent(part, whole uint64) string {
	if whole == 0 {
		return "0.0%"
	}
	return fmt.Sprintf("%.1f%%", float64(uint64(float64(part)/float64(whole)*1000))/10)
}

// speedText is a number of steps per second.
func speedText(perSecond float64) string {
	switch {
	case perSecond >= 1e9:
		return fmt.Sprintf("%.2f G/s", perSecond/1e9)
	case perSecond >= 1e6:
		return fmt.Sprintf("%.1f M/s", perSecond/1e6)
	case perSecond >= 1e3:
		return fmt.Sprintf("%.1f k/s", perSecond/1e3)
	}
	return fmt.Sprintf("%.0f /s", perSecond)
}

// progressLine shows how far a search or a seek has come, and how to end it.
func (m *root) progressLine(width int) string {
	s, p := m.styles, m.status.Progress
	text := p.What
	if text == "" {
		text = m.moving
	}
	if p.Total > 0 {
		const bar = 16
		done := min(int(float64(p.Done)/float64(p.Total)*bar), bar)
		text += " " + strings.Repeat(s.glyphs.barFull, done) + strings.Repeat(s.glyphs.barEmpty, bar-done) + " " + percent(p.Done, p.Total)
	}
	if p.PerSecond > 0 {
		text += " " + speedText(p.PerSecond)
		if p.Total > p.Done {
			left := time.Duration(float64(p.Total-p.Done) / p.PerSecond * float64(time.Second))
			text += ", " + left.Round(100*time.Millisecond).String() + " left"
		}
	}
	return fit(s.running.Render(text)+s.hint.Render(s.glyphs.separator+"Esc cancels"), width)
}
