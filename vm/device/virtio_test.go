package device

import (
	"bytes"
	"encoding/binary"
	"testing"

	"reprise/internal/testing/statecheck"
)

// guestRAM is memory at an address.
type guestRAM struct {
	base  uint64
	bytes []byte
}

func newGuestRAM(size int) *guestRAM { return &guestRAM{0x8000_0000, make([]byte, size)} }

func (r *guestRAM) Contains(pa, n uint64) bool {
	off := pa - r.base
	return off <= uint64(len(r.bytes)) && n <= uint64(len(r.bytes))-off
}

func (r *guestRAM) ReadAt(p []byte, pa uint64) int {
	if !r.Contains(pa, 0) {
		return 0
	}
	return copy(p, r.bytes[pa-r.base:])
}

func (r *guestRAM) WriteAt(p []byte, pa uint64) bool {
	if !r.Contains(pa, uint64(len(p))) {
		return false
	}
	copy(r.bytes[pa-r.base:], p)
	return true
}

// at is a piece of the memory.
func (r *guestRAM) at(pa uint64, n int) []byte { return r.bytes[pa-r.base:][:n] }

// queueDriver drives one queue as a guest's driver does.
type queueDriver struct {
	t     testing.TB
	ram   *guestRAM
	dev   Device
	index uint64
	size  uint16

	desc, avail, used uint64
	free              uint16 // the next descriptor
	seen              uint16 // entries of the used ring that were looked at
}

// piece is a buffer of a request: bytes to be read, or room to be written to.
type piece struct {
	data []byte
	room int
}

// startVirtio negotiates all features that the mask allows, and sets the queues
// up in the memory, which they share with the buffers.
func startVirtio(t testing.TB, dev Device, ram *guestRAM, features uint64, queues ...uint16) []*queueDriver {
	t.Helper()
	set := func(off, value uint64) {
		t.Helper()
		if !dev.Write(off, value, 4) {
			t.Fatalf("store at %#x refused", off)
		}
	}
	get := func(off uint64) uint64 {
		t.Helper()
		value, ok := dev.Read(off, 4)
		if !ok {
			t.Fatalf("load at %#x refused", off)
		}
		return value
	}
	set(virtioStatus, 0)
	set(virtioStatus, 1|2)
	for half := range uint64(2) {
		set(virtioFeaturesSel, half)
		set(virtioDriverSel, half)
		set(virtioDriver, get(virtioFeatures)&(features>>(32*half))&0xffffffff)
	}
	modern := get(virtioVersion) == 2
	if modern {
		set(virtioStatus, 1|2|statusFeaturesOK)
		if get(virtioStatus)&statusFeaturesOK == 0 {
			t.Fatal("the device does not accept the features")
		}
	} else {
		set(virtioPageSize, 4096)
	}
	var list []*queueDriver
	for i, size := range queues {
		q := &queueDriver{t: t, ram: ram, dev: dev, index: uint64(i), size: size, desc: ram.base + 0x4000*uint64(i)}
		q.avail = q.desc + 16*uint64(size)
		q.used = (q.avail + 6 + 2*uint64(size) + 4095) &^ 4095
		set(virtioQueueSel, q.index)
		set(virtioQueueNum, uint64(size))
		if modern {
			set(virtioQueueDescLow, q.desc)
			set(virtioQueueAvailLow, q.avail)
			set(virtioQueueUsedLow, q.used)
			set(virtioQueueReady, 1)
		} else {
			set(virtioQueueAlign, 4096)
			set(virtioQueuePFN, q.desc>>12)
		}
		list = append(list, q)
	}
	set(virtioStatus, 1|2|statusFeaturesOK|statusDriverOK)
	return list
}

// descriptor writes one.
func (q *queueDriver) descriptor(table uint64, i uint16, addr uint64, size uint32, flags, next uint16) {
	d := q.ram.at(table+16*uint64(i), 16)
	binary.LittleEndian.PutUint64(d, addr)
	binary.LittleEndian.PutUint32(d[8:], size)
	binary.LittleEndian.PutUint16(d[12:], flags)
	binary.LittleEndian.PutUint16(d[14:], next)
}

// offer makes a request available, with its buffers behind each other from an
// address on, and returns the places of the buffers.
func (q *queueDriver) offer(at uint64, pieces ...piece) []uint64 {
	first, places := q.free, []uint64(nil)
	for i, p := range pieces {
		size, flags := len(p.data), uint16(0)
		if p.room > 0 {
			size, flags = p.room, descWrite
		}
		copy(q.ram.at(at, size), p.data)
		if i+1 < len(pieces) {
			flags |= descNext
		}
		q.descriptor(q.desc, q.free, at, uint32(size), flags, (q.free+1)%q.size)
		places = append(places, at)
		at += uint64(size)
		q.free = (q.free + 1) % q.size
	}
	q.publish(first)
	return places
}

// publish puts a descriptor into the available ring.
func (q *queueDriver) publish(head uint16) {
	ring := q.ram.at(q.avail, 4+2*int(q.size))
	index := binary.LittleEndian.Uint16(ring[2:])
	binary.LittleEndian.PutUint16(ring[4+2*(index%q.size):], head)
	binary.LittleEndian.PutUint16(ring[2:], index+1)
}

// kick tells the device.
func (q *queueDriver) kick() { q.dev.Write(virtioQueueNotify, q.index, 4) }

// returned takes the next entry of the used ring.
func (q *queueDriver) returned() (head, written uint32, ok bool) {
	ring := q.ram.at(q.used, 4+8*int(q.size))
	if binary.LittleEndian.Uint16(ring[2:]) == q.seen {
		return 0, 0, false
	}
	entry := ring[4+8*int(q.seen%q.size):]
	q.seen++
	return binary.LittleEndian.Uint32(entry), binary.LittleEndian.Uint32(entry[4:]), true
}

// allFeatures accepts whatever is offered.
const allFeatures = ^uint64(0)

// plain is what xv6's driver accepts of a disk, less the rings' features.
const plainFeatures = allFeatures &^ (featureIndirect | featureEventIdx | featureVersion1)

// virtioLine is the interrupt line and the clock of a test's device.
type virtioLine struct {
	level bool
	rises int
	now   uint64
	err   error
}

func (l *virtioLine) ports(ram *guestRAM, legacy bool) VirtioPorts {
	return VirtioPorts{Memory: ram, Legacy: legacy, IRQ: func(level bool) {
		if level && !l.level {
			l.rises++
		}
		l.level = level
	}}
}

// newTestDisk is a disk of 64 sectors, of which sector n is filled with n.
func newTestDisk(ram *guestRAM, legacy bool) (*VirtioBlock, *virtioLine) {
	var image []byte
	for n := range 64 {
		image = append(image, bytes.Repeat([]byte{byte(n)}, SectorSize)...)
	}
	l := &virtioLine{}
	return NewVirtioBlock(l.ports(ram, legacy), VirtioBlockPorts{
		Disk:    NewDisk(bytes.NewReader(image), uint64(len(image))),
		Serial:  "REPRISE",
		Clock:   func() uint64 { return l.now },
		Changed: func() {},
		Failed:  func(err error) { l.err = err },
	}), l
}

// diskHeader is the header of a request to a disk.
func diskHeader(kind uint32, sector uint64) piece {
	p := make([]byte, blockHeader)
	binary.LittleEndian.PutUint32(p, kind)
	binary.LittleEndian.PutUint64(p[8:], sector)
	return piece{data: p}
}

// later lets the requests under way be carried out.
func (l *virtioLine) later(b *VirtioBlock) {
	l.now += VirtioBlockDelay
	b.Expire()
}

const buffersAt = 0x8001_0000

// TestVirtioBlock writes and reads back through both versions of the transport.
func TestVirtioBlock(t *testing.T) {
	for name, test := range map[string]struct {
		legacy   bool
		features uint64
	}{
		"modern": {false, allFeatures}, "legacy": {true, allFeatures}, "without ring features": {false, plainFeatures},
	} {
		t.Run(name, func(t *testing.T) {
			ram := newGuestRAM(1 << 20)
			b, line := newTestDisk(ram, test.legacy)
			q := startVirtio(t, b, ram, test.features, 16)[0]

			data := bytes.Repeat([]byte("0123456789abcdef"), 3*SectorSize/16)
			at := q.offer(buffersAt, diskHeader(blockWrite, 7), piece{data: data}, piece{room: 1})
			q.kick()
			if _, _, ok := q.returned(); ok {
				t.Fatal("a request took no time")
			}
			if ns, never := b.Deadline(); never || ns != VirtioBlockDelay {
				t.Fatalf("deadline %v, %v", ns, never)
			}
			line.later(b)
			if _, written, ok := q.returned(); !ok || written != 1 || ram.at(at[2], 1)[0] != blockOK || !line.level {
				t.Fatalf("a write returned %v, %d written, status %d, interrupt %v", ok, written, ram.at(at[2], 1)[0], line.level)
			}
			b.Write(virtioInterruptAck, interruptUsed, 4)
			if line.level {
				t.Error("the interrupt was acknowledged and stays")
			}
			at = q.offer(buffersAt+0x4000, diskHeader(blockRead, 6), piece{room: 700}, piece{room: 5*SectorSize - 700}, piece{room: 1})
			q.kick()
			line.later(b)
			if _, written, _ := q.returned(); written != 5*SectorSize+1 || ram.at(at[3], 1)[0] != blockOK {
				t.Fatalf("a read: %d written, status %d", written, ram.at(at[3], 1)[0])
			}
			want := append(append(bytes.Repeat([]byte{6}, SectorSize), data...), bytes.Repeat([]byte{10}, SectorSize)...)
			if !bytes.Equal(ram.at(at[1], 5*SectorSize), want) {
				t.Error("what was read is not what was written, between what was there")
			}
		})
	}
}

// TestVirtioBlockRequests does what else a disk can be asked for.
func TestVirtioBlockRequests(t *testing.T) {
	ram := newGuestRAM(1 << 20)
	b, line := newTestDisk(ram, false)
	q := startVirtio(t, b, ram, allFeatures, 16)[0]
	do := func(pieces ...piece) (status byte, places []uint64) {
		t.Helper()
		places = q.offer(buffersAt, append(pieces, piece{room: 1})...)
		q.kick()
		line.later(b)
		if _, _, ok := q.returned(); !ok {
			t.Fatal("a request did not return")
		}
		return ram.at(places[len(pieces)], 1)[0], places
	}
	span := func(sector uint64, count, flags uint32) piece {
		p := binary.LittleEndian.AppendUint64(nil, sector)
		return piece{data: binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(p, count), flags)}
	}
	status, places := do(diskHeader(blockID, 0), piece{room: blockIDSize})
	if id := ram.at(places[1], 8); status != blockOK || string(id) != "REPRISE\x00" {
		t.Errorf("serial: status %d, %q", status, id)
	}
	sector := bytes.Repeat([]byte{1}, SectorSize)
	for name, test := range map[string]struct {
		pieces []piece
		want   byte
	}{
		"flush":                    {[]piece{diskHeader(blockFlush, 0)}, blockOK},
		"unknown":                  {[]piece{diskHeader(99, 0)}, blockUnknown},
		"read at the end":          {[]piece{diskHeader(blockRead, 63), {room: SectorSize}}, blockOK},
		"read past the end":        {[]piece{diskHeader(blockRead, 63), {room: 2 * SectorSize}}, blockIOError},
		"read far past the end":    {[]piece{diskHeader(blockRead, 1<<63), {room: SectorSize}}, blockIOError},
		"read half a sector":       {[]piece{diskHeader(blockRead, 0), {room: SectorSize / 2}}, blockIOError},
		"write past the end":       {[]piece{diskHeader(blockWrite, 64), {data: sector}}, blockIOError},
		"write at the wrap-around": {[]piece{diskHeader(blockWrite, ^uint64(0)), {data: sector}}, blockIOError},
		"discard":                  {[]piece{diskHeader(blockDiscard, 0), span(3, 5, 0)}, blockOK},
		"discard past the end":     {[]piece{diskHeader(blockDiscard, 0), span(60, 5, 0)}, blockIOError},
		"clear":                    {[]piece{diskHeader(blockWriteZeroes, 0), span(20, 3, blockUnmap)}, blockOK},
		"clear too much":           {[]piece{diskHeader(blockWriteZeroes, 0), span(0, blockRangeMax+1, 0)}, blockIOError},
		"clear with a flag":        {[]piece{diskHeader(blockWriteZeroes, 0), span(0, 1, 4)}, blockUnknown},
		"clear half a range":       {[]piece{diskHeader(blockWriteZeroes, 0), {data: make([]byte, 8)}}, blockIOError},
	} {
		if got, _ := do(test.pieces...); got != test.want {
			t.Errorf("%s: status %d, want %d", name, got, test.want)
		}
	}
	if _, places = do(diskHeader(blockRead, 19), piece{room: 5 * SectorSize}); !bytes.Equal(ram.at(places[1], 5*SectorSize),
		append(append(bytes.Repeat([]byte{19}, SectorSize), make([]byte, 3*SectorSize)...), bytes.Repeat([]byte{23}, SectorSize)...)) {
		t.Error("clearing did not clear what it was to")
	}
	b.block.ReadOnly = true
	if got, _ := do(diskHeader(blockWrite, 0), piece{data: sector}); got != blockIOError {
		t.Errorf("writing to a disk that is read only: status %d", got)
	}
}

// TestVirtioBlockIndirect uses a table of descriptors.
func TestVirtioBlockIndirect(t *testing.T) {
	ram := newGuestRAM(1 << 20)
	b, line := newTestDisk(ram, false)
	q := startVirtio(t, b, ram, allFeatures, 4)[0]
	const table = buffersAt + 0x8000
	copy(ram.at(buffersAt, 16), diskHeader(blockRead, 9).data)
	q.descriptor(table, 0, buffersAt, 16, descNext, 2)
	q.descriptor(table, 2, buffersAt+16, SectorSize, descNext|descWrite, 1)
	q.descriptor(table, 1, buffersAt+16+SectorSize, 1, descWrite, 0)
	q.descriptor(q.desc, 3, table, 3*16, descIndirect, 0)
	q.publish(3)
	q.kick()
	line.later(b)
	if head, written, ok := q.returned(); !ok || head != 3 || written != SectorSize+1 || ram.at(buffersAt+16, 1)[0] != 9 {
		t.Errorf("returned %d, %d written, %v", head, written, ok)
	}
}

// TestVirtioEventIndex counts the interrupts of a driver that wants one at the
// third request only (virtio 1.2, 2.7.7).
func TestVirtioEventIndex(t *testing.T) {
	ram := newGuestRAM(1 << 20)
	b, line := newTestDisk(ram, false)
	q := startVirtio(t, b, ram, allFeatures, 16)[0]
	one := func() {
		q.offer(buffersAt, diskHeader(blockFlush, 0), piece{room: 1})
		q.kick()
		line.later(b)
	}
	one() // the first always interrupts
	b.Write(virtioInterruptAck, interruptUsed, 4)
	binary.LittleEndian.PutUint16(ram.at(q.avail+4+2*16, 2), 2)
	if one(); line.level {
		t.Error("the second request interrupts, the driver wants the third")
	}
	if one(); !line.level {
		t.Error("the third request does not interrupt")
	}
	if event := binary.LittleEndian.Uint16(ram.at(q.used+4+8*16, 2)); event != 3 {
		t.Errorf("avail_event is %d, want 3", event)
	}
	// Without the feature there is a flag.
	q = startVirtio(t, b, ram, plainFeatures, 16)[0]
	clear(ram.bytes)
	b.Write(virtioInterruptAck, 3, 4)
	ram.at(q.avail, 1)[0] = availNoNotify
	q.free, q.seen = 0, 0
	if one(); line.level {
		t.Error("an interrupt that the driver does not want")
	}
}

// TestVirtioRNG fills buffers.
func TestVirtioRNG(t *testing.T) {
	ram, line := newGuestRAM(1<<20), &virtioLine{}
	r := NewVirtioRNG(line.ports(ram, false), func(p []byte) {
		for i := range p {
			p[i] = byte(i + 1)
		}
	})
	q := startVirtio(t, r, ram, allFeatures, 8)[0]
	at := q.offer(buffersAt, piece{room: 3}, piece{room: 5})
	big := q.offer(buffersAt+0x100, piece{room: 2 * rngMost})
	q.kick()
	if _, written, _ := q.returned(); written != 8 || !bytes.Equal(ram.at(at[0], 9), []byte{1, 2, 3, 4, 5, 6, 7, 8, 0}) {
		t.Errorf("%d written: %v", written, ram.at(at[0], 9))
	}
	if _, written, _ := q.returned(); written != rngMost || ram.at(big[0]+rngMost, 1)[0] != 0 {
		t.Errorf("%d written where %d is the most", written, rngMost)
	}
	if !line.level {
		t.Error("no interrupt")
	}
}

// TestBadDrivers breaks the rules in every way, through both versions. A driver
// of version 2 is told to reset the device, which then works again.
func TestBadDrivers(t *testing.T) {
	const table = buffersAt + 0x8000
	type driver = *queueDriver
	setAvail := func(q driver, index uint16) { binary.LittleEndian.PutUint16(q.ram.at(q.avail+2, 2), index) }
	cases := map[string]func(q driver){
		"a loop": func(q driver) {
			q.descriptor(q.desc, 0, buffersAt, 16, descNext, 1)
			q.descriptor(q.desc, 1, buffersAt, 16, descNext, 0)
			q.publish(0)
		},
		"a loop of one": func(q driver) {
			q.descriptor(q.desc, 5, buffersAt, 16, descNext|descWrite, 5)
			q.publish(5)
		},
		"a descriptor that is not there":  func(q driver) { q.publish(16) },
		"a next that is not there":        func(q driver) { q.descriptor(q.desc, 0, buffersAt, 16, descNext, 16); q.publish(0) },
		"too many requests":               func(q driver) { setAvail(q, 17) },
		"requests taken back":             func(q driver) { setAvail(q, 0xffff) },
		"a buffer outside RAM":            func(q driver) { q.descriptor(q.desc, 0, 0x1000, 16, 0, 0); q.publish(0) },
		"a buffer that leaves RAM":        func(q driver) { q.descriptor(q.desc, 0, buffersAt, 0xffffffff, descWrite, 0); q.publish(0) },
		"a buffer around the end":         func(q driver) { q.descriptor(q.desc, 0, ^uint64(0)-7, 16, descWrite, 0); q.publish(0) },
		"an empty buffer":                 func(q driver) { q.descriptor(q.desc, 0, buffersAt, 0, 0, 0); q.publish(0) },
		"reading after writing":           func(q driver) { q.offer(buffersAt, piece{room: 1}, piece{data: make([]byte, 16)}) },
		"no header":                       func(q driver) { q.offer(buffersAt, piece{room: 512}) },
		"half a header":                   func(q driver) { q.offer(buffersAt, piece{data: make([]byte, 15)}, piece{room: 1}) },
		"no status":                       func(q driver) { q.offer(buffersAt, diskHeader(blockFlush, 0)) },
		"an indirect table outside RAM":   func(q driver) { q.descriptor(q.desc, 0, 0, 48, descIndirect, 0); q.publish(0) },
		"an indirect table of no size":    func(q driver) { q.descriptor(q.desc, 0, table, 0, descIndirect, 0); q.publish(0) },
		"an indirect table of a bad size": func(q driver) { q.descriptor(q.desc, 0, table, 24, descIndirect, 0); q.publish(0) },
		"an indirect table with more": func(q driver) {
			q.descriptor(q.desc, 0, table, 16, descIndirect|descNext, 1)
			q.publish(0)
		},
		"an indirect table in another": func(q driver) {
			q.descriptor(table, 0, table, 16, descIndirect, 0)
			q.descriptor(q.desc, 0, table, 16, descIndirect, 0)
			q.publish(0)
		},
		"a loop in an indirect table": func(q driver) {
			q.descriptor(table, 0, buffersAt, 16, descNext, 1)
			q.descriptor(table, 1, buffersAt, 16, descNext, 0)
			q.descriptor(q.desc, 0, table, 32, descIndirect, 0)
			q.publish(0)
		},
		"rings outside RAM": func(q driver) {
			q.dev.Write(virtioQueueUsedHigh, 7, 4)
			q.dev.Write(virtioQueuePFN, 7, 4)
		},
	}
	for name, breakRules := range cases {
		for _, legacy := range []bool{false, true} {
			ram := newGuestRAM(1 << 20)
			b, line := newTestDisk(ram, legacy)
			q := startVirtio(t, b, ram, allFeatures, 16)[0]
			breakRules(q)
			q.kick()
			line.later(b)
			status, _ := b.Read(virtioStatus, 4)
			if _, _, ok := q.returned(); ok {
				t.Errorf("%s (legacy %v): the request came back", name, legacy)
			}
			if !b.broken || !legacy && (status&statusNeedsReset == 0 || b.interrupt&interruptConfig == 0 || !line.level) {
				t.Errorf("%s (legacy %v): broken %v, status %#x, interrupt %#x", name, legacy, b.broken, status, b.interrupt)
			}
			clear(ram.bytes)
			q = startVirtio(t, b, ram, allFeatures, 16)[0]
			q.offer(buffersAt, diskHeader(blockFlush, 0), piece{room: 1})
			q.kick()
			line.later(b)
			if _, _, ok := q.returned(); !ok {
				t.Errorf("%s (legacy %v): the device does not work after a reset", name, legacy)
			}
		}
	}
}

// TestVirtioEarlyKick tells of requests before the queue, or the driver, is
// ready.
func TestVirtioEarlyKick(t *testing.T) {
	ram := newGuestRAM(1 << 20)
	b, line := newTestDisk(ram, false)
	quiet := func(when string) {
		t.Helper()
		for queue := range uint64(3) {
			b.Write(virtioQueueNotify, queue, 4)
		}
		b.Write(virtioQueueNotify, 0xffffffff, 4)
		line.later(b)
		if b.status&statusNeedsReset != 0 || line.level || len(b.pending) > 0 {
			t.Errorf("%s: a kick does something", when)
		}
	}
	quiet("after power-on")
	q := startVirtio(t, b, ram, allFeatures, 16)[0]
	q.offer(buffersAt, diskHeader(blockFlush, 0), piece{room: 1})
	b.Write(virtioStatus, 1|2|statusFeaturesOK, 4)
	quiet("before DRIVER_OK")
	b.Write(virtioStatus, 1|2|statusFeaturesOK|statusDriverOK, 4)
	b.Write(virtioQueueReady, 0, 4)
	quiet("with a queue that is not ready")
	b.Write(virtioQueueReady, 1, 4)
	q.kick()
	line.later(b)
	if _, _, ok := q.returned(); !ok {
		t.Error("a proper kick does nothing")
	}
}

// TestVirtioFeatures accepts one that is not offered.
func TestVirtioFeatures(t *testing.T) {
	b, _ := newTestDisk(newGuestRAM(1<<20), false)
	b.Write(virtioDriverSel, 1, 4)
	b.Write(virtioDriver, 1|1<<9, 4)
	b.Write(virtioStatus, 1|2|statusFeaturesOK, 4)
	if status, _ := b.Read(virtioStatus, 4); status != 1|2 {
		t.Errorf("the status is %#x: FEATURES_OK sticks", status)
	}
}

// TestVirtioImageFails reads from an image that is shorter than it was said.
func TestVirtioImageFails(t *testing.T) {
	ram := newGuestRAM(1 << 20)
	b, line := newTestDisk(ram, false)
	b.block.Disk.size *= 2
	q := startVirtio(t, b, ram, allFeatures, 16)[0]
	at := q.offer(buffersAt, diskHeader(blockRead, 100), piece{room: SectorSize}, piece{room: 1})
	q.kick()
	line.later(b)
	if line.err == nil || ram.at(at[2], 1)[0] != blockIOError {
		t.Errorf("error %v, status %d", line.err, ram.at(at[2], 1)[0])
	}
}

func TestVirtioVisitsItsState(t *testing.T) {
	ram := newGuestRAM(1 << 20)
	b, _ := newTestDisk(ram, false)
	statecheck.Check(t, b)
	q := startVirtio(t, b, ram, allFeatures, 16)[0]
	q.offer(buffersAt, diskHeader(blockFlush, 0), piece{room: 1})
	q.kick()
	statecheck.Check(t, b)
	statecheck.Check(t, NewVirtioRNG(VirtioPorts{Memory: ram, IRQ: func(bool) {}}, nil))
}
