package ui

import (
	"fmt"
	"testing"

	"reprise/internal/testing/toysession"
)

// TestGolden compares whole screens, live and replayed.
func TestGolden(t *testing.T) {
	for _, size := range []struct{ width, height int }{{80, 24}, {120, 40}} {
		at := fmt.Sprintf("%dx%d", size.width, size.height)
		t.Run("replay-"+at, func(t *testing.T) {
			d := newDriver(t, size.width, size.height, color, toysession.Options{Name: "toy.reprise", Last: 123_456})
			d.golden("replay-start-" + at)
			d.press("e", "e", "e", "s", "b", "s")
			d.golden("replay-" + at)
			d.press("?")
			d.golden("help-" + at)
		})
		t.Run("live-"+at, func(t *testing.T) {
			d := newDriver(t, size.width, size.height, color, toysession.Options{Name: "new.reprise", Last: 5000, Live: true})
			d.golden("live-paused-" + at)
			d.press("c")
			d.golden("live-running-" + at)
			d.press("i")
			d.golden("live-input-" + at)
		})
	}
}
