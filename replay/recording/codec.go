package recording

import (
	"encoding/binary"
	"errors"
	"math/bits"

	"reprise/vm/state"
)

// MaxEventData is the most bytes that one event may carry.
const MaxEventData = 16 << 20

// The bits of an event's first byte.
const (
	kindBits  = 0x1f
	hasData   = 0x20 // bytes follow at the end
	hasFields = 0x40 // a byte follows that says which fields do
)

// The bits of the byte that says which fields of an event follow. A field
// follows if it differs from that of the last event of the same kind in the
// frame; a length, from that of the last one that had data.
const (
	hasCheckpoint = 1 << iota
	hasShutdown
	hasDevice
	hasHart
	hasResult
	hasCause
	hasValue
	hasLength
)

// minEventSize is the size of the smallest encoded event: kind and step.
const minEventSize = 2

// codec is what encoding an event, and decoding it, depends on: the events
// before it in the same frame.
type codec struct {
	step Step
	last [kindCount]fields
}

// fields are those fields of an event that are stored when they change.
type fields struct {
	checkpoint CheckpointID
	shutdown   ShutdownCause
	device     uint8
	hart       uint8
	result     int32
	cause      uint64
	value      uint64
	length     int // of the data
}

func (c *codec) reset(step Step) { *c = codec{step: step} }

// encode appends the encoding of e, whose kind can be stored and whose step is
// not before the last one's.
func (c *codec) encode(buf []byte, e *Event) []byte {
	last := &c.last[e.Kind]
	var mask byte
	if !e.Kind.IsCheckpoint() && e.Checkpoint != last.checkpoint {
		mask |= hasCheckpoint
	}
	if e.Shutdown != last.shutdown {
		mask |= hasShutdown
	}
	if e.Device != last.device {
		mask |= hasDevice
	}
	if e.Hart != last.hart {
		mask |= hasHart
	}
	if e.Result != last.result {
		mask |= hasResult
	}
	if e.Cause != last.cause {
		mask |= hasCause
	}
	if e.Value != last.value {
		mask |= hasValue
	}
	head := byte(e.Kind)
	if len(e.Data) > 0 {
		head |= hasData
		if len(e.Data) != last.length {
			mask |= hasLength
		}
	}
	if mask == 0 {
		buf = append(buf, head)
	} else {
		buf = append(buf, head|hasFields, mask)
	}
	buf = binary.AppendUvarint(buf, uint64(e.Step-c.step))
	c.step = e.Step
	if mask != 0 {
		buf = last.encode(buf, e, mask)
	}
	return append(buf, e.Data...)
}

// encode appends the fields of e that the mask names, and remembers them.
func (f *fields) encode(buf []byte, e *Event, mask byte) []byte {
	if mask&hasCheckpoint != 0 {
		f.checkpoint = e.Checkpoint
		buf = append(buf, byte(e.Checkpoint))
	}
	if mask&hasShutdown != 0 {
		f.shutdown = e.Shutdown
		buf = append(buf, byte(e.Shutdown))
	}
	if mask&hasDevice != 0 {
		f.device = e.Device
		buf = append(buf, e.Device)
	}
	if mask&hasHart != 0 {
		f.hart = e.Hart
		buf = append(buf, e.Hart)
	}
	if mask&hasResult != 0 {
		f.result = e.Result
		buf = binary.AppendVarint(buf, int64(e.Result))
	}
	if mask&hasCause != 0 {
		f.cause = e.Cause
		buf = binary.AppendUvarint(buf, e.Cause)
	}
	if mask&hasValue != 0 {
		buf = binary.AppendVarint(buf, int64(e.Value-f.value))
		f.value = e.Value
	}
	if mask&hasLength != 0 {
		f.length = len(e.Data)
		buf = binary.AppendUvarint(buf, uint64(len(e.Data)))
	}
	return buf
}

// The ways in which an encoding can be wrong. The offset of the frame is added
// by the caller.
var (
	errShort    = errors.New("it ends too early")
	errKind     = errors.New("an event of unknown kind")
	errStep     = errors.New("a step beyond the time axis")
	errResult   = errors.New("a result of more than 32 bits")
	errSubkind  = errors.New("an unknown checkpoint or shutdown cause")
	errTooLarge = errors.New("a size beyond the limit")
	errTrailing = errors.New("something follows its end")
	errMethod   = errors.New("an unknown method of compression")
	errOrder    = errors.New("it does not follow what is before it")
	errOffset   = errors.New("an offset at which no frame can be")
	errNoPage   = errors.New("the recording has no page")
	errPages    = errors.New("pages out of order")
	errRatio    = errors.New("it claims to hold more than can be in so few bytes")
)

// decode reads the event at the front of buf into e and returns what follows.
// The event's data is a part of buf.
func (c *codec) decode(buf []byte, e *Event) (rest []byte, err error) {
	if len(buf) < minEventSize {
		return nil, errShort
	}
	head := buf[0]
	kind := Kind(head & kindBits)
	if !kind.storable() || head > kindBits|hasData|hasFields {
		return nil, errKind
	}
	r := bytesReader{buf: buf[1:]}
	var mask byte
	if head&hasFields != 0 {
		mask = r.byte()
	}
	delta := r.uvarint()
	step, carry := bits.Add64(uint64(c.step), delta, 0)
	if carry != 0 || Step(step) == state.Never {
		return nil, errStep
	}
	c.step = Step(step)
	last := &c.last[kind]
	if mask != 0 {
		last.decode(&r, mask)
	}
	e.Data = nil
	if head&hasData != 0 {
		e.Data = r.fixed(last.length)
	}
	e.Step, e.Kind = c.step, kind
	e.Checkpoint, e.Shutdown = last.checkpoint, last.shutdown
	if kind.IsCheckpoint() {
		if mask&hasCheckpoint != 0 {
			return nil, errSubkind
		}
		e.Checkpoint = kind.Checkpoint()
	}
	e.Device, e.Hart, e.Result = last.device, last.hart, last.result
	e.Cause, e.Value = last.cause, last.value
	return r.buf, r.err
}

// decode reads the fields that the mask names.
func (f *fields) decode(r *bytesReader, mask byte) {
	if mask&hasCheckpoint != 0 {
		f.checkpoint = CheckpointID(r.byte())
	}
	if mask&hasShutdown != 0 {
		f.shutdown = ShutdownCause(r.byte())
	}
	if f.checkpoint >= checkpointCount || f.shutdown >= shutdownCount {
		r.fail(errSubkind)
	}
	if mask&hasDevice != 0 {
		f.device = r.byte()
	}
	if mask&hasHart != 0 {
		f.hart = r.byte()
	}
	if mask&hasResult != 0 {
		v := r.varint()
		if v != int64(int32(v)) {
			r.fail(errResult)
		}
		f.result = int32(v)
	}
	if mask&hasCause != 0 {
		f.cause = r.uvarint()
	}
	if mask&hasValue != 0 {
		f.value += uint64(r.varint())
	}
	if mask&hasLength != 0 {
		n := r.uvarint()
		if n > MaxEventData {
			r.fail(errTooLarge)
			return
		}
		f.length = int(n)
	}
}

// bytesReader takes values from the front of a buffer. After an error it
// gives zeros.
type bytesReader struct {
	buf []byte
	err error
}

func (r *bytesReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.buf = nil
}

func (r *bytesReader) byte() byte {
	if len(r.buf) == 0 {
		r.fail(errShort)
		return 0
	}
	b := r.buf[0]
	r.buf = r.buf[1:]
	return b
}

func (r *bytesReader) uvarint() uint64 {
	if len(r.buf) > 0 && r.buf[0] < 0x80 {
		b := r.buf[0]
		r.buf = r.buf[1:]
		return uint64(b)
	}
	v, n := binary.Uvarint(r.buf)
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.buf = r.buf[n:]
	return v
}

func (r *bytesReader) varint() int64 {
	v, n := binary.Varint(r.buf)
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.buf = r.buf[n:]
	return v
}

// step reads a step, which is not Never.
func (r *bytesReader) step() Step {
	s := Step(r.uvarint())
	if s == state.Never {
		r.fail(errStep)
		return 0
	}
	return s
}

// count reads a number of things that take at least size bytes each.
func (r *bytesReader) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.buf)/size) {
		r.fail(errShort)
		return 0
	}
	return int(n)
}

// fixed takes n bytes.
func (r *bytesReader) fixed(n int) []byte {
	if n > len(r.buf) {
		r.fail(errShort)
		return nil
	}
	b := r.buf[:n:n]
	r.buf = r.buf[n:]
	return b
}

// bytes takes a string of bytes with its length before it.
func (r *bytesReader) bytes(limit int) []byte {
	n := r.uvarint()
	if n > uint64(limit) {
		r.fail(errTooLarge)
		return nil
	}
	return r.fixed(int(n))
}

func (r *bytesReader) uint64() uint64 {
	b := r.fixed(8)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

func (r *bytesReader) hash() (h Hash) {
	copy(h[:], r.fixed(len(h)))
	return h
}

// end fails if something is left, and returns the first error.
func (r *bytesReader) end() error {
	if r.err == nil && len(r.buf) > 0 {
		r.fail(errTrailing)
	}
	return r.err
}
