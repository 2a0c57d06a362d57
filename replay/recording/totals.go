package recording

import "encoding/binary"

// Totals are counts over all events of a log.
type Totals struct {
	Kinds    [kindCount]uint64
	Devices  [256]Transfer // by the id of the character device
	Shutdown ShutdownCause // of the last request to shut down
}

// Transfer is what went through a character device, in bytes.
type Transfer struct {
	In, Out uint64
}

// add counts an event.
func (t *Totals) add(e *Event) {
	t.Kinds[e.Kind]++
	switch e.Kind {
	case AsyncCharRead, CharReadAll:
		t.Devices[e.Device].In += uint64(len(e.Data))
	case CharWrite:
		t.Devices[e.Device].Out += uint64(max(e.Result, 0))
	case Shutdown:
		t.Shutdown = e.Shutdown
	default:
	}
}

// Totals counts the events. A finished recording has the counts in its index;
// of a torn one all events are read.
func (l *Log) Totals() (Totals, error) {
	l.mu.Lock()
	known, ended := l.totals, uint64(len(l.end))
	if known != nil {
		t := *known
		l.mu.Unlock()
		t.Kinds[End] = ended
		return t, nil
	}
	l.mu.Unlock()
	var t Totals
	c := l.Cursor()
	for {
		e, ok := c.Peek()
		if !ok {
			return t, c.Err()
		}
		t.add(e)
		c.next++
	}
}

// append writes the totals for the index.
func (t *Totals) append(buf []byte) []byte {
	var kinds []Kind
	for k, n := range t.Kinds {
		if n > 0 && Kind(k) != End {
			kinds = append(kinds, Kind(k))
		}
	}
	buf = binary.AppendUvarint(buf, uint64(len(kinds)))
	for _, k := range kinds {
		buf = binary.AppendUvarint(append(buf, byte(k)), t.Kinds[k])
	}
	var used []int
	for id, n := range t.Devices {
		if n != (Transfer{}) {
			used = append(used, id)
		}
	}
	buf = binary.AppendUvarint(buf, uint64(len(used)))
	for _, id := range used {
		buf = binary.AppendUvarint(append(buf, byte(id)), t.Devices[id].In)
		buf = binary.AppendUvarint(buf, t.Devices[id].Out)
	}
	return append(buf, byte(t.Shutdown))
}

// readTotals reads what append has written, which has to be of so many events.
func readTotals(r *bytesReader, events uint64) *Totals {
	t := &Totals{}
	for range r.count(2) {
		kind, n := r.byte(), r.uvarint()
		if r.err == nil && (!Kind(kind).storable() || n > events) {
			r.fail(errKind)
		}
		if r.err != nil {
			return nil
		}
		t.Kinds[kind] = n
		events -= n
	}
	for range r.count(3) {
		t.Devices[r.byte()] = Transfer{r.uvarint(), r.uvarint()}
	}
	if t.Shutdown = ShutdownCause(r.byte()); t.Shutdown >= shutdownCount || events != 0 {
		r.fail(errOrder)
	}
	return t
}
