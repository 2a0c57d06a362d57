package chardev

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// desk is a backend whose other side is the test.
type desk struct {
	mu   sync.Mutex
	sink Sink
	out  bytes.Buffer
	room int // negative for any number
}

func (d *desk) Name() string          { return "desk" }
func (d *desk) Start(sink Sink) error { d.sink = sink; return nil }
func (d *desk) Close() error          { return nil }
func (d *desk) Write(p []byte) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := len(p)
	if d.room >= 0 {
		n = min(n, d.room)
		d.room -= n
	}
	d.out.Write(p[:n])
	return n
}

func (d *desk) shown() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	text := d.out.String()
	d.out.Reset()
	return text
}

func (d *desk) typeText(t *testing.T, text string) {
	t.Helper()
	if err := d.sink.Receive([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

// breaks is a recorder that takes breaks.
type breaks struct {
	*recorder
	count int
}

func (b *breaks) Break() { b.count++ }

func muxOf(t *testing.T) (d *desk, quits *int, ports [2]Backend, sinks [2]*breaks) {
	t.Helper()
	d, quits = &desk{room: -1}, new(int)
	m := NewMux(d, func() { *quits++ })
	for i, name := range []string{"serial0", "monitor"} {
		ports[i] = m.Port(name, [2]string{"", "(mon) "}[i])
		sinks[i] = &breaks{recorder: newRecorder()}
		if err := ports[i].Start(sinks[i]); err != nil {
			t.Fatal(err)
		}
	}
	return d, quits, ports, sinks
}

func TestMuxKeys(t *testing.T) {
	d, quits, _, sinks := muxOf(t)
	d.typeText(t, "to the guest\x01")
	d.typeText(t, "\x01and\x01cto the monitor\x01b\x01cback\x01b\x01zend")
	if got := string(sinks[0].input); got != "to the guest\x01andbackend" {
		t.Errorf("the guest got %q", got)
	}
	if got := string(sinks[1].input); got != "to the monitor" {
		t.Errorf("the monitor got %q", got)
	}
	if sinks[0].count != 1 || sinks[1].count != 1 {
		t.Errorf("breaks: %d and %d", sinks[0].count, sinks[1].count)
	}
	if text := d.shown(); !strings.Contains(text, "[monitor]") || !strings.Contains(text, "[serial0]") {
		t.Errorf("shown is %q", text)
	}
	d.typeText(t, "\x01h")
	for _, want := range []string{"Ctrl-a c", "serial0, monitor", "Ctrl-a x", "Ctrl-a t", "Ctrl-a b"} {
		if text := muxHelp; !strings.Contains(text, strings.Split(want, ",")[0]) && !strings.Contains(want, "serial0") {
			t.Errorf("the help lacks %q", want)
		}
	}
	if text := d.shown(); !strings.Contains(text, "serial0, monitor") {
		t.Errorf("the help is %q", text)
	}
	if d.typeText(t, "\x01x"); *quits != 1 {
		t.Errorf("the end was asked for %d times", *quits)
	}
}

// TestMuxPrompt turns to a monitor, which is quiet before that, and back.
func TestMuxPrompt(t *testing.T) {
	d, _, ports, _ := muxOf(t)
	ports[1].Write([]byte("welcome\r\n(mon) "))
	ports[0].Write([]byte("guest"))
	if got := d.shown(); got != "guest" {
		t.Errorf("a monitor that nobody has turned to says: %q", got)
	}
	d.typeText(t, "\x01c")
	if got := d.shown(); got != "\r\n[monitor]\r\nwelcome\r\n(mon) " {
		t.Errorf("the monitor begins with %q", got)
	}
	ports[1].Write([]byte("answer"))
	d.typeText(t, "\x01c")
	if got := d.shown(); got != "answer\r\n[serial0]\r\n" {
		t.Errorf("back at the guest shown is %q", got)
	}
	d.typeText(t, "\x01c")
	if got := d.shown(); got != "\r\n[monitor]\r\n(mon) " {
		t.Errorf("the monitor goes on with %q", got)
	}
	ports[1].Write(bytes.Repeat([]byte("x"), maxHeld+1))
	if got := d.shown(); len(got) != maxHeld+1 {
		t.Errorf("%d bytes are shown", len(got))
	}
}

func TestMuxTimes(t *testing.T) {
	d, _, ports, _ := muxOf(t)
	ports[0].Write([]byte("begun "))
	d.typeText(t, "\x01t")
	ports[0].Write([]byte("ended\none\ntw"))
	ports[0].Write([]byte("o\n"))
	stamp := `\[00:00:0\d\.\d{3}\] `
	if text := d.shown(); !regexp.MustCompile(`^begun ended\n` + stamp + `one\n` + stamp + "two\n$").MatchString(text) {
		t.Errorf("shown is %q", text)
	}
	d.typeText(t, "\x01t")
	ports[0].Write([]byte("plain\n"))
	if text := d.shown(); text != "plain\n" {
		t.Errorf("without times shown is %q", text)
	}
}

// TestMuxRefuses holds that what is said to be taken is what was written, also
// when the time of a line does not fit, and that those who were refused hear of
// it.
func TestMuxRefuses(t *testing.T) {
	d, _, ports, sinks := muxOf(t)
	d.typeText(t, "\x01t")
	const text = "one\ntwo\nthree\n"
	taken, turns := 0, 0
	for taken < len(text) {
		d.mu.Lock()
		d.room = 3
		d.mu.Unlock()
		n := ports[0].Write([]byte(text)[taken:])
		if taken += n; taken < len(text) {
			d.sink.Ready()
			turns++
		}
	}
	plain := regexp.MustCompile(`\[[0-9:.]*\] `).ReplaceAllString(d.shown(), "")
	if plain != text || sinks[0].ready != turns || sinks[1].ready != 0 {
		t.Errorf("written is %q; ready %d and %d times, want %d and 0", plain, sinks[0].ready, sinks[1].ready, turns)
	}
}

func TestRing(t *testing.T) {
	r := NewRing(8)
	r.Write([]byte("0123"))
	r.Write([]byte("456789"))
	if got := string(r.Take(3)); got != "234" {
		t.Errorf("the oldest are %q", got)
	}
	if got := string(r.Take(100)) + string(r.Take(1)); got != "56789" {
		t.Errorf("the rest is %q", got)
	}
}
