package recording

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// ErrTorn is returned for what needs a recording that was closed.
var ErrTorn = errors.New("the recording lacks its end: it is still being recorded, or its recorder was stopped")

// Rewrite makes a recording anew, without its snapshots and its index. fill may
// add snapshots to the new one, which then gets an index and takes the place of
// the old file. After an error the old file is as it was.
func Rewrite(path string, fill func(*Writer) error) (err error) {
	r, err := Open(path)
	if err != nil {
		return err
	}
	defer func() {
		if r != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	if !r.Complete() {
		return fmt.Errorf("%s: %w", path, ErrTorn)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("recording cannot be rewritten: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	w, err := r.copyTo(f, path)
	if err != nil {
		return err
	}
	if err := fill(w); err != nil {
		return err
	}
	if err := w.Finish(r.Last(), r.Virtual()); err != nil {
		return err
	}
	if err := errors.Join(w.Close(), r.Close()); err != nil {
		return err
	}
	r = nil
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("recording cannot be rewritten: %w", err)
	}
	return nil
}

// copyTo copies everything but snapshots and indices into a new file, and
// returns a writer that stands behind the end frame.
func (r *Reader) copyTo(f *os.File, path string) (*Writer, error) {
	if _, err := io.Copy(f, io.NewSectionReader(r.src, 0, fileHeaderSize)); err != nil {
		return nil, fmt.Errorf("recording %s: %w", path, err)
	}
	var end, size int64 = 0, fileHeaderSize
	for off := int64(fileHeaderSize); off < r.Log.size; {
		h, err := readFrameHeader(r.src, off, r.size)
		if err != nil {
			return nil, err
		}
		length := frameHeaderSize + h.size
		switch h.kind {
		case framePages, frameSnapshot, frameIndex, frameTrailer:
		default:
			if h.kind == frameEnd {
				end = size
			}
			if _, err := io.Copy(f, io.NewSectionReader(r.src, off, length)); err != nil {
				return nil, fmt.Errorf("recording %s: %w", path, err)
			}
			size += length
		}
		off += length
	}
	l, tear, err := scan(f, size)
	if err == nil {
		err = tear
	}
	if err != nil {
		return nil, err
	}
	totals, err := r.Totals()
	if err != nil {
		return nil, err
	}
	l.totals = &totals
	w := &Writer{f: f, path: path, log: l, manifest: r.manifest, missing: map[Hash]bool{}, coming: map[Hash]bool{}, end: end}
	w.pages.known = map[Hash]PageID{}
	return w, nil
}
