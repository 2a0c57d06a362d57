package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/creack/pty"

	"reprise/internal/term"
)

// How much is typed, and at what pace: some 10 keys a second, as a fast typist
// has it.
const (
	typedRows = 10
	typedKeys = 20 // in a row
	leastWait = 50 * time.Millisecond
	mostWait  = 150 * time.Millisecond
)

// typing measures how long a key that is typed to the guest in the interface takes
// to be on the screen: through the terminal, the interface, the log and the guest's
// shell, which echoes it, and back.
func (b *bench) typing(g *guest) error {
	if g.shell == nil {
		return nil
	}
	b.say("%s: typing", g.name)
	cmd := exec.Command(b.reprise, slices.Concat([]string{"record", "--force", "-o", filepath.Join(b.dir, "typed.reprise")}, g.shell)...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "XDG_STATE_HOME="+b.dir)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: screenWidth, Rows: screenHeight})
	if err != nil {
		return err
	}
	defer func() {
		_ = cmd.Process.Kill() // its recording is of no use
		_ = cmd.Wait()
		_ = tty.Close()
	}()
	p := &typist{tty: tty, output: make(chan []byte, 64), screen: term.New(screenWidth, screenHeight, 0)}
	go p.read()
	times, err := p.work(g.prompt)
	if err != nil {
		return err
	}
	t := table{{"typing in the interface", "n", "p50", "p99"}}
	t.addPercentiles("key to screen", times)
	t.write(b.out)
	return nil
}

// typist is somebody at a terminal.
type typist struct {
	tty    io.ReadWriter
	output chan []byte // closed at the end
	screen *term.Screen
}

// read passes on what the program writes.
func (p *typist) read() {
	defer close(p.output)
	for {
		buf := make([]byte, 64<<10)
		n, err := p.tty.Read(buf)
		if err != nil {
			return
		}
		p.output <- buf[:n]
	}
}

// work types letters at the guest's prompt, and returns what each took.
func (p *typist) work(prompt string) (times []time.Duration, err error) {
	if _, err := p.press("", prompt); err != nil {
		return nil, err
	}
	// The console as large as it gets, and its input mode.
	if _, err := p.press("zi", "INPUT"); err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(seedOfTravel, 0))
	for range typedRows {
		line := ""
		for range typedKeys {
			key := string(rune('a' + random.IntN(26)))
			line += key
			if err := p.pass(leastWait + time.Duration(random.Int64N(int64(mostWait-leastWait)))); err != nil {
				return nil, err
			}
			took, err := p.press(key, prompt+line)
			if err != nil {
				return nil, err
			}
			times = append(times, took)
		}
		if _, err := p.press("\x03", "^C"); err != nil {
			return nil, err
		}
		if _, err := p.pressUntil("clear\r", func(screen string) bool { return !strings.Contains(screen, line) }, "an empty screen"); err != nil {
			return nil, err
		}
	}
	return times, nil
}

// press types keys and waits until the screen shows a text.
func (p *typist) press(keys, text string) (time.Duration, error) {
	return p.pressUntil(keys, func(screen string) bool { return strings.Contains(screen, text) }, text)
}

// pressUntil types keys and waits until the screen is as wanted.
func (p *typist) pressUntil(keys string, wanted func(screen string) bool, what string) (time.Duration, error) {
	begin := time.Now()
	if _, err := io.WriteString(p.tty, keys); err != nil {
		return 0, err
	}
	timeout := time.After(time.Minute)
	for !wanted(p.text()) {
		select {
		case out, ok := <-p.output:
			if !ok {
				return 0, fmt.Errorf("the program ended before it showed %q:\n%s", what, p.text())
			}
			p.screen.Write(0, out)
		case <-timeout:
			return 0, fmt.Errorf("%q was not shown after a minute:\n%s", what, p.text())
		}
	}
	return time.Since(begin), nil
}

// pass lets time pass while the screen is kept up to date.
func (p *typist) pass(d time.Duration) error {
	for over := time.After(d); ; {
		select {
		case out, ok := <-p.output:
			if !ok {
				return fmt.Errorf("the program ended:\n%s", p.text())
			}
			p.screen.Write(0, out)
		case <-over:
			return nil
		}
	}
}

// text is what the screen shows.
func (p *typist) text() string {
	return p.screen.TextBetween(0, 0, screenWidth, screenHeight-1)
}
