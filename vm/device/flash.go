package device

import (
	"encoding/binary"

	"reprise/vm/state"
)

// FlashSize is the length of one bank of flash in bytes.
const FlashSize = 32 << 20

const (
	flashSectorSize = 256 << 10 // what one erase command erases
	flashSectors    = FlashSize / flashSectorSize
	flashBlockSize  = 4 << 10 // what is programmed through the buffer at once
	flashBlocks     = FlashSize / flashBlockSize
	flashBlank      = 0 // content of a bank that nobody has written, as qemu's without an image
	flashErased     = 0xff

	flashBusWidth = 4 // bytes: two chips side by side ...
	flashWidth    = 2 // ... of this width each, which answer in parallel
)

// Commands (Intel's primary command set).
const (
	flashArray       = 0x00 // what qemu takes as read array; 0xff is the documented one
	flashProgram     = 0x10
	flashErase       = 0x20
	flashProgram2    = 0x40
	flashClearStatus = 0x50
	flashLock        = 0x60
	flashReadStatus  = 0x70
	flashReadID      = 0x90
	flashQuery       = 0x98
	flashBuffer      = 0xe8

	flashSetLock = 0x01 // second cycle of flashLock
	flashConfirm = 0xd0
	flashCancel  = 0xff
)

// Bits of the status register.
const (
	flashReady       = 0x80
	flashProgramFail = 0x10
)

// flashIDs are the manufacturer (Intel) and the device.
var flashIDs = [2]uint8{0x89, 0x18}

// flashCFI is the query structure of one chip (JESD68.01, and Intel's extended
// table from 0x31), from offset 0x10.
var flashCFI = [...]uint8{
	0x10: 'Q', 'R', 'Y',
	0x13: 0x01, 0, // Intel's extended command set
	0x15: 0x31, 0, // its table
	0x1b: 0x45, 0x55, // supply of 4.5 to 5.5 V
	0x1f: 7, 7, 10, 0, // typical times: word, buffer in 2^n us, erase in 2^n ms
	0x23: 4, 4, 4, 0, // worst times, in 2^n of the typical
	0x27: 24,   // 2^24 bytes
	0x28: 2, 0, // 8 and 16 bits wide
	0x2a: 11, 0, // buffer of 2^11 bytes
	0x2c: 1,                   // one region of equal blocks:
	0x2d: flashSectors - 1, 0, // their number less one
	0x2f: flashSectorSize / 2 >> 8 & 0xff, flashSectorSize / 2 >> 16, // and size in 256 bytes
	0x31: 'P', 'R', 'I', '1', '0',
	0x3f: 1, // one protection register
	0x51: 0,
}

type (
	flashSector [flashSectorSize]uint8
	flashBlock  [flashBlockSize]uint8
)

// Flash is one bank of parallel NOR flash (CFI, JESD68.01) with Intel's
// command set: two 16-bit chips on a 32-bit bus, as on the board.
//
// Commands take no time. As in qemu, programming stores the value as it is,
// where a chip can only clear bits, and nothing is ever protected.
//
// Only sectors that were written are kept, saved and digested.
type Flash struct {
	command uint8 // what reads answer to
	second  bool  // the next write is the command's second cycle
	status  uint8

	buffer *flashBlock // while it is filled and not confirmed: the block's new content
	block  uint16      // number of the block
	left   uint32      // writes that are still to fill it

	sectors [flashSectors]*flashSector
}

// NewFlash returns a bank that nobody has written: all zeros.
func NewFlash() *Flash { return &Flash{status: flashReady} }

// Visit implements state.Component.
func (f *Flash) Visit(v *state.Visitor) {
	v.Uint8(&f.command)
	v.Bool(&f.second)
	v.Uint8(&f.status)

	filling := f.buffer != nil
	v.Bool(&filling)
	switch {
	case !filling:
		f.buffer = nil
	case f.buffer == nil:
		f.buffer = new(flashBlock)
	}
	if filling {
		v.Fixed(f.buffer[:])
	}
	v.Uint16(&f.block)
	v.Uint32(&f.left)
	if f.block >= flashBlocks {
		v.Fail("flash block %d of %d", f.block, flashBlocks)
		f.block = 0
	}

	var written [flashSectors / 64]uint64
	for i, sector := range f.sectors {
		if sector != nil {
			written[i/64] |= 1 << (i % 64)
		}
	}
	v.Uint64s(written[:])
	for i := range f.sectors {
		present := written[i/64]>>(i%64)&1 != 0
		switch {
		case v.Loading() && !present:
			f.sectors[i] = nil
		case v.Loading() && f.sectors[i] == nil:
			f.sectors[i] = new(flashSector)
		}
		if present && f.sectors[i] != nil {
			v.Fixed(f.sectors[i][:])
		}
	}
}

// Reset implements [Device]. The content stays.
func (f *Flash) Reset() { *f = Flash{status: flashReady, sectors: f.sectors} }

// Read implements [Device]. Any size is taken; other than in the array, 8
// bytes are two accesses.
func (f *Flash) Read(off uint64, size int) (uint64, bool) { return f.Peek(off, size) }

// Peek implements [Device].
func (f *Flash) Peek(off uint64, size int) (uint64, bool) {
	if !within(off, size, FlashSize) {
		return 0, false
	}
	var value uint64
	switch f.command {
	case flashArray:
		return f.load(off, size), true
	case flashReadID:
		value = answer(flashIDs[:], off, size)
	case flashQuery:
		value = answer(flashCFI[:], off, size)
	default:
		value = uint64(f.status) * (1 | 1<<(8*flashWidth))
		value |= value << 32
	}
	return truncate(value, size), true
}

// answer returns what both chips say on the bus: a table has an entry for each
// address of the bus.
func answer(table []uint8, off uint64, size int) uint64 {
	var value uint64
	for i := 0; i < size; i += flashBusWidth {
		if entry := off/flashBusWidth + uint64(i/flashBusWidth); entry < uint64(len(table)) {
			value |= uint64(table[entry]) * (1 | 1<<(8*flashWidth)) << (8 * i)
		}
	}
	return value
}

// Write implements [Device]. Any size is taken; 8 bytes are two accesses.
func (f *Flash) Write(off, value uint64, size int) bool {
	if !within(off, size, FlashSize) {
		return false
	}
	if size == 8 {
		f.write(off, value&0xffffffff, 4)
		f.write(off+4, value>>32, 4)
		return true
	}
	f.write(off, value, size)
	return true
}

// write is one write cycle.
func (f *Flash) write(off, value uint64, size int) {
	switch {
	case f.buffer != nil && f.left > 0:
		f.fill(off, value, size)
	case f.buffer != nil:
		f.flush(uint8(value))
	case f.second:
		f.secondCycle(off, value, size)
	default:
		f.begin(off, uint8(value))
	}
}

// begin is the first write cycle of a command.
func (f *Flash) begin(off uint64, command uint8) {
	switch command {
	case flashReadStatus, flashReadID:
		f.command = command
		return
	case flashErase:
		f.erase(off / flashSectorSize)
		f.status |= flashReady
	case flashBuffer:
		f.status |= flashReady
	case flashProgram, flashProgram2, flashLock, flashQuery:
	case flashClearStatus:
		f.status = 0
		f.finish(false)
		return
	default:
		f.finish(false)
		return
	}
	f.command, f.second = command, true
}

// secondCycle is the second write cycle of a command.
func (f *Flash) secondCycle(off, value uint64, size int) {
	switch second := uint8(value); f.command {
	case flashProgram, flashProgram2:
		f.store(off, value, size)
		f.finish(true)
	case flashErase:
		f.finish(second == flashConfirm)
	case flashLock:
		f.finish(second == flashConfirm || second == flashSetLock)
	case flashBuffer:
		f.block = uint16(off / flashBlockSize)
		f.left = uint32(truncate(value, min(size, flashWidth))) + 1
		f.buffer = new(flashBlock)
		if sector := f.sectors[off/flashSectorSize]; sector != nil {
			copy(f.buffer[:], sector[off%flashSectorSize&^(flashBlockSize-1):])
		}
		f.second = false
	default: // a query lasts until it is cancelled
		if second == flashCancel {
			f.finish(false)
		}
	}
}

// fill writes to the buffer. What is outside the block spoils it.
func (f *Flash) fill(off, value uint64, size int) {
	f.status |= flashReady
	f.left--
	if off/flashBlockSize != uint64(f.block) {
		f.status |= flashProgramFail
		return
	}
	putBytes(f.buffer[off%flashBlockSize:], value, size)
}

// flush programs the buffer if that is confirmed and nothing has failed since
// the status was cleared.
func (f *Flash) flush(second uint8) {
	done := second == flashConfirm && f.status&flashProgramFail == 0
	if done {
		off := uint64(f.block) * flashBlockSize
		copy(f.writable(off / flashSectorSize)[off%flashSectorSize:], f.buffer[:])
	}
	f.buffer, f.block = nil, 0
	f.finish(done)
}

// finish ends a command: done, so that its status can be read, or back to the
// array.
func (f *Flash) finish(done bool) {
	f.second = false
	if done {
		f.status |= flashReady
	} else {
		f.command = flashArray
	}
}

// load reads the array.
func (f *Flash) load(off uint64, size int) uint64 {
	sector := f.sectors[off/flashSectorSize]
	if sector == nil {
		return flashBlank
	}
	b := sector[off%flashSectorSize:]
	switch size {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(b))
	case 4:
		return uint64(binary.LittleEndian.Uint32(b))
	default:
		return binary.LittleEndian.Uint64(b)
	}
}

// store programs up to 4 bytes of the array.
func (f *Flash) store(off, value uint64, size int) {
	putBytes(f.writable(off / flashSectorSize)[off%flashSectorSize:], value, size)
}

// putBytes stores a value of up to 4 bytes.
func putBytes(p []byte, value uint64, size int) {
	for i := range size {
		p[i] = uint8(value >> (8 * i))
	}
}

// erase sets a sector to ones.
func (f *Flash) erase(number uint64) {
	sector := f.writable(number)
	for i := range sector {
		sector[i] = flashErased
	}
}

// writable returns a sector to be written.
func (f *Flash) writable(number uint64) *flashSector {
	if f.sectors[number] == nil {
		f.sectors[number] = new(flashSector)
	}
	return f.sectors[number]
}
