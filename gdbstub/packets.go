package gdbstub

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// handler serves one kind of packet; args is what follows its name. The
// answer is a payload: "" means that the packet is not supported.
type handler func(s *server, ctx context.Context, args string) string

// commands are the packets served, by name: one letter, or for q, Q and v all
// up to the first separator. Section names are those of the gdb manual's
// appendix "Remote Protocol".
var commands = map[string]handler{
	// Packets: registers and memory.
	"g": (*server).readAll,
	"G": (*server).writeAll,
	"p": (*server).readOne,
	"P": (*server).writeOne,
	"m": (*server).readMemory,
	"M": (*server).writeMemory,
	"X": (*server).writeBinary,
	"x": (*server).readBinary,
	"Z": (*server).insertPoint,
	"z": (*server).removePoint,
	// Packets: running.
	"?":     (*server).lastStop,
	"c":     (*server).resumeForward,
	"C":     (*server).resumeForward,
	"s":     (*server).stepForward,
	"S":     (*server).stepForward,
	"b":     (*server).backward,
	"vCont": (*server).vCont,
	"vCont?": func(*server, context.Context, string) string {
		return "vCont;c;C;s;S;r"
	},
	// Packets: threads.
	"H":                (*server).selectThread,
	"T":                (*server).threadAlive,
	"qC":               (*server).currentThread,
	"qfThreadInfo":     (*server).threads,
	"qsThreadInfo":     func(*server, context.Context, string) string { return "l" },
	"qThreadExtraInfo": (*server).threadName,
	// General Query Packets.
	"qSupported":       (*server).supported,
	"qXfer":            (*server).transfer,
	"qRcmd":            (*server).monitor,
	"qSearch":          (*server).search,
	"qqemu.PhyMemMode": (*server).physicalMode,
	"Qqemu.PhyMemMode": (*server).setPhysicalMode,
	"qAttached":        func(*server, context.Context, string) string { return "1" },
	"QStartNoAckMode":  func(*server, context.Context, string) string { return "OK" },
	// Extended mode: the target is there before and after what gdb runs.
	"!":    (*server).extend,
	"R":    (*server).restart,
	"vRun": (*server).restart,
	// Goodbye.
	"D":     (*server).detach,
	"vKill": (*server).kill,
}

// serve answers one packet; ok is false for the packet that has no answer.
func (s *server) serve(ctx context.Context, packet string) (answer string, ok bool) {
	name, args := splitPacket(packet)
	if name == "k" {
		s.leaving = !s.extended // a kill without an answer; see detach
		return "", false
	}
	handle, known := commands[name]
	if !known {
		return "", true
	}
	answer = handle(s, ctx, args)
	if name == "R" {
		return "", false // has no answer; gdb asks for the last stop
	}
	if name == "QStartNoAckMode" {
		s.link.send(answer)
		s.link.stopAcks()
		return "", false
	}
	return answer, true
}

// extend serves '!'.
func (s *server) extend(context.Context, string) string {
	s.extended = true
	return "OK"
}

// kill serves vKill. In extended mode there is nothing to be done before gdb
// runs the program again; else it is a goodbye.
func (s *server) kill(ctx context.Context, args string) string {
	if s.extended {
		return "OK"
	}
	return s.detach(ctx, args)
}

// restart serves R and vRun: it goes to the start of history.
func (s *server) restart(ctx context.Context, _ string) string {
	restarter, able := s.target.(Restarter)
	if !able {
		return ""
	}
	var err error
	s.drive(ctx, func(ctx context.Context, _ func(string)) { s.last, err = restarter.Restart(ctx) })
	s.quiet = false
	_, s.known = s.target.Position()
	if err != nil {
		return s.failed(err.Error())
	}
	return s.stopReply()
}

// goodbye says whether a packet ends the connection.
func goodbye(packet string) bool {
	name, _ := splitPacket(packet)
	return name == "k" || name == "D" || name == "vKill"
}

// splitPacket takes the name off a packet.
func splitPacket(packet string) (name, args string) {
	switch {
	case packet == "":
		return "", ""
	case strings.ContainsRune("qQv", rune(packet[0])):
		if i := strings.IndexAny(packet, ":;,"); i >= 0 {
			return packet[:i], packet[i+1:]
		}
		return packet, ""
	}
	return packet[:1], packet[1:]
}

// supported answers gdb's list of features with ours.
func (s *server) supported(_ context.Context, args string) string {
	for feature := range strings.SplitSeq(args, ";") {
		switch feature {
		case "swbreak+", "hwbreak+":
			s.reasons[strings.TrimSuffix(feature, "+")] = true
		case "error-message+":
			s.longError = true
		}
	}
	ours := fmt.Sprintf("PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;qXfer:threads:read+;vContSupported+;"+
		"ReverseStep+;ReverseContinue+;swbreak+;hwbreak+;binary-upload+", maxPacket)
	if _, able := s.target.(Physical); able {
		ours += ";qXfer:memory-map:read+;qqemu.PhyMemMode+"
	}
	if _, able := s.target.(Conditional); able {
		ours += ";ConditionalBreakpoints+"
	}
	if s.longError {
		ours += ";error-message+"
	}
	return ours
}

// monitor carries out a line of the monitor. What it prints comes as console
// output while it works, and so does an error: an error answer would make gdb
// speak of a protocol error.
func (s *server) monitor(ctx context.Context, args string) string {
	line, err := hex.DecodeString(args)
	if err != nil {
		return s.failed("the monitor's line is not hexadecimal")
	}
	s.drive(ctx, func(ctx context.Context, say func(string)) {
		err = s.target.Monitor(ctx, string(line), say)
	})
	if err != nil {
		s.say(err.Error())
	}
	if step, moved := s.moved(); moved {
		s.say(fmt.Sprintf("now at step %v; gdb shows the old place until you type %s", step, flushCommands))
	}
	return "OK"
}

// say writes lines on gdb's console. gdb listens for them in a run and in a
// monitor command, not elsewhere.
func (s *server) say(text string) {
	if text == "" {
		return
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	for len(text) > 0 {
		n := min(len(text), maxPacket/2-1)
		s.link.send("O" + hex.EncodeToString([]byte(text[:n])))
		text = text[n:]
	}
}

// detach serves D and vKill, and answers after it has happened. All that gdb
// may kill is its own connection, never the recording or the machine.
func (s *server) detach(context.Context, string) string {
	s.leaving = true
	if err := s.release(); err != nil {
		return s.failed(err.Error())
	}
	return "OK"
}

// failed returns an error answer with a text, for the packets of which gdb
// has always taken one.
func (s *server) failed(text string) string {
	// Bytes that would have to be escaped are not undone by gdb here.
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || special(byte(r)) {
			return '?'
		}
		return r
	}, text)
	return "E." + clean[:min(len(clean), 1000)]
}

// failedRead returns an error answer to a packet whose normal answer is data:
// only a gdb that announced it takes a text there.
func (s *server) failedRead(text string) string {
	if s.longError {
		return s.failed(text)
	}
	return "E01"
}

var errSyntax = errors.New("packet not understood")

// parseHex reads a number of the protocol: hexadecimal, no prefix.
func parseHex(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 16, 64)
	if err != nil {
		return 0, errSyntax
	}
	return n, nil
}

// parsePair reads two numbers with a comma between them.
func parsePair(text string) (a, b uint64, err error) {
	left, right, found := strings.Cut(text, ",")
	if !found {
		return 0, 0, errSyntax
	}
	if a, err = parseHex(left); err != nil {
		return 0, 0, err
	}
	b, err = parseHex(right)
	return a, b, err
}
