package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// result is what came of one run of a guest by a subject.
type result struct {
	// at holds when each mark of the script was printed, since the start: index 0
	// is the start itself, the last one is when the process had ended.
	at      []time.Duration
	console string
	memory  int64 // peak of the process's memory in bytes; 0 if nobody knows
}

// execute runs a guest to its end.
func (b *bench) execute(s *subject, g *guest) (*result, error) {
	ctx, cancel := context.WithTimeout(context.Background(), b.timeout)
	defer cancel()
	args := s.args(g)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	r := &result{at: []time.Duration{0}}
	console, err := r.follow(s, g, begin, out, in)
	r.console = string(console)
	if ended := cmd.Wait(); ended != nil {
		return nil, fmt.Errorf("%v: %w\n%s%s", args, ended, lastBytes(console), complaints.Bytes())
	}
	if err != nil {
		return nil, err
	}
	r.at = append(r.at, time.Since(begin))
	r.memory = peakMemory(cmd.ProcessState)
	if s.silent {
		return r, nil
	}
	if missing := len(g.script) + 2 - len(r.at); missing > 0 {
		return nil, fmt.Errorf("it ended before it printed %q:\n%s", g.script[len(g.script)-missing].text, lastBytes(console))
	}
	return r, nil
}

// follow reads the console to its end, notes when each text of the script comes
// and types what is to be typed then.
func (r *result) follow(s *subject, g *guest, begin time.Time, out io.Reader, in io.Writer) (console []byte, err error) {
	seen := 0 // bytes of the console before which the next text is not looked for
	buf := make([]byte, 64<<10)
	for {
		n, err := out.Read(buf)
		if err == io.EOF {
			return console, nil
		}
		if err != nil {
			return console, err
		}
		console = append(console, buf[:n]...)
		for len(r.at) <= len(g.script) {
			next := &g.script[len(r.at)-1]
			i := bytes.Index(console[seen:], []byte(next.text))
			if i < 0 {
				break
			}
			seen += i + len(next.text)
			r.at = append(r.at, time.Since(begin))
			if !s.live || next.typed == "" {
				continue
			}
			if _, err := io.WriteString(in, next.typed); err != nil {
				return console, fmt.Errorf("typing %q: %w", next.typed, err)
			}
		}
	}
}

// lastBytes is the end of a console, for an error.
func lastBytes(console []byte) []byte {
	const enough = 2000
	return console[max(0, len(console)-enough):]
}
