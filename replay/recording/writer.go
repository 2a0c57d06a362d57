package recording

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"reprise/vm/state"
)

// CreateOptions says how Create treats what is there.
type CreateOptions struct {
	Force bool // replace an existing file
}

// Writer writes a recording. After an error, which every later call returns
// again, nothing more is written, and what is in the file stays valid. The
// file is readable at any moment, up to the last flush.
type Writer struct {
	f        file
	path     string
	log      *Log
	manifest Manifest
	missing  map[Hash]bool // blobs that the manifest names and that are not yet written
	coming   map[Hash]bool // blobs that were handed over
	frame    []byte        // scratch: the frame being built
	ahead    ahead
	pages    pageWriter
	end      int64 // offset of the end frame; 0 before it is written
	err      error
	closed   bool
}

// file is what a Writer needs of an *os.File.
type file interface {
	io.Writer
	io.ReaderAt
	io.Closer
	Sync() error
	Truncate(size int64) error
}

// Create starts a recording in a new file that only its owner may read, since
// it will hold what was typed and the guest's memory. An existing file is an
// error that wraps fs.ErrExist, unless it is to be replaced.
func Create(path string, m Manifest, o CreateOptions) (*Writer, error) {
	if o.Force {
		if err := removeOld(path); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("recording %s: %w: choose another name, or replace it with --force", path, fs.ErrExist)
	}
	if err != nil {
		return nil, fmt.Errorf("recording cannot be created: %w", err)
	}
	w, err := newWriter(f, path, m)
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return w, nil
}

// removeOld removes the file that is to be replaced, so that neither its
// permissions nor its other names are inherited.
func removeOld(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !info.Mode().IsRegular() && info.Mode().Type() != fs.ModeSymlink {
		return fmt.Errorf("recording %s: it is not an ordinary file and will not be replaced: choose another name", path)
	}
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil {
		return fmt.Errorf("recording cannot be replaced: %w", err)
	}
	return nil
}

// newWriter writes the file's header and manifest.
func newWriter(f file, path string, m Manifest) (*Writer, error) {
	m.Format = Version
	w := &Writer{f: f, path: path, manifest: m, missing: map[Hash]bool{}, coming: map[Hash]bool{}}
	for _, hash := range m.blobs() {
		w.missing[hash] = true
	}
	w.log = newLog(f)
	w.log.totals = &Totals{}
	w.pages.known = map[Hash]PageID{}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("recording's manifest: %w", err)
	}
	if err := w.write(fileHeader(Version)); err != nil {
		return nil, err
	}
	w.begin()
	w.frame = append(w.frame, text...)
	_, err = w.commit(frameManifest)
	return w, err
}

// Size is the size of the file in bytes, once everything that was handed over is
// in it.
func (w *Writer) Size() int64 {
	_ = w.catchUp() // the next call returns the error again
	return w.log.fileSize()
}

// Path is the file's path, as given to Create.
func (w *Writer) Path() string { return w.path }

// Manifest is the recording's manifest.
func (w *Writer) Manifest() *Manifest { return &w.manifest }

// View is the log so far, for a session that travels while it is recorded. It
// stays valid until Close.
func (w *Writer) View() *Log { return w.log }

// Append adds an event to the log. Its step must not be before that of an
// earlier event, flush or digest. It is in the file after the next Flush at
// the latest.
func (w *Writer) Append(e Event) error {
	if w.err != nil {
		return w.err
	}
	l := w.log
	l.mu.Lock()
	t := &l.tail
	if last := l.last(); w.end != 0 || !e.Kind.storable() || e.Step < last || e.Step == state.Never ||
		e.Checkpoint >= checkpointCount || e.Shutdown >= shutdownCount || len(e.Data) > MaxEventData ||
		e.Kind.IsCheckpoint() && e.Checkpoint != AtNone && e.Checkpoint != e.Kind.Checkpoint() {
		l.mu.Unlock()
		return w.refuse(e, last)
	}
	t.buf = t.enc.encode(t.buf, &e)
	l.totals.add(&e)
	t.count++
	t.last = e.Step
	full := t.count == maxEvents || len(t.buf) >= frameCut
	l.mu.Unlock()
	if full {
		return w.seal(l.reached)
	}
	return nil
}

// refuse says why an event cannot be appended.
func (w *Writer) refuse(e Event, last Step) error {
	switch {
	case w.end != 0:
		return w.fail(fmt.Errorf("an event of kind %s comes after the end", e.Kind))
	case !e.Kind.storable():
		return w.fail(fmt.Errorf("an event of kind %s cannot be recorded", e.Kind))
	case e.Step < last || e.Step == state.Never:
		return w.fail(fmt.Errorf("event %s at step %s comes after step %s", e.Kind, e.Step, last))
	case len(e.Data) > MaxEventData:
		return w.fail(fmt.Errorf("event %s carries %d bytes; %d is the limit", e.Kind, len(e.Data), MaxEventData))
	}
	return w.fail(fmt.Errorf("event %s has checkpoint %s and shutdown cause %s", e.Kind, e.Checkpoint, e.Shutdown))
}

// Flush writes the events so far, and that the machine has reached the step,
// at which the virtual time is the given number of ns. The file then holds the
// recording up to there. It is not forced to the disk.
func (w *Writer) Flush(step Step, virtual uint64) error {
	if w.err != nil {
		return w.err
	}
	if err := w.catchUp(); err != nil {
		return err
	}
	at := point{step, virtual}
	if w.log.tail.count == 0 && at == w.log.reached {
		return nil
	}
	if w.end != 0 {
		return w.fail(fmt.Errorf("a flush at step %s comes after the end", step))
	}
	if err := w.reach("flush", step); err != nil {
		return err
	}
	return w.seal(at)
}

// reach checks that a step is not before the last one.
func (w *Writer) reach(what string, step Step) error {
	if last := w.log.Last(); step < last || step == state.Never {
		return w.fail(fmt.Errorf("%s at step %s comes after step %s", what, step, last))
	}
	return nil
}

// settle writes the events in memory, if there are any, so that what is
// written next comes after them.
func (w *Writer) settle() error {
	if w.log.tail.count == 0 && len(w.missing) == 0 {
		return nil
	}
	return w.seal(w.log.reached)
}

// seal writes an events frame with all events that are in memory.
func (w *Writer) seal(reached point) error {
	if err := w.catchUp(); err != nil {
		return err
	}
	if len(w.missing) > 0 {
		return w.fail(fmt.Errorf("the machine starts before %d of the manifest's images are in the recording", len(w.missing)))
	}
	l := w.log
	t := &l.tail
	s := segment{base: t.base, ordinal: l.total, count: t.count, last: t.last, reached: reached}
	w.begin()
	w.frame = s.appendHeader(w.frame)
	w.frame = pack(w.frame, t.buf)
	off, err := w.commit(frameEvents)
	if err != nil {
		return err
	}
	s.off = off
	l.mu.Lock()
	defer l.mu.Unlock()
	l.addSegment(s)
	t.start(reached)
	return nil
}

// End flushes and closes the log with an end event. What may follow are
// snapshots, and Finish.
func (w *Writer) End(step Step, virtual uint64) error {
	if err := w.Flush(step, virtual); err != nil {
		return err
	}
	if err := w.settle(); err != nil {
		return err
	}
	l := w.log
	w.begin()
	w.frame = appendEnd(w.frame, point{step, virtual}, l.total)
	off, err := w.commit(frameEnd)
	if err != nil {
		return err
	}
	w.end = off
	l.mu.Lock()
	l.close(point{step, virtual})
	l.mu.Unlock()
	return nil
}

// Finish writes the index, so that opening the recording reads little, after
// End if that was not called. Close remains to be called.
func (w *Writer) Finish(step Step, virtual uint64) error {
	if w.end == 0 {
		if err := w.End(step, virtual); err != nil {
			return err
		}
	}
	if w.err != nil {
		return w.err
	}
	if err := w.writePages(); err != nil {
		return err
	}
	if err := w.catchUp(); err != nil {
		return err
	}
	l := w.log
	w.begin()
	w.frame = pack(w.frame, l.appendIndex(nil, w.end, l.totals))
	indexOff, err := w.commit(frameIndex)
	if err != nil {
		return err
	}
	w.begin()
	w.frame = binary.LittleEndian.AppendUint64(w.frame, uint64(indexOff))
	w.frame = append(w.frame, trailerMagic...)
	if _, err = w.commit(frameTrailer); err != nil {
		return err
	}
	if err := w.f.Sync(); err != nil {
		return w.fail(err)
	}
	w.err = ErrFinished
	return nil
}

// Close closes the file. Without Finish the recording ends at the last flush;
// events after it are lost. A file that did not get all its images, and so is not
// yet a recording, is removed.
func (w *Writer) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	var err error
	if w.err == nil {
		err = w.catchUp()
		w.err = ErrFinished
	}
	if closed := w.f.Close(); closed != nil {
		err = errors.Join(err, fmt.Errorf("recording %s: %w", w.path, closed))
	}
	if len(w.missing) > 0 {
		if removed := os.Remove(w.path); !errors.Is(removed, fs.ErrNotExist) {
			err = errors.Join(err, removed)
		}
	}
	return err
}

// begin starts a frame in the scratch buffer.
func (w *Writer) begin() {
	if cap(w.frame) > 4<<20 {
		w.frame = nil
	}
	w.frame = append(w.frame[:0], make([]byte, frameHeaderSize)...)
}

// commit writes the frame that was built, behind all that was handed over, and
// returns where it is.
func (w *Writer) commit(t frameType) (off int64, err error) {
	if err := w.catchUp(); err != nil {
		return 0, err
	}
	return w.put(t, w.frame)
}

// put writes a frame, whose header it fills in, and returns where it is.
func (w *Writer) put(t frameType, frame []byte) (off int64, err error) {
	if n := len(frame) - frameHeaderSize; n > maxPayload {
		return 0, w.fail(fmt.Errorf("a frame of %d bytes; %d is the limit", n, maxPayload))
	}
	sealFrame(frame, t)
	off = w.log.size
	return off, w.write(frame)
}

// write appends to the file. If that fails, for example because the disk is
// full, the file is cut back to its last whole frame.
func (w *Writer) write(p []byte) error {
	n, err := w.f.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil {
		if cut := w.f.Truncate(w.log.size); cut != nil {
			err = fmt.Errorf("%w (and its torn end could not be cut off: %w)", err, cut)
		}
		return w.fail(err)
	}
	w.log.mu.Lock()
	w.log.size += int64(len(p))
	w.log.mu.Unlock()
	return nil
}

// fail makes the error the writer's last word.
func (w *Writer) fail(err error) error {
	w.err = fmt.Errorf("recording %s stopped; it is kept up to step %s: %w", w.path, w.log.saved(), err)
	return w.err
}
