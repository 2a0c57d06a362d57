package recording

import (
	"encoding/binary"
	"io"
	"slices"
)

// segment is an events frame as the log knows it: everything but the events.
type segment struct {
	off     int64  // of the frame
	base    point  // what the frame's steps count from
	ordinal uint64 // of its first event
	count   int    // of its events; 0 in a frame that only says how far the machine got
	last    Step   // of its last event, base.step if it has none
	reached point  // how far the machine had got
}

// point is a step and the virtual time before it, in ns.
type point struct {
	step    Step
	virtual uint64
}

// appendHeader appends the header of the frame's payload; the packed events
// follow it.
func (s *segment) appendHeader(buf []byte) []byte {
	buf = binary.AppendUvarint(buf, uint64(s.base.step))
	buf = binary.AppendUvarint(buf, s.base.virtual)
	buf = binary.AppendUvarint(buf, s.ordinal)
	buf = binary.AppendUvarint(buf, uint64(s.count))
	buf = binary.AppendUvarint(buf, uint64(s.last-s.base.step))
	buf = binary.AppendUvarint(buf, uint64(s.reached.step-s.base.step))
	return binary.AppendUvarint(buf, s.reached.virtual)
}

// readHeader reads what appendHeader wrote. It checks the frame for itself,
// not against those before it.
func (s *segment) readHeader(r *bytesReader) {
	s.base.step = r.step()
	s.base.virtual = r.uvarint()
	s.ordinal = r.uvarint()
	count := r.uvarint()
	if count > maxEvents {
		r.fail(errTooLarge)
		return
	}
	s.count = int(count)
	s.last = s.base.step + Step(r.uvarint())
	s.reached.step = s.base.step + Step(r.uvarint())
	s.reached.virtual = r.uvarint()
	if s.last < s.base.step || s.reached.step < s.base.step || s.last+1 == 0 || s.reached.step+1 == 0 {
		r.fail(errStep)
	}
	if s.count == 0 && s.last != s.base.step {
		r.fail(errStep)
	}
}

// end is the furthest step that the frame vouches for.
func (s *segment) end() Step { return max(s.last, s.reached.step) }

// scratch is memory that reading one frame after another uses again.
type scratch struct {
	payload, raw []byte
	events       []Event
}

// readEvents reads the frame's events, none of which may come before low.
func (s *segment) readEvents(src io.ReaderAt, size int64, low Step) ([]Event, error) {
	return s.readEventsInto(&scratch{}, src, size, low)
}

// readEventsInto reads the frame's events into memory that belongs to them until
// it is used again.
func (s *segment) readEventsInto(mem *scratch, src io.ReaderAt, size int64, low Step) ([]Event, error) {
	payload, err := readFrameInto(mem.payload, src, s.off, size, frameEvents)
	if err != nil {
		return nil, err
	}
	mem.payload = payload
	r := bytesReader{buf: payload}
	found := segment{off: s.off}
	found.readHeader(&r)
	if r.err != nil {
		return nil, &FormatError{Offset: s.off, What: "header of an events frame", Err: r.err}
	}
	if found != *s {
		return nil, damaged(s.off, "an events frame is not the one that the index names")
	}
	raw, packed, err := unpackInto(mem.raw, r.buf, maxEventsRaw)
	if err != nil {
		return nil, &FormatError{Offset: s.off, What: "events frame", Err: err}
	}
	if packed {
		mem.raw = raw
	}
	if s.count > len(raw)/minEventSize {
		return nil, &FormatError{Offset: s.off, What: "events frame", Err: errShort}
	}
	var c codec
	c.reset(s.base.step)
	mem.events = slices.Grow(mem.events[:0], s.count)[:s.count]
	events := mem.events
	for i := range events {
		if raw, err = c.decode(raw, &events[i]); err != nil {
			return nil, &FormatError{Offset: s.off, What: "events frame", Err: err}
		}
	}
	if len(raw) > 0 || c.step != s.last {
		return nil, damaged(s.off, "an events frame does not hold what its header says")
	}
	if len(events) > 0 && events[0].Step < low {
		return nil, damaged(s.off, "an events frame goes back to step %s after step %s", events[0].Step, low)
	}
	return events, nil
}
