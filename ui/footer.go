package ui

import (
	"strings"
)

// hint is a key on the last line, and where a click finds it.
type hint struct {
	binding  *binding
	from, to int // columns
}

// footer is the last line: the most useful keys for this pane in this mode. It
// remembers where they are.
func (m *root) footer(width int) string {
	var b strings.Builder
	m.hints = m.hints[:0]
	column := 0
	add := func(keys, what string, bound *binding) {
		text := keys + " " + what
		if column+textWidth(text) > width {
			return
		}
		m.hints = append(m.hints, hint{bound, column, column + textWidth(text)})
		b.WriteString(m.styles.key.Render(keys) + m.styles.hint.Render(" "+what) + "  ")
		column += textWidth(text) + 2
	}
	switch {
	case m.overlay != nil:
		for _, k := range m.overlay.keys() {
			add(k[0], k[1], nil)
		}
	case m.input:
		add("Ctrl-]", "leaves the console; every other key goes to the guest", nil)
	default:
		for _, name := range m.useful() {
			if bound := m.named(name); bound != nil {
				add(bound.shownKey(), bound.short, bound)
			}
		}
	}
	return fit(b.String(), width)
}

// useful are the names of the bindings that the footer shows: help and the
// command line always, then what fits the moment, and the key that frees the mouse.
func (m *root) useful() []string {
	st := m.status
	var names []string
	switch {
	case m.searching():
		names = []string{"cancel"}
	case st.Holder != "" && st.Holder != holder:
		names = []string{"take"}
	case st.Running && st.AtLiveEnd:
		names = []string{"pause", "input"}
	case st.Running:
		names = []string{"pause"}
	case st.Live && st.AtLiveEnd:
		names = []string{"pause", "input", "step-back", "previous-event"}
	case st.Live:
		names = []string{"live", "step", "step-back", "next-event"}
	case st.Position == 0:
		names = []string{"step", "next-event", "continue", "go"}
	case st.Position >= st.Last:
		names = []string{"step-back", "previous-event", "reverse-continue", "go"}
	default:
		names = []string{"step", "step-back", "next-event", "previous-event"}
	}
	switch m.focus {
	case eventsPane:
		names = append([]string{"travel"}, names[:min(len(names), 3)]...)
	case stackPaneID:
		names = append([]string{"frame", "run-to-frame"}, names[:min(len(names), 3)]...)
	case memPane:
		names = append([]string{"address", "follow-pointer", "show-as"}, names[:min(len(names), 2)]...)
	case watchPaneID:
		names = []string{"add-expression", "open", "remove-expression", "hex", "step", "step-back"}
	case sourcePaneID:
		names = []string{"next-line", "previous-line", "breakpoint", "run-to-line", "file"}
	case pointsPane:
		names = []string{"add-breakpoint", "next-hit", "hit-before", "enable", "remove"}
	case codePane:
		names = append([]string{"breakpoint"}, names[:min(len(names), 3)]...)
	case consolePane:
		if m.consoleState().pick.on {
			names = append([]string{"choose"}, names[:min(len(names), 3)]...)
		}
	default:
	}
	return append(append([]string{"help", "command"}, names...), "mouse")
}
