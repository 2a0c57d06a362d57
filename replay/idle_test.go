package replay_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"reprise/assets"
	"reprise/replay"
)

// TestIdleMachineCostsNothing records a guest that sleeps from second to second
// for a minute of a clock that passes only while everybody waits. What it costs
// is how often the session wakes, and what is written.
func TestIdleMachineCostsNothing(t *testing.T) {
	const minute = time.Minute
	config := guestConfig(t, 0, assets.Idle())
	w := newWriter(t, config, true)
	path := w.Path()
	synctest.Test(t, func(t *testing.T) {
		tl, user := start(t, config, w, nil, true)
		size := func() int64 {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			return info.Size()
		}
		empty, slices := size(), 0
		replay.OnSlice(tl, func() { slices++ })
		ctx, cancel := context.WithTimeout(context.Background(), minute)
		defer cancel()
		if stop, err := tl.Continue(ctx); err != nil || stop.Reason != replay.Interrupted {
			t.Fatal(stop, err)
		}
		if got := time.Duration(tl.Machine().VirtualTime()); got > minute+time.Millisecond || got < minute-2*time.Second {
			t.Errorf("%v of virtual time have passed in %v", got, minute)
		}
		if lines := strings.Count(user.text(), "\n"); lines < 60 {
			t.Errorf("the guest woke %d times:\n%s", lines-1, user.text())
		}
		if slices > 60*20 {
			t.Errorf("%d slices in a minute", slices)
		}
		if grown := size() - empty; grown > 10_000 {
			t.Errorf("%d bytes in a minute", grown)
		}
		t.Logf("%d slices, %d bytes, %d steps", slices, size()-empty, tl.Position())
		if err := tl.Close(); err != nil {
			t.Fatal(err)
		}
	})
	again := open(t, path, replay.Options{Verify: true})
	if stop, err := again.Continue(context.Background()); err != nil || again.Err() != nil || stop.Reason != replay.AtEnd {
		t.Fatal(stop, err, again.Err())
	}
}

// TestIdleMachineWakesForInput types to a guest that would sleep for most of a
// second more: the wait ends when the byte comes.
func TestIdleMachineWakesForInput(t *testing.T) {
	config := guestConfig(t, 0, assets.Keys())
	w := newWriter(t, config, true)
	synctest.Test(t, func(t *testing.T) {
		tl, user := start(t, config, w, []exchange{{"keys: ready", "a"}, {"61", "poweroff\r"}}, true)
		if stop, err := tl.Continue(context.Background()); err != nil || stop.Reason != replay.GuestShutdown {
			t.Fatal(stop, err, user.text())
		}
		if passed := time.Duration(tl.Machine().VirtualTime()); passed > time.Second {
			t.Errorf("it took %v", passed)
		}
		if err := tl.Close(); err != nil {
			t.Fatal(err)
		}
	})
	again := open(t, w.Path(), replay.Options{Verify: true})
	if stop, err := again.Continue(context.Background()); err != nil || again.Err() != nil || stop.Reason != replay.GuestShutdown {
		t.Fatal(stop, err, again.Err())
	}
}
