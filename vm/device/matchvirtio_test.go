package device

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"reprise/vm/state"
)

// scratch is RAM among the devices of a board.
type scratch struct{ *guestRAM }

func newScratch() scratch { return scratch{&guestRAM{scratchAt, make([]byte, scratchSize)}} }

func (scratch) Visit(*state.Visitor) {}
func (scratch) Reset()               {}
func (s scratch) Read(off uint64, size int) (uint64, bool) {
	var p [8]byte
	copy(p[:size], s.bytes[off:])
	return binary.LittleEndian.Uint64(p[:]), true
}
func (s scratch) Peek(off uint64, size int) (uint64, bool) { return s.Read(off, size) }
func (s scratch) Write(off, value uint64, size int) bool {
	for i := range size {
		s.bytes[off+uint64(i)] = byte(value >> (8 * i))
	}
	return true
}

// withVirtio puts a device into the last slot of a board, and says of the empty
// ones which version they show.
func (b *board) withVirtio(legacy bool, make func(VirtioPorts) Device) *board {
	const last = virtioAt + 7*virtioStride
	ports := VirtioPorts{Legacy: legacy, IRQ: func(level bool) { b.plic.SetIRQ(8, level) }}
	for _, d := range b.devices {
		if s, ok := d.Device.(scratch); ok {
			ports.Memory = s
		}
	}
	for i := range b.devices {
		switch b.devices[i].base {
		case virtioAt:
			b.devices[i].Device = EmptyVirtio{Legacy: legacy}
		case last:
			b.devices[i].Device = make(ports)
			b.devices[i].Reset()
			b.disk, _ = b.devices[i].Device.(*VirtioBlock)
		}
	}
	return b
}

// slotAt is where qemu puts the first device.
const slotAt = virtioAt + 7*virtioStride

func forceLegacy(on bool) []string {
	if on {
		return []string{"-global", "virtio-mmio.force-legacy=true"}
	}
	return []string{"-global", "virtio-mmio.force-legacy=false"}
}

// registers loads every register in every size, without those whose value is
// not the same, and stores to those that do nothing yet.
func registers(differ ...uint64) []access {
	var table []access
next:
	for off := uint64(0); off < virtioConfig; off += 4 {
		for _, d := range differ {
			if off == d {
				continue next
			}
		}
		table = append(table, load(slotAt+off, 1), load(slotAt+off, 2), load(slotAt+off, 4))
	}
	return append(table,
		load(slotAt, 8), load(slotAt+8, 8), load(slotAt+virtioInterrupt, 8), load(slotAt+0x1fc, 4), load(slotAt+0x1ff, 1), load(slotAt+0x200, 4),
		store(slotAt+virtioStatus, 1, 1), store(slotAt+virtioStatus, 1, 2), load(slotAt+virtioStatus, 4),
		store(slotAt+virtioStatus, 3, 4), load(slotAt+virtioStatus, 4), store(slotAt+virtioStatus, 0x1ff, 4), load(slotAt+virtioStatus, 4),
		store(slotAt+virtioStatus, 0, 4), load(slotAt+virtioStatus, 4),
		load(virtioAt+virtioVersion, 4), load(virtioAt, 8))
}

// queueRegisters works the registers of the queues.
func queueRegisters(legacy bool) []access {
	table := []access{
		store(slotAt+virtioQueueSel, 99, 4), load(slotAt+virtioQueueMax, 4), load(slotAt+virtioQueueReady, 4), load(slotAt+virtioQueuePFN, 4),
		store(slotAt+virtioQueueSel, 0, 4), load(slotAt+virtioQueueMax, 4),
	}
	if legacy {
		return append(table,
			store(slotAt+virtioPageSize, 4096, 4), store(slotAt+virtioQueueNum, 8, 4), store(slotAt+virtioQueueAlign, 4096, 4),
			store(slotAt+virtioQueuePFN, scratchAt>>12, 4), load(slotAt+virtioQueuePFN, 4), load(slotAt+virtioQueueReady, 4),
			store(slotAt+virtioQueueReady, 1, 4), load(slotAt+virtioQueueReady, 4), store(slotAt+virtioQueueDescLow, 1, 4),
			store(slotAt+virtioStatus, 7, 4), store(slotAt+virtioQueuePFN, 0, 4), load(slotAt+virtioQueuePFN, 4), load(slotAt+virtioStatus, 4))
	}
	return append(table,
		store(slotAt+virtioQueueNum, 8, 4), store(slotAt+virtioQueueReady, 1, 4), load(slotAt+virtioQueueReady, 4), load(slotAt+virtioQueuePFN, 4),
		store(slotAt+virtioQueuePFN, 1, 4), load(slotAt+virtioQueuePFN, 4), load(slotAt+virtioQueueDescLow, 4),
		store(slotAt+virtioQueueReady, 0, 4), load(slotAt+virtioQueueReady, 4), store(slotAt+virtioQueueReady, 3, 4), load(slotAt+virtioQueueReady, 4),
		store(slotAt+virtioStatus, 0, 4), load(slotAt+virtioQueueReady, 4))
}

// features compares those that a device offers with qemu's, of which some are
// missing, in the low half and in the high half.
func features(t *testing.T, b *board, lacking [2]uint64, args ...string) {
	t.Helper()
	table := []access{
		store(slotAt+virtioFeaturesSel, 0, 4), load(slotAt+virtioFeatures, 4),
		store(slotAt+virtioFeaturesSel, 7, 4), load(slotAt+virtioFeatures, 4),
		store(slotAt+virtioFeaturesSel, 0, 4),
	}
	want, got := onQEMU(t, table, args...), b.perform(table)
	for half := range lacking {
		ours, theirs := got[1+2*half].result, want[1+2*half].result
		if ours&^theirs != 0 || theirs&^ours != lacking[half] {
			t.Errorf("features %d: %#x, qemu's are %#x: missing %#x, too much %#x", half, ours, theirs, theirs&^ours, ours&^theirs)
		}
	}
}

// What qemu offers with all kinds of device: to be told when a queue runs empty
// and requests that are cut in any way, which are of the legacy interface, and
// the reset of single queues, which is of the other.
const (
	notifyOnEmpty = 1 << 24
	anyLayout     = 1 << 27
	queueReset    = 1 << (40 - 32)
)

// missing are the features of qemu's that we lack: some of the kind, and more of
// the legacy interface.
func missing(legacy bool, both, legacyOnly uint64) [2]uint64 {
	if legacy {
		return [2]uint64{both | legacyOnly, 0}
	}
	return [2]uint64{both, queueReset}
}

// diskTable sets a queue up and does requests, one at a time. Everything that
// comes of it is read back, but for how much was written: qemu says that a read
// that failed was a whole one.
func diskTable(legacy bool) []access {
	const (
		desc, avail = scratchAt, scratchAt + 16*8
		used        = scratchAt + 0x1000
		header      = scratchAt + 0x2000
		data        = scratchAt + 0x3000
		status      = scratchAt + 0x2100
	)
	reg := func(off, value uint64) access { return store(slotAt+off, value, 4) }
	table := append(plicSetup(8), reg(virtioStatus, 0), reg(virtioStatus, 1), reg(virtioStatus, 3),
		reg(virtioDriverSel, 0), reg(virtioDriver, 0))
	if legacy {
		table = append(table, reg(virtioPageSize, 4096), reg(virtioQueueSel, 0), reg(virtioQueueNum, 8), reg(virtioQueueAlign, 4096), reg(virtioQueuePFN, scratchAt>>12))
	} else {
		table = append(table, reg(virtioStatus, 11), load(slotAt+virtioStatus, 4),
			reg(virtioQueueSel, 0), reg(virtioQueueNum, 8), reg(virtioQueueDescLow, desc), reg(virtioQueueAvailLow, avail), reg(virtioQueueUsedLow, used),
			reg(virtioQueueReady, 1))
	}
	table = append(table, reg(virtioStatus, 15), load(slotAt+virtioStatus, 4))
	count := uint64(0)
	request := func(kind, sector, length, flags uint64) {
		table = append(table,
			store(header, kind, 8), store(header+8, sector, 8), store(status, 0xff, 1),
			store(desc, header, 8), store(desc+8, 16|descNext<<32|1<<48, 8),
			store(desc+16, data, 8), store(desc+24, length|(descNext|flags)<<32|2<<48, 8),
			store(desc+32, status, 8), store(desc+40, 1|descWrite<<32, 8),
			store(avail+4+2*(count%8), 0, 2), store(avail+2, count+1, 2), reg(virtioQueueNotify, 0), await(used+2, count+1),
			load(status, 1), load(used+2, 2), load(used+4+8*(count%8), 4), load(data, 8), load(data+length-8, 8), load(data+length, 8),
			load(slotAt+virtioInterrupt, 4), pending(), reg(virtioInterruptAck, 1), load(slotAt+virtioInterrupt, 4), pending())
		count++
	}
	const in = descWrite
	request(blockRead, 5, 1024, in)
	request(blockWrite, 6, 512, 0)
	request(blockRead, 6, 1536, in)
	request(blockFlush, 0, 16, 0)
	request(blockID, 0, 20, in)
	request(99, 0, 512, in)
	request(blockRead, 63, 1024, in)
	request(blockRead, 64, 512, in)
	request(blockWrite, 1<<40, 512, 0)
	request(blockRead, 0, 100, in)
	table = append(table, store(avail, availNoNotify, 2))
	request(blockRead, 1, 512, in)
	return table
}

func TestVirtioBlockMatchesQEMU(t *testing.T) {
	image := filepath.Join(t.TempDir(), "disk")
	var content []byte
	for n := range 64 {
		content = append(content, bytes.Repeat([]byte{byte(n)}, SectorSize)...)
	}
	for _, legacy := range []bool{false, true} {
		if err := os.WriteFile(image, content, 0o600); err != nil {
			t.Fatal(err)
		}
		args := append(forceLegacy(legacy), "-drive", "file="+image+",if=none,format=raw,id=x0", "-device", "virtio-blk-device,drive=x0,serial=REPRISE-0123456789AB")
		board := func() *board {
			b := newBoard()
			return b.withVirtio(legacy, func(p VirtioPorts) Device {
				return NewVirtioBlock(p, VirtioBlockPorts{
					Disk: NewDisk(bytes.NewReader(content), uint64(len(content))), Serial: "REPRISE-0123456789AB",
					Clock: func() uint64 { return b.now }, Changed: func() {}, Failed: func(err error) { t.Error(err) },
				})
			})
		}
		// Missing besides: a geometry (4), the switch of the cache (11), SCSI
		// commands (7, legacy).
		features(t, board(), missing(legacy, 1<<4|1<<11, notifyOnEmpty|1<<7), args...)
		table := append(registers(virtioFeatures), queueRegisters(legacy)...)
		for off := uint64(0); off < 72; off += 4 {
			if off != 16 { // the geometry
				table = append(table, load(slotAt+virtioConfig+off, 1), load(slotAt+virtioConfig+off, 4))
			}
		}
		board().sameAsQEMU(t, append(table, diskTable(legacy)...), args...)
	}
}

func TestVirtioRNGMatchesQEMU(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		args := append(forceLegacy(legacy), "-device", "virtio-rng-device")
		board := func() *board {
			return newBoard().withVirtio(legacy, func(p VirtioPorts) Device { return NewVirtioRNG(p, func([]byte) {}) })
		}
		features(t, board(), missing(legacy, 0, notifyOnEmpty|anyLayout), args...)
		board().sameAsQEMU(t, append(registers(virtioFeatures), queueRegisters(legacy)...), args...)
	}
}

func TestVirtioConsoleMatchesQEMU(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		args := append(forceLegacy(legacy), "-chardev", "null,id=c0",
			"-device", "virtio-serial-device,max_ports=1", "-device", "virtconsole,chardev=c0")
		board := func() *board {
			return newBoard().withVirtio(legacy, func(p VirtioPorts) Device {
				return NewVirtioConsole(p, func(p []byte) int { return len(p) })
			})
		}
		features(t, board(), missing(legacy, 0, notifyOnEmpty|anyLayout), args...)
		table := append(registers(virtioFeatures), queueRegisters(legacy)...)
		for off := uint64(0); off < 20; off += 4 {
			table = append(table, load(slotAt+virtioConfig+off, 2), load(slotAt+virtioConfig+off, 4))
		}
		board().sameAsQEMU(t, table, args...)
	}
}

func TestVirtioNetMatchesQEMU(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		args := append(forceLegacy(legacy), "-netdev", "socket,id=n0,udp=127.0.0.1:9,localaddr=127.0.0.1:0",
			"-device", "virtio-net-device,netdev=n0,mac=52:54:00:01:02:03")
		board := func() *board {
			return newBoard().withVirtio(legacy, func(p VirtioPorts) Device {
				return NewVirtioNet(p, [6]byte{0x52, 0x54, 0, 1, 2, 3}, func([]byte) {})
			})
		}
		// Missing besides: merged buffers (15), the control queue and what it
		// controls (17 to 21, 23, and 2), segmentation (6, legacy).
		features(t, board(), missing(legacy, 1<<2|1<<15|0b101_1111<<17, notifyOnEmpty|anyLayout|1<<6), args...)
		table := append(registers(virtioFeatures), queueRegisters(legacy)...)
		for off := uint64(0); off < 20; off += 4 {
			table = append(table, load(slotAt+virtioConfig+off, 2), load(slotAt+virtioConfig+off, 4))
		}
		board().sameAsQEMU(t, table, args...)
	}
}
