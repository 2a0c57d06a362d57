package chardev

import (
	"errors"
	"strings"
	"testing"
)

func TestNull(t *testing.T) {
	sink := newRecorder()
	b := start(t, Spec{Kind: Null}, Options{}, sink)
	if n := b.Write(make([]byte, 1<<20)); n != 1<<20 {
		t.Errorf("null took %d bytes of a mebibyte", n)
	}
	mustClose(t, b)
	if b.Name() != "null" || len(sink.events) != 0 {
		t.Errorf("null is named %q and told %v", b.Name(), sink.events)
	}
}

func TestNewRefusesUnknownKind(t *testing.T) {
	b, err := New(Spec{Kind: "stdoi"}, Options{})
	if b != nil || err == nil || !strings.Contains(err.Error(), "did you mean stdio?") {
		t.Errorf("New: %v, %v", b, err)
	}
}

func TestEventString(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		ev   Event
		want string
	}{
		{Event{Kind: Opened, Backend: "stdio"}, "stdio: open"},
		{Event{Kind: Opened, Backend: "socket:h:1", Peer: "p:2"}, "socket:h:1: connected to p:2"},
		{Event{Kind: Waiting, Backend: "socket:h:1"}, "socket:h:1: waiting for a connection"},
		{Event{Kind: Exposed, Backend: "socket:h:1"}, "socket:h:1: listens beyond loopback: other machines can connect, and nothing asks who they are"},
		{Event{Kind: EndOfInput, Backend: "stdio"}, "stdio: end of input"},
		{Event{Kind: Gone, Backend: "file:x", Err: broken}, "file:x: gone: broken"},
		{Event{Kind: Gone, Backend: "socket:h:1", Peer: "p:2"}, "socket:h:1: p:2 disconnected"},
	} {
		if got := c.ev.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestClassString(t *testing.T) {
	if Recorded.String() != "recorded" || Control.String() != "control" {
		t.Errorf("the classes are %s and %s", Recorded, Control)
	}
}
