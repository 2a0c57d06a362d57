package large

import (
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"reprise/internal/testing/torture"
	"reprise/replay/recording"
)

// Counted is a file that counts the bytes that are read of it.
type Counted struct {
	io.ReaderAt
	bytes atomic.Int64
}

// ReadAt implements [io.ReaderAt].
func (c *Counted) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	c.bytes.Add(int64(n))
	return n, err
}

// Since is how many bytes were read since the last call.
func (c *Counted) Since() int64 { return c.bytes.Swap(0) }

// Open records a large session and opens it: one of 40 MB, of a gigabyte with
// make torture.
func Open(t *testing.T) (*recording.Reader, *Counted) {
	t.Helper()
	size := Small
	if torture.Count(t, 0, 1) > 0 {
		size = Full
	}
	path := filepath.Join(t.TempDir(), "large.reprise")
	if err := Record(path, size); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	c := &Counted{ReaderAt: f}
	r, err := recording.NewReader(c, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	return r, c
}
