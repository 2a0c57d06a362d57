package gdbstub

import (
	"errors"
	"strings"
	"testing"
)

func TestLinkAcknowledges(t *testing.T) {
	var wire strings.Builder
	l := link{w: &wire}
	step := func(what, wantWire, wantPayload string, wantOK bool, f frame) {
		t.Helper()
		wire.Reset()
		payload, ok := l.accept(f)
		if wire.String() != wantWire || payload != wantPayload || ok != wantOK {
			t.Errorf("%s: wrote %q, gave %q %v; want %q, %q %v", what, wire.String(), payload, ok, wantWire, wantPayload, wantOK)
		}
	}
	send := func(payload, wantWire string) {
		t.Helper()
		wire.Reset()
		if l.send(payload); wire.String() != wantWire {
			t.Errorf("sending %q wrote %q, want %q", payload, wire.String(), wantWire)
		}
	}

	step("a packet", "+", "g", true, frame{framePacket, "g"})
	step("a corrupt packet", "-", "", false, frame{frameCorrupt, "g"})
	step("a packet too long", "+", "", true, frame{kind: frameTooLong})
	step("^C", "", "", false, frame{kind: frameInterrupt})
	step("a + for nothing", "", "", false, frame{kind: frameAck})
	step("a - for nothing", "", "", false, frame{kind: frameNack})

	send("a", "$a#61")
	send("b", "")
	send("c", "")
	step("- for the first", "$a#61", "", false, frame{kind: frameNack})
	step("+ for the first", "$b#62", "", false, frame{kind: frameAck})
	step("- for the second", "$b#62", "", false, frame{kind: frameNack})
	step("a new packet", "+$c#63", "g", true, frame{framePacket, "g"})
	step("nothing waits any more", "", "", false, frame{kind: frameNack})

	send("d", "$d#64")
	send("e", "")
	wire.Reset()
	l.stopAcks()
	if wire.String() != "$e#65" {
		t.Errorf("stopAcks wrote %q, want what waited", wire.String())
	}
	step("a late +", "", "", false, frame{kind: frameAck})
	step("a -", "", "", false, frame{kind: frameNack})
	step("a packet without acks", "", "g", true, frame{framePacket, "g"})
	step("a corrupt packet without acks", "", "g", true, frame{frameCorrupt, "g"})
	send("f", "$f#66")
	send("g", "$g#67")
}

type brokenWriter struct{ writes int }

var errBroken = errors.New("broken")

func (b *brokenWriter) Write([]byte) (int, error) {
	b.writes++
	return 0, errBroken
}

func TestLinkKeepsFirstError(t *testing.T) {
	w := &brokenWriter{}
	l := link{w: w}
	l.send("a")
	l.accept(frame{kind: frameNack})
	if !errors.Is(l.err, errBroken) || w.writes != 1 {
		t.Errorf("error %v after %d writes, want %v after 1", l.err, w.writes, errBroken)
	}
}
