package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/spf13/pflag"

	"reprise/chardev"
)

// ownLog is the option for the program's own log.
type ownLog string

func (l *ownLog) register(set *pflag.FlagSet) {
	set.StringVar((*string)(l), "log", "", "write what this program does itself to a `FILE`: snapshots, connections, warnings, how it ends")
}

// notices makes the notices of a session, and its log if there is to be one. The
// caller calls end, with the error that the session ends with.
func (l ownLog) notices(stderr io.Writer, session string) (n *notices, end func(error) error, err error) {
	n = &notices{w: stderr, log: slog.New(slog.DiscardHandler)}
	if l == "" {
		return n, func(err error) error { return err }, nil
	}
	file, err := os.OpenFile(string(l), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, withStatus(statusOf(err), fmt.Errorf("--log: %w", err))
	}
	n.log = slog.New(slog.NewTextHandler(file, &slog.HandlerOptions{Level: slog.LevelDebug}))
	n.log.Info("begins", "session", session)
	return n, func(err error) error {
		if err != nil && err.Error() != "" {
			n.log.Error("ends", "status", int(statusOf(err)), "error", oneLine(err.Error()))
		} else {
			n.log.Info("ends", "status", int(statusOf(err)))
		}
		return joinQuiet(err, file.Close())
	}, nil
}

// notices are lines about what happens around the machine: on stderr, or in the
// interface while that has the terminal. Its methods may be called from any
// goroutine.
type notices struct {
	log *slog.Logger // of everything; nil for none

	mu       sync.Mutex
	w        io.Writer
	diverted chan string // nil while lines go to w
	lost     int         // lines that the interface had no room for, and was not told of
}

// noticesHeld is how many lines wait for the interface; more are dropped.
const noticesHeld = 64

// logger is where the session logs; nil for nowhere.
func (n *notices) logger() *slog.Logger {
	if n.log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return n.log
}

// say prints a line.
func (n *notices) say(format string, args ...any) {
	n.show(slog.LevelInfo, fmt.Sprintf(format, args...))
}

// show prints a line and logs it. The terminal may be raw, so the line returns
// the carriage too.
func (n *notices) show(level slog.Level, text string) {
	line := oneLine(text)
	n.logger().Log(context.Background(), level, line)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.diverted == nil {
		n.print(line)
		return
	}
	if n.lost > 0 {
		select {
		case n.diverted <- fmt.Sprintf("%s had no room here: --log FILE keeps them", plural(uint64(n.lost), "line")):
			n.lost = 0
		default:
		}
	}
	select {
	case n.diverted <- line:
	default:
		n.lost++
	}
}

func (n *notices) print(line string) { _, _ = fmt.Fprint(n.w, "reprise: "+line+"\r\n") }

// divert sends the lines into a channel until restore is called, which prints
// those that nobody has taken.
func (n *notices) divert() (lines <-chan string, restore func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	held := make(chan string, noticesHeld)
	n.diverted = held
	return held, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.diverted = nil
		for len(held) > 0 {
			n.print(<-held)
		}
	}
}

// backend tells of a character backend what people should know, and logs the
// rest.
func (n *notices) backend(ev chardev.Event) {
	switch {
	case ev.Kind == chardev.Gone || ev.Kind == chardev.Exposed:
		n.show(slog.LevelWarn, ev.String())
	case ev.Kind == chardev.Waiting || ev.Kind == chardev.Opened && ev.Peer != "":
		n.show(slog.LevelInfo, ev.String())
	default:
		n.logger().Info(oneLine(ev.String()))
	}
}

// warn tells of something that can be done without.
func (n *notices) warn(err error) { n.show(slog.LevelWarn, err.Error()) }
