package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"reprise/assets"
	"reprise/internal/testing/terminal"
	"reprise/replay/recording"
)

// uboot is Debian's U-Boot for this board in S-mode.
const uboot = "/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf"

// program builds the program once and returns its path.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "reprise")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "reprise")
	out, err := exec.Command("go", "build", "-o", path, "reprise").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// person is somebody at a terminal, in an empty folder, with the program at
// hand.
type person struct {
	*terminal.Terminal
	t   *testing.T
	dir string
}

func newPerson(t *testing.T, width, height int) *person {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() // before the terminal, so that it is removed after it
	p := &person{terminal.New(t, width, height, "PATH="+filepath.Dir(path)+":"+os.Getenv("PATH"), "HOME="+dir, "XDG_STATE_HOME="+dir), t, dir}
	p.Command("cd " + dir)
	return p
}

// guest puts a guest into the folder.
func (p *person) guest(name string, data []byte) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), data, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// typed is what a recording says was typed, without how it came in pieces.
func (p *person) typed(name string) []byte {
	p.t.Helper()
	r, err := recording.Open(filepath.Join(p.dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Close()
	var typed []byte
	if err := eachEvent(r, 0, func(e *recording.Event) error {
		if e.Kind == recording.AsyncCharRead {
			typed = append(typed, e.Data...)
		}
		return nil
	}); err != nil {
		p.t.Fatal(err)
	}
	return typed
}

// printed are the bytes that the guest of keys.elf has printed on the screen.
func printed(screen string) (bytes []string) {
	for line := range strings.Lines(screen) {
		if line = strings.TrimSpace(line); len(line) == 2 {
			bytes = append(bytes, line)
		}
	}
	return bytes
}

// TestKeysReachTheGuest presses every key in the console's input mode and
// compares what the guest got with what xterm sends.
func TestKeysReachTheGuest(t *testing.T) {
	p := newPerson(t, 100, 30)
	p.guest("keys.elf", assets.Keys())
	p.Command("reprise record -o keys.reprise -m 16M --bios keys.elf")
	p.Wait("keys: ready")
	p.Keys("z", "i")
	p.Wait("INPUT")
	var want []byte
	expect := func(sent string) {
		want = append(want, sent...)
		// The guest prints each byte once it has it. A lone ESC must not be
		// joined by the next key.
		lines := strings.Trim(fmt.Sprintf("% x", sent), " ")
		p.Until(fmt.Sprintf("%q", sent), func(screen string) bool {
			return strings.HasSuffix(strings.Join(printed(screen), " "), lines)
		})
	}
	for b := byte(0); b < 0x20; b++ {
		if b != 0x1d { // Ctrl-], the one that leaves
			p.Bytes(b)
			expect(string(rune(b)))
		}
	}
	p.Bytes(0x7f)
	expect("\x7f")
	for _, k := range []struct{ name, sent string }{
		{"Up", "\x1b[A"},
		{"Down", "\x1b[B"},
		{"Right", "\x1b[C"},
		{"Left", "\x1b[D"},
		{"Home", "\x1b[1~"},
		{"End", "\x1b[4~"},
		{"PgUp", "\x1b[5~"},
		{"PgDn", "\x1b[6~"},
		{"IC", "\x1b[2~"},
		{"DC", "\x1b[3~"},
		{"F1", "\x1bOP"},
		{"F2", "\x1bOQ"},
		{"F3", "\x1bOR"},
		{"F4", "\x1bOS"},
		{"F5", "\x1b[15~"},
		{"F6", "\x1b[17~"},
		{"F7", "\x1b[18~"},
		{"F8", "\x1b[19~"},
		{"F9", "\x1b[20~"},
		{"F10", "\x1b[21~"},
		{"F11", "\x1b[23~"},
		{"F12", "\x1b[24~"},
		{"C-Up", "\x1b[1;5A"},
		{"S-Right", "\x1b[1;2C"},
		{"BTab", "\x1b[Z"},
		{"M-a", "\x1ba"},
		{"M-Z", "\x1bZ"},
		{"M-.", "\x1b."},
	} {
		p.Keys(k.name)
		expect(strings.NewReplacer("\x1b[1~", "\x1b[H", "\x1b[4~", "\x1b[F").Replace(k.sent))
	}
	for _, text := range []string{"a", "Z", " ", "é", "日", "🙂"} {
		p.Text(text)
		expect(text)
	}
	p.Text("poweroff")
	p.Keys("Enter")
	p.Wait("the guest has ended its machine")
	p.Keys("q")
	p.Wait("recorded keys.reprise")
	if got := p.typed("keys.reprise"); !bytes.Equal(got, append(want, "poweroff\r"...)) {
		t.Errorf("the guest got\n%q, want\n%q", got, append(want, "poweroff\r"...))
	}
}

// TestPasteReachesTheGuest pastes 64 KiB at U-Boot's prompt.
func TestPasteReachesTheGuest(t *testing.T) {
	if _, err := os.Stat(uboot); err != nil {
		t.Fatal("U-Boot is missing: install the Debian package u-boot-qemu")
	}
	p := newPerson(t, 120, 40)
	p.Command("reprise record -o paste.reprise -m 256M --kernel " + uboot)
	p.Wait("Hit any key")
	p.Keys("i", "Enter")
	p.Wait("=> ")
	var text strings.Builder
	for i := 0; text.Len() < 64<<10; i++ {
		fmt.Fprintf(&text, "setenv x %04d abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 %04d\n", i, i)
	}
	p.Paste(text.String() + "echo all of it\n")
	p.Wait("\nall of it")
	p.Text("poweroff")
	p.Keys("Enter")
	p.Wait("the guest has ended its machine")
	p.Keys("C-]", "q")
	p.Wait("recorded paste.reprise")
	want := strings.ReplaceAll("\n"+text.String()+"echo all of it\npoweroff\n", "\n", "\r")
	if got := p.typed("paste.reprise"); string(got) != want {
		t.Errorf("%d bytes arrived of %d", len(got), len(want))
	}
}

// TestSession records U-Boot in the interface, steps back in the live machine,
// returns, ends it, and replays the recording. The terminal is left as it was.
func TestSession(t *testing.T) {
	p := newPerson(t, 120, 40)
	before := p.Modes()
	p.Command("reprise record -o u.reprise -m 256M --kernel " + uboot)
	p.Wait("Hit any key")
	p.Keys("i", "Enter")
	p.Wait("=> ")
	p.Text("version")
	p.Keys("Enter")
	p.Wait("GNU ld")
	p.Keys("C-]", "p")
	p.Wait("paused")
	p.Keys("S", "S")
	p.Wait("past of live", "L live end")
	p.Keys("i")
	p.Wait("this is history")
	p.Keys("L")
	p.Wait("this is the live end")
	p.Keys("c", "i")
	p.Wait("INPUT", "running")
	p.Text("poweroff")
	p.Keys("Enter")
	p.Wait("the guest has ended its machine")
	p.Keys("q")
	p.Wait("recorded u.reprise")
	p.sameModes(before)

	p.Command("clear; reprise verify u.reprise")
	p.Wait("verified: ")
	p.Command("clear; reprise replay u.reprise")
	p.Wait("step 0 of")
	p.Keys("g")
	p.Text("100%")
	p.Keys("Enter")
	p.Wait("(100.0%)", "poweroff ...")
	p.Keys("S")
	p.Wait("shutdown now")
	p.Keys("q")
	p.WaitForPrompt()
	p.sameModes(before)
}

// TestSignals ends the recorder in the interface by signals: the recording is
// closed and the terminal as it was.
func TestSignals(t *testing.T) {
	for _, name := range []string{"TERM", "HUP", "INT"} {
		t.Run(name, func(t *testing.T) {
			p := newPerson(t, 80, 24)
			before := p.Modes()
			p.guest("keys.elf", assets.Keys())
			p.Command("reprise record -o s.reprise -m 16M --bios keys.elf; echo status $?")
			p.Wait("keys: ready")
			if out, err := exec.Command("pkill", "-"+name, "-f", "^reprise record -o s.reprise").CombinedOutput(); err != nil {
				t.Fatalf("pkill: %v %s", err, out)
			}
			p.Wait("recorded s.reprise", "status 1")
			p.sameModes(before)
			p.Command("clear; reprise info s.reprise")
			p.Wait("complete", "host_signal")
		})
	}
}

// TestStartScreen goes from the start screen into the demo and back.
func TestStartScreen(t *testing.T) {
	p := newPerson(t, 80, 24)
	before := p.Modes()
	p.Command("reprise")
	p.Wait("Demo", "Record something new", "no recordings yet")
	p.Keys("Enter")
	p.Wait("replay  demo")
	p.Keys("q")
	p.Wait("Record something new")
	p.Keys("Down", "Enter")
	p.Wait("reprise record")
	p.Text("--bios nothing.elf")
	p.Keys("Enter")
	p.Wait("nothing.elf: no such file")
	p.Keys("q")
	p.WaitForPrompt()
	p.sameModes(before)
}

// sameModes waits until the terminal is as it was: the prompt is seen again when
// the alternate screen is left, which is a moment before the line's settings are
// restored.
func (p *person) sameModes(before string) {
	p.t.Helper()
	p.Until("the terminal as it was:\n"+before+"\n", func(string) bool { return p.Modes() == before })
}
