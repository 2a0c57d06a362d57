package ui

import (
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/debuginfo"
	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/vm"
	"reprise/vm/state"
)

// Options are what the interface shows and how.
type Options struct {
	Session  Session
	Consoles []Console              // the character devices, in the order of their panes
	Screens  *Screens               // observes the session's timeline since its first step
	Symbols  *debuginfo.Symbols     // nil if there are none
	Debug    func() *debuginfo.Info // nil if there is none; it may take its time the first time
	Source   Source                 // nil if there is none
	Marks    monitor.Bookmarks      // nil if there can be none
	Start    bool                   // let the machine go on at once
	Notices  <-chan string          // lines for the user about what happens around the machine; may be nil
	Look     Look
	Layout   string  // the layout of wide terminals that have none of their own; empty for the default one
	Layouts  Layouts // remembers those that the user makes; nil for none
	// Export writes a file from the recording; the end of its name says what. It
	// may take its time. Nil if there is no recording.
	Export  func(ctx context.Context, path string) error
	Script  []ScriptLine // commands to begin with
	NoMouse bool         // leave the mouse to the terminal
	// Keys replaces those of actions, by name. CheckKeys has seen it.
	Keys    map[string][]string
	Devices monitor.Devices // the backends, for the monitor's commands; nil if nothing is known of them
}

// root is the model: it keeps what is shared by all panes and routes messages.
type root struct {
	options   Options
	styles    styles
	keymap    []binding
	panes     [paneCount]pane
	feed      feed
	clipboard clipboard

	width, height int
	layouts       layouts
	rects         []rect   // where the panes are
	borders       []border // between them
	dragged       *border  // that the mouse moves; nil for none
	tabs          []tab    // in the title lines
	bodyTop       int      // rows above them
	hints         []hint   // what the footer shows
	focus         paneID
	zoomed        bool
	input         bool    // keys go to the guest
	overlay       overlay // what has the keys instead of the panes; nil for nothing
	freeMouse     bool    // the mouse is the terminal's

	status replay.Status
	view   *view
	before registers // at the stop before the last
	atStop registers // at the last stop
	// oldMemory and memoryAtStop are the same for the memory on show.
	oldMemory, memoryAtStop   memoryView
	oldWatches, watchesAtStop map[string]string // values by their paths
	shown                     uint64            // the generation of atStop
	number                    uint64            // of the last request for a view
	fetching                  bool              // a request is under way
	stale                     bool              // and another is needed after it
	hart                      int               // on show; -1 for the one whose turn it is
	newest                    uint64            // the last generation that was heard of
	frame                     int               // of its stack, 0 for the innermost
	debug                     *debuginfo.Info   // nil until it has been read

	moving  string       // the interface's own movement under way; empty for none
	current movement     // which it is
	queue   []tea.KeyMsg // keys that wait for its end, if it is short
	visits  visits
	marks   []monitor.Bookmark

	script   script
	commands int // of the monitor that are under way

	message string
	failure bool // the message says that something was not done
}

// newRoot makes the model. The session's status is already known.
func newRoot(o Options) *root {
	m := &root{
		options: o, styles: newStyles(o.Look), keymap: newKeymap(), feed: newFeed(), hart: -1,
		panes: newPanes(), layouts: layouts{}, status: o.Session.Status(),
	}
	m.freeMouse = o.NoMouse
	if wrong := rebind(m.keymap, o.Keys); wrong != nil {
		m.keymap = newKeymap()
		m.fail(wrong.Error())
	}
	m.readLayouts()
	m.visits.visit(m.status.Position)
	return m
}

// Init implements tea.Model.
func (m *root) Init() tea.Cmd {
	commands := []tea.Cmd{m.feed.wait(), m.refresh(), m.listen(), m.readMarks(), m.readDebug()}
	if m.options.Start {
		commands = append(commands, m.invoke(m.named("continue")))
	}
	if script := m.options.Script; len(script) > 0 {
		commands = append(commands, func() tea.Msg { return scriptMsg{script} })
	}
	return tea.Batch(commands...)
}

// Update implements tea.Model.
func (m *root) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		return m, m.refresh()
	case statusMsg:
		m.observe(msg.status)
		return m, tea.Batch(m.refresh(), m.timebar().update(m), m.feed.wait())
	case viewMsg:
		return m, m.receive(msg.view)
	case movedMsg:
		return m, m.moved(msg)
	case momentsMsg:
		return m, m.compared(msg)
	case debugMsg:
		m.debug = msg.info
		return m, m.refresh()
	case marksMsg:
		m.marks = msg
	case lanesMsg:
		return m, m.timebar().counted(m, msg)
	case commandMsg:
		return m, m.commanded(msg)
	case heardMsg:
		m.say(string(msg))
		return m, m.listen()
	case scriptMsg:
		return m, m.runScript(msg.lines)
	case noticeMsg:
		m.message, m.failure = msg.text, msg.failure
		m.observe(m.options.Session.Status())
		return m, m.refresh()
	case tea.KeyMsg:
		var commands []tea.Cmd
		for _, k := range singly(msg, m.input) {
			commands = append(commands, m.key(k))
		}
		return m, tea.Batch(commands...)
	case tea.MouseMsg:
		return m, m.mouse(tea.MouseEvent(msg))
	}
	if raw, ok := unparsed(msg); ok && m.input {
		return m, m.typeInto(raw)
	}
	return m, nil
}

// key routes a key: to the guest, to what is in front, or to the keymap.
func (m *root) key(k tea.KeyMsg) tea.Cmd {
	switch {
	case m.input && k.Type == leaveInput && !k.Alt:
		m.input = false
		m.say("")
		return nil
	case m.input:
		return m.typeInto(encodeKey(tea.Key(k), m.guestModes()))
	case m.overlay != nil:
		return m.overlay.key(m, k)
	case k.Type == tea.KeyEsc && !k.Alt:
		return m.up()
	case m.moving != "" && m.current.short:
		if len(m.queue) < maxQueue {
			m.queue = append(m.queue, k)
		}
		return nil
	case k.Paste:
		m.fail("pasted text goes to the guest only: i opens the console for it")
		return nil
	}
	m.say("")
	if b := m.lookup(k.String()); b != nil {
		return m.invoke(b)
	}
	return nil
}

// up goes up one level: it cancels what is under way, or lets the pane follow
// the machine again, or gives all panes their place.
func (m *root) up() tea.Cmd {
	m.say("")
	m.queue = nil
	if m.searching() || m.moving != "" && !m.status.AtLiveEnd {
		m.options.Session.Interrupt()
		return nil
	}
	m.zoomed = false
	return m.panes[m.focus].home(m)
}

// observe takes over a status. While a search is under way the machine is at
// places that nobody asked for, so the place shown stays.
func (m *root) observe(st replay.Status) {
	if st.Serial < m.status.Serial {
		return // it was under way when a newer one was asked for
	}
	old := m.status
	m.status = st
	if st.Generation > m.newest { // an older status can still come after a newer one
		m.newest, m.frame = st.Generation, 0
	}
	if m.searching() {
		m.status.Position, m.status.Virtual = old.Position, old.Virtual
		m.status.Pending, m.status.HasPending = old.Pending, old.HasPending
		m.status.AtLiveEnd = old.AtLiveEnd
	}
	if m.input && m.noInput() != "" {
		m.fail(m.noInput())
		m.input = false
	}
}

// searching reports whether a movement is under way whose way there is of no
// interest: everything but running on.
func (m *root) searching() bool {
	if m.moving != "" {
		return !m.current.forward && !m.current.short && !m.current.scrub
	}
	return m.status.Running && m.status.Progress.Active && m.status.Progress.What != "running"
}

// ended reports whether the guest has ended its machine at this place.
func (m *root) ended() bool { return m.status.Shutdown.Cause != vm.StillRunning }

// refresh asks for a new view, or notes that one is needed.
func (m *root) refresh() tea.Cmd {
	if m.fetching || m.searching() {
		m.stale = true
		return nil
	}
	m.fetching, m.stale = true, false
	m.number++
	code := m.panes[codePane].(*disassembly)
	r := request{number: m.number, hart: m.hart, frame: m.frame, code: code.cursor, followPC: !code.away}
	r.file, r.watches = m.sourceState().file, m.watchRequest()
	r.memory, r.memoryOf = m.memory().cursor, m.memory().follow
	r.memoryAs, r.memoryOpened = m.memory().as, m.memory().opened
	for _, c := range m.options.Consoles {
		r.consoles = append(r.consoles, c.ID)
	}
	return fetch(m.options.Session, m.lens(), r)
}

// receive shows a view, unless the machine has moved on since it was made.
func (m *root) receive(v *view) tea.Cmd {
	m.fetching = false
	switch {
	case v == nil:
		return nil // the session is closed
	case m.searching():
		m.stale = true
		return nil
	case !m.status.Running && m.moving == "" && v.status.Generation < m.status.Generation:
		return m.refresh()
	}
	if v.frame == 0 && (v.status.Generation != m.shown || !m.atStop.valid) {
		m.before, m.atStop, m.shown = m.atStop, v.regs, v.status.Generation
		m.oldMemory, m.memoryAtStop = m.memoryAtStop, v.memory
		m.oldWatches, m.watchesAtStop = m.watchesAtStop, v.watches.values
	}
	m.view = v
	if m.stale {
		return m.refresh()
	}
	return m.timebar().update(m)
}

// maxQueue is how many keys wait for a short movement; one that is held down
// would else go on for long after it was let go.
const maxQueue = 32

// typedAhead does what the keys ask for that came during a short movement, up
// to the next movement.
func (m *root) typedAhead() tea.Cmd {
	var commands []tea.Cmd
	for len(m.queue) > 0 && m.moving == "" {
		k := m.queue[0]
		m.queue = m.queue[1:]
		commands = append(commands, m.key(k))
	}
	return tea.Batch(commands...)
}

// start begins a movement.
func (m *root) start(mv movement) tea.Cmd {
	if m.moving != "" {
		m.fail("busy: Esc cancels what is under way")
		return nil
	}
	m.moving, m.current = mv.name, mv
	m.panes[codePane].(*disassembly).away = false
	m.sourceState().line, m.sourceState().file = 0, ""
	m.panes[eventsPane].(*eventList).away = false
	return move(m.options.Session, mv)
}

// moved is the end of a movement of ours.
func (m *root) moved(msg movedMsg) tea.Cmd {
	m.moving = ""
	m.observe(m.options.Session.Status())
	if msg.err != nil {
		m.queue = nil
		m.fail(firstLine(msg.err.Error()))
		return tea.Batch(m.refresh(), m.nextLine())
	}
	m.tell(msg.stop)
	if !msg.movement.quiet {
		m.visits.visit(msg.stop.Step)
	}
	return tea.Batch(m.refresh(), m.timebar().dragged(m), m.typedAhead(), m.nextLine())
}

// tell says how a movement ended, if that is not plain to see.
func (m *root) tell(stop replay.Stop) {
	switch stop.Reason {
	case replay.AtTarget:
	case replay.AtBreakpoint:
		text := "breakpoint"
		if name, ok := m.options.Symbols.Name(stop.Addr); ok {
			text += " at " + name
		}
		m.say(text)
	case replay.AtWatchpoint:
		verb := "read"
		if stop.Access.Write {
			verb = "written"
		}
		m.say(fmt.Sprintf("watchpoint: 0x%x is about to be %s", stop.Access.Addr, verb))
	case replay.Interrupted:
		if m.status.AtLiveEnd {
			m.say("paused")
		} else {
			m.say("interrupted")
		}
	case replay.AtStart:
		m.say("this is the start")
	case replay.AtEnd:
		if m.status.Live {
			m.say("this is the live end: c goes on recording")
		} else {
			m.say("this is the end of the recording")
		}
	case replay.GuestShutdown:
		m.say("the guest has ended its machine; it can still be looked at and gone back in")
	case replay.Diverged:
		if m.status.Err != nil {
			m.fail(firstLine(m.status.Err.Error()))
		} else {
			m.fail(stop.Reason.String())
		}
	}
}

// say and fail set the message line.
func (m *root) say(text string)  { m.message, m.failure = text, false }
func (m *root) fail(text string) { m.message, m.failure = text, true }

// noticeMsg sets the message line from a command.
type noticeMsg struct {
	text    string
	failure bool
}

// heardMsg is a line about what happens around the machine.
type heardMsg string

// listen is the command that brings the next such line.
func (m *root) listen() tea.Cmd {
	notices := m.options.Notices
	if notices == nil {
		return nil
	}
	return func() tea.Msg { return heardMsg(<-notices) }
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// visits are the places that the user went to.
type visits struct {
	steps []state.Step
	at    int
}

// maxVisits bounds the list.
const maxVisits = 1000

// visit adds a place after the one the user is at; what came after it is gone.
func (v *visits) visit(step state.Step) {
	if len(v.steps) > 0 {
		if v.steps[v.at] == step {
			return
		}
		v.steps = v.steps[:v.at+1]
	}
	v.steps = append(v.steps, step)
	if len(v.steps) > maxVisits {
		v.steps = v.steps[1:]
	}
	v.at = len(v.steps) - 1
}

// View implements tea.Model: exactly as many lines as the terminal has, each
// exactly as wide.
func (m *root) View() string {
	if m.width <= 0 || m.height <= 0 {
		return ""
	}
	top := min(statusHeight(m.width, m.height), m.height)
	bottom := 2 // message and footer
	if m.height < 10 {
		bottom = 1
	}
	height := max(m.height-top-bottom, 0)
	m.bodyTop, m.tabs = top, m.tabs[:0]
	m.place(m.width, height)
	lines := m.statusLines(m.width, top)
	var middle []string
	if height > 0 {
		middle = m.body(m.width, height)
	}
	if m.overlay != nil {
		middle = block(m.overlay.draw(m, middle, m.width), m.width, height)
	}
	lines = append(lines, middle...)
	note, footer := m.note(m.width), m.footer(m.width)
	if bottom == 2 || note != "" {
		lines = append(lines, fit(note, m.width))
	}
	if bottom == 2 || note == "" {
		lines = append(lines, footer)
	}
	frame := strings.Join(block(lines, m.width, m.height), "\n")
	if m.styles.ascii {
		frame = onlyASCII(frame)
	}
	return frame
}

// note is the line above the footer: what is typed, how a search gets on, or
// what was last said. It is empty if there is nothing.
func (m *root) note(width int) string {
	if m.overlay != nil {
		if line := m.overlay.line(m, width); line != "" {
			return line
		}
	}
	switch {
	case m.searching():
		return m.progressLine(width)
	case m.failure:
		return m.styles.failure.Render("! " + fitWords(m.message, width-2))
	}
	return m.styles.message.Render(fitWords(m.message, width))
}
