package ui

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// Layouts keeps the layouts that the user made, by the name of a size of
// terminal. Its methods may be called from any goroutine and may take their
// time. store.Store is one.
type Layouts interface {
	Layouts() (map[string]string, error)
	SetLayout(size, layout string) error // an empty one is forgotten
}

// presets are layouts by name. A pane that is not in one is still at hand: its
// key opens it beside the pane that it belongs to.
var presets = map[string]string{
	"default":  "((disassembly | registers) / (console | events)) / timeline",
	"firmware": "((disassembly | (registers /50 memory)) / (console | events)) / timeline",
	"kernel":   "((disassembly |50 (registers /60 memory)) /60 (console |60 events)) / timeline",
	"source":   "((source |60 disassembly) /60 (console |60 (stack+values+breakpoints+memory+events))) / timeline",
	"console":  "(console /70 events) / timeline",
}

// preset is a layout by its name. In the default one every pane has its place.
func preset(name string) (*tree, bool) {
	text, ok := presets[name]
	if !ok {
		return nil, false
	}
	t, err := parseTree(text)
	if err != nil {
		panic("BUG: preset " + name + ": " + err.Error())
	}
	if name == "default" {
		for p := range paneCount {
			t.open(p, paneInfos[p].beside)
		}
	}
	return t, true
}

// stackedTree has the panes of a narrow terminal, one above the other.
func stackedTree() *tree {
	t, err := parseTree("console / (disassembly / (registers / (events / timeline)))")
	if err != nil {
		panic("BUG: " + err.Error())
	}
	for p := range paneCount {
		t.open(p, paneInfos[p].beside)
	}
	return t
}

// Sizes at which the layout changes.
const (
	stackedWidth = 84 // columns, and below: panes one above the other
	tinyWidth    = 50 // below: one pane
	tinyHeight   = 16
	sideHeight   = 24  // rows, from which two rows of panes are worth it
	wideWidth    = 150 // from here on there is room for a column more
	tallHeight   = 45
)

// sizeName is the sort of terminal that a layout is remembered for.
func sizeName(width, height int) string {
	name := "normal"
	switch {
	case width <= stackedWidth:
		name = "narrow"
	case width >= wideWidth:
		name = "wide"
	}
	if height >= tallHeight {
		name += "-tall"
	}
	return name
}

// layouts are the trees of this session, by the names of sizes.
type layouts map[string]*tree

// layout is the tree for the size of the terminal.
func (m *root) layout() *tree {
	size := sizeName(m.width, m.height)
	t := m.layouts[size]
	if t == nil {
		t, _ = preset("default")
		if strings.HasPrefix(size, "narrow") {
			t = stackedTree()
		} else if m.options.Layout != "" {
			if own, err := layoutFor(m.options.Layout); err == nil {
				t = own
			}
		}
		m.layouts[size] = t
	}
	return t
}

// readLayouts takes over those that are remembered. One that cannot be read, such
// as of a version with other panes, counts as none.
func (m *root) readLayouts() {
	if m.options.Layouts == nil {
		return
	}
	kept, err := m.options.Layouts.Layouts()
	if err != nil {
		m.fail(firstLine(err.Error()))
	}
	for size, text := range kept {
		if t, err := parseTree(text); err == nil {
			m.layouts[size] = t
		}
	}
}

// layoutFor reads a layout: a preset's name, or a tree.
func layoutFor(text string) (*tree, error) {
	if t, ok := preset(text); ok {
		return t, nil
	}
	if !strings.ContainsAny(text, "|/+") {
		if _, ok := paneNamed(text); !ok {
			return nil, fmt.Errorf("there is no layout %q: they are %s, or name panes: (console | events) / timeline", text, presetNames())
		}
	}
	return parseTree(text)
}

// CheckLayout says what is wrong with a layout.
func CheckLayout(text string) error {
	_, err := layoutFor(text)
	return err
}

func presetNames() string { return strings.Join(slices.Sorted(maps.Keys(presets)), ", ") }

// place finds out where the panes are in a body of the given size.
func (m *root) place(width, height int) {
	if m.zoomed || width < tinyWidth || height < tinyHeight-3 {
		m.rects, m.borders = []rect{{m.focus, 0, 0, width, height}}, nil
		return
	}
	t := m.layout()
	t.open(m.focus, paneInfos[m.focus].beside)
	t.show(m.focus)
	m.rects, m.borders = t.place(rect{0, 0, 0, width, height}, m.focus, m.wishes(height, width <= stackedWidth, t))
}

// wishes are those of all panes in a body of the given height.
func (m *root) wishes(height int, narrow bool, t *tree) wishes {
	if narrow {
		return func(p paneID, stacked bool, _ int) (int, bool) {
			return m.narrowWish(p, stacked, height, len(t.places()))
		}
	}
	return func(p paneID, stacked bool, room int) (int, bool) {
		wish := paneInfos[p].width
		if stacked {
			wish = paneInfos[p].height
		}
		if wish == nil {
			return 0, false
		}
		return wish(room, height, p == m.focus), true
	}
}

// narrowWish lets the focused pane have what the others leave.
func (m *root) narrowWish(p paneID, stacked bool, height, places int) (int, bool) {
	least := leastRows + 1
	if height >= ScreenHeight {
		least++
	}
	switch {
	case !stacked || p == m.focus:
		return 0, false
	case p == timePane:
		return 0, true
	}
	return max(min(least, height/places), leastRows), true
}

// setLayout is the layout of this size of terminal from here on.
func (m *root) setLayout(t *tree) tea.Cmd {
	m.layouts[sizeName(m.width, m.height)] = t
	m.zoomed = false
	if t.find(m.focus) == nil {
		m.focus = t.panes()[0]
	}
	return m.keepLayout()
}

// keepLayout is the command that remembers the layout.
func (m *root) keepLayout() tea.Cmd {
	kept := m.options.Layouts
	if kept == nil {
		return nil
	}
	size, text := sizeName(m.width, m.height), m.layout().String()
	return func() tea.Msg {
		if err := kept.SetLayout(size, text); err != nil {
			return noticeMsg{firstLine(err.Error()), true}
		}
		return nil
	}
}

// layoutNamed is the command :layout.
func layoutNamed(m *root, name string) tea.Cmd {
	if name == "" {
		m.say("layout: " + m.layout().String())
		return nil
	}
	if name == "default" && m.width <= stackedWidth {
		return m.setLayout(stackedTree())
	}
	t, err := layoutFor(name)
	if err != nil {
		m.fail(err.Error())
		return nil
	}
	return m.setLayout(t)
}

// noLayout is why the layout cannot be changed now.
func (m *root) noLayout() string {
	switch {
	case m.zoomed:
		return "one pane has the whole screen: z shows all again"
	case len(m.rects) < 2:
		return "the terminal has room for one pane only"
	}
	return ""
}

// closePane takes the focused pane out of the layout.
func (m *root) closePane() tea.Cmd {
	t, at := m.layout(), m.layout().find(m.focus)
	panes := t.panes()
	i := slices.Index(panes, m.focus)
	if at == nil || !t.close(m.focus) {
		m.fail("this is the last pane")
		return nil
	}
	m.say(m.focus.String() + " is closed: its key opens it again")
	next := panes[(i+1)%len(panes)]
	if len(at.tabs) > 0 && at.shown != m.focus && t.find(at.shown) == at {
		next = at.shown
	}
	m.focus = next
	return m.keepLayout()
}

// swapPane exchanges the place of the focused pane with the next one.
func (m *root) swapPane() tea.Cmd {
	t := m.layout()
	places := t.places()
	at := slices.Index(places, t.find(m.focus))
	if len(places) < 2 || at < 0 {
		m.fail("there is no other place")
		return nil
	}
	t.swap(m.focus, places[(at+1)%len(places)].shown)
	return m.keepLayout()
}

// resize is the action of a key that moves the border of the focused pane: the
// innermost one of that direction.
func resize(stacked bool, by int) func(*root) tea.Cmd {
	return func(m *root) tea.Cmd {
		for _, b := range m.borders { // inner ones first
			if b.split.stacked != stacked || b.split.find(m.focus) == nil {
				continue
			}
			to := b.at + by
			if b.split.parts[1].find(m.focus) != nil {
				to = b.at - by
			}
			b.move(to)
			return m.keepLayout()
		}
		m.fail("there is no border in that direction")
		return nil
	}
}

// stepPane goes along the panes of the layout.
func stepPane(by int) func(*root) tea.Cmd {
	return func(m *root) tea.Cmd {
		panes := m.layout().panes()
		i := slices.Index(panes, m.focus)
		return m.focusOn(panes[(i+by+len(panes))%len(panes)])
	}
}

// dragBorder begins or goes on to move a border with the mouse; x and y are in
// the body. It reports whether there is one.
func (m *root) dragBorder(x, y int) bool {
	if m.dragged == nil {
		for _, b := range m.borders {
			if b.on(x, y) {
				m.dragged = &b
				return true
			}
		}
		return false
	}
	at := x - m.dragged.room.x
	if m.dragged.split.stacked {
		at = y - m.dragged.room.y
	}
	m.dragged.move(at)
	return true
}
