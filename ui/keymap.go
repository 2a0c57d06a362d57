package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/monitor"
	"reprise/replay"
)

// binding is an action with its keys. All of them are in the table below, which
// feeds the keyboard, the footer, the help and the command line.
type binding struct {
	name  string   // for the command line
	keys  []string // as Bubble Tea names them; the first is shown
	pane  paneID   // where it applies: a pane, or everywhere
	short string   // a word or two for the footer
	help  string
	// disabled says why the action is not possible now, empty if it is. Nil
	// stands for always possible.
	disabled func(m *root) string
	run      func(m *root) tea.Cmd
}

// newKeymap is the table of all bindings.
func newKeymap() []binding {
	return slices.Concat(moveBindings(), sessionBindings(), paneBindings(), pointBindings(), stackBindings(), sourceBindings(), watchBindings(), typedBindings(), generalBindings())
}

// moves makes the action that starts a movement.
func moves(mv movement) func(*root) tea.Cmd {
	return func(m *root) tea.Cmd { return m.start(mv) }
}

func moveBindings() []binding {
	onwards := simple("continue", monitor.Timeline.Continue)
	onwards.forward = true
	return []binding{
		{name: "step", keys: []string{"s"}, pane: everywhere, short: "step", help: "do one step", disabled: (*root).noForward, run: moves(stepping("step", monitor.Timeline.Step))},
		{name: "step-back", keys: []string{"S"}, pane: everywhere, short: "step back", help: "go back one step", disabled: (*root).noBack, run: moves(stepping("step back", monitor.Timeline.StepBack))},
		{name: "continue", keys: []string{"c"}, pane: everywhere, short: "continue", help: "go on, to a breakpoint or the end; at the live end, record", disabled: (*root).noForward, run: moves(onwards)},
		{name: "reverse-continue", keys: []string{"C"}, pane: everywhere, short: "reverse", help: "go back, to a breakpoint or the start", disabled: (*root).noBack, run: moves(simple("reverse continue", monitor.Timeline.ReverseContinue))},
		{name: "next", keys: []string{"n"}, pane: everywhere, short: "over", help: "do a step, with calls and traps as one", disabled: (*root).noForward, run: moves(past("step over", monitor.Past.Over))},
		{name: "previous", keys: []string{"N"}, pane: everywhere, short: "back over", help: "go a step back, with calls and traps as one", disabled: (*root).noBack, run: moves(past("step back over", monitor.Past.OverBack))},
		{name: "finish", keys: []string{"f"}, pane: everywhere, short: "out", help: "go on until this function has returned", disabled: (*root).noForward, run: moves(past("finish", monitor.Past.Out))},
		{name: "caller", keys: []string{"F"}, pane: everywhere, short: "to the call", help: "go back to before the call of this function", disabled: (*root).noBack, run: moves(past("to the call", monitor.Past.OutBack))},
		{name: "next-event", keys: []string{"e"}, pane: everywhere, short: "next event", help: "go to the next event", disabled: (*root).noForwardInHistory, run: moves(simple("next event", monitor.Timeline.NextEvent))},
		{name: "previous-event", keys: []string{"E"}, pane: everywhere, short: "previous event", help: "go back to the previous event", disabled: (*root).noBack, run: moves(simple("previous event", monitor.Timeline.PreviousEvent))},
		{name: "go", keys: []string{"g"}, pane: everywhere, short: "go to", help: "go to a step, a percentage, or the next time at a symbol", disabled: (*root).noTravel, run: askWhere},
		{name: "bookmark-here", keys: []string{"m"}, pane: everywhere, short: "bookmark", help: "give this place a name; g goes back to it", disabled: (*root).noMarks, run: askBookmark},
		{name: "bookmark-next", keys: []string{"'"}, pane: everywhere, short: "next bookmark", help: "go to the next bookmark", disabled: (*root).noTravel, run: toMark(1)},
		{name: "bookmark-before", keys: []string{"\""}, pane: everywhere, short: "bookmark before", help: "go back to the bookmark before", disabled: (*root).noBack, run: toMark(-1)},
		{name: "printed", keys: []string{"/"}, pane: everywhere, short: "printed", help: "look for a text that the console prints, and go there", disabled: (*root).noTravel, run: askPrinted},
		{name: "printed-next", keys: []string{">"}, pane: everywhere, short: "printed next", help: "go to the next time that the console prints the text", disabled: (*root).noTravel, run: findPrinted(true)},
		{name: "printed-before", keys: []string{"<"}, pane: everywhere, short: "printed before", help: "go back to the time before that the console printed the text", disabled: (*root).noTravel, run: findPrinted(false)},
		{name: "compare", keys: []string{"#"}, pane: everywhere, short: "compare", help: "compare two moments side by side", disabled: (*root).noTravel, run: askCompare},
		{name: "undo", keys: []string{"u"}, pane: everywhere, short: "back", help: "return to the place visited before", disabled: (*root).noUndo, run: func(m *root) tea.Cmd { return m.revisit(-1) }},
		{name: "redo", keys: []string{"ctrl+r"}, pane: everywhere, short: "forward", help: "return to the place visited after", disabled: (*root).noRedo, run: func(m *root) tea.Cmd { return m.revisit(1) }},
	}
}

func sessionBindings() []binding {
	return []binding{
		{name: "pause", keys: []string{"p", " "}, pane: everywhere, short: "pause/run", help: "pause the machine, or let it go on", disabled: (*root).noPause, run: (*root).pause},
		{name: "live", keys: []string{"L"}, pane: everywhere, short: "live end", help: "return to the live end", disabled: (*root).noLive, run: moves(simple("return to the live end", monitor.Timeline.GoLive))},
		{name: "input", keys: []string{"i"}, pane: everywhere, short: "type", help: "type into the console; Ctrl-] leaves it", disabled: (*root).noInput, run: (*root).enterInput},
		{name: "breakpoint", keys: []string{"b"}, pane: everywhere, short: "breakpoint", help: "set or remove a breakpoint at the instruction chosen in the disassembly", disabled: (*root).noCode, run: (*root).toggleBreakpoint},
		{name: "watch-memory", keys: []string{"w"}, pane: everywhere, short: "watch", help: "stop before something writes this memory; :unwatch removes it", disabled: (*root).noTravel, run: askWatch},
		{name: "who-wrote", keys: []string{"o"}, pane: everywhere, short: "who wrote", help: "go to what wrote this memory or register last", disabled: (*root).noBack, run: askWriter},
		{name: "copy", keys: []string{"y"}, pane: everywhere, short: "copy", help: "copy the console's screen to the clipboard (OSC 52)", disabled: (*root).noScreen, run: (*root).copyConsole},
		{name: "take", keys: []string{"T"}, pane: everywhere, short: "take over", help: "take the controls from whoever has them", disabled: (*root).noTake, run: (*root).takeControls},
		{name: "hart", keys: []string{"h"}, pane: everywhere, short: "hart", help: "show the next hart", disabled: (*root).oneHart, run: (*root).nextHart},
	}
}

func scrollBy(rows int) func(*root) tea.Cmd {
	return func(m *root) tea.Cmd { return m.panes[m.focus].scroll(m, rows) }
}

func paneBindings() []binding {
	list := []binding{
		{name: "choose", keys: []string{"enter"}, pane: consolePane, short: "go there", help: "go to the step that wrote the chosen character; without one, type into the console", disabled: (*root).noChoice, run: chooseInConsole},
		{name: "pick-left", keys: []string{"left"}, pane: consolePane, short: "pick", help: "choose a character, one to the left", disabled: (*root).noScreen, run: picking(-1, 0)},
		{name: "pick-right", keys: []string{"right"}, pane: consolePane, short: "pick", help: "choose a character, one to the right", disabled: (*root).noScreen, run: picking(1, 0)},
		{name: "pick-up", keys: []string{"up"}, pane: consolePane, short: "pick", help: "choose a character, one row up", disabled: (*root).noScreen, run: picking(0, -1)},
		{name: "pick-down", keys: []string{"down"}, pane: consolePane, short: "pick", help: "choose a character, one row down", disabled: (*root).noScreen, run: picking(0, 1)},
		{name: "next-console", keys: []string{"]"}, pane: consolePane, short: "next", help: "show the next console", disabled: (*root).oneConsole, run: (*root).nextConsole},
		{name: "travel", keys: []string{"enter"}, pane: eventsPane, short: "go there", help: "go to the chosen event", disabled: (*root).noTravel, run: (*root).travelToEvent},
		{name: "address", keys: []string{"a"}, pane: memPane, short: "address", help: "show the memory at an address, a symbol or a register, which is followed", run: askMemory},
		{name: "left", keys: []string{"left"}, pane: memPane, short: "left", help: "one byte back", run: moveMemory(-1)},
		{name: "right", keys: []string{"right"}, pane: memPane, short: "right", help: "one byte on", run: moveMemory(1)},
		{name: "zoom-in", keys: []string{"+", "="}, pane: timePane, short: "closer", help: "show half as much of the time, around here", run: zoomTimeline(1)},
		{name: "zoom-out", keys: []string{"-"}, pane: timePane, short: "further", help: "show twice as much of the time", run: zoomTimeline(-1)},
		{name: "earlier", keys: []string{"left"}, pane: timePane, short: "earlier", help: "go back by a hundredth of the bar", disabled: (*root).noBack, run: scrollBy(-1)},
		{name: "later", keys: []string{"right"}, pane: timePane, short: "later", help: "go on by a hundredth of the bar", disabled: (*root).noForwardInHistory, run: scrollBy(1)},
		{name: "floats", keys: []string{"v"}, pane: registersPane, short: "floats", help: "show floating point or integer registers", run: (*root).toggleFloats},
		{name: "up", keys: []string{"k", "up"}, pane: everywhere, short: "up", help: "one row up", run: scrollBy(-1)},
		{name: "down", keys: []string{"j", "down"}, pane: everywhere, short: "down", help: "one row down", run: scrollBy(1)},
		{name: "page-up", keys: []string{"pgup"}, pane: everywhere, short: "page up", help: "ten rows up", run: scrollBy(-10)},
		{name: "page-down", keys: []string{"pgdown"}, pane: everywhere, short: "page down", help: "ten rows down", run: scrollBy(10)},
		{name: "follow", keys: []string{"home"}, pane: everywhere, short: "follow", help: "let the pane follow the machine again", run: (*root).follow},
	}
	return list
}

func generalBindings() []binding {
	list := []binding{
		{name: "next-pane", keys: []string{"tab"}, pane: everywhere, short: "next pane", help: "go to the next pane", run: stepPane(1)},
		{name: "previous-pane", keys: []string{"shift+tab"}, pane: everywhere, short: "previous pane", help: "go to the previous pane", run: stepPane(-1)},
	}
	for p := range paneCount {
		list = append(list, binding{
			name: paneNames[p], keys: paneKeys(p), pane: everywhere,
			short: p.String(), help: "go to the pane " + p.String(),
			run: func(m *root) tea.Cmd { return m.focusOn(p) },
		})
	}
	return append(list,
		binding{name: "zoom", keys: []string{"z"}, pane: everywhere, short: "zoom", help: "give the whole screen to this pane, or to all again", run: (*root).zoom},
		binding{name: "close-pane", keys: []string{"x"}, pane: everywhere, short: "close", help: "close this pane; its key opens it again", disabled: (*root).noLayout, run: (*root).closePane},
		binding{name: "swap-panes", keys: []string{"X"}, pane: everywhere, short: "swap", help: "exchange the place of this pane with the next one", disabled: (*root).noLayout, run: (*root).swapPane},
		binding{name: "wider", keys: []string{"}", "ctrl+right"}, pane: everywhere, short: "wider", help: "make this pane wider; the mouse drags the line between two", disabled: (*root).noLayout, run: resize(false, 4)},
		binding{name: "narrower", keys: []string{"{", "ctrl+left"}, pane: everywhere, short: "narrower", help: "make this pane narrower", disabled: (*root).noLayout, run: resize(false, -4)},
		binding{name: "higher", keys: []string{")", "ctrl+up"}, pane: everywhere, short: "higher", help: "make this pane higher", disabled: (*root).noLayout, run: resize(true, 1)},
		binding{name: "lower", keys: []string{"(", "ctrl+down"}, pane: everywhere, short: "lower", help: "make this pane lower", disabled: (*root).noLayout, run: resize(true, -1)},
		binding{name: "mouse", keys: []string{"M"}, pane: everywhere, short: "mouse", help: "free the mouse for the terminal's own selection, or take it again", run: (*root).toggleMouse},
		binding{name: "help", keys: []string{"?"}, pane: everywhere, short: "help", help: "explain the keys of this pane, or stop it", run: showHelp},
		binding{name: "command", keys: []string{":"}, pane: everywhere, short: "command", help: "open the command line", run: askCommand},
		binding{name: "cancel", keys: []string{"ctrl+c"}, pane: everywhere, short: "cancel", help: "cancel what is under way", disabled: (*root).noCancel, run: (*root).cancel},
		binding{name: "quit", keys: []string{"q"}, pane: everywhere, short: "quit", help: "leave the interface", run: (*root).quit},
	)
}

// paneKeys are the keys of a pane: the digits, as far as they go.
func paneKeys(p paneID) []string {
	if p < 10 {
		return []string{string("1234567890"[p])}
	}
	return nil
}

// lookup finds the binding of a key in the focused pane: its own before one
// that applies everywhere.
func (m *root) lookup(key string) *binding {
	var found *binding
	for i := range m.keymap {
		b := &m.keymap[i]
		if !slices.Contains(b.keys, key) {
			continue
		}
		if b.pane == m.focus {
			return b
		}
		if b.pane == everywhere {
			found = b
		}
	}
	return found
}

// named finds a binding by its name.
func (m *root) named(name string) *binding {
	for i := range m.keymap {
		if m.keymap[i].name == name {
			return &m.keymap[i]
		}
	}
	return nil
}

// reason is why the binding is disabled now.
func (b *binding) reason(m *root) string {
	if b.disabled == nil {
		return ""
	}
	return b.disabled(m)
}

// invoke does the action, or says why it cannot.
func (m *root) invoke(b *binding) tea.Cmd {
	if why := b.reason(m); why != "" {
		m.fail(why)
		return nil
	}
	return b.run(m)
}

// shownKey is the first key as people write it, empty if there is none.
func (b *binding) shownKey() string {
	if len(b.keys) == 0 {
		return ""
	}
	return shownKey(b.keys[0])
}

// shownKey is a key as people write it.
func shownKey(key string) string {
	switch {
	case key == " ":
		return "Space"
	case strings.HasPrefix(key, "ctrl+"):
		return "Ctrl-" + strings.TrimPrefix(key, "ctrl+")
	case key == "shift+tab":
		return "Shift-Tab"
	case len(key) > 1:
		return strings.ToUpper(key[:1]) + key[1:]
	}
	return key
}

// The reasons for which actions are disabled.

// busy is the reason that all movements share.
func (m *root) busy() string {
	switch {
	case m.status.Holder != "" && m.status.Holder != holder:
		return m.status.Holder + " has the controls: T takes them"
	case m.moving != "" || m.status.Running:
		if m.status.Live && m.status.AtLiveEnd {
			return "the machine runs: p pauses it"
		}
		return "busy: Esc cancels what is under way"
	}
	return ""
}

func (m *root) noForward() string {
	st := m.status
	switch {
	case m.busy() != "":
		return m.busy()
	case m.ended() && st.Position >= st.Last:
		return "the guest has ended its machine: there is nothing after this"
	case !st.Live && st.Position >= st.Last:
		return "already at the end of the recording"
	}
	return ""
}

// noForwardInHistory is for movements that record nothing new.
func (m *root) noForwardInHistory() string {
	if why := m.noTravel(); why != "" {
		return why
	}
	if m.status.AtLiveEnd {
		return "this is the live end: what comes is not known; c goes on"
	}
	return m.noForward()
}

func (m *root) noBack() string {
	switch {
	case m.noTravel() != "":
		return m.noTravel()
	case m.status.Position == 0:
		return "already at the start"
	}
	return ""
}

func (m *root) noTravel() string {
	if m.status.Mode == replay.ModeNone {
		return "this machine is not recorded and cannot travel: start it with reprise record"
	}
	return m.busy()
}

func (m *root) noUndo() string {
	if m.visits.at == 0 {
		return "no place was visited before"
	}
	return m.noTravel()
}

func (m *root) noRedo() string {
	if m.visits.at+1 >= len(m.visits.steps) {
		return "no place was visited after this one"
	}
	return m.noTravel()
}

func (m *root) noPause() string {
	switch {
	case m.status.Holder != "" && m.status.Holder != holder:
		return m.status.Holder + " has the controls: T takes them"
	case m.status.Running || m.moving != "":
		return ""
	}
	return m.noForward()
}

func (m *root) noLive() string {
	switch {
	case !m.status.Live:
		return "this is a replay: it has no live end"
	case m.status.AtLiveEnd:
		return "this is the live end"
	}
	return m.noTravel()
}

func (m *root) noCode() string {
	if m.view == nil || len(m.view.code) == 0 {
		return "there is no instruction here"
	}
	return ""
}

func (m *root) noScreen() string {
	if m.screen() == nil {
		return "there is no console to copy"
	}
	return ""
}

func (m *root) noTake() string {
	switch m.status.Holder {
	case "":
		return "nobody has the controls: just use them"
	case holder:
		return "the controls are here"
	}
	return ""
}

func (m *root) oneHart() string {
	if m.view == nil || m.view.harts < 2 {
		return "this machine has one hart"
	}
	return ""
}

func (m *root) oneConsole() string {
	if len(m.options.Consoles) < 2 {
		return "this machine has no other console"
	}
	return ""
}

func (m *root) noCancel() string {
	if m.moving == "" && !m.status.Running {
		return "nothing is under way; q leaves"
	}
	return ""
}
