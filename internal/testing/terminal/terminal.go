package terminal

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Terminal is a shell in a tmux window. Its methods fail the test if tmux does.
type Terminal struct {
	t      *testing.T
	socket string
}

// patience is how long a text may take to appear, on a machine that is busy.
const patience = 2 * time.Minute

// New starts a shell in a terminal of the given size. Its environment is the
// test's, with more of the form NAME=VALUE.
func New(t *testing.T, width, height int, environment ...string) *Terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Fatal("tmux is missing: install the Debian package tmux")
	}
	dir, err := os.MkdirTemp("", "tty") // t.TempDir would be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	term := &Terminal{t: t, socket: filepath.Join(dir, "tmux")}
	t.Cleanup(func() {
		_, _ = term.run("", "kill-server") // it may have gone with its program
		_ = os.RemoveAll(dir)
	})
	args := []string{"-u", "-f", os.DevNull, "new-session", "-d", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height)}
	for _, variable := range append([]string{"LC_ALL=C.UTF-8"}, environment...) {
		args = append(args, "-e", variable)
	}
	term.must(append(args, "exec env -u TMUX -u TMUX_PANE HISTFILE= 'PS1="+Prompt+" ' bash --noprofile --norc --noediting", ";", "set-option", "-g", "status", "off")...)
	term.Wait(Prompt)
	return term
}

// Prompt is what the shell shows when it waits for a command.
const Prompt = "ready>"

// WaitForPrompt waits until the shell wants its next command.
func (term *Terminal) WaitForPrompt() {
	term.t.Helper()
	term.Until("the prompt", func(screen string) bool { return strings.HasSuffix(strings.TrimSpace(screen), Prompt) })
}

// run has tmux do a command.
func (term *Terminal) run(input string, args ...string) (string, error) {
	cmd := exec.Command("tmux", append([]string{"-S", term.socket}, args...)...)
	cmd.Stdin = strings.NewReader(input)
	cmd.Env = append(os.Environ(), "TMUX=", "TERM=xterm")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("tmux %s: %w: %s", strings.Join(args, " "), err, exit.Stderr)
	}
	return string(out), err
}

func (term *Terminal) must(args ...string) string {
	term.t.Helper()
	out, err := term.run("", args...)
	if err != nil {
		term.t.Fatal(err)
	}
	return out
}

// Command types a line for the shell.
func (term *Terminal) Command(line string) {
	term.t.Helper()
	term.Text(line)
	term.Keys("Enter")
}

// Keys presses keys by tmux's names, such as Enter, C-], M-a or F5.
func (term *Terminal) Keys(names ...string) {
	term.t.Helper()
	term.must(append([]string{"send-keys", "--"}, names...)...)
}

// Text types characters.
func (term *Terminal) Text(text string) {
	term.t.Helper()
	term.must("send-keys", "-l", "--", text)
}

// Bytes sends bytes as the keyboard would.
func (term *Terminal) Bytes(p ...byte) {
	term.t.Helper()
	args := []string{"send-keys", "-H"}
	for _, b := range p {
		args = append(args, fmt.Sprintf("%02x", b))
	}
	term.must(args...)
}

// Paste pastes a text, bracketed if the program has asked for that.
func (term *Terminal) Paste(text string) {
	term.t.Helper()
	if _, err := term.run(text, "load-buffer", "-"); err != nil {
		term.t.Fatal(err)
	}
	term.must("paste-buffer", "-p")
}

// Screen is what the terminal shows.
func (term *Terminal) Screen() string {
	term.t.Helper()
	return term.must("capture-pane", "-p")
}

// Wait waits until the screen shows all of the texts, and returns it.
func (term *Terminal) Wait(texts ...string) string {
	term.t.Helper()
	return term.Until(strings.Join(texts, " and "), func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	})
}

// Until waits until the screen is what the caller wants, which is named for the
// message that says it never came, and returns it.
func (term *Terminal) Until(what string, ok func(screen string) bool) string {
	term.t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); <-look.C {
		if screen := term.Screen(); ok(screen) {
			return screen
		}
	}
	term.t.Fatalf("%s never came:\n%s", what, term.Screen())
	return ""
}

// Modes are the settings of the terminal's line and what the program has
// switched on in the terminal: alternate screen, mouse, cursor, keypad.
func (term *Terminal) Modes() string {
	term.t.Helper()
	tty := strings.TrimSpace(term.must("display-message", "-p", "#{pane_tty}"))
	line, err := exec.Command("stty", "-F", tty, "-a").Output()
	if err != nil {
		term.t.Fatal(err)
	}
	return string(line) + term.must("display-message", "-p",
		"alternate #{alternate_on} mouse #{mouse_any_flag} sgr #{mouse_sgr_flag} cursor #{cursor_flag} keypad #{keypad_flag} arrows #{keypad_cursor_flag}")
}
