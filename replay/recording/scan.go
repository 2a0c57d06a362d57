package recording

import (
	"errors"
	"io"
)

// scan makes the log of a recording without an index from its frames. It
// stops at the first that is not whole, and says what is wrong with it: what
// follows is a torn tail. The contents of blobs are not read.
func scan(src io.ReaderAt, size int64) (l *Log, tear, err error) {
	l = newLog(src)
	l.size = fileHeaderSize
	for l.size < size {
		h, err := readFrameHeader(src, l.size, size)
		var payload []byte
		if err == nil && h.kind != frameChunk {
			payload, err = readPayload(nil, src, l.size, h)
		}
		if err == nil {
			err = l.addFrame(h.kind, payload)
		}
		if torn(err) {
			return l, err, nil
		}
		if err != nil {
			return nil, nil, err
		}
		l.size += frameHeaderSize + h.size
	}
	return l, nil, nil
}

// torn reports whether the error is about the file's content, not about
// reading it.
func torn(err error) bool {
	var format *FormatError
	return errors.As(err, &format) || errors.Is(err, io.ErrUnexpectedEOF)
}

// addFrame takes in the frame at the end of what is known.
func (l *Log) addFrame(t frameType, payload []byte) error {
	off := l.size
	if len(l.end) > 0 && (t == frameEvents || t == frameDigest || t == frameEnd) {
		return damaged(off, "a frame of type %q after the end", t)
	}
	r := bytesReader{buf: payload}
	switch t {
	case frameManifest:
		if off != fileHeaderSize {
			return damaged(off, "a second manifest")
		}
	case frameBlob:
		_, hash, err := readBlob(payload, off)
		if err != nil {
			return err
		}
		l.blobs[hash] = off
	case frameEvents:
		s := segment{off: off}
		s.readHeader(&r)
		if r.err == nil && (!l.follows(s) || s.base != l.reached) {
			r.fail(errOrder)
		}
		if r.err == nil {
			l.addSegment(s)
		}
	case frameDigest:
		if step := r.step(); step < l.far {
			r.fail(errOrder)
		} else if r.err == nil {
			l.addDigest(DigestMark{step, off})
		}
	case framePages:
		g := pageGroup{off: off}
		g.readHeader(&r)
		if r.err == nil && !l.addPages(g) {
			r.fail(errPages)
		}
	case frameSnapshot:
		m := SnapshotMark{Step: r.step(), Ordinal: r.uvarint(), off: off}
		if r.err == nil {
			l.addSnapshot(m)
		}
	case frameEnd:
		return l.readEnd(payload, off)
	case frameChunk, frameIndex, frameTrailer:
	default:
		return damaged(off, "a frame of unknown type %q", t)
	}
	if r.err != nil {
		return &FormatError{Offset: off, What: "header of a frame", Err: r.err}
	}
	return nil
}

// addPages takes in a frame of pages, which must follow those before it.
func (l *Log) addPages(g pageGroup) bool {
	var next PageID
	if n := len(l.pages); n > 0 {
		next = l.pages[n-1].first + PageID(l.pages[n-1].count)
	}
	if g.first != next {
		return false
	}
	l.pages = append(l.pages, g)
	return true
}
