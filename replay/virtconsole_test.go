package replay_test

import (
	"context"
	"path/filepath"
	"testing"

	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
)

// consoleScript lets U-Boot, which has no driver for it, hand two buffers to a
// virtio console in slot 7 with one kick.
var consoleScript = []exchange{
	{"autoboot", "\r"},
	{"=> ", "mw.l 10008070 1; mw.l 10008070 3; mw.l 10008070 b; mw.l 10008030 1; mw.l 10008038 8\r"},
	{"=> ", "mw.l 10008080 82000000; mw.l 10008090 82000100; mw.l 100080a0 82000200; mw.l 10008044 1; mw.l 10008070 f\r"},
	{"=> ", "mw.b 82001000 41 5; mw.b 82001005 42 6; mw.l 82000000 82001000; mw.l 82000004 0; mw.l 82000008 5; mw.l 8200000c 0\r"},
	{"=> ", "mw.l 82000010 82001005; mw.l 82000014 0; mw.l 82000018 6; mw.l 8200001c 0; mw.w 82000104 0; mw.w 82000106 1; mw.w 82000102 2\r"},
	{"=> ", "mw.l 10008050 1; mw.l 10008108 43; md.w 82000202 1\r"},
	{"=> ", "poweroff\r"},
}

// TestSecondConsole writes twice in one step to a second character device, whose
// backend gets both, once: when it is recorded, and when it is replayed.
func TestSecondConsole(t *testing.T) {
	const want = "AAAAABBBBBBC"
	config := ubootConfig(t)
	config.Virtio[7] = vm.Virtio{Kind: vm.VirtioConsole, Device: 1}
	var m recording.Manifest
	blobs := replay.Describe(&m, config, guestRAM, false)
	path := filepath.Join(t.TempDir(), "c.reprise")
	w, err := recording.Create(path, m, recording.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blobs {
		if err := w.Blob(b); err != nil {
			t.Fatal(err)
		}
	}
	consoles := func() (serial, second *typist, list []replay.Console) {
		serial, second = &typist{}, &typist{}
		return serial, second, []replay.Console{
			{ID: vm.SerialDevice, Name: "serial0", Backend: serial}, {ID: 1, Name: "second", Backend: second},
		}
	}
	ctx := context.Background()
	serial, second, list := consoles()
	serial.script = consoleScript
	tl, err := replay.Record(config, guestRAM, w, replay.Options{Consoles: list})
	if err != nil {
		t.Fatal(err)
	}
	if stop, err := tl.Continue(ctx); err != nil || stop.Reason != replay.GuestShutdown {
		t.Fatal(stop, err, serial.text())
	}
	if second.text() != want {
		t.Errorf("recorded: %q, want %q\n%s", second.text(), want, serial.text())
	}
	if _, err := tl.Seek(ctx, 1000); err != nil {
		t.Fatal(err)
	}
	if _, err := tl.GoLive(ctx); err != nil {
		t.Fatal(err)
	}
	if second.text() != want {
		t.Errorf("after going back and forth: %q, want %q", second.text(), want)
	}
	if err := tl.Close(); err != nil {
		t.Fatal(err)
	}
	_, second, list = consoles()
	again := open(t, path, replay.Options{Verify: true, Consoles: list})
	for range 2 {
		if _, err := again.GoLive(ctx); err != nil || again.Err() != nil {
			t.Fatal(err, again.Err())
		}
		if second.text() != want {
			t.Errorf("replayed: %q, want %q", second.text(), want)
		}
		if _, err := again.Seek(ctx, 1000); err != nil {
			t.Fatal(err)
		}
	}
}
