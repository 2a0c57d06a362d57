package recording

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
)

// TestBlobFrom writes a blob piece by piece, and reads parts of it in any order,
// while it is recorded and after.
func TestBlobFrom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	content := make([]byte, 3*chunkSize+1000)
	for i := range content {
		content[i] = byte(random.Uint32())
	}
	hash := Sum(content)
	path := filepath.Join(t.TempDir(), "blob.reprise")
	create := func() *Writer {
		t.Helper()
		w, err := Create(path, Manifest{Images: []Image{{Role: "disk", SHA256: hash}}}, CreateOptions{Force: true})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	// What has changed meanwhile, or cannot be read, ends the recording: the
	// pieces of it that are written belong to no blob.
	changed := bytes.Clone(content)
	changed[2*chunkSize] ^= 1
	broken := errors.New("cannot be read")
	for want, from := range map[error]io.Reader{
		ErrChanged: bytes.NewReader(changed),
		broken:     io.MultiReader(bytes.NewReader(content[:chunkSize+7]), iotest.ErrReader(broken)),
	} {
		w := create()
		if err := w.BlobFrom(from, hash); !errors.Is(err, want) {
			t.Errorf("%v where %v was expected", err, want)
		}
		if err := w.Blob(ContentOf(content)); !errors.Is(err, want) {
			t.Errorf("afterwards the recording goes on: %v", err)
		}
		_ = w.Close()
	}
	w := create()
	if err := w.BlobFrom(iotest.HalfReader(bytes.NewReader(content)), hash); err != nil {
		t.Fatal(err)
	}
	check := func(l *Log) {
		t.Helper()
		b, err := l.OpenBlob(hash)
		if err != nil {
			t.Fatal(err)
		}
		for range 200 {
			off := random.IntN(len(content))
			p := make([]byte, min(len(content)-off, random.IntN(2*chunkSize)))
			if _, err := b.ReadAt(p, int64(off)); err != nil || !bytes.Equal(p, content[off:][:len(p)]) {
				t.Fatalf("%d bytes at %d: wrong content, error %v", len(p), off, err)
			}
		}
	}
	check(w.View())
	if err := w.Finish(0, 0); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	again := func() {
		t.Helper()
		r, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		check(r.View())
		if whole, err := r.Blob(hash); err != nil || !bytes.Equal(whole, content) {
			t.Errorf("the whole blob: %v", err)
		}
	}
	again()
	// Without its trailer the file is read from the start, past the pieces of
	// what was not taken.
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()-1); err != nil {
		t.Fatal(err)
	}
	again()
}

// TestBlobsAhead hands over more than may wait, and an event, before anything is
// asked for: all is in the file in order, and its memory was bounded.
func TestBlobsAhead(t *testing.T) {
	images := make([][]byte, 5)
	for i := range images {
		images[i] = bytes.Repeat([]byte{byte(i)}, maxAhead/4)
	}
	w, f := create(t, sampleManifest(images...))
	check(t, w.Append(Event{Step: 1, Kind: Interrupt}))
	for _, data := range images {
		check(t, w.Blob(ContentOf(data)))
		if w.ahead.bytes > maxAhead {
			t.Fatalf("%d bytes wait", w.ahead.bytes)
		}
	}
	if len(w.ahead.queue) == 0 {
		t.Error("nothing is packed ahead")
	}
	check(t, w.Flush(2, 2))
	r := mustOpen(t, f.data)
	if r.Len() != 1 {
		t.Errorf("%d events", r.Len())
	}
	for _, data := range images {
		if got, err := r.Blob(Sum(data)); err != nil || !bytes.Equal(got, data) {
			t.Errorf("a blob comes back otherwise: %v", err)
		}
	}
}

// TestCloseWithoutImages removes what nobody could replay, and nothing else.
func TestCloseWithoutImages(t *testing.T) {
	image := []byte("an image")
	for _, given := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "images.reprise")
		w, err := Create(path, sampleManifest(image), CreateOptions{})
		check(t, err)
		if given {
			check(t, w.Blob(ContentOf(image)))
		}
		check(t, w.Close())
		if _, err := os.Stat(path); (err == nil) != given {
			t.Errorf("given its image: %v; afterwards: %v", given, err)
		}
	}
}
