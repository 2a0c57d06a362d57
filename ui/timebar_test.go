package ui

import (
	"bytes"
	"slices"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/assets"
	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm/state"
)

// TestLanes counts the events of a recording, in the whole bar and in a part.
func TestLanes(t *testing.T) {
	data := assets.DemoRecording()
	r, err := recording.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	timeline, err := replay.Play(r, replay.Options{})
	if err != nil {
		t.Fatal(err)
	}
	debugger := replay.NewDebugger("demo", timeline)
	defer debugger.Close()
	for _, span := range [][2]state.Step{{0, r.Last()}, {r.Last() / 2, r.Last()/2 + r.Last()/4}} {
		var want, got [laneCount]uint32
		for c := r.Cursor(); ; {
			e, ok := c.Next()
			if !ok {
				break
			}
			if lane := laneOf(e.Kind); lane >= 0 && e.Step >= span[0] && e.Step < span[1] {
				want[lane]++
			}
		}
		l := lanes{from: span[0], to: span[1], seen: span[0]}
		for l.seen < l.to {
			msg := count(Of(debugger), l)().(lanesMsg)
			if msg.err != nil || msg.lanes == nil {
				t.Fatalf("%+v", msg)
			}
			l = *msg.lanes
		}
		for lane := range got {
			for _, n := range l.counts[lane] {
				got[lane] += n
			}
		}
		if got != want || want == [laneCount]uint32{} {
			t.Errorf("%v: counted %v, want %v", span, got, want)
		}
	}
}

// TestScrub clicks on the bar and drags along it.
func TestScrub(t *testing.T) {
	d := replayed(t)
	d.press("6")
	d.frame()
	bar := d.rect(timePane)
	mouse := func(column int, action tea.MouseAction) {
		d.send(tea.MouseMsg{X: bar.x + laneWidth + column, Y: d.m.bodyTop + bar.y + bar.height - 1, Action: action, Button: tea.MouseButtonLeft})
	}
	room := bar.width - laneWidth
	want := func(column int) state.Step {
		return state.Step(float64(d.m.status.Last) * float64(column) / float64(room))
	}
	mouse(room/2, tea.MouseActionPress)
	d.settle()
	if got := d.m.status.Position; got != want(room/2) {
		t.Errorf("a click in the middle leads to %v, want %v", got, want(room/2))
	}
	for column := room / 2; column < room*3/4; column++ {
		mouse(column, tea.MouseActionMotion)
	}
	d.until(func() bool { return d.m.moving == "" && !d.m.timebar().dragging })
	d.settle()
	if got := d.m.status.Position; got != want(room*3/4-1) {
		t.Errorf("dragging leads to %v, want %v", got, want(room*3/4-1))
	}
	mouse(room*3/4-1, tea.MouseActionRelease)
	d.press("u")
	if got := d.m.status.Position; got != 0 {
		t.Errorf("u leads back to %v", got)
	}
	d.press("right", "right", "left")
	if got, hundredth := d.m.status.Position, d.m.status.Last/100; got != hundredth {
		t.Errorf("the arrows lead to %v, want %v", got, hundredth)
	}
	d.press("+", "+")
	d.shows("4 times")
	d.press("-", "-")
}

// book is a list of bookmarks in memory.
type book struct{ list []monitor.Bookmark }

func (b *book) List() ([]monitor.Bookmark, error) { return slices.Clone(b.list), nil }
func (b *book) Set(mark monitor.Bookmark) error   { b.list = append(b.list, mark); return nil }
func (b *book) Delete(name string) (bool, error)  { return false, nil }

// TestBookmarks makes a bookmark, and goes back to it in three ways.
func TestBookmarks(t *testing.T) {
	d := replayed(t)
	d.press("m")
	d.shows("no bookmarks here")
	kept := &book{}
	d.m.options.Marks = kept
	d.press("e", "e", "m")
	d.write("panic why it came")
	d.press("enter")
	d.until(func() bool { return len(d.m.marks) == 1 })
	d.shows("bookmark panic at step 100")
	if want := (monitor.Bookmark{Name: "panic", Step: 100, Note: "why it came"}); len(kept.list) != 1 || kept.list[0] != want {
		t.Errorf("kept %v, want %v", kept.list, want)
	}
	d.press("u", "u", "'")
	d.shows("step 100 of", "why it came")
	d.press("e", "\"")
	d.shows("step 100 of")
	d.press("\"")
	d.shows("there is no bookmark that way")
	d.press("e", "g")
	d.write("panic")
	d.press("enter")
	d.shows("step 100 of")
	d.press("e")
	d.shows("◆")
	d.press(":")
	d.write("seek 0")
	d.press("enter", ":")
	d.write("seek panic")
	d.press("enter")
	d.shows("step 100 of")
}
