package recording

import "encoding/binary"

// appendEnd appends the payload of the end frame: where the recording ended
// and how many events came before.
func appendEnd(buf []byte, at point, events uint64) []byte {
	buf = binary.AppendUvarint(buf, uint64(at.step))
	buf = binary.AppendUvarint(buf, at.virtual)
	return binary.AppendUvarint(buf, events)
}

// readEnd takes in the payload of the end frame at off.
func (l *Log) readEnd(payload []byte, off int64) error {
	r := bytesReader{buf: payload}
	at := point{r.step(), r.uvarint()}
	events := r.uvarint()
	if err := r.end(); err != nil {
		return &FormatError{Offset: off, What: "end frame", Err: err}
	}
	if events != l.total || at.step < l.far {
		return damaged(off, "the end frame does not fit the events before it")
	}
	l.close(at)
	return nil
}

// appendIndex appends the content of the index: all that scanning the headers
// would find, where the end frame is, and the totals of the events.
func (l *Log) appendIndex(buf []byte, end int64, totals *Totals) []byte {
	buf = binary.AppendUvarint(buf, uint64(end))
	blobs := l.Blobs()
	buf = binary.AppendUvarint(buf, uint64(len(blobs)))
	for _, hash := range blobs {
		buf = append(buf, hash[:]...)
		buf = binary.AppendUvarint(buf, uint64(l.blobs[hash]))
	}
	buf = binary.AppendUvarint(buf, uint64(len(l.segments)))
	for i := range l.segments {
		buf = binary.AppendUvarint(buf, uint64(l.segments[i].off))
		buf = l.segments[i].appendHeader(buf)
	}
	buf = binary.AppendUvarint(buf, uint64(len(l.digests)))
	for _, d := range l.digests {
		buf = binary.AppendUvarint(buf, uint64(d.off))
		buf = binary.AppendUvarint(buf, uint64(d.Step))
	}
	buf = binary.AppendUvarint(buf, uint64(len(l.pages)))
	for _, g := range l.pages {
		buf = binary.AppendUvarint(buf, uint64(g.off))
		buf = binary.AppendUvarint(buf, uint64(g.first))
		buf = binary.AppendUvarint(buf, uint64(g.count))
	}
	buf = binary.AppendUvarint(buf, uint64(len(l.snapshots)))
	for _, s := range l.snapshots {
		buf = binary.AppendUvarint(buf, uint64(s.off))
		buf = binary.AppendUvarint(buf, uint64(s.Step))
		buf = binary.AppendUvarint(buf, s.Ordinal)
	}
	return totals.append(buf)
}

// readIndex takes in the content of the index and returns where the end frame
// is. It checks that the offsets leave room for frames, so that there are not
// more of them than the file can hold; the rest is checked when something is
// read there.
func (l *Log) readIndex(content []byte) (end int64, err error) {
	r := bytesReader{buf: content}
	end = r.offset(0, l.size)
	var last int64
	next := func() int64 {
		last = r.offset(last, l.size)
		return last
	}
	for range r.count(len(Hash{}) + 1) {
		hash := r.hash()
		l.blobs[hash] = next()
		if r.err != nil {
			return 0, r.err
		}
	}
	last = 0
	for range r.count(8) {
		s := segment{off: next()}
		s.readHeader(&r)
		if r.err == nil && (!l.follows(s) || s.count == 0) {
			r.fail(errOrder)
		}
		if r.err != nil {
			return 0, r.err
		}
		l.addSegment(s)
	}
	last = 0
	for range r.count(2) {
		l.addDigest(DigestMark{off: next(), Step: r.step()})
		if r.err != nil {
			return 0, r.err
		}
	}
	last = 0
	for range r.count(3) {
		g := pageGroup{off: next()}
		g.readHeader(&r)
		if r.err != nil || !l.addPages(g) {
			return 0, errPages
		}
	}
	last = 0
	for range r.count(3) {
		l.addSnapshot(SnapshotMark{off: next(), Step: r.step(), Ordinal: r.uvarint()})
		if r.err != nil {
			return 0, r.err
		}
	}
	l.totals = readTotals(&r, l.total)
	return end, r.end()
}

// offset reads the offset of a frame that begins after the header of another,
// in a file of the given size.
func (r *bytesReader) offset(after, size int64) int64 {
	off := r.uvarint()
	if off < uint64(after+frameHeaderSize) || off > uint64(size) {
		r.fail(errOffset)
		return 0
	}
	return int64(off)
}
