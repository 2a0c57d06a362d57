package device

import (
	"errors"
	"fmt"
	"io"

	"github.com/zeebo/xxh3"
)

// DiskBlock is the unit in bytes in which what was written to a disk is kept.
const DiskBlock = 4096

// SectorSize is the unit in bytes in which a disk is addressed.
const SectorSize = 512

const diskChunkBlocks = 64

// Disk is the content of a disk: an image, which never changes, and what was
// written over it. Nothing is ever written to the image.
//
// What was written is kept in blocks that never change: to write is to put a
// new block in the place of an old one. So [Disk.State] copies nothing, the
// states of a disk share what they have in common, and they may be read by any
// goroutine. It is not visited with the device: like RAM it is saved, restored
// and digested by the machine's owner.
type Disk struct {
	image  io.ReaderAt
	size   uint64 // bytes of the image
	now    DiskState
	shared bool // somebody else has the table of now
}

// DiskState is what had been written to a disk at some moment. The zero value
// is that of a disk to which nothing was.
type DiskState struct {
	chunks []*diskChunk
	sum    uint64
}

// diskChunk is a run of blocks, and their hashes. It never changes.
type diskChunk struct {
	blocks [diskChunkBlocks]*[DiskBlock]byte // nil where nothing was written
	sums   [diskChunkBlocks]uint64
}

// NewDisk returns a disk with the content of an image of size bytes.
func NewDisk(image io.ReaderAt, size uint64) *Disk {
	return &Disk{image: image, size: size}
}

// Sectors is the size of the disk in units of [SectorSize]. What the image lacks
// to the last one is zero.
func (d *Disk) Sectors() uint64 { return (d.size + SectorSize - 1) / SectorSize }

// State is what has been written.
func (d *Disk) State() DiskState {
	d.shared = true
	return d.now
}

// SetState makes what has been written that of another moment.
func (d *Disk) SetState(s DiskState) { d.now, d.shared = s, true }

// Sum is a hash over what has been written: the sum over the blocks of a hash
// of number and content.
func (d *Disk) Sum() uint64 { return d.now.sum }

// ReadAt fills p with the content from an offset on. An error is one of the
// image.
func (d *Disk) ReadAt(p []byte, off uint64) error {
	for len(p) > 0 {
		n := min(uint64(len(p)), DiskBlock-off%DiskBlock)
		if block := d.now.block(off / DiskBlock); block != nil {
			copy(p[:n], block[off%DiskBlock:])
		} else {
			for n < uint64(len(p)) && d.now.block((off+n)/DiskBlock) == nil {
				n += min(uint64(len(p))-n, DiskBlock)
			}
			if err := d.readImage(p[:n], off); err != nil {
				return err
			}
		}
		p, off = p[n:], off+n
	}
	return nil
}

// readImage reads the image, behind whose end there are zeroes.
func (d *Disk) readImage(p []byte, off uint64) error {
	n := 0
	if off < d.size {
		want := min(uint64(len(p)), d.size-off)
		var err error
		if n, err = d.image.ReadAt(p[:want], int64(off)); uint64(n) < want {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("disk image at offset %d: %w", off, err)
		}
	}
	clear(p[n:])
	return nil
}

// WriteAt writes p at an offset. An error is one of the image, of which a block
// that is not written whole has to be read.
func (d *Disk) WriteAt(p []byte, off uint64) error {
	for len(p) > 0 {
		number, at := off/DiskBlock, off%DiskBlock
		n := min(uint64(len(p)), DiskBlock-at)
		block := new([DiskBlock]byte)
		if n < DiskBlock {
			if err := d.ReadAt(block[:], number*DiskBlock); err != nil {
				return err
			}
		}
		copy(block[at:], p[:n])
		d.SetBlock(number, block)
		p, off = p[n:], off+n
	}
	return nil
}

// zeroBlock is what all blocks share that were cleared.
var zeroBlock [DiskBlock]byte

// Clear writes n zeroes at an offset.
func (d *Disk) Clear(off, n uint64) error {
	for n > 0 {
		part := min(n, DiskBlock-off%DiskBlock)
		if part == DiskBlock {
			d.SetBlock(off/DiskBlock, &zeroBlock)
		} else if err := d.WriteAt(zeroBlock[:part], off); err != nil {
			return err
		}
		off, n = off+part, n-part
	}
	return nil
}

// SetBlock replaces a block by one that never changes from now on; nil stands
// for that of the image.
func (d *Disk) SetBlock(number uint64, block *[DiskBlock]byte) {
	if d.shared || d.now.chunks == nil {
		chunks := make([]*diskChunk, (d.size+diskChunkBlocks*DiskBlock-1)/(diskChunkBlocks*DiskBlock))
		copy(chunks, d.now.chunks)
		d.now.chunks, d.shared = chunks, false
	}
	chunk := new(diskChunk)
	if old := d.now.chunks[number/diskChunkBlocks]; old != nil {
		*chunk = *old
	}
	i := number % diskChunkBlocks
	d.now.sum -= chunk.sums[i]
	chunk.blocks[i], chunk.sums[i] = block, 0
	if block != nil {
		chunk.sums[i] = xxh3.HashSeed(block[:], number+1)
	}
	d.now.sum += chunk.sums[i]
	d.now.chunks[number/diskChunkBlocks] = chunk
}

// block is a block that was written; nil if it was not.
func (s DiskState) block(number uint64) *[DiskBlock]byte {
	i := number / diskChunkBlocks
	if i >= uint64(len(s.chunks)) || s.chunks[i] == nil {
		return nil
	}
	return s.chunks[i].blocks[number%diskChunkBlocks]
}

// Blocks calls fn with each block that was written, by rising number, until it
// returns false. The content is not to be changed.
func (s DiskState) Blocks(fn func(number uint64, content *[DiskBlock]byte) bool) {
	for i, chunk := range s.chunks {
		if chunk == nil {
			continue
		}
		for j, block := range chunk.blocks {
			if block != nil && !fn(uint64(i*diskChunkBlocks+j), block) {
				return
			}
		}
	}
}

// Added is the number of blocks that s has and another state has not.
func (s DiskState) Added(to DiskState) int {
	n := 0
	for i, chunk := range s.chunks {
		var other *diskChunk
		if i < len(to.chunks) {
			other = to.chunks[i]
		}
		if chunk == nil || chunk == other {
			continue
		}
		for j, block := range chunk.blocks {
			if block != nil && (other == nil || block != other.blocks[j]) {
				n++
			}
		}
	}
	return n
}
