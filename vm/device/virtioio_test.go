package device

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"reprise/internal/testing/statecheck"
)

// newTestConsole is a console whose backend takes as many bytes as it has room
// for.
func newTestConsole(ram *guestRAM, legacy bool) (c *VirtioConsole, line *virtioLine, out *bytes.Buffer, room *int) {
	line, out, room = &virtioLine{}, &bytes.Buffer{}, new(int)
	*room = 1 << 20
	return NewVirtioConsole(line.ports(ram, legacy), func(p []byte) int {
		n := min(len(p), *room)
		out.Write(p[:n])
		*room -= n
		return n
	}), line, out, room
}

// TestVirtioConsole sends and receives through both versions of the transport.
func TestVirtioConsole(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		ram := newGuestRAM(1 << 20)
		c, line, out, _ := newTestConsole(ram, legacy)
		qs := startVirtio(t, c, ram, allFeatures, 16, 16)
		rx, tx := qs[consoleReceive], qs[consoleTransmit]
		tx.offer(buffersAt, piece{data: []byte("hello, ")}, piece{data: []byte("world")})
		tx.kick()
		if _, _, ok := tx.returned(); !ok || out.String() != "hello, world" || !line.level {
			t.Errorf("legacy %v: sent %q, returned %v, interrupt %v", legacy, out.String(), ok, line.level)
		}
		if c.CanReceive() != 0 {
			t.Errorf("legacy %v: there is room for %d bytes, and no buffer", legacy, c.CanReceive())
		}
		at := rx.offer(buffersAt+0x100, piece{room: 5})
		rx.offer(buffersAt+0x200, piece{room: 7})
		rx.kick()
		if c.CanReceive() != 5 {
			t.Errorf("legacy %v: room for %d bytes, want 5", legacy, c.CanReceive())
		}
		c.Receive([]byte("abc"))
		if _, written, ok := rx.returned(); !ok || written != 3 || string(ram.at(at[0], 3)) != "abc" || c.CanReceive() != 7 {
			t.Errorf("legacy %v: received %v, %d bytes: %q", legacy, ok, written, ram.at(at[0], 3))
		}
		c.Write(virtioConfig+consoleEmergency, '!', 4)
		if !strings.HasSuffix(out.String(), "d!") {
			t.Errorf("legacy %v: the emergency write is lost: %q", legacy, out.String())
		}
	}
}

// TestVirtioConsoleRefused has a backend that takes few bytes at a time.
func TestVirtioConsoleRefused(t *testing.T) {
	ram := newGuestRAM(1 << 20)
	c, _, out, room := newTestConsole(ram, false)
	tx := startVirtio(t, c, ram, allFeatures, 16, 16)[consoleTransmit]
	*room = 3
	tx.offer(buffersAt, piece{data: []byte("hel")}, piece{data: []byte("lo, ")})
	tx.offer(buffersAt+0x100, piece{data: []byte("world")})
	tx.kick()
	if _, _, ok := tx.returned(); ok || !c.Refused() || out.String() != "hel" {
		t.Errorf("sent %q, refused %v, returned %v", out.String(), c.Refused(), ok)
	}
	statecheck.Check(t, c)
	*room = 6
	tx.kick()
	c.Ready()
	if _, _, ok := tx.returned(); !ok || !c.Refused() || out.String() != "hello, wo" {
		t.Errorf("sent %q, refused %v, returned %v", out.String(), c.Refused(), ok)
	}
	*room = 100
	c.Ready()
	if _, _, ok := tx.returned(); !ok || c.Refused() || out.String() != "hello, world" {
		t.Errorf("sent %q, refused %v, returned %v", out.String(), c.Refused(), ok)
	}
}

func newTestNet(ram *guestRAM, legacy bool) (n *VirtioNet, line *virtioLine, sent *[]string) {
	line, sent = &virtioLine{}, new([]string)
	return NewVirtioNet(line.ports(ram, legacy), [6]byte{0x52, 0x54, 0, 1, 2, 3}, func(frame []byte) {
		*sent = append(*sent, string(frame))
	}), line, sent
}

// TestVirtioNet sends and receives frames, whose header is shorter where
// VERSION_1 was not accepted.
func TestVirtioNet(t *testing.T) {
	for name, test := range map[string]struct {
		legacy   bool
		features uint64
		header   int
	}{
		"modern": {false, allFeatures, 12}, "legacy": {true, allFeatures, 10}, "plain": {false, plainFeatures, 10},
	} {
		t.Run(name, func(t *testing.T) {
			ram := newGuestRAM(1 << 20)
			n, line, sent := newTestNet(ram, test.legacy)
			statecheck.Check(t, n)
			qs := startVirtio(t, n, ram, test.features, 16, 16)
			rx, tx := qs[netReceive], qs[netTransmit]
			tx.offer(buffersAt, piece{data: make([]byte, test.header)}, piece{data: []byte("first ")}, piece{data: []byte("frame")})
			tx.offer(buffersAt+0x100, piece{data: append(make([]byte, test.header), "second frame"...)})
			tx.kick()
			if strings.Join(*sent, "|") != "first frame|second frame" || !line.level {
				t.Errorf("sent %q", *sent)
			}
			if n.CanReceive() {
				t.Error("frames can be received, and there is no buffer")
			}
			at := rx.offer(buffersAt+0x1000, piece{room: test.header}, piece{room: 100})
			rx.kick()
			n.Receive(bytes.Repeat([]byte("x"), 101)) // lost
			if !n.CanReceive() {
				t.Fatal("no frame can be received")
			}
			n.Receive([]byte("a frame"))
			_, written, _ := rx.returned()
			if int(written) != test.header+7 || string(ram.at(at[1], 7)) != "a frame" {
				t.Errorf("received %d bytes: %q", written, ram.at(at[1], 7))
			}
			if header := ram.at(at[0], test.header); test.header == netHeader && binary.LittleEndian.Uint16(header[10:]) != 1 {
				t.Errorf("the header of what was received: %x", header)
			}
		})
	}
}

// TestVirtioBadFrames breaks the rules of a network card.
func TestVirtioBadFrames(t *testing.T) {
	for name, offer := range map[string]func(rx, tx *queueDriver){
		"less than a header": func(_, tx *queueDriver) { tx.offer(buffersAt, piece{data: make([]byte, 11)}) },
		"a loop to receive": func(rx, _ *queueDriver) {
			rx.descriptor(rx.desc, 0, buffersAt, 9, descNext|descWrite, 0)
			rx.publish(0)
		},
	} {
		ram := newGuestRAM(1 << 20)
		n, _, sent := newTestNet(ram, false)
		qs := startVirtio(t, n, ram, allFeatures, 16, 16)
		offer(qs[netReceive], qs[netTransmit])
		qs[netReceive].kick()
		qs[netTransmit].kick()
		if status, _ := n.Read(virtioStatus, 4); status&statusNeedsReset == 0 || len(*sent) > 0 || n.CanReceive() {
			t.Errorf("%s: status %#x, %d frames sent", name, status, len(*sent))
		}
	}
	// One that is too long is lost, and the next goes on.
	ram := newGuestRAM(1 << 20)
	n, _, sent := newTestNet(ram, false)
	tx := startVirtio(t, n, ram, allFeatures, 16, 16)[netTransmit]
	tx.offer(buffersAt, piece{data: make([]byte, netHeader+FrameMax+1)})
	tx.offer(buffersAt+0x20000, piece{data: make([]byte, netHeader+14)})
	tx.kick()
	if len(*sent) != 1 || len((*sent)[0]) != 14 {
		t.Errorf("%d frames sent", len(*sent))
	}
}

// FuzzVirtio lets a driver write anything anywhere, and looks for a panic and
// for work without end.
func FuzzVirtio(f *testing.F) {
	ram := newGuestRAM(1 << 17)
	b, line := newTestDisk(ram, false)
	q := startVirtio(f, b, ram, allFeatures, 16)[0]
	q.offer(buffersAt, diskHeader(blockRead, 1), piece{room: SectorSize}, piece{room: 1})
	f.Add(append([]byte{0, 1, 0xff, 1, 0}, ram.bytes[:0x200]...))
	line.later(b)
	for kind := range byte(4) {
		f.Add([]byte{kind, 0, 0x50, 0, 0, 1, 0x50, 1})
		f.Add([]byte{kind, 2, 0x80, 0, 0x80, 0x70, 15, 0x44, 1, 0x50, 0})
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) < 2 {
			return
		}
		ram := newGuestRAM(1 << 17)
		legacy := script[1]&1 != 0
		var dev Device
		var poke func()
		switch script[0] % 4 {
		case 0:
			b, line := newTestDisk(ram, legacy)
			dev, poke = b, func() { line.later(b) }
		case 1:
			dev, poke = NewVirtioRNG(VirtioPorts{Memory: ram, IRQ: func(bool) {}, Legacy: legacy}, func(p []byte) { copy(p, script) }), func() {}
		case 2:
			c, _, _, room := newTestConsole(ram, legacy)
			*room = 10
			dev, poke = c, func() {
				*room = 5
				c.Ready()
				c.Receive(script[:min(len(script), c.CanReceive())])
			}
		case 3:
			n, _, _ := newTestNet(ram, legacy)
			dev, poke = n, func() { n.Receive(script[:min(len(script), 1500)]) }
		}
		if script[1]&2 == 0 {
			features := allFeatures
			if script[1]&4 != 0 {
				features = plainFeatures
			}
			queues := []uint16{16, 16}
			startVirtio(t, dev, ram, features, queues[:1+script[0]%4/2]...)
		}
		runScript(dev, ram, script[2:], poke)
	})
}

// runScript takes triples of bytes for what a driver does.
func runScript(dev Device, ram *guestRAM, script []byte, poke func()) {
	for ; len(script) >= 3; script = script[3:] {
		off, value := uint64(script[1]), uint64(script[2])
		switch script[0] % 8 {
		case 0: // a register
			dev.Write(off&^3, value, 4)
		case 1:
			dev.Write(off&^3, value<<24|value<<12|0x8000_0000, 4)
		case 2:
			dev.Read(off&^3, 4)
			dev.Write(virtioConfig+off, value, 1)
		case 3: // the descriptors and rings of the first queues
			ram.bytes[off] = byte(value)
		case 4:
			ram.bytes[0x100+off] = byte(value)
		case 5:
			ram.bytes[0x4000+off] = byte(value)
		case 6:
			dev.Write(virtioQueueNotify, value%3, 4)
		case 7:
			poke()
		}
	}
	poke()
}
