package recording

// Usage is what the events of one kind take in a recording.
type Usage struct {
	Kind   Kind
	Events uint64
	Bytes  int64 // encoded, before compression
}

// Usage counts the events of each kind that occurs, in the order of kinds, and
// the bytes that their frames take in the file, compressed. Events that are not
// in the file yet are left out.
func (l *Log) Usage() (kinds []Usage, bytes int64, err error) {
	l.mu.Lock()
	segments, size := l.segments, l.size
	l.mu.Unlock()
	var by [kindCount]Usage
	for i := range segments {
		s := &segments[i]
		payload, err := readFrame(l.src, s.off, size, frameEvents)
		if err != nil {
			return nil, 0, err
		}
		bytes += frameHeaderSize + int64(len(payload))
		var low Step
		if i > 0 {
			low = segments[i-1].last
		}
		events, err := s.readEvents(l.src, size, low)
		if err != nil {
			return nil, 0, err
		}
		var c codec
		c.reset(s.base.step)
		var buf []byte
		for j := range events {
			buf = c.encode(buf[:0], &events[j])
			u := &by[events[j].Kind]
			u.Events++
			u.Bytes += int64(len(buf))
		}
	}
	for k := range by {
		if by[k].Events > 0 {
			by[k].Kind = Kind(k)
			kinds = append(kinds, by[k])
		}
	}
	return kinds, bytes, nil
}
