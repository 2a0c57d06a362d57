package ui

import (
	"bytes"
	"context"
	"sync"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/assets"
	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
)

// demoEnd is the digest at the end of the bundled recording, of a replay that
// nobody has disturbed.
var demoEnd = sync.OnceValues(func() (vm.Digest, error) {
	data := assets.DemoRecording()
	r, err := recording.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	timeline, err := replay.Play(r, replay.Options{})
	if err != nil {
		return nil, err
	}
	defer timeline.Close()
	_, err = timeline.Seek(context.Background(), r.Last())
	return timeline.Machine().Digest(), err
})

// fuzzKeys are the keys that are no characters.
var fuzzKeys = []string{
	"enter", "esc", "tab", "shift+tab", "up", "down", "left", "right", "pgup", "pgdown", "home", "end", "backspace", "delete",
	"ctrl+r", "ctrl+c", "ctrl+left", "ctrl+right", "ctrl+up", "ctrl+down", "ctrl+]", "f1", "ctrl+w", "ctrl+v",
}

// event is what two bytes stand for: a key, the mouse, or another size. Keys
// that begin a long way through the recording are left to the last check.
func event(kind, value byte, d *driver) tea.Msg {
	mouse := func(action tea.MouseAction, button tea.MouseButton) tea.Msg {
		return tea.MouseMsg{X: int(value&15) * d.m.width / 15, Y: int(value>>4) * d.m.height / 15, Action: action, Button: button}
	}
	switch kind % 16 {
	case 0:
		return tea.WindowSizeMsg{Width: 1 + int(value)%210, Height: d.m.height}
	case 1:
		return tea.WindowSizeMsg{Width: d.m.width, Height: 1 + int(value)%70}
	case 2, 3:
		return mouse(tea.MouseActionPress, tea.MouseButtonLeft)
	case 4:
		return mouse(tea.MouseActionMotion, tea.MouseButtonLeft)
	case 5:
		return mouse(tea.MouseActionRelease, tea.MouseButtonLeft)
	case 6:
		return mouse(tea.MouseActionPress, tea.MouseButtonWheelUp+tea.MouseButton(value&1))
	case 7, 8:
		return keyOf(fuzzKeys[int(value)%len(fuzzKeys)])
	case 9:
		return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{'é', '日', rune(value)}, Paste: true}
	}
	return keyOf(string(rune(' ' + value%95)))
}

// FuzzInterface does things at random: nothing panics, no line is wider than the
// screen, Esc leads home, and the recording is replayed as ever.
func FuzzInterface(f *testing.F) {
	f.Add([]byte("\x0as\x0ae\x0aS\x02\x80\x04\x8f\x05\x8f\x0ab\x0az\x07\x00\x0a?\x0an\x07\x01"))
	f.Add([]byte("\x00\x20\x01\x05\x0a:\x0as\x0at\x0ae\x0ap\x07\x00\x00\xff\x01\xff\x06\x81\x06\x80"))
	f.Add([]byte("\x0ax\x0ax\x0aX\x0a}\x0a{\x0a)\x0a(\x02\x44\x04\x88\x05\x88\x0a4\x0a5\x0a6\x0a+\x0a/\x0ad\x07\x00"))
	f.Add([]byte("\x0am\x0aa\x07\x00\x0ag\x0aa\x07\x00\x0au\x07\x0e\x0ai\x0ay\x0aM\x0ao\x0a$\x0as\x0ap\x07\x00\x0aw\x09\x41"))
	f.Fuzz(func(t *testing.T, script []byte) {
		d := demoDriver(t, 120, 40)
		for i := 0; i+1 < len(script) && i < 200; i += 2 {
			d.send(event(script[i], script[i+1], d))
			d.frame()
			d.calm()
		}
		d.send(tea.WindowSizeMsg{Width: 100, Height: 30})
		for range 6 {
			d.send(keyOf("esc"))
			d.calm()
		}
		if d.m.overlay != nil || d.m.zoomed || d.m.input {
			t.Fatalf("Esc does not lead home:\n%s", d.frame())
		}
		d.send(keyOf("esc"))
		d.calm()
		want, err := demoEnd()
		if err != nil {
			t.Fatal(err)
		}
		stop, err := monitor.Move(t.Context(), d.session, holder, seekTo(d.session.Status().Last).run)
		if err != nil {
			t.Fatal(stop, err)
		}
		d.session.Inspect(func(tl monitor.Timeline) {
			if got := tl.Machine().Digest(); got.Sum() != want.Sum() {
				t.Errorf("the recording ends in another state: %s differs", got.Difference(want))
			}
		})
	})
}

// calm waits until nothing is under way, which Esc brings about where a search
// would take long.
func (d *driver) calm() {
	d.t.Helper()
	for d.m.moving != "" || d.session.Status().Running {
		d.session.Interrupt()
		msg := <-d.messages
		d.pending--
		d.send(msg)
	}
}
