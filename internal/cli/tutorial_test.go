package cli

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"reprise/internal/testing/guests"
)

// TestTutorialInInterface does what docs/tutorial.md says to type into the
// interface's command line, as monitor commands of gdb's.
func TestTutorialInInterface(t *testing.T) {
	gdb := attach(t, "../../assets/demo.reprise", "../../assets/elf/demo.elf")
	gdb.ask("monitor c") // the reader has pressed c
	follow(t, "monitor", func(command string) string { return gdb.ask("monitor " + strings.TrimPrefix(command, ":")) })
	if where := gdb.ask("monitor print $pc"); !strings.Contains(where, "<checksum+") {
		t.Errorf("the interrupt came in %q, not in checksum", where)
	}
}

// TestTutorialInGDB does what docs/tutorial.md says to type into gdb.
func TestTutorialInGDB(t *testing.T) {
	gdb := attach(t, "../../assets/demo.reprise", "../../assets/elf/demo.elf")
	follow(t, "gdb", func(command string) string { return gdb.ask(strings.TrimPrefix(command, gdbPrompt)) })
}

// TestTutorialHunt does what docs/tutorial.md says to type into a shell, and into
// the monitor of the programs that it starts.
func TestTutorialHunt(t *testing.T) {
	text, err := os.ReadFile("../../docs/tutorial.md")
	if err != nil {
		t.Fatal(err)
	}
	assets, err := filepath.Abs("../../assets")
	if err != nil {
		t.Fatal(err)
	}
	dir, calls := t.TempDir(), 0
	if err := os.Symlink(assets, filepath.Join(dir, "assets")); err != nil {
		t.Fatal(err)
	}
	for _, block := range shellLessons.FindAllStringSubmatch(string(text), -1) {
		var call, typed string
		var shown []string
		for line := range strings.Lines(block[1]) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				call = command
				continue
			}
			if command, ok := strings.CutPrefix(line, monitorPrompt); ok {
				typed += command
				continue
			}
			shown = append(shown, line)
		}
		calls++
		cmd := exec.CommandContext(t.Context(), "bash", "-c", call)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(typed)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s%v\n%s", call, err, out)
		}
		answer := numbers.ReplaceAllString(string(out), "N")
		for _, line := range shown {
			_, rest, found := strings.Cut(answer, numbers.ReplaceAllString(line, "N"))
			if !found {
				t.Fatalf("%q is not in the answer to %s%s", line, call, out)
			}
			answer = rest
		}
	}
	if calls < 2 {
		t.Errorf("the tutorial has %d calls", calls)
	}
}

// follow carries out the commands in the tutorial's blocks of a language. What
// the tutorial shows of an answer must be in the answer, but for the numbers of
// steps, which are those of one recording.
func follow(t *testing.T, language string, ask func(command string) (answer string)) {
	t.Helper()
	text, err := os.ReadFile("../../docs/tutorial.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, block := range lessons.FindAllStringSubmatch(string(text), -1) {
		if block[1] != language {
			continue
		}
		var answer string
		for line := range strings.Lines(block[2]) {
			if strings.HasPrefix(line, ":") || strings.HasPrefix(line, gdbPrompt) {
				commands++
				answer = steps.ReplaceAllString(ask(strings.TrimSpace(line)), "step N")
				continue
			}
			_, rest, found := strings.Cut(answer, steps.ReplaceAllString(line, "step N"))
			if !found {
				t.Fatalf("%q is not in the answer:\n%s", line, answer)
			}
			answer = rest
		}
	}
	if commands < 5 {
		t.Errorf("the tutorial has %d commands for %s", commands, language)
	}
}

var (
	lessons = regexp.MustCompile("(?ms)^```(monitor|gdb)\n(.*?)^```$")
	steps   = regexp.MustCompile(`step [0-9,]+`)

	shellLessons = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")
	numbers      = regexp.MustCompile(`(step|run) [0-9,]+|[0-9,]+ steps|--to [0-9]+`)
)

// debugger is a gdb that one talks to.
type debugger struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
}

const gdbPrompt = "(gdb) "

// attach starts a replay without interface, and a gdb on it.
func attach(t *testing.T, recording, program string) *debugger {
	t.Helper()
	replay := exec.Command(os.Args[0], "replay", "--no-tui", "--gdb", "tcp:127.0.0.1:0", "-S", recording)
	replay.Args[0] = "reprise"
	notices, err := replay.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	spawn(t, replay)
	line, err := bufio.NewReader(notices).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_, address, found := strings.Cut(strings.TrimSpace(line), "target remote ")
	if !found {
		t.Fatalf("the replay says %q", line)
	}
	d := &debugger{t: t}
	gdb := exec.Command(guests.GDB(t), "-nx", "-q", "-iex", "set width 0", "-iex", "set height 0", "-iex", "set confirm off", program)
	var in io.WriteCloser
	if in, err = gdb.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := gdb.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	gdb.Stderr = gdb.Stdout
	d.in, d.out = in, bufio.NewReader(out)
	spawn(t, gdb)
	d.read()
	d.ask("target remote " + address)
	return d
}

// spawn starts a program and ends it with the test.
func spawn(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
}

// ask types a command and returns the answer.
func (d *debugger) ask(command string) string {
	d.t.Helper()
	if _, err := io.WriteString(d.in, command+"\n"); err != nil {
		d.t.Fatalf("%s: %v", command, err)
	}
	return d.read()
}

// read reads up to the next prompt.
func (d *debugger) read() string {
	d.t.Helper()
	var answer bytes.Buffer
	for !bytes.HasSuffix(answer.Bytes(), []byte(gdbPrompt)) {
		b, err := d.out.ReadByte()
		if err != nil {
			d.t.Fatalf("gdb: %v\n%s", err, answer.Bytes())
		}
		answer.WriteByte(b)
	}
	return strings.TrimSuffix(answer.String(), gdbPrompt)
}
