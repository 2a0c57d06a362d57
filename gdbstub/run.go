package gdbstub

import (
	"context"
	"fmt"
	"strings"

	"reprise/vm/state"
)

// Signals of gdb's own numbering.
const (
	sigNone      = 0
	sigInterrupt = 2
	sigTrap      = 5
)

// flushCommands make gdb forget the registers and memory it holds.
const flushCommands = "`maintenance flush register-cache` and `maintenance flush dcache`"

// moved returns the position, and whether gdb holds registers of another one.
func (s *server) moved() (state.Step, bool) {
	step, generation := s.target.Position()
	return step, generation != s.known
}

// overtaken says whether others have moved the target, so that gdb wants to
// run from a place where the target no longer is. It is then told the new place
// by this stop reply, without a run; by SIGINT, since a SIGTRAP may look to it
// like one of the steps that make up a larger command, and it would go on.
func (s *server) overtaken() (reply string, yes bool) {
	step, moved := s.moved()
	if !moved {
		return "", false
	}
	_, s.known = s.target.Position()
	s.say(fmt.Sprintf("the machine was moved to step %v meanwhile and has not run now; "+
		"if gdb still shows the old place, type %s", step, flushCommands))
	s.last, s.quiet = Stop{Reason: Interrupted, Hart: s.last.Hart}, false
	return s.stopReply(), true
}

// resume runs the target and returns the stop reply.
func (s *server) resume(ctx context.Context, a Action) string {
	if reply, yes := s.overtaken(); yes {
		return reply
	}
	if a.Hart == NoHart {
		a.Hart = s.general
	}
	a.Seen = s.last.Hart
	if s.jumped {
		a.Seen = NoHart
	}
	s.jumped = false
	var stop Stop
	var err error
	s.drive(ctx, func(ctx context.Context, _ func(string)) { stop, err = s.target.Run(ctx, a) })
	if err != nil {
		stop = Stop{Reason: Interrupted, Hart: s.last.Hart, Note: err.Error()}
	}
	s.say(stop.Note)
	s.last = stop
	s.quiet = s.strands(a)
	if s.quiet {
		s.say("no more history in this direction")
	}
	_, s.known = s.target.Position()
	return s.stopReply()
}

// strands says whether the last stop is an end of history that gdb met while it
// steps off a breakpoint, which it has taken away for this. gdb 13 never ends
// that step on hearing of an end of history, and hangs at its next resume. It
// is told of a stop without a signal instead.
func (s *server) strands(a Action) bool {
	if !a.Step || s.last.Reason != HistoryBegin && s.last.Reason != HistoryEnd {
		return false
	}
	pc, err := s.target.ReadRegister(a.Hart, PC)
	return err == nil && s.lifted[pc]
}

// stopReply describes the last stop (gdb manual, "Stop Reply Packets") and
// makes its hart the general one, as gdb does on reading it.
func (s *server) stopReply() string {
	s.general = s.last.Hart
	reply := func(signal int, reason string) string {
		return fmt.Sprintf("T%02xthread:%x;%s", signal, s.last.Hart+1, reason)
	}
	switch s.last.Reason {
	case Stepped:
		return reply(sigTrap, "")
	case Breakpoint:
		return reply(sigTrap, s.breakReason())
	case Watchpoint:
		return reply(sigTrap, fmt.Sprintf("%v:%x;", s.last.Watch, s.last.Addr))
	case Interrupted:
		return reply(sigInterrupt, "")
	case HistoryBegin, HistoryEnd:
		if s.quiet {
			return reply(sigNone, "")
		}
		if s.last.Reason == HistoryBegin {
			return reply(sigTrap, "replaylog:begin;")
		}
		return reply(sigTrap, "replaylog:end;")
	case Exited:
		return fmt.Sprintf("W%02x", s.last.Status)
	}
	panic(fmt.Sprintf("BUG: stop for the unknown reason %d", s.last.Reason))
}

// breakReason names the kind of gdb's breakpoint at the place of the last
// stop. It is empty for a breakpoint that somebody else set.
func (s *server) breakReason() string {
	for _, kind := range []struct {
		digit byte
		word  string
	}{{'0', "swbreak"}, {'1', "hwbreak"}} {
		if s.isSet(point{kind: kind.digit, addr: s.last.Addr}) && s.reasons[kind.word] {
			return kind.word + ":;"
		}
	}
	return ""
}

// lastStop serves '?'.
func (s *server) lastStop(context.Context, string) string { return s.stopReply() }

// resumeForward serves c and C, stepForward s and S.
func (s *server) resumeForward(ctx context.Context, args string) string {
	return s.resumeAt(ctx, args, Action{})
}

func (s *server) stepForward(ctx context.Context, args string) string {
	return s.resumeAt(ctx, args, Action{Step: true, Hart: s.control})
}

// resumeAt serves the old packets, which may hold a signal, of no meaning to a
// hart, and an address to go on from. Both at once have a ';' between them;
// one alone is a signal if it has two digits, too short for an address.
func (s *server) resumeAt(ctx context.Context, args string, a Action) string {
	addr := args
	if signal, after, both := strings.Cut(args, ";"); both {
		addr = after
	} else if len(signal) == 2 {
		addr = ""
	}
	if addr == "" {
		return s.resume(ctx, a)
	}
	pc, err := parseHex(addr)
	if err != nil {
		return s.failed(err.Error())
	}
	if reply, yes := s.overtaken(); yes {
		return reply // before the pc of another place is changed
	}
	if err := s.writeRegister(PC, pc); err != nil {
		return s.failed(err.Error())
	}
	return s.resume(ctx, a)
}

// backward serves bs and bc.
func (s *server) backward(ctx context.Context, args string) string {
	switch args {
	case "s":
		return s.resume(ctx, Action{Step: true, Reverse: true, Hart: s.control})
	case "c":
		return s.resume(ctx, Action{Reverse: true})
	}
	return ""
}

// vCont serves a list of actions with threads. Harts cannot be held still, so
// a list that steps one of them is a step of that one, and any other is a
// continue. Signals mean nothing to a hart.
func (s *server) vCont(ctx context.Context, args string) string {
	for item := range strings.SplitSeq(args, ";") {
		verb, thread, named := strings.Cut(item, ":")
		hart := NoHart
		if named {
			var err error
			if hart, err = s.parseThread(thread); err != nil {
				return s.failed(err.Error())
			}
		}
		switch {
		case verb == "s" || strings.HasPrefix(verb, "S"):
			return s.resume(ctx, Action{Step: true, Hart: hart})
		case strings.HasPrefix(verb, "r"):
			begin, end, err := parsePair(verb[1:])
			if err != nil {
				return s.failed(err.Error())
			}
			return s.resume(ctx, Action{Step: true, Hart: hart, Begin: begin, End: end})
		case verb == "c" || strings.HasPrefix(verb, "C"):
		default:
			return s.failed(errSyntax.Error())
		}
	}
	return s.resume(ctx, Action{})
}

// parseThread reads a thread: hart n is thread n+1, since 0 means any thread
// and -1 all of them, which both give NoHart and leave the choice to the stub.
func (s *server) parseThread(text string) (hart int, err error) {
	if text == "0" || text == "-1" {
		return NoHart, nil
	}
	n, err := parseHex(text)
	if err != nil || n == 0 || n > uint64(s.target.Harts()) {
		return 0, fmt.Errorf("no thread %q: hart 0 is thread 1", text)
	}
	return int(n) - 1, nil
}

// selectThread serves Hg and Hc.
func (s *server) selectThread(_ context.Context, args string) string {
	if args == "" {
		return "E01"
	}
	hart, err := s.parseThread(args[1:])
	if err != nil {
		return "E01"
	}
	switch args[0] {
	case 'c':
		s.control = hart
	case 'g':
		if hart != NoHart {
			s.general = hart
		}
	default:
		return ""
	}
	return "OK"
}

// threadAlive serves T.
func (s *server) threadAlive(_ context.Context, args string) string {
	if hart, err := s.parseThread(args); err != nil || hart == NoHart {
		return "E01"
	}
	return "OK"
}

// currentThread serves qC.
func (s *server) currentThread(context.Context, string) string {
	return fmt.Sprintf("QC%x", s.general+1)
}

// threadName serves qThreadExtraInfo.
func (s *server) threadName(_ context.Context, args string) string {
	hart, err := s.parseThread(args)
	if err != nil || hart == NoHart {
		return "E01"
	}
	return fmt.Sprintf("%x", fmt.Sprintf("hart %d", hart))
}
