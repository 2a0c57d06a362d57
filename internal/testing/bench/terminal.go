package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/creack/pty"

	"reprise/internal/testing/large"
)

// How the interface is measured.
const (
	firstFrames  = 7
	keyPresses   = 40
	idleTime     = 5 * time.Second
	quietTime    = 300 * time.Millisecond // without output: the screen is drawn
	screenWidth  = 120
	screenHeight = 40
)

// interfaceName chooses this part among the guests.
const interfaceName = "interface"

// measureInterface opens a recording of a gigabyte in the interface, on a
// terminal of its own, and uses it as a person would.
func (b *bench) measureInterface() error {
	fmt.Fprintf(b.out, "\n## Interface\n\n`reprise replay` of a recording of a gigabyte (internal/testing/large: 52 million events, 50 MiB of console text),\n"+
		"on a terminal of %dx%d. The search goes back over all of it.\n", screenWidth, screenHeight)
	path := filepath.Join(b.dir, "large.reprise")
	b.say("%s: recording", interfaceName)
	if err := large.Record(path, large.Full); err != nil {
		return err
	}
	defer func() { _ = os.Remove(path) }()
	t := table{{interfaceName, "n", "p50", "p99"}}
	var frames []time.Duration
	for range firstFrames {
		b.say("%s: first frame", interfaceName)
		s, took, err := b.openInterface(path)
		if err != nil {
			return err
		}
		s.leave()
		frames = append(frames, took)
	}
	t.addPercentiles("from the start of the process to the first frame", frames)
	s, _, err := b.openInterface(path)
	if err == nil {
		err = s.measure(b, &t)
		s.leave()
	}
	t.write(b.out)
	return err
}

// addPercentiles adds a row of a table without further columns.
func (t *table) addPercentiles(name string, times []time.Duration) {
	t.add(name, strconv.Itoa(len(times)), milliseconds(percentile(times, 50)), milliseconds(percentile(times, 99)))
}

// screen is a terminal with the program on it.
type screen struct {
	cmd    *exec.Cmd
	master *os.File

	mu    sync.Mutex
	wrote bytes.Buffer // since the last key
	total int64
	last  time.Time // of the last output
}

// openInterface starts the program and waits for the first frame.
func (b *bench) openInterface(path string) (*screen, time.Duration, error) {
	s := &screen{cmd: exec.Command(b.reprise, "replay", path)}
	s.cmd.Env = append(os.Environ(), "TERM=screen-256color", "XDG_STATE_HOME="+b.dir, "XDG_CONFIG_HOME="+b.dir)
	begin := time.Now()
	var err error
	if s.master, err = pty.StartWithSize(s.cmd, &pty.Winsize{Rows: screenHeight, Cols: screenWidth}); err != nil {
		return nil, 0, err
	}
	go s.read()
	took, err := s.until("char_read_all", begin)
	if err != nil {
		s.leave()
	}
	return s, took, err
}

// read takes what the program draws.
func (s *screen) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := s.master.Read(buf)
		s.mu.Lock()
		s.wrote.Write(buf[:n])
		s.total += int64(n)
		s.last = time.Now()
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// until waits for a text and tells how long after begin it was there.
func (s *screen) until(text string, begin time.Time) (time.Duration, error) {
	for time.Since(begin) < time.Minute {
		s.mu.Lock()
		found, at := bytes.Contains(s.wrote.Bytes(), []byte(text)), s.last
		s.mu.Unlock()
		if found {
			return at.Sub(begin), nil
		}
		time.Sleep(200 * time.Microsecond)
	}
	return 0, fmt.Errorf("%q was never drawn", text)
}

// quiet waits until nothing more is drawn, and tells how much was since the last
// key and when it began.
func (s *screen) quiet() (drawn int) {
	for {
		s.mu.Lock()
		since, n := time.Since(s.last), s.wrote.Len()
		s.mu.Unlock()
		if since > quietTime {
			return n
		}
		time.Sleep(quietTime / 10)
	}
}

// press types keys.
func (s *screen) press(keys string) (time.Time, error) {
	s.mu.Lock()
	s.wrote.Reset()
	s.last = time.Now()
	s.mu.Unlock()
	_, err := s.master.WriteString(keys)
	return time.Now(), err
}

// measure uses the interface.
func (s *screen) measure(b *bench, t *table) error {
	b.say("%s: keys", interfaceName)
	s.quiet() // the time bar is counted behind the first frame
	var times []time.Duration
	var drawn []time.Duration // bytes, in the type that percentile takes
	for i := range keyPresses {
		begin, err := s.press("s")
		if err != nil {
			return err
		}
		took, err := s.until(fmt.Sprintf("%d here", i+1), begin)
		if err != nil {
			return err
		}
		times = append(times, took)
		drawn = append(drawn, time.Duration(s.quiet()))
	}
	t.addPercentiles("a step, to its frame", times)
	t.add("a step, bytes to the terminal", strconv.Itoa(len(drawn)), strconv.Itoa(int(percentile(drawn, 50))), strconv.Itoa(int(percentile(drawn, 99))))
	if err := s.measureIdle(t); err != nil {
		return err
	}
	return s.measureSearch(b, t)
}

// measureIdle looks at what the program does while nobody does anything.
func (s *screen) measureIdle(t *table) error {
	before, err := processorTime(s.cmd.Process.Pid)
	if errors.Is(err, os.ErrNotExist) {
		return nil // only Linux tells
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	total := s.total
	s.mu.Unlock()
	time.Sleep(idleTime)
	after, err := processorTime(s.cmd.Process.Pid)
	if err != nil {
		return err
	}
	s.mu.Lock()
	total = s.total - total
	s.mu.Unlock()
	t.add("idle: share of a core, bytes to the terminal", "1", fmt.Sprintf("%.1f%%, %d", 100*(after-before).Seconds()/idleTime.Seconds(), total), "")
	return nil
}

// processorTime is the time that a process has had on processors.
func processorTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	const user, system, tick = 11, 12, 10 * time.Millisecond
	var sum time.Duration
	for _, i := range []int{user, system} {
		n, err := strconv.Atoi(fields[i])
		if err != nil {
			return 0, err
		}
		sum += time.Duration(n) * tick
	}
	return sum, nil
}

// measureSearch goes back from the end to a place that there is not, and looks
// how soon keys are answered meanwhile: the help comes and goes.
func (s *screen) measureSearch(b *bench, t *table) error {
	b.say("%s: keys during a search", interfaceName)
	for _, do := range []struct{ keys, wait string }{
		{"g", "go to"}, {"100%\r", "(100.0%)"}, {":", ""}, {"break 0x80000078\r", "80000078"},
	} {
		begin, err := s.press(do.keys)
		if err == nil {
			_, err = s.until(do.wait, begin)
		}
		if err != nil {
			return err
		}
		s.quiet()
	}
	if _, err := s.press("C"); err != nil {
		return err
	}
	if _, err := s.until("searching", time.Now()); err != nil {
		return err
	}
	var times []time.Duration
	for range keyPresses / 2 {
		begin, err := s.press("?")
		if err != nil {
			return err
		}
		took, err := s.until("Help:", begin)
		if err != nil {
			return err
		}
		times = append(times, took)
		if begin, err = s.press("\x1b"); err != nil {
			return err
		}
		if _, err := s.until("Events", begin); err != nil {
			return err
		}
	}
	if _, err := s.until("searching", time.Now()); err != nil {
		return fmt.Errorf("the search was over too soon: %w", err)
	}
	t.addPercentiles("a key during a search, to its frame", times)
	return nil
}

// leave ends the program.
func (s *screen) leave() {
	_ = s.cmd.Process.Kill() // nothing is to be kept
	_ = s.cmd.Wait()
	_ = s.master.Close()
}
