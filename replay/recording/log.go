package recording

import (
	"io"
	"sort"
	"sync"
)

// Log is the event log of a recording: what is in the file, and, while it is
// being written, what is still in memory. It also knows the digests and
// snapshots among the events. Any goroutine may use it.
type Log struct {
	src io.ReaderAt

	mu        sync.Mutex // guards what follows
	size      int64      // bytes of src that are frames
	segments  []segment  // those that have events, in order
	total     uint64     // events in segments
	totals    *Totals    // of all events but the end; nil if nobody has counted
	reached   point      // of the last flush
	far       Step       // the last step that the file vouches for
	tail      tail       // events not yet in the file
	end       []Event    // the end event, once the recording is closed
	digests   []DigestMark
	snapshots []SnapshotMark
	pages     []pageGroup
	blobs     map[Hash]int64 // offsets of their frames

	decoded cache[int, []Event] // by segment
	opened  cache[int, []byte]  // by page group
}

// tail holds the encoded events that are not yet in the file. They are decoded
// as somebody looks at them.
type tail struct {
	base  point
	buf   []byte
	count int
	last  Step
	enc   codec

	dec     codec
	decoded []Event
	read    int // bytes of buf that are decoded
}

func newLog(src io.ReaderAt) *Log {
	return &Log{src: src, blobs: map[Hash]int64{}}
}

func (l *Log) fileSize() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.size
}

// saved is the last step that the file vouches for.
func (l *Log) saved() Step {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.far
}

// Len is the number of events, the end event included.
func (l *Log) Len() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.length()
}

func (l *Log) length() uint64 {
	return l.total + uint64(l.tail.count) + uint64(len(l.end))
}

// Last is the last step that is known to have been reached: State(Last) can be
// replayed from the events. It is where the recording ended, or for a torn one
// where the last flush that survived left off.
func (l *Log) Last() Step {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last()
}

func (l *Log) last() Step {
	if l.tail.count > 0 {
		return max(l.far, l.tail.last)
	}
	return l.far
}

// Virtual is the virtual time of the last flush, in ns.
func (l *Log) Virtual() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reached.virtual
}

// Complete reports whether the log was closed with an end event.
func (l *Log) Complete() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.end) > 0
}

// Cursor returns a cursor at the first event.
func (l *Log) Cursor() *Cursor { return &Cursor{log: l} }

// Before returns the last n events that come before the step, in order; fewer
// if there are not as many.
func (l *Log) Before(step Step, n int) ([]Event, error) {
	c := l.Cursor()
	c.SeekStep(step)
	count := min(c.Ordinal(), uint64(max(n, 0)))
	c.SeekOrdinal(c.Ordinal() - count)
	events := make([]Event, 0, min(count, maxEvents))
	for range count {
		e, ok := c.Next()
		if !ok {
			break
		}
		events = append(events, e)
	}
	return events, c.Err()
}

// follows reports whether the frame may stand behind those that are known.
func (l *Log) follows(s segment) bool {
	if s.ordinal != l.total || s.reached.step < l.reached.step {
		return false
	}
	return s.count == 0 || len(l.segments) == 0 || s.last >= l.segments[len(l.segments)-1].last
}

// addSegment takes in an events frame that was written or found.
func (l *Log) addSegment(s segment) {
	if s.count > 0 {
		l.segments = append(l.segments, s)
		l.total += uint64(s.count)
	}
	l.reached = s.reached
	l.far = max(l.far, s.end())
}

// close takes in the end of the events.
func (l *Log) close(at point) {
	l.end = []Event{{Step: at.step, Kind: End, Value: at.virtual}}
	l.reached = at
	l.far = max(l.far, at.step)
}

// locate returns the run of events that holds the one with the given ordinal,
// and the ordinal of the first of them. The run is empty if there is no such
// event yet.
func (l *Log) locate(ordinal uint64) (events []Event, first uint64, err error) {
	l.mu.Lock()
	if ordinal < l.total {
		i := sort.Search(len(l.segments), func(i int) bool { return l.segments[i].ordinal > ordinal }) - 1
		first = l.segments[i].ordinal
		events, err = l.segmentEvents(i)
		return events, first, err
	}
	defer l.mu.Unlock()
	inMemory := l.total + uint64(l.tail.count)
	if ordinal >= inMemory {
		return l.end, inMemory, nil
	}
	return l.tail.events(), l.total, nil
}

// segmentEvents returns the events of segment i. The caller holds the lock,
// which is released.
func (l *Log) segmentEvents(i int) ([]Event, error) {
	events, ok := l.decoded.get(i)
	s, size := l.segments[i], l.size
	var low Step
	if i > 0 {
		low = l.segments[i-1].last
	}
	l.mu.Unlock()
	if ok {
		return events, nil
	}
	events, err := s.readEvents(l.src, size, low)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.decoded.put(i, events)
	l.mu.Unlock()
	return events, nil
}

// find returns the ordinal of the first event whose step is not before the
// given one, or the length of the log if there is none.
func (l *Log) find(step Step) (uint64, error) {
	l.mu.Lock()
	i := sort.Search(len(l.segments), func(i int) bool { return l.segments[i].last >= step })
	if i < len(l.segments) {
		first := l.segments[i].ordinal
		events, err := l.segmentEvents(i)
		return first + search(events, step), err
	}
	defer l.mu.Unlock()
	n := l.total
	if l.tail.count > 0 {
		n += search(l.tail.events(), step)
	}
	if n == l.total+uint64(l.tail.count) {
		n += search(l.end, step)
	}
	return n, nil
}

// search is the index of the first event whose step is not before the given
// one.
func search(events []Event, step Step) uint64 {
	return uint64(sort.Search(len(events), func(i int) bool { return events[i].Step >= step }))
}

// start empties the tail for a frame that begins at base.
func (t *tail) start(base point) {
	buf := t.buf[:0]
	if t.read > 0 {
		buf = nil // decoded events have their data in it
	}
	t.base, t.buf, t.count, t.last = base, buf, 0, base.step
	t.enc.reset(base.step)
	t.decoded, t.read = nil, 0
}

// events decodes what was added since the last call and returns all. What it
// returned before stays as it is.
func (t *tail) events() []Event {
	if t.read == 0 {
		t.dec.reset(t.base.step)
	}
	rest := t.buf[t.read:]
	for len(rest) > 0 {
		var e Event
		var err error
		if rest, err = t.dec.decode(rest, &e); err != nil {
			panic("BUG: recording: an event cannot be decoded again: " + err.Error())
		}
		e.Data = e.Data[:len(e.Data):len(e.Data)]
		t.decoded = append(t.decoded, e)
	}
	t.read = len(t.buf)
	return t.decoded
}

// cacheSize is the number of decoded frames that a log keeps, each of at most
// maxEvents events.
const cacheSize = 16

// cache keeps the values that were last used.
type cache[K comparable, V any] struct {
	entries [cacheSize]struct {
		key  K
		val  V
		used uint64 // 0 if the entry is empty
	}
	clock uint64
}

func (c *cache[K, V]) get(key K) (val V, ok bool) {
	for i := range c.entries {
		if e := &c.entries[i]; e.used != 0 && e.key == key {
			c.clock++
			e.used = c.clock
			return e.val, true
		}
	}
	return val, false
}

func (c *cache[K, V]) put(key K, val V) {
	oldest := &c.entries[0]
	for i := range c.entries {
		if c.entries[i].used < oldest.used {
			oldest = &c.entries[i]
		}
	}
	c.clock++
	oldest.key, oldest.val, oldest.used = key, val, c.clock
}
