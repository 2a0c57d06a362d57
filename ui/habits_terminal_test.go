package ui

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
	"github.com/muesli/termenv"

	"reprise/assets"
	"reprise/internal/testing/toysession"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

// guestRAM is the RAM of the guests' machines.
const guestRAM = 16 << 20

// recordGuest records a guest until it ends its machine and returns the path.
func recordGuest(t *testing.T, elf []byte, consoles ...replay.Console) string {
	t.Helper()
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: guestRAM, Harts: 1, ISA: riscv.RV64GC.String(), MMU: boot.MMUType, Virtio: boot.VirtioSlots},
		Firmware: &boot.File{Name: "guest.elf", Data: elf},
	})
	if err != nil {
		t.Fatal(err)
	}
	config := vm.Config{Harts: 1, ISA: riscv.RV64GC, Segments: plan.Segments, SeedAddr: plan.SeedAddr}
	var m recording.Manifest
	blobs := replay.Describe(&m, config, guestRAM, false)
	m.Machine.CharDevices = []recording.CharDevice{{ID: vm.SerialDevice, Name: "serial0", Backend: "null"}}
	path := filepath.Join(t.TempDir(), "guest.reprise")
	w, err := recording.Create(path, m, recording.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blobs {
		if err := w.Blob(b); err != nil {
			t.Fatal(err)
		}
	}
	timeline, err := replay.Record(config, guestRAM, w, replay.Options{Consoles: consoles})
	if err != nil {
		t.Fatal(err)
	}
	if stop, err := timeline.Continue(t.Context()); err != nil || stop.Reason != replay.GuestShutdown {
		t.Fatal(stop, err)
	}
	if err := timeline.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// playDriver shows a recording, on a real session.
func playDriver(t *testing.T, width, height int, look Look, r *recording.Reader) *driver {
	t.Helper()
	timeline, err := replay.Play(r, replay.Options{Consoles: []replay.Console{{Name: "serial0"}}})
	if err != nil {
		t.Fatal(err)
	}
	consoles := []Console{{Name: "serial0"}}
	screens := NewScreens(consoles)
	timeline.Observe(screens)
	debugger := replay.NewDebugger("guest", timeline)
	t.Cleanup(func() {
		if err := debugger.Close(); err != nil {
			t.Error(err)
		}
	})
	return drive(t, width, height, Options{Session: Of(debugger), Consoles: consoles, Screens: screens, Look: look})
}

// TestHabit10 answers keys while a search never ends, and cancels it with the
// state unchanged. That the first frame reads little has a test of its own:
// TestFirstFrameReadsLittle.
func TestHabit10(t *testing.T) {
	d := replayed(t)
	d.press("e")
	d.toy.Stick()
	d.send(keyOf("g"))
	for _, r := range "50%" {
		d.send(keyOf(string(r)))
	}
	d.send(keyOf("enter"))
	d.until(func() bool { return d.m.status.Progress.Active })
	d.shows("seek", "40.0%", "left", "Esc cancels", "step 50 of")
	before := d.m.options.Session.Status().Position
	for _, key := range []string{"tab", "z", "z", "2", "?", "down", "?", ":", "esc", "m"} {
		d.send(keyOf(key))
		d.frame()
	}
	d.send(keyOf("?"))
	d.shows("Help: Disassembly")
	d.send(keyOf("?"))
	d.send(keyOf("s"))
	d.shows("step 50 of")
	d.send(keyOf("esc"))
	d.settle()
	d.shows("step 50 of", "interrupted")
	if now := d.m.options.Session.Status().Position; now != before {
		t.Errorf("cancelled at step %v, began at %v", now, before)
	}
}

// onlySGR matches what a frame may have besides text.
var onlySGR = regexp.MustCompile(`\x1b\[[0-9;:]*m`)

// checkRaw fails if a frame has a control that is no colour.
func (d *driver) checkRaw() {
	d.t.Helper()
	d.frame()
	for i, line := range strings.Split(d.m.View(), "\n") {
		rest := onlySGR.ReplaceAllString(line, "")
		for _, r := range rest {
			if r < 0x20 || r >= 0x7f && r < 0xa0 {
				d.t.Fatalf("line %d has the control %U: %q", i, r, line)
			}
		}
	}
}

// TestHabit11 lets hostile.elf print and draws at many steps, in the middle of
// its sequences and characters: the frame stays as it is.
func TestHabit11(t *testing.T) {
	path := recordGuest(t, assets.Hostile(), replay.Console{Name: "serial0"})
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	d := playDriver(t, 120, 40, color, r)
	random := rand.New(rand.NewPCG(11, 0))
	for i := range 120 {
		d.run(d.m.start(seekTo(state.Step(random.Uint64N(uint64(r.Last()))))))
		d.settle()
		if i%4 == 0 {
			d.send(tea.WindowSizeMsg{Width: 30 + random.IntN(150), Height: 8 + random.IntN(50)})
			d.settle()
		}
		d.checkRaw()
	}
	d.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	d.press("g")
	d.write("100%")
	d.press("enter")
	d.checkRaw()
	d.shows("hostile: done", "[ Console serial0 ]", "Registers", "? help")
}

// TestHabit12 types into the guest every key that there is, and a large paste.
func TestHabit12(t *testing.T) {
	d := recorded(t)
	d.press("i")
	for key, want := range map[string]string{
		"ctrl+a": "\x01", "ctrl+c": "\x03", "ctrl+z": "\x1a", "esc": "\x1b", "tab": "\t", "enter": "\r", "backspace": "\x7f",
		"up": "\x1b[A", "ctrl+left": "\x1b[1;5D", "shift+right": "\x1b[1;2C", "home": "\x1b[H", "delete": "\x1b[3~", "pgdown": "\x1b[6~",
		"f1": "\x1bOP", "f5": "\x1b[15~", "f12": "\x1b[24~", "shift+tab": "\x1b[Z", "é": "é", "日": "日", "q": "q", "?": "?", ":": ":",
	} {
		d.keyboard.typed.Reset()
		d.press(key)
		if got := d.keyboard.typed.String(); got != want {
			t.Errorf("%s is sent as %q, want %q", key, got, want)
		}
	}
	d.keyboard.typed.Reset()
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("x"), Alt: true})
	d.send(tea.KeyMsg{Type: tea.KeyUp, Alt: true})
	if got := d.keyboard.typed.String(); got != "\x1bx\x1b[1;3A" {
		t.Errorf("Alt is sent as %q", got)
	}
	d.keyboard.typed.Reset()
	text := strings.Repeat("a paste of many lines: é 日 🙂\n", 8000)
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true})
	d.settle()
	if got := d.keyboard.typed.String(); got != text {
		t.Errorf("%d bytes of the paste arrived, of %d", len(got), len(text))
	}
	d.press("ctrl+]")
	if d.m.input {
		t.Error("Ctrl-] does not leave")
	}
}

// TestHabit13 gets text out: with a key, the mouse, and into a file.
func TestHabit13(t *testing.T) {
	d := replayed(t)
	d.shows("M mouse")
	d.press("e", "e", "e", "e", "s")
	var out bytes.Buffer
	d.m.clipboard = clipboard{&out, false}
	copied := func() string {
		t.Helper()
		begin, end := strings.Index(out.String(), "\x1b]52;c;"), strings.Index(out.String(), "\x07")
		if begin < 0 || end < 0 {
			t.Fatalf("no OSC 52: %q", out.String())
		}
		text, err := base64.StdEncoding.DecodeString(out.String()[begin+7 : end])
		if err != nil {
			t.Fatal(err)
		}
		out.Reset()
		return string(text)
	}
	d.press("y")
	if got := copied(); got != "line 0\nline 3" {
		t.Errorf("y copied %q", got)
	}
	d.m.clipboard.tmux = true
	d.press("y")
	if !strings.Contains(out.String(), "\x1bPtmux;\x1b\x1b]52;") {
		t.Errorf("tmux gets %q", out.String())
	}
	out.Reset()
	d.m.clipboard.tmux = false
	r := d.rect(consolePane)
	for _, e := range []tea.MouseMsg{
		{X: r.x + 2, Y: d.m.bodyTop + r.y + 1, Action: tea.MouseActionPress, Button: tea.MouseButtonLeft},
		{X: r.x + 3, Y: d.m.bodyTop + r.y + 2, Action: tea.MouseActionMotion, Button: tea.MouseButtonLeft},
		{X: r.x + 3, Y: d.m.bodyTop + r.y + 2, Action: tea.MouseActionRelease, Button: tea.MouseButtonLeft},
	} {
		d.send(e)
		d.settle()
	}
	if got := copied(); got != "ne 0\nline" {
		t.Errorf("dragging copied %q", got)
	}
	path := filepath.Join(t.TempDir(), "text")
	for range 2 {
		d.press(":")
		d.write("yank " + path)
		d.press("enter")
	}
	d.shows("is there already")
	if got, err := os.ReadFile(path); err != nil || string(got) != "line 0\nline 3\n" {
		t.Errorf("the file has %q, %v", got, err)
	}
}

// TestHabit14 knows the usual terminals, and draws ASCII where the locale says
// so.
func TestHabit14(t *testing.T) {
	for name, colors := range map[string]termenv.Profile{
		"xterm": termenv.ANSI, "screen": termenv.ANSI, "tmux-256color": termenv.ANSI256, "linux": termenv.ANSI, "vt100": termenv.Ascii, "dumb": termenv.Ascii,
	} {
		for locale, ascii := range map[string]bool{"C": true, "": true, "en_US.UTF-8": false, "C.utf8": false} {
			look := DetectLook(func(v string) string { return map[string]string{"TERM": name, "LANG": locale}[v] })
			if look.Colors != colors || look.ASCII != ascii {
				t.Errorf("TERM=%s LANG=%s: %+v", name, locale, look)
			}
			d := newDriver(t, 120, 40, look, toysession.Options{Name: "wörk.reprise", Last: 1234, Output: func(int) string { return "日本 é\r\n" }})
			d.press("e", "s", "b", "?", "?", "6")
			d.checkRaw()
			if frame := d.frame(); ascii && strings.IndexFunc(frame, func(r rune) bool { return r > 0x7e }) >= 0 {
				t.Errorf("TERM=%s LANG=%s is not ASCII:\n%s", name, locale, frame)
			}
		}
	}
}

// panicking is a model that fails as the environment says.
type panicking struct{ where string }

func (p panicking) Init() tea.Cmd {
	return func() tea.Msg {
		if p.where == "command" {
			panic("on purpose")
		}
		return noticeMsg{}
	}
}

func (p panicking) Update(tea.Msg) (tea.Model, tea.Cmd) {
	if p.where == "update" {
		panic("on purpose")
	}
	return p, nil
}

func (p panicking) View() string {
	if p.where == "view" {
		panic("on purpose")
	}
	return "a frame"
}

// panicsIn names the variable that makes this test binary a program that
// panics.
const panicsIn = "REPRISE_TEST_PANIC"

// TestHabit14Panic leaves the terminal as it was after a panic.
func TestHabit14Panic(t *testing.T) {
	if where := os.Getenv(panicsIn); where != "" {
		if err := run(context.Background(), panicking{where}, &terminal{File: os.Stdout}, false); err == nil {
			t.Error("no panic")
		}
		return
	}
	for _, where := range []string{"update", "view", "command"} {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestHabit14Panic$")
		cmd.Env = append(os.Environ(), panicsIn+"="+where, "TERM=xterm")
		tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, err := io.Copy(&out, tty); err != nil && !errors.As(err, new(*os.PathError)) {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v\n%s", where, err, out.String())
		}
		text := out.String()
		for on, off := range map[string]string{"\x1b[?1049h": "\x1b[?1049l", "\x1b[?1002h": "\x1b[?1002l", "\x1b[?25l": "\x1b[?25h", "\x1b[?2004h": "\x1b[?2004l"} {
			if strings.LastIndex(text, on) > strings.LastIndex(text, off) {
				t.Errorf("a panic in %s leaves %q on", where, on)
			}
		}
		if !strings.Contains(text, "\x1b[?1049h") {
			t.Errorf("a panic in %s: the program never drew: %q", where, text)
		}
	}
}

// TestHabit15 has themes, and tells every state apart without them.
func TestHabit15(t *testing.T) {
	looks, texts := map[string]bool{}, map[string]bool{}
	for name := range themes {
		look := Look{Colors: termenv.TrueColor, Theme: name}
		d := newDriver(t, 120, 40, look, toyOptions())
		d.press("e", "s")
		looks[d.m.View()] = true
		texts[d.frame()] = true
	}
	if len(looks) != len(themes) {
		t.Errorf("%d of %d themes differ", len(looks), len(themes))
	}
	if len(texts) != 1 {
		t.Error("a theme changes more than colours")
	}
	if CheckTheme("pink") == nil {
		t.Error("there is a theme pink")
	}
	d := newDriver(t, 120, 40, Look{PlainBorders: true}, toyOptions())
	if frame := d.frame(); strings.ContainsAny(frame, "─│●▶") {
		t.Errorf("plain borders:\n%s", frame)
	}

	// Without colours: each state has words or a mark of its own.
	seen := map[string]string{}
	state := func(name string, d *driver) {
		t.Helper()
		frame := ansi.Strip(d.m.View())
		if other := seen[frame]; other != "" {
			t.Errorf("%s looks like %s", name, other)
		}
		seen[frame] = name
	}
	d = replayed(t)
	state("replay", d)
	d.press("2", "b")
	state("a breakpoint", d)
	d.press("down")
	state("the chosen instruction", d)
	d.press("4", "down")
	state("the chosen event", d)
	d.press("down")
	state("another chosen event", d)
	d.press("5")
	state("memory", d)
	d.press("right")
	state("the chosen byte", d)
	d.press("2")
	state("the focused pane", d)
	d.press("z")
	state("zoomed", d)
	d.press("z", "M")
	state("a free mouse", d)
	live := recorded(t)
	state("live", live)
	live.press("c")
	state("running", live)
	live.press("i")
	state("input", live)
	live.press("ctrl+]", "p", "S")
	state("the past of live", live)
	live.press("L")
	live.toy.Take("gdb")
	live.settle()
	state("held by gdb", live)
}
