package cli

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"reprise/chardev"
	"reprise/internal/testing/guests"
)

// fragile is a backend with a bug: it panics at the nth piece of output.
type fragile struct {
	chardev.Backend
	left int
}

func (f *fragile) Write(p []byte) int {
	if f.left--; f.left == 0 {
		panic("planted")
	}
	return f.Backend.Write(p)
}

// mainWithBug is the program with such a backend.
func mainWithBug() int {
	return mainWith(func(b chardev.Backend) chardev.Backend { return &fragile{b, 30} })
}

// mainWith is the program with backends that are changed.
func mainWith(change func(chardev.Backend) chardev.Backend) int {
	newBackend = func(spec chardev.Spec, o chardev.Options) (chardev.Backend, error) {
		b, err := chardev.New(spec, o)
		return change(b), err
	}
	return Main()
}

// careless is a backend with a bug on a goroutine of its own: it panics at the
// first input. If it is stuck, it cannot be closed after that.
type careless struct {
	chardev.Backend
	stuck bool
}

func (c *careless) Start(sink chardev.Sink) error { return c.Backend.Start(carelessSink{sink}) }

func (c *careless) Close() error {
	if c.stuck {
		select {}
	}
	return c.Backend.Close()
}

// carelessSink is what it hands its input to.
type carelessSink struct{ chardev.Sink }

func (carelessSink) Receive([]byte) error { panic("planted") }

// mainWithBugBeside is the program with such a backend.
func mainWithBugBeside() int {
	return mainWith(func(b chardev.Backend) chardev.Backend { return &careless{b, false} })
}

// mainStuck is the program with one that is stuck as well.
func mainStuck() int {
	bugPatience = 100 * time.Millisecond
	return mainWith(func(b chardev.Backend) chardev.Backend { return &careless{b, true} })
}

// onTerminal is a command that runs on a terminal of its own.
type onTerminal struct {
	t        *testing.T
	cmd      *exec.Cmd
	keyboard *os.File // what a person types into and looks at
	tty      *os.File // the terminal as the command has it
	before   *term.State
	shown    bytes.Buffer
}

// startOnTerminal runs a command on a new terminal.
func startOnTerminal(t *testing.T, command ...string) *onTerminal {
	t.Helper()
	keyboard, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	o := &onTerminal{t: t, cmd: exec.CommandContext(t.Context(), command[0], command[1:]...), keyboard: keyboard, tty: tty}
	if o.before, err = term.GetState(int(tty.Fd())); err != nil {
		t.Fatal(err)
	}
	o.cmd.Stdin, o.cmd.Stdout, o.cmd.Stderr = tty, tty, tty
	o.cmd.Env = append(os.Environ(), "TERM=xterm-256color") // which does not answer questions, though
	o.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := o.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = o.cmd.Process.Kill() // it has ended, if all is well
		_ = keyboard.Close()
		_ = tty.Close()
	})
	return o
}

// waitFor reads until the terminal shows a text.
func (o *onTerminal) waitFor(text string) {
	o.t.Helper()
	p := make([]byte, 4096)
	for !strings.Contains(o.shown.String(), text) {
		n, err := o.keyboard.Read(p)
		if err != nil {
			o.t.Fatalf("waiting for %q: %v after %q", text, err, o.shown.String())
		}
		o.shown.Write(p[:n])
	}
}

// sane reports whether the terminal is as it was before the command.
func (o *onTerminal) sane() bool {
	o.t.Helper()
	now, err := term.GetState(int(o.tty.Fd()))
	if err != nil {
		o.t.Fatal(err)
	}
	return *now == *o.before
}

// wantEnd waits for the command's end and compares its status. The terminal has
// to be sane then.
func (o *onTerminal) wantEnd(status Status) {
	o.t.Helper()
	_ = o.cmd.Wait() // the status says it
	if got := o.cmd.ProcessState.ExitCode(); got != int(status) {
		o.t.Errorf("exit status %d, want %d; the terminal shows %q", got, status, o.shown.String())
	}
	if !o.sane() {
		o.t.Error("the terminal is not what it was")
	}
}

// TestTerminalIsSaneAfterwards ends a recorder in several ways. Its recording is
// closed, and the terminal is what it was.
func TestTerminalIsSaneAfterwards(t *testing.T) {
	for name, test := range map[string]struct {
		program string
		end     func(o *onTerminal)
		status  Status
		says    string
	}{
		"guest powers off": {"reprise", func(o *onTerminal) {
			o.write("\x03poweroff\r") // what Ctrl-C sends is the guest's
			o.waitFor("03")
		}, Success, "to replay it: "},
		"SIGTERM": {"reprise", func(o *onTerminal) { o.signal(syscall.SIGTERM) }, 128 + Status(syscall.SIGTERM), "signal terminated"},
		"SIGHUP":  {"reprise", func(o *onTerminal) { o.signal(syscall.SIGHUP) }, 128 + Status(syscall.SIGHUP), "signal hangup"},
		"SIGINT":  {"reprise", func(o *onTerminal) { o.signal(syscall.SIGINT) }, 128 + Status(syscall.SIGINT), "signal interrupt"},
		"a bug": {"reprise-with-bug", func(o *onTerminal) {
			o.write("aaaaaaaaaaaaaaaa")
		}, HostFailure, "a bug of reprise: planted"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "t.reprise")
			o := startOnTerminal(t, test.program, "record", "--no-tui", "-o", path, "-m", "16M", "--bios", guests.Keys(t))
			o.waitFor("keys: ready")
			if o.sane() {
				t.Error("the terminal is not raw while the guest has it")
			}
			test.end(o)
			o.waitFor(test.says)
			o.drain()
			o.wantEnd(test.status)
			wantWhole(t, path)
		})
	}
}

// TestTerminalIsSaneAfterBugBeside meets a bug on a backend's goroutine: the
// recording is closed and the terminal sane, also if the backend cannot be closed
// any more.
func TestTerminalIsSaneAfterBugBeside(t *testing.T) {
	for _, program := range []string{"reprise-with-bug-beside", "reprise-stuck"} {
		path := filepath.Join(t.TempDir(), "t.reprise")
		o := startOnTerminal(t, program, "record", "--no-tui", "-o", path, "-m", "16M", "--bios", guests.Keys(t))
		o.waitFor("keys: ready")
		o.write("a")
		o.waitFor("a bug of reprise: planted")
		o.waitFor("carelessSink")
		o.drain()
		o.wantEnd(HostFailure)
		wantWhole(t, path)
		if said := strings.Contains(o.shown.String(), "recorded "); said != (program == "reprise-with-bug-beside") {
			t.Errorf("%s says %q", program, o.shown.String())
		}
	}
}

// TestTerminalIsNotAsked runs a command that only prints: no question about the
// terminal's colours is among what it writes.
func TestTerminalIsNotAsked(t *testing.T) {
	o := startOnTerminal(t, "reprise", "version")
	o.waitFor("recording format")
	o.drain()
	o.wantEnd(Success)
	if strings.Contains(o.shown.String(), "\x1b") {
		t.Errorf("the terminal was asked: %q", o.shown.String())
	}
}

// TestClosedTerminal closes the window in which a recorder runs.
func TestClosedTerminal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.reprise")
	o := startOnTerminal(t, "reprise", "record", "--no-tui", "-o", path, "-m", "16M", "--bios", guests.Idle(t))
	o.waitFor("idle: ready")
	if err := o.keyboard.Close(); err != nil {
		t.Fatal(err)
	}
	_ = o.cmd.Wait() // the status says it
	if got := o.cmd.ProcessState.ExitCode(); got != 128+int(syscall.SIGHUP) {
		t.Errorf("exit status %d", got)
	}
	wantWhole(t, path)
}

// wantWhole holds a recording to be closed, and right.
func wantWhole(t *testing.T, path string) {
	t.Helper()
	if verdict := reprise(t, "verify", path); !strings.HasPrefix(verdict, "verified: ") {
		t.Error(verdict)
	}
}

// write types.
func (o *onTerminal) write(text string) {
	o.t.Helper()
	if _, err := io.WriteString(o.keyboard, text); err != nil {
		o.t.Fatal(err)
	}
}

func (o *onTerminal) signal(sig syscall.Signal) {
	o.t.Helper()
	if err := o.cmd.Process.Signal(sig); err != nil {
		o.t.Fatal(err)
	}
}

// drain reads on in the background, so that the command can write all it has.
func (o *onTerminal) drain() {
	go func() { _, _ = io.Copy(io.Discard, o.keyboard) }() // ends when it is closed
}
