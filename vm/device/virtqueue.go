package device

import (
	"encoding/binary"
	"errors"
	"slices"

	"reprise/vm/state"
)

// Memory is RAM as a device sees it, by physical address.
type Memory interface {
	// Contains reports whether n bytes all lie in RAM.
	Contains(pa, n uint64) bool
	// ReadAt copies bytes into p and returns how many of them lie in RAM.
	ReadAt(p []byte, pa uint64) int
	// WriteAt stores p and reports whether it all lies in RAM.
	WriteAt(p []byte, pa uint64) bool
}

// virtqueueMax is the largest number of entries of a queue, and of buffers in
// a request.
const virtqueueMax = 1024

// Sizes of the parts of a split virtqueue in bytes (virtio 1.2, 2.7).
const (
	descSize      = 16
	availHeader   = 4 // flags, idx
	availEntry    = 2
	usedHeader    = 4
	usedEntry     = 8
	eventSize     = 2 // used_event, avail_event: behind the entries
	availNoNotify = 1 // in the flags of the available ring: no notification wanted
)

// Flags of a descriptor.
const (
	descNext     = 1
	descWrite    = 2
	descIndirect = 4
)

// The ways in which a driver breaks the rules of a virtqueue.
var (
	errRingOutside   = errors.New("a ring does not lie in RAM")
	errAvailJumped   = errors.New("the available ring has more new entries than the queue has")
	errNoDescriptor  = errors.New("there is no descriptor of this number")
	errLoop          = errors.New("the chain of descriptors does not end")
	errOrder         = errors.New("a buffer to be read follows one to be written")
	errEmpty         = errors.New("a buffer is empty")
	errOutside       = errors.New("a buffer does not lie in RAM")
	errIndirectTable = errors.New("a table of indirect descriptors has no proper size, or is in a table itself")
)

// virtqueue is a split virtqueue. What the rings hold is in the guest's memory.
type virtqueue struct {
	initial uint16 `state:"-"` // entries after a reset; 0 for a queue that does not exist

	size              uint16 // entries
	ready             bool
	desc, avail, used uint64 // where the parts are
	pfn, align        uint32 // of the legacy interface, from which the places follow

	taken    uint16 // entries of the available ring that were taken, modulo 2^16
	returned uint16 // entries of the used ring that were filled, modulo 2^16
	told     uint16 // returned, when the driver was last told
	telling  bool   // told is something: the driver was told once
}

// resize takes the number of entries that the driver wants, if it is a possible
// one.
func (q *virtqueue) resize(entries uint32) {
	if entries > 0 && entries <= virtqueueMax {
		q.size = uint16(entries)
	}
}

func (q *virtqueue) reset() {
	*q = virtqueue{initial: q.initial, size: q.initial}
}

// Visit implements state.Component.
func (q *virtqueue) Visit(v *state.Visitor) {
	v.Uint16(&q.size)
	v.Bool(&q.ready)
	v.Uint64(&q.desc)
	v.Uint64(&q.avail)
	v.Uint64(&q.used)
	v.Uint32(&q.pfn)
	v.Uint32(&q.align)
	v.Uint16(&q.taken)
	v.Uint16(&q.returned)
	v.Uint16(&q.told)
	v.Bool(&q.telling)
	if v.Loading() && q.size > virtqueueMax {
		v.Fail("a queue of %d entries", q.size)
	}
}

// placeLegacy computes where the parts are in the legacy layout (2.7.2): one
// behind the other, the used ring at the next multiple of the alignment.
func (q *virtqueue) placeLegacy(pageShift uint32) {
	q.ready = q.pfn != 0
	q.desc = uint64(q.pfn) << pageShift
	q.avail = q.desc + descSize*uint64(q.size)
	end := q.avail + availHeader + availEntry*uint64(q.size) + eventSize
	q.used = end
	if align := uint64(q.align); align != 0 {
		q.used = (end + align - 1) / align * align
	}
}

// inRAM reports whether all the parts lie in RAM.
func (q *virtqueue) inRAM(m Memory) bool {
	n := uint64(q.size)
	return m.Contains(q.desc, descSize*n) &&
		m.Contains(q.avail, availHeader+availEntry*n+eventSize) &&
		m.Contains(q.used, usedHeader+usedEntry*n+eventSize)
}

// waiting is the number of requests that the driver has made available and
// that were not taken. The queue is ready.
func (q *virtqueue) waiting(m Memory) (uint16, error) {
	if q.size == 0 || !q.inRAM(m) {
		return 0, errRingOutside
	}
	n := load16(m, q.avail+2) - q.taken
	if n > q.size {
		return 0, errAvailJumped
	}
	return n, nil
}

// head is the descriptor at which the next request that waits begins.
func (q *virtqueue) head(m Memory) (uint16, error) {
	head := load16(m, q.avail+availHeader+availEntry*uint64(q.taken%q.size))
	if head >= q.size {
		return 0, errNoDescriptor
	}
	return head, nil
}

// putBack returns a request, of which written bytes were written to.
func (q *virtqueue) putBack(m Memory, head uint16, written uint32) {
	var entry [usedEntry]byte
	binary.LittleEndian.PutUint32(entry[:], uint32(head))
	binary.LittleEndian.PutUint32(entry[4:], written)
	m.WriteAt(entry[:], q.used+usedHeader+usedEntry*uint64(q.returned%q.size))
	q.returned++
	store16(m, q.used+2, q.returned)
}

// wantsNotification reports whether the driver wants to be told of the requests
// returned since it last was (2.7.7, 2.7.10), and notes that it is.
func (q *virtqueue) wantsNotification(m Memory, eventIndex bool) bool {
	if !eventIndex {
		return load16(m, q.avail)&availNoNotify == 0
	}
	event := load16(m, q.avail+availHeader+availEntry*uint64(q.size))
	old, first := q.told, !q.telling
	q.told, q.telling = q.returned, true
	return first || q.returned-event-1 < q.returned-old
}

// wantKick lets the driver tell of the next request that it makes available.
func (q *virtqueue) wantKick(m Memory, eventIndex bool) {
	if eventIndex {
		store16(m, q.used+usedHeader+usedEntry*uint64(q.size), q.taken)
	}
}

// buffer is a piece of memory that the driver hands over.
type buffer struct {
	addr uint64
	size uint64
}

// buffers is memory that is to be seen as one piece.
type buffers []buffer

// request is what the chain of descriptors from head on describes.
type request struct {
	head  uint16
	read  buffers // for the device to read
	write buffers // for the device to write
}

// request reads the chain that begins at a descriptor (2.7.5). Every buffer of
// it lies in RAM.
func (q *virtqueue) request(m Memory, head uint16) (request, error) {
	r := request{head: head}
	table, entries, index, indirect := q.desc, uint32(q.size), uint32(head), false
	for steps := uint32(0); ; steps++ {
		if steps >= min(entries, virtqueueMax) {
			return r, errLoop
		}
		if index >= entries {
			return r, errNoDescriptor
		}
		var d [descSize]byte
		m.ReadAt(d[:], table+descSize*uint64(index))
		b := buffer{binary.LittleEndian.Uint64(d[:]), uint64(binary.LittleEndian.Uint32(d[8:]))}
		flags, next := binary.LittleEndian.Uint16(d[12:]), binary.LittleEndian.Uint16(d[14:])
		if flags&descIndirect != 0 {
			if indirect || flags&descNext != 0 || b.size == 0 || b.size%descSize != 0 {
				return r, errIndirectTable
			}
			if !m.Contains(b.addr, b.size) {
				return r, errOutside
			}
			table, entries, index, indirect = b.addr, uint32(b.size/descSize), 0, true
			steps = ^uint32(0) // the table's are counted
			continue
		}
		if err := r.add(m, b, flags&descWrite != 0); err != nil {
			return r, err
		}
		if flags&descNext == 0 {
			return r, nil
		}
		index = uint32(next)
	}
}

// add puts one more buffer to the request.
func (r *request) add(m Memory, b buffer, write bool) error {
	switch {
	case b.size == 0:
		return errEmpty
	case !m.Contains(b.addr, b.size):
		return errOutside
	case write:
		r.write = append(r.write, b)
	case len(r.write) > 0:
		return errOrder
	default:
		r.read = append(r.read, b)
	}
	return nil
}

// size is the number of bytes.
func (bs buffers) size() uint64 {
	var n uint64
	for _, b := range bs {
		n += b.size
	}
	return n
}

// from is what remains behind the first n bytes.
func (bs buffers) from(n uint64) buffers {
	for i, b := range bs {
		if n < b.size {
			rest := slices.Clone(bs[i:])
			rest[0] = buffer{b.addr + n, b.size - n}
			return rest
		}
		n -= b.size
	}
	return nil
}

// until is the first n bytes, or all.
func (bs buffers) until(n uint64) buffers {
	for i, b := range bs {
		if n <= b.size {
			first := slices.Clone(bs[:i+1])
			first[i].size = n
			return first
		}
		n -= b.size
	}
	return bs
}

// load copies memory into p and returns how many bytes there were.
func (bs buffers) load(m Memory, p []byte) int {
	done := 0
	for _, b := range bs {
		n := int(min(b.size, uint64(len(p)-done)))
		done += m.ReadAt(p[done:done+n], b.addr)
	}
	return done
}

// store copies p into memory and returns how many bytes there was room for.
func (bs buffers) store(m Memory, p []byte) int {
	done := 0
	for _, b := range bs {
		n := int(min(b.size, uint64(len(p)-done)))
		if n > 0 && m.WriteAt(p[done:done+n], b.addr) {
			done += n
		}
	}
	return done
}

func load16(m Memory, pa uint64) uint16 {
	var p [2]byte
	m.ReadAt(p[:], pa)
	return binary.LittleEndian.Uint16(p[:])
}

func store16(m Memory, pa uint64, value uint16) {
	var p [2]byte
	binary.LittleEndian.PutUint16(p[:], value)
	m.WriteAt(p[:], pa)
}
