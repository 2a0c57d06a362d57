package ui

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"reprise/assets"
	"reprise/internal/debuginfo"
	"reprise/internal/testing/toysession"
	"reprise/replay"
	"reprise/replay/recording"
)

var update = flag.Bool("update", false, "write the golden screens anew")

// keyboard is what was typed for the guest.
type keyboard struct{ typed strings.Builder }

func (k *keyboard) Type(p []byte) int {
	k.typed.Write(p)
	return len(p)
}

// driver runs the model as Bubble Tea does, with the keys of the test.
type driver struct {
	t        *testing.T
	m        *root
	session  Session
	toy      *toysession.Toy // nil for a real session
	keyboard *keyboard
	messages chan tea.Msg
	pending  int // commands whose message has not come
	quit     bool
}

// newDriver shows a toy: a replay, or a live machine at its end.
func newDriver(t *testing.T, width, height int, look Look, o toysession.Options) *driver {
	t.Helper()
	keyboard := &keyboard{}
	consoles := []Console{{ID: 0, Name: "serial0"}}
	if o.Live {
		consoles[0].Typist = keyboard
	}
	screens := NewScreens(consoles)
	o.Observer = screens
	toy := toysession.New(o)
	t.Cleanup(toy.Interrupt)
	d := drive(t, width, height, Options{Session: toy, Consoles: consoles, Screens: screens, Symbols: toysession.Symbols(), Look: look})
	d.toy, d.keyboard = toy, keyboard
	return d
}

// demoDriver shows the bundled recording, on a real session.
func demoDriver(t *testing.T, width, height int) *driver {
	t.Helper()
	data := assets.DemoRecording()
	r, err := recording.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	timeline, err := replay.Play(r, replay.Options{Consoles: []replay.Console{{Name: "serial0"}}})
	if err != nil {
		t.Fatal(err)
	}
	consoles := []Console{{Name: "serial0"}}
	screens := NewScreens(consoles)
	timeline.Observe(screens)
	debugger := replay.NewDebugger("demo", timeline)
	t.Cleanup(func() {
		if err := debugger.Close(); err != nil {
			t.Error(err)
		}
	})
	symbols, err := debuginfo.Load("demo.elf", assets.Demo())
	if err != nil {
		t.Fatal(err)
	}
	debug := func() *debuginfo.Info {
		info, err := debuginfo.LoadInfo("demo.elf", assets.Demo())
		if err != nil {
			t.Error(err)
		}
		return info
	}
	return drive(t, width, height, Options{Session: Of(debugger), Consoles: consoles, Screens: screens, Symbols: symbols, Debug: debug, Source: demoSource{debug()}, Look: plain})
}

// demoSource is the source of the bundled program.
type demoSource struct{ info *debuginfo.Info }

func (s demoSource) Line(addr uint64) (place, text string, ok bool) {
	file, line, ok := s.info.Lines.Find(addr)
	if !ok {
		return "", "", false
	}
	if lines, err := s.File(file); err == nil && line <= len(lines) {
		text = lines[line-1]
	}
	return fmt.Sprintf("%s:%d", filepath.Base(file), line), text, true
}

func (s demoSource) File(name string) ([]string, error) {
	data, err := fs.ReadFile(assets.Sources(), strings.TrimPrefix(name, "assets/"))
	return strings.Split(string(data), "\n"), err
}

// drive shows a session.
func drive(t *testing.T, width, height int, o Options) *driver {
	t.Helper()
	d := &driver{t: t, session: o.Session, m: newRoot(o), messages: make(chan tea.Msg, 1000)}
	t.Cleanup(o.Session.Subscribe(d.m.feed.put))
	d.run(d.m.Init())
	d.send(tea.WindowSizeMsg{Width: width, Height: height})
	d.settle()
	return d
}

var (
	plain = Look{Colors: termenv.Ascii}
	color = Look{Colors: termenv.ANSI}
)

func toyOptions() toysession.Options { return toysession.Options{Name: "toy.reprise", Last: 1234} }

func replayed(t *testing.T) *driver {
	return newDriver(t, 120, 40, plain, toyOptions())
}

func recorded(t *testing.T) *driver {
	return newDriver(t, 120, 40, plain, toysession.Options{Name: "new.reprise", Last: 500, Live: true})
}

// run starts a command, whose message arrives later.
func (d *driver) run(cmd tea.Cmd) {
	if cmd != nil {
		d.pending++
		go func() { d.messages <- cmd() }()
	}
}

func (d *driver) send(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, cmd := range msg {
			d.run(cmd)
		}
	case tea.QuitMsg:
		d.quit = true
	default:
		_, cmd := d.m.Update(msg)
		d.run(cmd)
	}
}

// until handles messages until a condition holds; the test's own deadline is
// the limit.
func (d *driver) until(done func() bool) {
	d.t.Helper()
	for !done() {
		select {
		case msg := <-d.messages:
			d.pending--
			d.send(msg)
		case <-d.t.Context().Done():
			d.t.Fatal("the condition never came true")
		}
	}
}

// settle waits until the screen shows where the machine stands.
func (d *driver) settle() {
	d.t.Helper()
	d.until(func() bool {
		now, m := d.session.Status(), d.m
		waiting := 1 // for the next status
		if m.moving != "" {
			waiting++ // for the end of the movement
		}
		return d.pending == waiting && !m.fetching && !m.stale && (m.moving == "" || m.current.forward && now.Running && now.Live) && m.view != nil &&
			m.status.Generation == now.Generation && m.status.Running == now.Running && m.status.Holder == now.Holder &&
			m.view.status.Generation == now.Generation && m.view.status.Position == now.Position
	})
}

// keyOf is the message for a key as the keymap names it.
func keyOf(name string) tea.KeyMsg {
	if runes := []rune(name); len(runes) == 1 {
		if name == " " {
			return tea.KeyMsg{Type: tea.KeySpace, Runes: runes}
		}
		return tea.KeyMsg{Type: tea.KeyRunes, Runes: runes}
	}
	for k := tea.KeyType(-100); k <= 127; k++ {
		if k != tea.KeyRunes && (tea.Key{Type: k}).String() == name {
			return tea.KeyMsg{Type: k}
		}
	}
	panic("no key " + name)
}

// resize gives the terminal another size.
func (d *driver) resize(width, height int) {
	d.t.Helper()
	d.send(tea.WindowSizeMsg{Width: width, Height: height})
	d.settle()
}

// press presses keys one after the other and waits for what they do.
func (d *driver) press(keys ...string) {
	d.t.Helper()
	for _, k := range keys {
		d.send(keyOf(k))
		d.settle()
	}
}

// write presses a key for each character.
func (d *driver) write(text string) {
	d.t.Helper()
	for _, r := range text {
		d.press(string(r))
	}
}

// frame is the screen without colours, and checks its size.
func (d *driver) frame() string {
	d.t.Helper()
	lines := strings.Split(d.m.View(), "\n")
	if len(lines) != d.m.height {
		d.t.Errorf("%d lines at %dx%d", len(lines), d.m.width, d.m.height)
	}
	for i, line := range lines {
		if w := ansi.StringWidth(line); w != d.m.width {
			d.t.Errorf("line %d is %d columns wide at %dx%d: %q", i, w, d.m.width, d.m.height, line)
		}
	}
	return ansi.Strip(d.m.View())
}

// shows fails unless the screen has each of the texts.
func (d *driver) shows(texts ...string) {
	d.t.Helper()
	frame := d.frame()
	for _, text := range texts {
		if !strings.Contains(frame, text) {
			d.t.Errorf("%q is not on the screen:\n%s", text, frame)
		}
	}
}

// golden compares the raw screen, escape sequences and all, with a file.
func (d *driver) golden(name string) {
	d.t.Helper()
	d.frame()
	got := d.m.View() + "\n"
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			d.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatalf("%v: go test ./ui -update makes it", err)
	}
	if got != string(want) {
		d.t.Errorf("the screen differs from %s (go test ./ui -update accepts it):\n%s", path, got)
	}
}
