package ui

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

func mustTree(t *testing.T, text string) *tree {
	t.Helper()
	tr, err := parseTree(text)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestTreeText reads layouts and writes them.
func TestTreeText(t *testing.T) {
	for text, want := range map[string]string{
		"console":           "console",
		" Console+ events ": "console+events",
		"console|events":    "console | events",
		"(console /60 events+memory) |25 registers": "(console /60 events+memory) |25 registers",
		"((console))": "console",
		"(console | (events / timeline)) / memory": "(console | (events / timeline)) / memory",
	} {
		if got := mustTree(t, text).String(); got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"":                              "a pane is missing",
		"console |":                     "a pane is missing",
		"console | nothing":             `there is no pane "nothing"`,
		"console | console":             "twice",
		"console |0 events":             "1 to 99",
		"console |500 events":           "is not a share",
		"(console | events":             "not closed",
		"console | events | memory":     "one too many",
		"console | events)":             "one too many",
		"console+":                      "a pane is missing",
		"(console / events) registers ": "one too many",
	} {
		if _, err := parseTree(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	for name := range presets {
		if own, ok := preset(name); !ok || mustTree(t, own.String()).String() != own.String() {
			t.Errorf("preset %s is not read back", name)
		}
	}
}

// TestTreeChanges closes, opens and swaps panes.
func TestTreeChanges(t *testing.T) {
	tr := mustTree(t, "(console |60 events+memory) / timeline")
	for _, c := range []struct {
		name string
		do   func()
		want string
	}{
		{"open", func() { tr.open(registersPane, memPane) }, "(console |60 events+memory+registers) / timeline"},
		{"open again", func() { tr.open(registersPane, consolePane) }, "(console |60 events+memory+registers) / timeline"},
		{"show", func() { tr.show(memPane) }, "(console |60 memory+events+registers) / timeline"},
		{"swap", func() { tr.swap(consolePane, registersPane) }, "(memory+events+registers |60 console) / timeline"},
		{"close a tab", func() { tr.close(memPane) }, "(registers+events |60 console) / timeline"},
		{"close a place", func() { tr.close(consolePane) }, "registers+events / timeline"},
		{"open without a place", func() { tr.open(codePane, memPane) }, "registers+events+disassembly / timeline"},
	} {
		c.do()
		if got := tr.String(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	one := mustTree(t, "console")
	if one.close(consolePane) || one.close(memPane) {
		t.Error("the last pane was closed")
	}
}

// TestTreeRooms places panes by shares, by wishes, and where there is no room.
func TestTreeRooms(t *testing.T) {
	none := func(paneID, bool, int) (int, bool) { return 0, false }
	barWish := func(p paneID, stacked bool, _ int) (int, bool) { return 2, p == timePane && stacked }
	hidden := func(p paneID, _ bool, _ int) (int, bool) { return 0, p == timePane }
	for _, c := range []struct {
		name, layout string
		width, rows  int
		focus        paneID
		wish         wishes
		want         []rect
	}{
		{"halves", "console | events", 81, 20, consolePane, none, []rect{{consolePane, 0, 0, 40, 20}, {eventsPane, 41, 0, 40, 20}}},
		{"shares", "console /25 events", 80, 40, consolePane, none, []rect{{consolePane, 0, 0, 80, 10}, {eventsPane, 0, 10, 80, 30}}},
		{"wish", "(console | events) / timeline", 81, 20, consolePane, barWish, []rect{{consolePane, 0, 0, 40, 18}, {eventsPane, 41, 0, 40, 18}, {timePane, 0, 18, 81, 2}}},
		{"hidden", "console / timeline", 80, 20, consolePane, hidden, []rect{{consolePane, 0, 0, 80, 20}}},
		{"hidden first", "timeline / console", 80, 20, consolePane, hidden, []rect{{consolePane, 0, 0, 80, 20}}},
		{"narrow", "console | events", 18, 20, eventsPane, none, []rect{{eventsPane, 0, 0, 18, 20}}},
		{"narrow, the other", "console | events", 18, 20, consolePane, none, []rect{{consolePane, 0, 0, 18, 20}}},
		{"low", "console / (events / memory)", 80, 5, memPane, none, []rect{{consolePane, 0, 0, 80, 2}, {memPane, 0, 2, 80, 3}}},
		{"least", "console |1 events", 80, 9, consolePane, none, []rect{{consolePane, 0, 0, 10, 9}, {eventsPane, 11, 0, 69, 9}}},
	} {
		got, _ := mustTree(t, c.layout).place(rect{0, 0, 0, c.width, c.rows}, c.focus, c.wish)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestTreeCoversTheRoom changes trees at random: panes never overlap, fill the
// room but for the lines between them, and the focused one is always there.
func TestTreeCoversTheRoom(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		tr := mustTree(t, "((disassembly | registers) / (console | events)) / timeline")
		for range 30 {
			a, b := paneID(random.IntN(int(paneCount))), paneID(random.IntN(int(paneCount)))
			switch random.IntN(4) {
			case 0:
				tr.open(a, b)
			case 1:
				tr.close(a)
			case 2:
				tr.swap(a, b)
			}
			width, height := 1+random.IntN(200), 1+random.IntN(60)
			panes := tr.panes()
			focus := panes[random.IntN(len(panes))]
			tr.show(focus)
			rects, borders := tr.place(rect{0, 0, 0, width, height}, focus, func(p paneID, _ bool, room int) (int, bool) { return room / 3, p%2 == 0 })
			covered := map[[2]int]int{}
			for _, r := range rects {
				for x := r.x; x < r.x+r.width; x++ {
					for y := r.y; y < r.y+r.height; y++ {
						covered[[2]int{x, y}]++
					}
				}
			}
			for _, line := range borders {
				for y := range height {
					for x := range width {
						if !line.split.stacked && line.on(x, y) {
							covered[[2]int{x, y}]++
						}
					}
				}
			}
			for x := range width {
				for y := range height {
					if n := covered[[2]int{x, y}]; n != 1 {
						t.Fatalf("seed %d: %s at %dx%d: column %d, row %d belongs to %d", seed, tr, width, height, x, y, n)
					}
				}
			}
			if !slices.ContainsFunc(rects, func(r rect) bool { return r.pane == focus }) {
				t.Fatalf("seed %d: %s at %dx%d does not show %v", seed, tr, width, height, focus)
			}
			for _, line := range borders {
				line.move(random.IntN(width + height))
			}
		}
	}
}

// shelf keeps layouts in memory.
type shelf map[string]string

func (s shelf) Layouts() (map[string]string, error) { return s, nil }
func (s shelf) SetLayout(size, layout string) error { s[size] = layout; return nil }

func (d *driver) rect(p paneID) rect {
	d.t.Helper()
	d.frame()
	for _, r := range d.m.rects {
		if r.pane == p {
			return r
		}
	}
	return rect{}
}

// TestLayoutKeys resizes, closes, swaps and zooms with keys, and another
// session at this size of terminal remembers it.
func TestLayoutKeys(t *testing.T) {
	d := replayed(t)
	kept := shelf{}
	d.m.options.Layouts = kept
	before := d.rect(consolePane)
	d.press("{", ")")
	if now := d.rect(consolePane); now.width >= before.width || now.height <= before.height {
		t.Errorf("{ and ) made %v of %v", now, before)
	}
	d.press("2", "{")
	d.press("x")
	d.shows("Disassembly is closed", "[ Source ]")
	d.press("x")
	if d.rect(codePane).width != 0 || d.rect(registersPane).width != d.m.width {
		t.Errorf("the pane was not closed:\n%s", d.frame())
	}
	d.press("1", "X")
	if got := d.m.layout().String(); !strings.Contains(got, "(events+memory") || !strings.Contains(got, "console)) / timeline") {
		t.Errorf("swapped: %s", got)
	}
	d.press("z")
	if d.rect(consolePane).width != d.m.width {
		t.Error("not zoomed")
	}
	d.press("}")
	d.shows("z shows all again")
	d.press("z")
	mine := d.m.layout().String()
	again := newDriver(t, 100, 40, plain, toyOptions())
	again.m.options.Layouts = kept
	again.m.readLayouts()
	if got := again.m.layout().String(); got != mine {
		t.Errorf("remembered: %q, want %q", got, mine)
	}
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.settle()
	if d.m.layout().String() == mine {
		t.Error("a narrow terminal has the layout of a wide one")
	}
	d.send(tea.WindowSizeMsg{Width: 121, Height: 41})
	d.settle()
	if got := d.m.layout().String(); got != mine {
		t.Errorf("back at this size: %q, want %q", got, mine)
	}
	d.press("2")
	if d.rect(codePane).width == 0 {
		t.Error("the key of a closed pane does not open it")
	}
}

// TestLayoutMouse drags the lines between panes and clicks a tab.
func TestLayoutMouse(t *testing.T) {
	d := replayed(t)
	drag := func(x, y, toX, toY int) {
		for _, step := range []struct {
			x, y   int
			action tea.MouseAction
		}{{x, y, tea.MouseActionPress}, {toX, toY, tea.MouseActionMotion}, {toX, toY, tea.MouseActionRelease}} {
			d.send(tea.MouseMsg{X: step.x, Y: step.y, Action: step.action, Button: tea.MouseButtonLeft})
			d.frame()
		}
		d.settle()
	}
	code := d.rect(codePane)
	drag(code.width, d.m.bodyTop+3, code.width-20, d.m.bodyTop+3)
	if got := d.rect(codePane).width; got < code.width-21 || got > code.width-19 {
		t.Errorf("dragged by 20 columns, from %d to %d", code.width, got)
	}
	console := d.rect(consolePane)
	drag(3, d.m.bodyTop+console.y, 3, d.m.bodyTop+console.y-5)
	if got := d.rect(consolePane); got.y != console.y-5 || d.m.focus != consolePane {
		t.Errorf("dragged up by 5 rows, from %d to %d", console.y, got.y)
	}
	for _, tb := range d.m.tabs {
		if tb.pane == memPane {
			drag(tb.from, d.m.bodyTop+tb.y, tb.from, d.m.bodyTop+tb.y)
		}
	}
	if d.rect(memPane).width == 0 || d.m.focus != memPane {
		t.Errorf("a click on the tab did not show it:\n%s", d.frame())
	}
}

// TestLayoutCommand arranges panes by name and by a tree.
func TestLayoutCommand(t *testing.T) {
	d := replayed(t)
	command := func(line string) {
		d.press(":")
		d.write(line)
		d.press("enter")
	}
	for name := range presets {
		command("layout " + name)
		if want, _ := preset(name); d.m.layout().String() != want.String() {
			t.Errorf("layout %s: %s", name, d.m.layout())
		}
	}
	command("layout registers | console")
	if d.rect(registersPane).x != 0 || len(d.m.rects) != 2 {
		t.Errorf("two panes:\n%s", d.frame())
	}
	command("layout nonsense")
	d.shows(`there is no layout "nonsense"`)
}
