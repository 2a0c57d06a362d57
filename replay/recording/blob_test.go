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
	w, err := Create(path, Manifest{Images: []Image{{Role: "disk", SHA256: hash}}}, CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// What has changed meanwhile, or cannot be read, is not taken.
	changed := bytes.Clone(content)
	changed[2*chunkSize] ^= 1
	if err := w.BlobFrom(bytes.NewReader(changed), hash); !errors.Is(err, ErrChanged) {
		t.Errorf("other content: %v", err)
	}
	broken := errors.New("cannot be read")
	if err := w.BlobFrom(io.MultiReader(bytes.NewReader(content[:chunkSize+7]), iotest.ErrReader(broken)), hash); !errors.Is(err, broken) {
		t.Errorf("an error of the content's: %v", err)
	}
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
