package ui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/testing/large"
	"reprise/replay"
)

// TestFirstFrameReadsLittle opens a recording of 40 MB, or with make torture of
// a gigabyte, as the program does. The first frame that shows the machine needs
// at most a MiB of it.
func TestFirstFrameReadsLittle(t *testing.T) {
	r, file := large.Open(t)
	timeline, err := replay.Play(r, replay.Options{Consoles: []replay.Console{{Name: "serial0"}}})
	if err != nil {
		t.Fatal(err)
	}
	consoles := []Console{{Name: "serial0"}}
	screens := NewScreens(consoles)
	timeline.Observe(screens)
	debugger := replay.NewDebugger("large", timeline)
	t.Cleanup(func() { _ = debugger.Close() })
	s := Of(debugger)
	d := &driver{t: t, session: s, m: newRoot(Options{Session: s, Consoles: consoles, Screens: screens, Look: plain}), messages: make(chan tea.Msg, 1000)}
	t.Cleanup(s.Subscribe(d.m.feed.put))
	d.run(d.m.Init())
	d.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	read := int64(-1)
	d.until(func() bool {
		if d.m.view != nil && read < 0 {
			d.shows("csrr      a0,mhartid", "26 char_read_all", "needle at the start")
			read = file.Since()
		}
		return read >= 0
	})
	t.Logf("%d KiB read for the first frame", read>>10)
	if read > 1<<20 {
		t.Errorf("%d bytes are read for the first frame, at most a MiB is to be", read)
	}
	d.settle() // the time bar is counted behind it
	if bar := d.m.timebar().lanes; bar == nil || bar.seen != bar.to || bar.counts[0][laneColumns-1] == 0 {
		t.Error("the lanes of the time bar are not counted to the end")
	}
}
