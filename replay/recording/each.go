package recording

import "sort"

// Each hands the events with ordinals from begin to before end to fn, in their
// order, until it returns false. It is for going through many: an event and its
// data belong to fn for the length of the call only, and nothing of what was
// read is kept.
func (l *Log) Each(begin, end uint64, fn func(*Event) bool) error {
	segments, size, total := l.whole()
	var mem scratch
	for i := holding(segments, begin); i < len(segments) && begin < min(end, total); i++ {
		events, err := readSegment(&mem, l, segments, i, size)
		if err != nil {
			return err
		}
		first := segments[i].ordinal
		for j := range events[begin-first : min(end-first, uint64(len(events)))] {
			if !fn(&events[begin-first+uint64(j)]) {
				return nil
			}
		}
		begin = first + uint64(len(events))
	}
	c := l.Cursor()
	for c.SeekOrdinal(begin); begin < end; begin++ {
		e, ok := c.Next()
		if !ok || !fn(&e) {
			return c.Err()
		}
	}
	return nil
}

// EachBack is Each in the opposite order: the event before end comes first.
func (l *Log) EachBack(begin, end uint64, fn func(*Event) bool) error {
	segments, size, total := l.whole()
	end = min(end, l.Len())
	c := l.Cursor()
	for ; end > max(begin, total); end-- {
		c.SeekOrdinal(end - 1)
		e, ok := c.Next()
		if !ok || !fn(&e) {
			return c.Err()
		}
	}
	var mem scratch
	for begin < end {
		i := holding(segments, end-1)
		events, err := readSegment(&mem, l, segments, i, size)
		if err != nil {
			return err
		}
		first := segments[i].ordinal
		for ; end > max(begin, first); end-- {
			if !fn(&events[end-1-first]) {
				return nil
			}
		}
	}
	return nil
}

// whole is what is in the file, which changes no more.
func (l *Log) whole() (segments []segment, size int64, total uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.segments, l.size, l.total
}

// holding is the segment that an event is in.
func holding(segments []segment, ordinal uint64) int {
	return sort.Search(len(segments), func(i int) bool { return segments[i].ordinal+uint64(segments[i].count) > ordinal })
}

// readSegment reads the events of one of a log's segments.
func readSegment(mem *scratch, l *Log, segments []segment, i int, size int64) ([]Event, error) {
	var low Step
	if i > 0 {
		low = segments[i-1].last
	}
	return segments[i].readEventsInto(mem, l.src, size, low)
}

// Find is the ordinal of the first event whose step is not before the given one,
// or the number of events if there is none.
func (l *Log) Find(step Step) (uint64, error) { return l.find(step) }
