package cli

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"

	"github.com/spf13/pflag"

	"reprise/replay/recording"
)

// signFlags say what a hunt is for, as it is written.
type signFlags struct {
	console, exit, trap string
}

func (f *signFlags) register(set *pflag.FlagSet) {
	set.StringVar(&f.console, "until-console", "", "a run in which a line of the console matches `REGEX`")
	set.StringVar(&f.exit, "until-exit", "", "a run that the guest ends with status `N`: 0 for power-off, the code of a failure, or failure for any")
	set.StringVar(&f.trap, "until-trap", "", "a run in which a hart takes a trap: `CAUSE` is an exception's number, irqN for an interrupt, or a name: load_page_fault, 13, m_timer, irq7")
}

// signs are what a hunt is for. Any of them will do.
type signs struct {
	console *regexp.Regexp // nil for none, as below
	exit    *exitSign
	trap    *trapCause
}

// exitSign is how a guest may end its machine.
type exitSign struct {
	failure bool // any failure, whatever the status
	status  uint64
}

// parse reads the words.
func (f *signFlags) parse() (s signs, err error) {
	if f.console == "" && f.exit == "" && f.trap == "" {
		return s, usagef("nothing to look for: give --until-console REGEX, --until-exit N or --until-trap CAUSE")
	}
	if f.console != "" {
		if s.console, err = regexp.Compile(f.console); err != nil {
			return s, usagef("--until-console %s: %w", f.console, err)
		}
	}
	if f.exit != "" {
		s.exit = &exitSign{failure: f.exit == "failure"}
		if s.exit.status, err = strconv.ParseUint(f.exit, 0, 16); err != nil && !s.exit.failure {
			return s, usagef("--until-exit %s: a status is 0 for power-off, a number up to 65535 for a failure, or failure for any", f.exit)
		}
	}
	if f.trap != "" {
		cause, err := parseTrapCause(f.trap)
		if err != nil {
			return s, usagef("--until-trap %s: %w", f.trap, err)
		}
		s.trap = &cause
	}
	return s, nil
}

// hit is where a sign shows.
type hit struct {
	step recording.Step // the one that does it
	what string
}

// lookout watches one run for signs.
type lookout struct {
	signs signs
	lines map[uint8][]byte // what the console has printed since the last end of a line
	hit   *hit             // nil so far
}

// lineLimit is how much of a line without end is looked at, in bytes.
const lineLimit = 4096

// sees looks at an event, and reports whether it is the first sign.
func (l *lookout) sees(e recording.Event) bool {
	if l.hit != nil {
		return false
	}
	what := ""
	switch {
	case e.Kind == recording.CharWrite && l.signs.console != nil && e.Result > 0:
		what = l.reads(e.Device, e.Data[:e.Result])
	case e.Kind == recording.Shutdown && l.signs.exit != nil:
		what = l.signs.exit.describe(e)
	case l.signs.trap != nil && l.signs.trap.is(e):
		what = fmt.Sprintf("hart %d takes %v", e.Hart, l.signs.trap)
	}
	if what == "" {
		return false
	}
	l.hit = &hit{e.Step, what}
	return true
}

// reads adds output to the line that it belongs to, and looks at that.
func (l *lookout) reads(device uint8, p []byte) string {
	for _, b := range p {
		line := l.lines[device]
		switch {
		case b == '\n':
			line = line[:0]
		case len(line) == lineLimit:
			line = append(line[:0], b)
		case b != '\r':
			line = append(line, b)
		}
		l.lines[device] = line
		if l.signs.console.Match(line) {
			return fmt.Sprintf("the console has %q", bytes.TrimSpace(line))
		}
	}
	return ""
}

// describe is how the guest ended its machine, if that is the sign; otherwise
// it is empty.
func (s *exitSign) describe(e recording.Event) string {
	switch e.Shutdown {
	case recording.ShutdownGuestShutdown:
		if !s.failure && s.status == 0 {
			return "the guest powers off"
		}
	case recording.ShutdownGuestPanic:
		if s.failure || e.Value == s.status {
			return fmt.Sprintf("the guest reports failure, code %d", e.Value)
		}
	default:
	}
	return ""
}
