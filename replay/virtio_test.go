package replay_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"reprise/internal/testing/torture"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
)

// diskScript writes to a disk, and reads back.
var diskScript = []exchange{
	{"autoboot", "\r"},
	{"=> ", "mw.b 82000000 5a 80000; virtio write 82000000 100 400\r"},
	{"=> ", "virtio write 81000000 180 1; virtio read 81100000 0 400\r"},
	{"=> ", "virtio write 82000000 0 1; virtio read 82000000 100 10\r"},
	{"=> ", "poweroff\r"},
}

// recordDisk records the script on a machine with a disk of 1 MiB of noise.
func recordDisk(t testing.TB, outside bool) (path string, image []byte, end vm.Digest) {
	t.Helper()
	image = make([]byte, 1<<20)
	random := rand.New(rand.NewPCG(5, 6))
	for i := range image {
		image[i] = byte(random.Uint32())
	}
	original := bytes.Clone(image)
	config := ubootConfig(t)
	config.Virtio[7] = vm.Virtio{Kind: vm.VirtioBlock, Image: bytes.NewReader(image), Size: uint64(len(image))}
	config.Virtio[3] = vm.Virtio{Kind: vm.VirtioRNG}
	var m recording.Manifest
	blobs := replay.Describe(&m, config, guestRAM, false)
	hash := recording.Sum(image)
	m.Machine.Virtio[1].Image = hash
	m.Images = append(m.Images, recording.Image{Role: "disk", File: "noise", SHA256: hash, Size: uint64(len(image)), Outside: outside})
	if !outside {
		blobs = append(blobs, recording.ContentOf(image))
	}
	path = filepath.Join(t.TempDir(), "disk.reprise")
	w, err := recording.Create(path, m, recording.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blobs {
		if err := w.Blob(b); err != nil {
			t.Fatal(err)
		}
	}
	user := &typist{script: diskScript}
	tl, err := replay.Record(config, guestRAM, w, replay.Options{
		Consoles: []replay.Console{{ID: vm.SerialDevice, Name: "serial0", Backend: user}},
	})
	if err != nil {
		t.Fatal(err)
	}
	stop, err := tl.Continue(context.Background())
	if err != nil || stop.Reason != replay.GuestShutdown {
		t.Fatalf("recording: %v, %v\n%s", stop, err, user.text())
	}
	for _, want := range []string{"1024 blocks written: OK", "1024 blocks read: OK", "16 blocks read: OK"} {
		if !strings.Contains(user.text(), want) {
			t.Errorf("the console lacks %q:\n%s", want, user.text())
		}
	}
	end = tl.Machine().Digest()
	if err := tl.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(image, original) {
		t.Error("the image was written to")
	}
	return path, image, end
}

// TestDiskMoves goes back and forth in a recording in which a disk is written
// to, also to steps at which requests are under way, and compares each stop
// with a straight replay.
func TestDiskMoves(t *testing.T) {
	path, _, end := recordDisk(t, false)
	ctx := context.Background()
	walker, straight := open(t, path, replay.Options{}), open(t, path, replay.Options{Verify: true})
	random := rand.New(rand.NewPCG(7, 8))
	spans := requestSpans(t, walker)
	want := map[vm.Step]vm.Digest{}
	underway := 0
	for range torture.Count(t, 150, 1000) {
		var err error
		if span := spans[random.IntN(len(spans))]; random.IntN(3) > 0 {
			_, err = walker.Seek(ctx, span[0]+vm.Step(random.Uint64N(uint64(span[1]-span[0]))))
		} else {
			_, err = walker.StepBack(ctx, 1+random.Uint64N(500))
		}
		if err != nil || walker.Err() != nil {
			t.Fatal(err, walker.Err())
		}
		if _, never := walker.Machine().Wake(); !never {
			underway++
		}
		d := walker.Machine().Digest()
		if known, ok := want[walker.Position()]; ok && known.Difference(d) != "" {
			t.Fatalf("step %v has two digests: %s", walker.Position(), known.Difference(d))
		}
		want[walker.Position()] = d
	}
	if underway == 0 {
		t.Error("no stop had a request under way")
	}
	steps := make([]vm.Step, 0, len(want))
	for step := range want {
		steps = append(steps, step)
	}
	slices.Sort(steps)
	for _, step := range steps {
		if step > straight.Position() {
			if _, err := straight.Seek(ctx, step); err != nil {
				t.Fatal(err)
			}
		}
		if d := want[step].Difference(straight.Machine().Digest()); d != "" {
			t.Fatalf("step %v: %s differs in a straight replay", step, d)
		}
	}
	if _, err := straight.GoLive(ctx); err != nil || straight.Err() != nil {
		t.Fatal(err, straight.Err())
	}
	if d := end.Difference(straight.Machine().Digest()); d != "" {
		t.Errorf("%s differs at the end", d)
	}
}

// requestSpans are the steps between U-Boot's saying that it reads or writes,
// and its saying that it did.
func requestSpans(t *testing.T, tl *replay.Timeline) (spans [][2]vm.Step) {
	t.Helper()
	var printed strings.Builder
	var since vm.Step
	c := tl.Log().Cursor()
	for {
		e, ok := c.Next()
		switch {
		case !ok && len(spans) < 4:
			t.Fatalf("%d requests found: %v", len(spans), c.Err())
		case !ok:
			return spans
		case e.Kind == recording.CharWrite:
			if strings.HasSuffix(printed.String(), " ... ") {
				spans = append(spans, [2]vm.Step{since, e.Step})
			}
			printed.Write(e.Data)
			since = e.Step
		}
	}
}

// TestOutsideImage replays a recording whose image lies outside, and one whose
// image has become another without anybody noticing it.
func TestOutsideImage(t *testing.T) {
	path, image, end := recordDisk(t, true)
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if _, err := replay.Play(r, replay.Options{}); err == nil || !strings.Contains(err.Error(), "the image noise is not in the recording") {
		t.Errorf("without the image: %v", err)
	}
	give := func(content []byte) replay.Options {
		return replay.Options{Verify: true, Image: func(recording.Image) (io.ReaderAt, error) { return bytes.NewReader(content), nil }}
	}
	tl := open(t, path, give(image))
	if _, err := tl.Continue(context.Background()); err != nil || tl.Err() != nil {
		t.Fatal(err, tl.Err())
	}
	if d := end.Difference(tl.Machine().Digest()); d != "" {
		t.Errorf("%s differs at the end", d)
	}
	other := bytes.Clone(image)
	other[5] ^= 1
	tl = open(t, path, give(other))
	if stop, _ := tl.Continue(context.Background()); stop.Reason != replay.Diverged || tl.Err() == nil {
		t.Errorf("with another image: %v, %v", stop, tl.Err())
	}
	tl = open(t, path, give(image[:len(image)/16]))
	if _, err := tl.Continue(context.Background()); err == nil || !strings.Contains(err.Error(), "virtio7: disk image at offset") {
		t.Errorf("with an image that became shorter: %v", err)
	}
}

// TestImpossibleDevices opens recordings whose devices cannot be.
func TestImpossibleDevices(t *testing.T) {
	image := make([]byte, 4096)
	hash := recording.Sum(image)
	disk := recording.VirtioDevice{Slot: 7, Type: "virtio-blk-device", Name: "virtio7", Image: hash, Size: 4096}
	for name, test := range map[string]struct {
		change func(d *recording.VirtioDevice, m *recording.Manifest)
		want   string
	}{
		"a slot that is not there":   {func(d *recording.VirtioDevice, _ *recording.Manifest) { d.Slot = 8 }, "virtio slot 8"},
		"a device that is not there": {func(d *recording.VirtioDevice, _ *recording.Manifest) { d.Type = "virtio-gpu-device" }, `a device "virtio-gpu-device"`},
		"an image that is not there": {func(d *recording.VirtioDevice, _ *recording.Manifest) { d.Image[0]++ }, "names no image"},
		"a disk larger than its image": {func(d *recording.VirtioDevice, m *recording.Manifest) {
			d.Size, m.Images[0].Size = 1<<40, 1<<40
		}, "has 1099511627776 bytes, and its image 4096"},
		"a serial number that is too long":  {func(d *recording.VirtioDevice, _ *recording.Manifest) { d.Serial = strings.Repeat("x", 21) }, "more than 20 bytes"},
		"a card without an address":         {func(d *recording.VirtioDevice, _ *recording.Manifest) { d.Type = "virtio-net-device" }, `with the address ""`},
		"a console that is the serial port": {func(d *recording.VirtioDevice, _ *recording.Manifest) { d.Type = "virtio-serial-device" }, "the id 0 of the serial port"},
	} {
		var m recording.Manifest
		blobs := replay.Describe(&m, ubootConfig(t), guestRAM, false)
		device := disk
		m.Images = []recording.Image{{Role: "disk", SHA256: hash, Size: 4096}}
		test.change(&device, &m)
		m.Machine.Virtio = []recording.VirtioDevice{device}
		path := filepath.Join(t.TempDir(), "x.reprise")
		w, err := recording.Create(path, m, recording.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range append(blobs, recording.ContentOf(image)) {
			if err := w.Blob(b); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Finish(0, 0); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := recording.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := replay.Play(r, replay.Options{}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
		_ = r.Close()
	}
}
