package recording

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.reprise")
	w, err := Create(path, sampleManifest(sampleImages...), CreateOptions{})
	check(t, err)
	check(t, writeSample(w, sampleImages...))
	check(t, w.Close())
	check(t, w.Close())
	compareFile(t, path)

	_, err = Create(path, sampleManifest(), CreateOptions{})
	if !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), "--force") {
		t.Errorf("an existing file: %v", err)
	}
	compareFile(t, path)

	check(t, os.Chmod(path, 0o666))
	link := path + ".link"
	check(t, os.Link(path, link))
	w, err = Create(path, sampleManifest(), CreateOptions{Force: true})
	check(t, err)
	check(t, w.Finish(0, 0))
	check(t, w.Close())
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the replaced file has mode %v, %v", info.Mode(), err)
	}
	r, err := Open(link)
	check(t, err)
	if r.Len() != uint64(len(sampleContent(sampleImages...).Events)) {
		t.Error("replacing a file changed another name of the old one")
	}
	check(t, r.Close())

	if _, err = Create(t.TempDir(), sampleManifest(), CreateOptions{Force: true}); err == nil {
		t.Error("a directory was replaced")
	}
	if _, err = Create(filepath.Join(path, "b"), sampleManifest(), CreateOptions{}); err == nil {
		t.Error("a file was created in a file")
	}
}

func compareFile(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v", info.Mode())
	}
	r, err := Open(path)
	check(t, err)
	got, err := readAll(r)
	check(t, err)
	equal(t, "the file", got, sampleContent(sampleImages...))
	check(t, r.Close())
}

// TestDiskFull writes the sample on a disk of every size. The error is the
// disk's, it stays, and what was written is a recording.
func TestDiskFull(t *testing.T) {
	data, want := sample(t)
	for limit := 1; limit < len(data); limit += 3 {
		f := &memFile{limit: limit}
		w, err := newWriter(f, "full.reprise", sampleManifest(sampleImages...))
		if err == nil {
			err = writeSample(w, sampleImages...)
			again := w.Append(Event{Step: 1 << 41, Kind: Interrupt})
			if !errors.Is(again, syscall.ENOSPC) || again.Error() != err.Error() {
				t.Fatalf("disk of %d bytes: after %v comes %v", limit, err, again)
			}
			if _, visible := readEvents(w.View()); visible != nil {
				t.Fatalf("disk of %d bytes: the log cannot be read: %v", limit, visible)
			}
			check(t, w.Close())
		}
		if !errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "\n") {
			t.Fatalf("disk of %d bytes: %v", limit, err)
		}
		r, err := open(f.data)
		if errors.Is(err, ErrNotYetRecording) {
			continue
		}
		check(t, err)
		got, err := readAll(r)
		check(t, err)
		if n := len(got.Events); n > 0 && !cmp.Equal(got.Events, want.Events[:n]) {
			t.Fatalf("disk of %d bytes holds other events", limit)
		}
		if _, dropped, _ := r.Torn(); dropped != 0 {
			t.Fatalf("disk of %d bytes: a torn frame of %d bytes was left", limit, dropped)
		}
	}
}

// TestRefused covers what a session may not write. Nothing of it is in the
// file, and the writer stays stopped.
func TestRefused(t *testing.T) {
	tests := map[string]func(*Writer) error{
		"a step back":           func(w *Writer) error { return w.Append(Event{Step: 99, Kind: Interrupt}) },
		"never":                 func(w *Writer) error { return w.Append(Event{Step: 1<<64 - 1, Kind: Interrupt}) },
		"an instruction":        func(w *Writer) error { return w.Append(Event{Step: 100}) },
		"an end":                func(w *Writer) error { return w.Append(Event{Step: 100, Kind: End}) },
		"an unknown kind":       func(w *Writer) error { return w.Append(Event{Step: 100, Kind: 200}) },
		"another checkpoint":    func(w *Writer) error { return w.Append(Event{Step: 100, Kind: CheckpointInit, Checkpoint: AtReset}) },
		"an unknown checkpoint": func(w *Writer) error { return w.Append(Event{Step: 100, Kind: AsyncBH, Checkpoint: 99}) },
		"an unknown cause":      func(w *Writer) error { return w.Append(Event{Step: 100, Kind: Shutdown, Shutdown: 99}) },
		"too much data": func(w *Writer) error {
			return w.Append(Event{Step: 100, Kind: Random, Data: make([]byte, MaxEventData+1)})
		},
		"a flush back":         func(w *Writer) error { return w.Flush(99, 0) },
		"a digest back":        func(w *Writer) error { return w.Digest(99, nil) },
		"an end back":          func(w *Writer) error { return w.Finish(99, 0) },
		"half a page":          func(w *Writer) error { _, err := w.SnapshotPage(make([]byte, 100)); return err },
		"a page never given":   func(w *Writer) error { return w.Snapshot(&Snapshot{Pages: []PageRef{{1, 1}}}) },
		"a snapshot to come":   func(w *Writer) error { return w.Snapshot(&Snapshot{Ordinal: 2}) },
		"a name without limit": func(w *Writer) error { return w.Digest(100, []ComponentDigest{{strings.Repeat("x", 256), 0}}) },
	}
	for name, refused := range tests {
		w, f := create(t, sampleManifest())
		check(t, w.Append(Event{Step: 5, Kind: Interrupt}))
		check(t, w.Flush(100, 100))
		size := len(f.data)
		err := refused(w)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if again := w.Finish(200, 200); again == nil || again.Error() != err.Error() || len(f.data) != size {
			t.Errorf("%s: then Finish gives %v", name, again)
		}
	}
}

// TestMissingImage starts a machine whose images were not written.
func TestMissingImage(t *testing.T) {
	image := []byte("an image")
	for name, start := range map[string]func(*Writer) error{
		"flush":    func(w *Writer) error { return w.Flush(1, 1) },
		"digest":   func(w *Writer) error { return w.Digest(1, nil) },
		"snapshot": func(w *Writer) error { return w.Snapshot(&Snapshot{}) },
		"finish":   func(w *Writer) error { return w.Finish(0, 0) },
	} {
		w, f := create(t, sampleManifest(image))
		if err := start(w); err == nil || !strings.Contains(err.Error(), "images") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := open(f.data); !errors.Is(err, ErrNotYetRecording) {
			t.Errorf("%s: then opening gives %v", name, err)
		}
	}
	m := sampleManifest(image)
	m.Images[0].Outside, m.Memory = true, nil
	w, f := create(t, m)
	check(t, w.Flush(1, 1))
	if _, err := mustOpen(t, f.data).Blob(Sum(image)); !errors.Is(err, ErrNoBlob) {
		t.Errorf("an outside image: %v", err)
	}
}

// TestBeforeFirstFlush opens a file whose recorder was stopped between the images
// and the first flush: what the machine got as it was switched on is missing, so
// that it could not be replayed to any step.
func TestBeforeFirstFlush(t *testing.T) {
	image := []byte("an image")
	w, f := create(t, sampleManifest(image))
	check(t, w.Blob(ContentOf(image)))
	check(t, w.catchUp())
	check(t, w.Append(Event{Kind: Random, Data: []byte("entropy")}))
	if _, err := open(f.data); !errors.Is(err, ErrNotYetRecording) {
		t.Errorf("before the first flush: %v", err)
	}
	check(t, w.Flush(0, 0))
	if r := mustOpen(t, f.data); r.Len() != 1 {
		t.Errorf("after it there are %d events", r.Len())
	}
}

// TestAfterFinish uses a writer that has written its end.
func TestAfterFinish(t *testing.T) {
	w, _ := create(t, sampleManifest())
	check(t, w.Finish(0, 0))
	if err := w.Append(Event{Step: 1, Kind: Interrupt}); !errors.Is(err, ErrFinished) {
		t.Errorf("Append: %v", err)
	}
	if err := w.Finish(1, 1); !errors.Is(err, ErrFinished) {
		t.Errorf("Finish: %v", err)
	}
	check(t, w.Close())
}

// TestProgress flushes a guest that only computes: without events, the file
// still knows how far it got.
func TestProgress(t *testing.T) {
	w, f := create(t, sampleManifest())
	for step := Step(1); step < 10; step++ {
		check(t, w.Flush(step*1000, uint64(step)*3000))
		size := len(f.data)
		check(t, w.Flush(step*1000, uint64(step)*3000))
		if len(f.data) != size {
			t.Fatal("a flush of nothing writes something")
		}
		r := mustOpen(t, f.data)
		if r.Last() != step*1000 || r.Virtual() != uint64(step)*3000 || r.Len() != 0 {
			t.Fatalf("flushed at %s, the file says %s", step*1000, r.Last())
		}
	}
	size := len(f.data)
	check(t, w.Append(Event{Step: 9000, Kind: ClockVirtualRT, Value: 1 << 40}))
	check(t, w.Flush(9001, 1<<40))
	if cost := len(f.data) - size; cost > 64 {
		t.Errorf("waking an idle machine takes %d bytes", cost)
	}
}

// TestBlobs keeps content of several sizes, and reads it whole and in parts.
func TestBlobs(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	noise := make([]byte, 3*chunkSize+17)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	images := [][]byte{nil, {1}, noise, noise[:chunkSize], noise[:chunkSize+1], make([]byte, 16<<20)}
	w, f := create(t, sampleManifest(images...))
	for _, data := range images {
		check(t, w.Blob(ContentOf(data)))
		size := w.Size()
		check(t, w.Blob(ContentOf(bytes.Clone(data))))
		if w.Size() != size {
			t.Error("equal blobs are kept twice")
		}
	}
	if len(f.data) > 2*len(noise)+1<<20 {
		t.Errorf("the zeros do not compress: %d bytes", len(f.data))
	}
	check(t, w.Flush(1, 1))
	for _, log := range []*Log{w.View(), mustOpen(t, f.data).View()} {
		for _, data := range images {
			got, err := log.Blob(Sum(data))
			check(t, err)
			if !bytes.Equal(got, data) {
				t.Fatalf("a blob of %d bytes comes back as one of %d", len(data), len(got))
			}
			compareParts(t, random, log, data)
		}
	}
}

func compareParts(t *testing.T, random *rand.Rand, log *Log, data []byte) {
	t.Helper()
	b, err := log.OpenBlob(Sum(data))
	check(t, err)
	if b.Size() != int64(len(data)) {
		t.Fatalf("a blob of %d bytes says it has %d", len(data), b.Size())
	}
	for range 20 {
		off := random.IntN(len(data) + 10)
		p := make([]byte, random.IntN(2*chunkSize))
		want := data[min(off, len(data)):min(off+len(p), len(data))]
		n, err := b.ReadAt(p, int64(off))
		if n != len(want) || !bytes.Equal(p[:n], want) || (n < len(p)) != errors.Is(err, io.EOF) {
			t.Fatalf("ReadAt(%d bytes, %d) = %d, %v", len(p), off, n, err)
		}
	}
}

// TestLargeEvents carries as much data as an event may.
func TestLargeEvents(t *testing.T) {
	w, f := create(t, sampleManifest())
	check(t, w.Append(Event{Step: 1, Kind: Random, Data: make([]byte, frameCut-10)}))
	check(t, w.Append(Event{Step: 1, Kind: DebugWrite, Data: bytes.Repeat([]byte("ab"), MaxEventData/2)}))
	check(t, w.Append(Event{Step: 2, Kind: Interrupt, Cause: 1}))
	check(t, w.Finish(2, 2))
	events, err := readEvents(mustOpen(t, f.data).Log)
	check(t, err)
	if len(events) != 4 || len(events[0].Data) != frameCut-10 || len(events[1].Data) != MaxEventData {
		t.Fatalf("%d events come back", len(events))
	}
}

// TestHostileSizes covers content that claims to be larger than its bytes can
// hold.
func TestHostileSizes(t *testing.T) {
	for _, content := range [][]byte{nil, []byte("short"), make([]byte, 1<<20), bytes.Repeat([]byte("ab"), 1<<16)} {
		packed := pack(nil, content)
		if len(packed)*maxRatio < len(content) {
			t.Errorf("%d bytes are packed into %d", len(content), len(packed))
		}
		got, err := unpack(packed, len(content))
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes come back as %d: %v", len(content), len(got), err)
		}
		if _, err := unpack(packed, len(content)-1); err == nil && len(content) > 0 {
			t.Errorf("%d bytes go past a limit of one less", len(content))
		}
		for n := range min(len(packed), 100) {
			if _, err := unpack(packed[:n], 1<<20); err == nil {
				t.Errorf("%d of %d packed bytes are enough", n, len(packed))
			}
		}
	}
	small := thorough().EncodeAll(make([]byte, 1<<20), []byte{0x80, 0x80, 0x40, methodZstd})
	if _, err := unpack(small, maxUnpacked); !errors.Is(err, errRatio) {
		t.Errorf("a MiB of zeros in %d bytes: %v", len(small), err)
	}
	lie := thorough().EncodeAll(make([]byte, 1<<20), []byte{0x80, 0x08, methodZstd})
	if _, err := unpack(lie, maxUnpacked); err == nil {
		t.Error("a MiB that claims to be a KiB is taken")
	}
}
