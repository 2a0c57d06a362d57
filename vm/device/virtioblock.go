package device

import (
	"encoding/binary"

	"reprise/vm/state"
)

// VirtioBlockDelay is the virtual time in ns that a request to a disk takes.
const VirtioBlockDelay = 20_000

// A disk's requests (virtio 1.2, 5.2.6).
const (
	blockRead        = 0
	blockWrite       = 1
	blockFlush       = 4
	blockID          = 8
	blockDiscard     = 11
	blockWriteZeroes = 13

	blockHeader  = 16 // type, reserved, sector
	blockRange   = 16 // of a discard: sector, number of sectors, flags
	blockIDSize  = 20
	blockOK      = 0
	blockIOError = 1
	blockUnknown = 2

	// blockRangeMax is the most that one request discards or clears, in sectors.
	blockRangeMax = 1<<22 - 1
	blockUnmap    = 1 // flag of a range
)

// A disk's features.
const (
	featureSegMax      = 1 << 2
	featureReadOnly    = 1 << 5
	featureBlockSize   = 1 << 6
	featureFlush       = 1 << 9
	featureTopology    = 1 << 10
	featureDiscard     = 1 << 13
	featureWriteZeroes = 1 << 14
)

const (
	blockQueueSize  = 256
	blockConfigSize = 57
	blockCopySize   = 64 << 10 // bytes that are copied at once
)

// VirtioBlockPorts is what a disk needs beside its transport.
type VirtioBlockPorts struct {
	Disk     *Disk
	ReadOnly bool
	Serial   string // at most 20 bytes
	// Clock returns the virtual time in ns.
	Clock func() uint64
	// Changed is called when the next deadline may have moved.
	Changed func()
	// Failed is called when the image cannot be read.
	Failed func(err error)
}

// VirtioBlock is a disk (virtio 1.2, 5.2) with one queue.
//
// A request is taken when the driver tells of it, and carried out, whole, at
// one moment [VirtioBlockDelay] later: the owner calls [VirtioBlock.Expire] at
// the step at which virtual time has reached [VirtioBlock.Deadline]. So all
// that has to be kept of a request is where it begins.
type VirtioBlock struct {
	virtio
	block VirtioBlockPorts `state:"-"`
	copy  []byte           `state:"-"`

	pending []blockPending // in the order of their deadlines
}

// blockPending is a request that is being carried out.
type blockPending struct {
	head uint16
	due  uint64 // virtual time in ns
}

// NewVirtioBlock returns a disk in its power-on state.
func NewVirtioBlock(ports VirtioPorts, block VirtioBlockPorts) *VirtioBlock {
	b := &VirtioBlock{block: block, copy: make([]byte, blockCopySize)}
	b.attach(b, ports)
	return b
}

// Visit implements state.Component. What was written to the disk is not here:
// see [Disk].
func (b *VirtioBlock) Visit(v *state.Visitor) {
	b.virtio.Visit(v)
	n := uint32(len(b.pending))
	v.Uint32(&n)
	if v.Loading() {
		if n > virtqueueMax {
			v.Fail("%d requests to a disk", n)
			return
		}
		b.pending = make([]blockPending, n)
	}
	for i := range b.pending {
		v.Uint16(&b.pending[i].head)
		v.Uint64(&b.pending[i].due)
	}
}

// describe implements virtioKind.
func (b *VirtioBlock) describe() (id uint32, features uint64, queues []uint16) {
	features = featureSegMax | featureBlockSize | featureFlush | featureTopology | featureDiscard | featureWriteZeroes
	if b.block.ReadOnly {
		features |= featureReadOnly
	}
	return 2, features, []uint16{blockQueueSize}
}

// config implements virtioKind (5.2.4).
func (b *VirtioBlock) config() []byte {
	var c [blockConfigSize]byte
	le := binary.LittleEndian
	le.PutUint64(c[0:], b.block.Disk.Sectors())
	le.PutUint32(c[12:], blockQueueSize-2) // segments of a request, without header and status
	le.PutUint32(c[20:], SectorSize)
	c[32] = 1               // there is a cache
	le.PutUint16(c[34:], 1) // queues
	le.PutUint32(c[36:], blockRangeMax)
	le.PutUint32(c[40:], 1) // ranges of a request
	le.PutUint32(c[44:], 1) // alignment of a range, in sectors
	le.PutUint32(c[48:], blockRangeMax)
	le.PutUint32(c[52:], 1)
	c[56] = 1 // clearing may unmap
	return c[:]
}

// forget implements virtioKind.
func (b *VirtioBlock) forget() { b.pending = b.pending[:0] }

// notified implements virtioKind.
func (b *VirtioBlock) notified(queue int) {
	for len(b.pending) < virtqueueMax {
		head, ok := b.take(queue)
		if !ok {
			break
		}
		due, never := after(b.block.Clock(), VirtioBlockDelay)
		if never {
			due = ^uint64(0)
		}
		b.pending = append(b.pending, blockPending{head, due})
	}
	b.block.Changed()
}

// Deadline returns the virtual time in ns at which the next request is carried
// out; never is true if there is none.
func (b *VirtioBlock) Deadline() (ns uint64, never bool) {
	if len(b.pending) == 0 {
		return 0, true
	}
	return b.pending[0].due, false
}

// Expire carries out the requests whose time has come.
func (b *VirtioBlock) Expire() {
	now, done := b.block.Clock(), false
	for len(b.pending) > 0 && b.pending[0].due <= now {
		head := b.pending[0].head
		b.pending = append(b.pending[:0], b.pending[1:]...)
		if r, ok := b.open(0, head); ok {
			b.carryOut(r)
			done = true
		}
	}
	if done {
		b.tell(0)
	}
}

// carryOut does what a request asks for, and returns it.
func (b *VirtioBlock) carryOut(r request) {
	var header [blockHeader]byte
	if r.read.load(b.ports.Memory, header[:]) < blockHeader || r.write.size() < 1 {
		b.fail() // there is nowhere to say what is wrong
		return
	}
	room := r.write.size() - 1
	in, out := r.write.until(room), r.read.from(blockHeader)
	sector := binary.LittleEndian.Uint64(header[8:])
	written, status := uint64(0), uint8(blockOK)
	switch binary.LittleEndian.Uint32(header[:]) {
	case blockRead:
		if status = b.check(sector, room); status == blockOK {
			status = b.read(in, sector*SectorSize)
			written = room
		}
	case blockWrite:
		if status = b.checkWrite(sector, out.size()); status == blockOK {
			status = b.write(out, sector*SectorSize)
		}
	case blockFlush:
	case blockID:
		var id [blockIDSize]byte
		copy(id[:], b.block.Serial)
		written = uint64(in.store(b.ports.Memory, id[:]))
	case blockDiscard:
		_, status = b.ranges(out)
	case blockWriteZeroes:
		status = b.clear(out)
	default:
		status = blockUnknown
	}
	r.write.from(room).store(b.ports.Memory, []byte{status})
	b.finish(0, r.head, uint32(min(written+1, 1<<32-1)))
}

// check says whether bytes from a sector on are on the disk.
func (b *VirtioBlock) check(sector, n uint64) (status uint8) {
	sectors := b.block.Disk.Sectors()
	if n%SectorSize != 0 || sector > sectors || n/SectorSize > sectors-sector {
		return blockIOError
	}
	return blockOK
}

func (b *VirtioBlock) checkWrite(sector, n uint64) (status uint8) {
	if b.block.ReadOnly {
		return blockIOError
	}
	return b.check(sector, n)
}

// read copies from the disk to memory.
func (b *VirtioBlock) read(to buffers, off uint64) (status uint8) {
	for _, part := range to {
		for done := uint64(0); done < part.size; {
			p := b.copy[:min(part.size-done, blockCopySize)]
			if err := b.block.Disk.ReadAt(p, off); err != nil {
				b.block.Failed(err)
				return blockIOError
			}
			b.ports.Memory.WriteAt(p, part.addr+done)
			done, off = done+uint64(len(p)), off+uint64(len(p))
		}
	}
	return blockOK
}

// write copies from memory to the disk.
func (b *VirtioBlock) write(from buffers, off uint64) (status uint8) {
	for _, part := range from {
		for done := uint64(0); done < part.size; {
			p := b.copy[:min(part.size-done, blockCopySize)]
			b.ports.Memory.ReadAt(p, part.addr+done)
			if err := b.block.Disk.WriteAt(p, off); err != nil {
				b.block.Failed(err)
				return blockIOError
			}
			done, off = done+uint64(len(p)), off+uint64(len(p))
		}
	}
	return blockOK
}

// blockSpan is a piece of a disk.
type blockSpan struct{ sector, count uint64 }

// ranges reads which part of the disk a request to discard or clear means: one
// range, which is all that the configuration allows (5.2.6.2).
func (b *VirtioBlock) ranges(out buffers) (s blockSpan, status uint8) {
	var p [blockRange]byte
	if out.size() != blockRange || out.load(b.ports.Memory, p[:]) != blockRange {
		return s, blockIOError
	}
	s = blockSpan{binary.LittleEndian.Uint64(p[:]), uint64(binary.LittleEndian.Uint32(p[8:]))}
	if flags := binary.LittleEndian.Uint32(p[12:]); flags&^blockUnmap != 0 {
		return s, blockUnknown
	}
	if s.count > blockRangeMax {
		return s, blockIOError
	}
	return s, b.checkWrite(s.sector, s.count*SectorSize)
}

// clear writes zeroes.
func (b *VirtioBlock) clear(out buffers) (status uint8) {
	s, status := b.ranges(out)
	if status != blockOK {
		return status
	}
	if err := b.block.Disk.Clear(s.sector*SectorSize, s.count*SectorSize); err != nil {
		b.block.Failed(err)
		return blockIOError
	}
	return blockOK
}
