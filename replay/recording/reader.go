package recording

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// Reader is an open recording. Its log is there at once; events, digests,
// snapshots and blobs are read, and their checksums checked, when they are
// asked for.
type Reader struct {
	*Log
	f        io.Closer // nil if the caller owns the source
	manifest Manifest
	size     int64 // of the file
	dropped  int64 // bytes at its end that are not part of the recording
	tear     error // what is wrong with the first of them; nil if the file just ends
}

// Open opens a recording, whether it was finished or ends where its recorder
// was stopped. Its error wraps ErrNotRecording, ErrNotYetRecording, a
// *VersionError, a *FormatError, or what the operating system said.
func Open(path string) (*Reader, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("recording cannot be opened: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w: it is not an ordinary file", path, ErrNotRecording)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("recording cannot be opened: %w", err)
	}
	r, err := NewReader(f, info.Size())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	r.f = f
	return r, nil
}

// NewReader opens the recording in the first size bytes of src, which must stay
// readable for as long as the Reader is used, and is not closed with it. Its
// errors are those of [Open].
func NewReader(src io.ReaderAt, size int64) (*Reader, error) {
	if err := checkFileHeader(src, size); err != nil {
		return nil, err
	}
	r := &Reader{size: size}
	if err := r.readManifest(src); err != nil {
		return nil, err
	}
	r.Log = indexed(src, size)
	if r.Log == nil {
		var err error
		if r.Log, r.tear, err = scan(src, size); err != nil {
			return nil, err
		}
		r.dropped = size - r.Log.size
	}
	return r, r.checkBegun()
}

// checkBegun checks that the blobs are there that the manifest names, and the first
// flush, which has what the machine got as it was switched on.
func (r *Reader) checkBegun() error {
	for _, hash := range r.manifest.blobs() {
		if _, ok := r.blobs[hash]; ok {
			continue
		}
		if r.Complete() || r.total > 0 {
			return fmt.Errorf("%w, though its manifest names it: %s", ErrNoBlob, hash)
		}
		return r.notYet()
	}
	if !r.Complete() && r.total == 0 && r.reached == (point{}) {
		return r.notYet()
	}
	return nil
}

// notYet says why what there is is no recording.
func (r *Reader) notYet() error {
	var format *FormatError
	if errors.As(r.tear, &format) {
		return r.tear
	}
	return ErrNotYetRecording
}

// checkFileHeader checks magic and version.
func checkFileHeader(src io.ReaderAt, size int64) error {
	head := make([]byte, min(size, 512))
	if err := readFull(src, head, 0); err != nil {
		return err
	}
	known := min(len(head), len(magic))
	if !bytes.Equal(head[:known], []byte(magic)[:known]) {
		return fmt.Errorf("%w: it looks like %s", ErrNotRecording, looksLike(head))
	}
	if len(head) < fileHeaderSize {
		return ErrNotYetRecording
	}
	sum := crc32.Checksum(head[:fileHeaderSize-4], crcTable)
	if sum != binary.LittleEndian.Uint32(head[fileHeaderSize-4:]) {
		return damaged(0, "the checksum of the file's header does not match")
	}
	if version := binary.LittleEndian.Uint32(head[len(magic):]); version != Version {
		return &VersionError{Have: version, Want: Version}
	}
	return nil
}

// readManifest reads the first frame.
func (r *Reader) readManifest(src io.ReaderAt) error {
	_, err := readFrameHeader(src, fileHeaderSize, r.size)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrNotYetRecording
	}
	payload, err := readFrame(src, fileHeaderSize, r.size, frameManifest)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(payload, &r.manifest); err != nil {
		return &FormatError{Offset: fileHeaderSize, What: "manifest", Err: err}
	}
	return nil
}

// indexed makes the log of a finished recording from its index. It returns
// nil if there is none, or if it is damaged: the frames can still be scanned.
func indexed(src io.ReaderAt, size int64) *Log {
	off := size - int64(trailerSize)
	payload, err := readFrame(src, off, size, frameTrailer)
	if err != nil || string(payload[min(8, len(payload)):]) != trailerMagic {
		return nil
	}
	indexOff := binary.LittleEndian.Uint64(payload)
	if indexOff > uint64(off) {
		return nil
	}
	if payload, err = readFrame(src, int64(indexOff), off, frameIndex); err != nil {
		return nil
	}
	content, err := unpack(payload, int(min(2*size, maxUnpacked)))
	if err != nil {
		return nil
	}
	l := newLog(src)
	l.size = size
	endOff, err := l.readIndex(content)
	if err != nil {
		return nil
	}
	payload, err = readFrame(src, endOff, size, frameEnd)
	if err != nil || l.readEnd(payload, endOff) != nil {
		return nil
	}
	return l
}

// Manifest is the recording's manifest.
func (r *Reader) Manifest() *Manifest { return &r.manifest }

// View is the log, as a Writer has it.
func (r *Reader) View() *Log { return r.Log }

// Size is the size of the file in bytes.
func (r *Reader) Size() int64 { return r.size }

// Torn reports whether the recording lacks its end, and if so, the last step
// that can be reached and how many bytes were dropped behind the last whole
// frame.
func (r *Reader) Torn() (last Step, dropped int64, ok bool) {
	if r.Complete() {
		return 0, 0, false
	}
	return r.Last(), r.dropped, true
}

// Close closes the file that Open opened.
func (r *Reader) Close() error {
	if r.f == nil {
		return nil
	}
	if err := r.f.Close(); err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	return nil
}
