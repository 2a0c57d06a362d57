package qemulog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"os"
)

// headerSize is the length of a log's header: the version, and a word that
// QEMU reserves.
const headerSize = 4 + 8

// ErrNotLog is wrapped by the error for a file of another sort.
var ErrNotLog = errors.New("not a log of QEMU's record/replay")

// ErrUnfinished is returned for a log whose recorder was stopped: QEMU writes
// the version when it exits.
var ErrUnfinished = errors.New("a log that QEMU did not finish: it writes the version when it exits, and was stopped before that")

// Log is a log of QEMU's.
type Log struct {
	Version  Version
	Reserved uint64 // a word of the header
	Torn     error  // why the events end before the file does; nil for a log that is whole

	layout layout
	events []byte // behind the header
	size   int64  // bytes of events that are understood
}

// IsLog reports whether a file that begins so is a log of QEMU's, of whatever
// version.
func IsLog(head []byte) bool {
	return len(head) >= headerSize && binary.BigEndian.Uint32(head)>>12 == 0xe02
}

// Open reads a log from a file.
func Open(path string) (*Log, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	l, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return l, nil
}

// Parse reads a log. Of what its version may mean it takes what leads to the
// end of the log, or comes furthest; see [Log.Torn].
func Parse(data []byte) (*Log, error) {
	if len(data) < headerSize {
		return nil, ErrNotLog
	}
	version := Version(binary.BigEndian.Uint32(data))
	switch {
	case version == 0 && len(data) > headerSize:
		return nil, ErrUnfinished
	case !IsLog(data):
		return nil, ErrNotLog
	}
	candidates := layouts(version)
	if candidates == nil {
		return nil, fmt.Errorf("a log of QEMU's record/replay of version %#x: the versions %#x and %#x are known", uint32(version), uint32(Seed), uint32(Release))
	}
	var best *Log
	for _, c := range candidates {
		l := &Log{Version: version, Reserved: binary.BigEndian.Uint64(data[4:]), layout: c, events: data[headerSize:]}
		l.size, l.Torn = l.measure()
		if l.Torn == nil {
			return l, nil
		}
		if best == nil || l.size > best.size {
			best = l
		}
	}
	return best, nil
}

// measure finds how far the events can be read, which is to the end of the
// file, with an end event last.
func (l *Log) measure() (size int64, err error) {
	rest, last := l.events, Instruction
	for len(rest) > 0 && last != End {
		var e Event
		next, err := l.layout.decode(rest, &e)
		if err != nil {
			return size, l.torn(size, err)
		}
		rest, last = next, e.Kind
		size = int64(len(l.events) - len(rest))
	}
	switch {
	case last != End:
		return size, l.torn(size, errors.New("there is no end event"))
	case len(rest) > 0:
		return size, l.torn(size, fmt.Errorf("%d bytes follow the end event", len(rest)))
	}
	return size, nil
}

func (l *Log) torn(size int64, err error) error {
	return fmt.Errorf("at offset %d: %w", headerSize+size, err)
}

// Events goes through the events that can be read.
func (l *Log) Events() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		rest, done := l.events[:l.size], uint64(0)
		for len(rest) > 0 {
			e := Event{Offset: headerSize + l.size - int64(len(rest)), Instructions: done}
			next, err := l.layout.decode(rest, &e)
			if err != nil {
				panic("BUG: qemulog: an event cannot be read again: " + err.Error())
			}
			if !yield(e) {
				return
			}
			if e.Kind == Instruction {
				done += e.Value
			}
			rest = next
		}
	}
}

// Append writes an event as the log has it. A log that is taken apart and put
// together again so, behind [Log.Header], has the same bytes.
func (l *Log) Append(buf []byte, e Event) ([]byte, error) { return l.layout.append(buf, &e) }

// Header is what the log begins with.
func (l *Log) Header() []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, uint32(l.Version)), l.Reserved)
}

// Count is how often each kind occurs, and how many bytes its events have.
type Count struct {
	Events [KindCount]uint64
	Bytes  [KindCount]uint64
	// Instructions is the sum over all events of kind Instruction.
	Instructions uint64
}

// Count counts the events that can be read.
func (l *Log) Count() (c Count) {
	last, from := Instruction, int64(headerSize)
	for e := range l.Events() {
		c.Bytes[last] += uint64(e.Offset - from)
		c.Events[e.Kind]++
		if e.Kind == Instruction {
			c.Instructions += e.Value
		}
		last, from = e.Kind, e.Offset
	}
	c.Bytes[last] += uint64(headerSize + l.size - from)
	return c
}
