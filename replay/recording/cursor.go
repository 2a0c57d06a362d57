package recording

// Cursor is a place in a log, before an event or behind the last one. At the
// end of a log that is being written, more events may come.
type Cursor struct {
	log    *Log
	events []Event // a run of events around the place
	first  uint64  // ordinal of events[0]
	next   int     // index in events of the next event
	err    error
}

// Next returns the next event and moves past it. It returns false at the end
// of what there is, and after an error; see Err.
func (c *Cursor) Next() (Event, bool) {
	e, ok := c.Peek()
	if !ok {
		return Event{}, false
	}
	c.next++
	return *e, true
}

// Peek returns the next event without moving. The event is not to be changed.
func (c *Cursor) Peek() (*Event, bool) {
	if c.next >= len(c.events) && !c.load() {
		return nil, false
	}
	return &c.events[c.next], true
}

// load brings in the run of events that holds the next one.
func (c *Cursor) load() bool {
	if c.err != nil {
		return false
	}
	ordinal := c.Ordinal()
	events, first, err := c.log.locate(ordinal)
	if err != nil {
		c.err = err
		return false
	}
	if ordinal < first || ordinal-first >= uint64(len(events)) {
		return false
	}
	c.events, c.first, c.next = events, first, int(ordinal-first)
	return true
}

// Err is the error that made the cursor stop, such as a *[FormatError]. A seek
// clears it.
func (c *Cursor) Err() error { return c.err }

// Ordinal is the number of events before the cursor.
func (c *Cursor) Ordinal() uint64 { return c.first + uint64(c.next) }

// SeekOrdinal moves to before the event with that ordinal, the first being 0,
// or to the end if there are not as many.
func (c *Cursor) SeekOrdinal(ordinal uint64) {
	c.err = nil
	if ordinal >= c.first && ordinal-c.first < uint64(len(c.events)) {
		c.next = int(ordinal - c.first)
		return
	}
	c.events, c.first, c.next = nil, min(ordinal, c.log.Len()), 0
}

// SeekStep moves to before the first event whose step is not before the given
// one, or to the end if there is none.
func (c *Cursor) SeekStep(step Step) {
	c.err = nil
	if n := len(c.events); n > 0 && c.events[0].Step < step && step <= c.events[n-1].Step {
		c.next = int(search(c.events, step))
		return
	}
	ordinal, err := c.log.find(step)
	if err != nil {
		c.err = err
		return
	}
	c.SeekOrdinal(ordinal)
}
