package cli

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"reprise/replay"
	"reprise/vm"
)

// limitFlags end a recording by themselves.
type limitFlags struct {
	steps, time, size string
}

// register adds the flags for something to be limited, such as "the recording";
// time is the limit of time that holds without another word.
func (f *limitFlags) register(set *pflag.FlagSet, what, time string) {
	set.StringVar(&f.steps, "max-steps", "", "end "+what+" at a `STEP`")
	set.StringVar(&f.time, "max-time", time, "end "+what+" when it has run for a `TIME`: 90s, 10m, 1h30m; pauses do not count")
	set.StringVar(&f.size, "max-size", "", "end "+what+" when its file has a `SIZE`: 64M, 1G; its index comes on top")
}

// parse reads the words. What was not given is no limit.
func (f *limitFlags) parse() (l replay.Limits, err error) {
	if f.steps != "" {
		if l.Steps, err = parseStep("--max-steps", f.steps); err != nil {
			return l, err
		}
		if l.Steps == 0 {
			return l, usagef("--max-steps %s: there is nothing to record before the first step", f.steps)
		}
	}
	if f.time != "" {
		if l.Time, err = parseTime(f.time); err != nil || l.Time <= 0 {
			return l, usagef("--max-time %s: a time is a number of seconds, or one with units: 90s, 10m, 1h30m", f.time)
		}
	}
	if f.size != "" {
		size, ok := parseSize(f.size, 1)
		if !ok || size == 0 || size > 1<<60 {
			return l, usagef("--max-size %s: a size is a number of bytes, or one with a suffix: 64M, 1G", f.size)
		}
		l.Size = int64(size)
	}
	return l, nil
}

// parseTime reads a duration; without a unit it is in seconds.
func parseTime(text string) (time.Duration, error) {
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		text += "s"
	}
	return time.ParseDuration(text)
}

// reached names the limit that has ended a recording.
func (f *limitFlags) reached(l replay.Limits, last vm.Step, path string) string {
	if l.Steps != 0 && last >= l.Steps {
		return "--max-steps " + f.steps
	}
	if info, err := os.Stat(path); err == nil && l.Size != 0 && info.Size() >= l.Size {
		return "--max-size " + f.size
	}
	return "--max-time " + f.time
}

// limitEnd is what a limit that was reached means for the program.
func limitEnd(limit string) error {
	return &statusError{LimitReached, fmt.Errorf("ended by %s", limit)}
}
