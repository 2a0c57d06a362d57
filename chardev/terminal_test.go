//go:build unix

package chardev

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// helper is the variable that makes the test binary a program with a stdio
// backend, of the spec that it holds.
const helper = "CHARDEV_TEST_STDIO"

func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv(helper); ok {
		os.Exit(stdioProgram(text))
	}
	os.Exit(m.Run())
}

// echo is a sink that answers each byte in hexadecimal on standard error, and
// ends the program at q or at the event it waits for.
type echo struct {
	quit  func()
	until EventKind
}

func (e *echo) Receive(p []byte) error {
	for _, c := range p {
		fmt.Fprintf(os.Stderr, "<%02x>\n", c)
		if c == 'q' {
			e.quit()
		}
	}
	return nil
}

func (e *echo) Ready() {}

func (e *echo) Event(ev Event) {
	fmt.Fprintln(os.Stderr, ev)
	if ev.Kind == e.until {
		e.quit()
	}
}

func stdioProgram(text string) int {
	spec, err := ParseSpec(text)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	quit := make(chan struct{})
	b := newStdio(spec, Options{})
	if err := b.Start(&echo{quit: sync.OnceFunc(func() { close(quit) }), until: Gone}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	b.Write([]byte("hello\n"))
	<-quit
	_ = b.Close()
	fmt.Fprintln(os.Stderr, "closed")
	return 0
}

// program is the test binary with a stdio backend.
func program(t *testing.T, spec string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), helper+"="+spec)
	return cmd
}

// openTerminal is a new terminal; the test closes both sides.
func openTerminal(t *testing.T) (keyboard, tty *os.File) {
	t.Helper()
	keyboard, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = keyboard.Close(), tty.Close() })
	return keyboard, tty
}

func modesOf(t *testing.T, tty *os.File) modes {
	t.Helper()
	m, err := getModes(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	return *m
}

func TestStdioRawMode(t *testing.T) {
	for _, signal := range []bool{false, true} {
		keyboard, tty := openTerminal(t)
		before := modesOf(t, tty)
		sink := newRecorder()
		b := start(t, Spec{Kind: Stdio, Signal: signal}, Options{Stdin: tty, Stdout: tty}, sink)

		now := modesOf(t, tty)
		if now.Lflag&(unix.ICANON|unix.ECHO|unix.IEXTEN) != 0 || now.Iflag&(unix.ICRNL|unix.IXON) != 0 {
			t.Errorf("signal=%v: the terminal is not raw: %+v", signal, now)
		}
		if now.Oflag&unix.OPOST == 0 {
			t.Errorf("signal=%v: output is raw too, so that lines would be staircases", signal)
		}
		if (now.Lflag&unix.ISIG != 0) != signal {
			t.Errorf("signal=%v: ISIG is %v", signal, now.Lflag&unix.ISIG != 0)
		}

		var keys []byte
		for c := range 256 {
			if isSignal := c == 0x03 || c == 0x1c || c == 0x1a; !signal || !isSignal {
				keys = append(keys, byte(c))
			}
		}
		if _, err := keyboard.Write(keys); err != nil {
			t.Fatal(err)
		}
		sink.waitInput(t, string(keys))

		b.Write([]byte("a\n"))
		expect(t, keyboard, "a\r\n")
		mustClose(t, b)
		if after := modesOf(t, tty); after != before {
			t.Errorf("signal=%v: after Close the modes are %+v, before Start %+v", signal, after, before)
		}
	}
}

// A second Close, as from a panic handler, does nothing to the terminal.
func TestStdioCloseTwice(t *testing.T) {
	_, tty := openTerminal(t)
	before := modesOf(t, tty)
	b := start(t, Spec{Kind: Stdio}, Options{Stdin: tty, Stdout: tty}, newRecorder())
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
			mustClose(t, b)
		}()
		defer mustClose(t, b)
		panic("as the program may")
	}()
	other := before
	other.Lflag ^= unix.ECHO
	if err := setModes(int(tty.Fd()), other); err != nil {
		t.Fatal(err)
	}
	mustClose(t, b)
	if after := modesOf(t, tty); after != other {
		t.Errorf("Close changed the modes again: %+v, want %+v", after, other)
	}
}

// The modes come back before the output is sent, which may fail or hang.
func TestStdioRestoresTerminalFirst(t *testing.T) {
	_, tty := openTerminal(t)
	before := modesOf(t, tty)
	h := &host{turns: make(chan struct{})}
	b := start(t, Spec{Kind: Stdio}, Options{Stdin: tty, Stdout: h}, newRecorder())
	b.Write([]byte("stuck"))
	closed := make(chan error, 1)
	go func() { closed <- b.Close() }()
	waitModes(t, tty, before)
	mustClose(t, b) // does not wait for the first
	h.turns <- struct{}{}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// waitModes waits until the terminal has the modes.
func waitModes(t *testing.T, tty *os.File, want modes) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for modesOf(t, tty) != want {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the modes are %+v, want %+v", modesOf(t, tty), want)
		}
	}
}

// A shell changes the modes while the process is stopped.
func TestStdioIsRawAgainAfterStop(t *testing.T) {
	_, tty := openTerminal(t)
	before := modesOf(t, tty)
	b := start(t, Spec{Kind: Stdio, Signal: true}, Options{Stdin: tty, Stdout: tty}, newRecorder())
	raw := modesOf(t, tty)
	if err := setModes(int(tty.Fd()), before); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	waitModes(t, tty, raw)
	mustClose(t, b)
	if after := modesOf(t, tty); after != before {
		t.Errorf("after Close the modes are %+v, before Start %+v", after, before)
	}
}

// A signal that is handled late does not undo the restoring.
func TestTerminalStaysRestored(t *testing.T) {
	_, tty := openTerminal(t)
	before := modesOf(t, tty)
	term := terminalOf(tty)
	for _, change := range []func() error{
		func() error { return term.raw(false) },
		term.restore,
		func() error { return term.raw(false) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
	}
	if after := modesOf(t, tty); after != before {
		t.Errorf("the modes are %+v, want %+v", after, before)
	}
}

func TestStdioTerminalThatHangsUp(t *testing.T) {
	keyboard, tty := openTerminal(t)
	sink := newRecorder()
	b := start(t, Spec{Kind: Stdio}, Options{Stdin: tty, Stdout: io.Discard}, sink)
	if err := keyboard.Close(); err != nil {
		t.Fatal(err)
	}
	sink.waitEvent(t, EndOfInput, 1)
	within(t, "Close", func() { _ = b.Close() }) // the terminal has no modes any more
}

// session runs the program on a terminal of its own and types key, once the
// program is ready. It returns what the program showed and how it ended.
func session(t *testing.T, spec, key string) (screen string, ended error) {
	t.Helper()
	cmd := program(t, spec)
	keyboard, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = keyboard.Close() }()
	var shown strings.Builder
	lines := bufio.NewScanner(keyboard)
	for lines.Scan() {
		fmt.Fprintln(&shown, strings.TrimRight(lines.Text(), "\r"))
		if strings.HasPrefix(lines.Text(), "hello") {
			if _, err := keyboard.WriteString(key); err != nil {
				t.Fatal(err)
			}
		}
	}
	return shown.String(), cmd.Wait()
}

func TestCtrlC(t *testing.T) {
	screen, err := session(t, "stdio", "\x03")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
		t.Errorf("with signal=on Ctrl-C ended the program with %v, want SIGINT; it showed:\n%s", err, screen)
	}
	for _, spec := range []string{"stdio,signal=off", "mon:stdio"} {
		screen, err := session(t, spec, "\x03\x1c\x1a\x11\x13q")
		if err != nil || !strings.Contains(screen, "<03>\n<1c>\n<1a>\n<11>\n<13>\n<71>\n") || !strings.Contains(screen, "closed") {
			t.Errorf("%s: the program ended with %v, and showed:\n%s", spec, err, screen)
		}
	}
}

// Standard output that nobody reads any more is an event, not the end.
func TestStdioSurvivesBrokenPipe(t *testing.T) {
	r, w := pipe(t)
	idle, _ := pipe(t)
	cmd := program(t, "stdio")
	var said strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = idle, w, &said
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Run(); err != nil {
		t.Errorf("the program ended with %v, and said:\n%s", err, said.String())
	}
	if !strings.Contains(said.String(), "stdio: gone: ") || !strings.Contains(said.String(), "closed\n") {
		t.Errorf("the program said:\n%s", said.String())
	}
}
