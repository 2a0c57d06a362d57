package assets_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"reprise/assets"
	"reprise/internal/testing/guests"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
)

// remake is the advice for a recording that no longer fits.
const remake = "run scripts/demo"

// demoRecording opens the bundled recording.
func demoRecording(t *testing.T) *recording.Reader {
	t.Helper()
	data := assets.DemoRecording()
	r, err := recording.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatalf("%v: %s", err, remake)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// TestDemoRecording looks at what is in the file.
func TestDemoRecording(t *testing.T) {
	r := demoRecording(t)
	if size := len(assets.DemoRecording()); size > 256<<10 {
		t.Errorf("%d bytes, want at most 256 KiB", size)
	}
	if !r.Complete() {
		t.Errorf("the recording is torn: %s", remake)
	}
	if images := r.Manifest().Images; len(images) != 1 || images[0].SHA256 != recording.Sum(assets.Demo()) {
		t.Errorf("it is not of assets.Demo: %s", remake)
	}
	var typed, console strings.Builder
	var exceptions []recording.Event
	c := r.Cursor()
	for {
		e, ok := c.Next()
		if !ok {
			break
		}
		switch e.Kind {
		case recording.AsyncCharRead:
			typed.Write(e.Data)
		case recording.CharWrite:
			console.Write(e.Data)
		case recording.Exception:
			exceptions = append(exceptions, e)
		default:
		}
	}
	if err := c.Err(); err != nil {
		t.Fatal(err)
	}
	if want := strings.Join(guests.CrashLines(), "\r") + "\r"; typed.String() != want {
		t.Errorf("typed was %q, want %q", typed.String(), want)
	}
	if got := plain(console.String()); !strings.HasSuffix(got, "The machine has stopped.\r\n") || !strings.Contains(got, crashReport) {
		t.Errorf("the console does not end in the crash:\n%s", got)
	}
	if len(exceptions) != 1 || exceptions[0].Cause != guests.CrashCode {
		t.Errorf("the exceptions are %v, want the crash alone", exceptions)
	}
}

// TestDemoRecordingReplays holds the recording against the machine: every
// cross-check and every digest, to the crash.
func TestDemoRecordingReplays(t *testing.T) {
	r := demoRecording(t)
	timeline, err := replay.Play(r, replay.Options{
		Verify:   true,
		Consoles: []replay.Console{{ID: vm.SerialDevice, Name: "serial0"}},
	})
	if err != nil {
		t.Fatalf("%v: %s", err, remake)
	}
	defer func() {
		if err := timeline.Close(); err != nil {
			t.Error(err)
		}
	}()
	stop, err := timeline.Continue(context.Background())
	if err != nil || timeline.Err() != nil || stop.Reason != replay.GuestShutdown || stop.Step != r.Last() {
		t.Fatalf("the replay stops at %v of %v: %v, %v, %v: %s", stop.Step, r.Last(), stop.Reason, err, timeline.Err(), remake)
	}
	if got, want := timeline.Machine().Shutdown(), (vm.Shutdown{Cause: vm.GuestFailure, Code: guests.CrashCode}); got != want {
		t.Errorf("the machine ended with %v, want %v", got, want)
	}
	if timeline.Verified() == 0 {
		t.Error("no digest was compared")
	}
}
