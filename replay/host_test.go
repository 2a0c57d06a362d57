package replay

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"reprise/chardev"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
)

// testRAM is the memory of the small machines that tests record.
const testRAM = 16 << 20

// host is a character backend that a test commands: it takes as much as it has
// room for, and types what belongs to a text once the guest has written that.
type host struct {
	mu      sync.Mutex
	sink    chardev.Sink
	out     bytes.Buffer
	room    int               // bytes that it still takes; negative for any number
	answers map[string]string // what to type after a text
}

func newHost(answers map[string]string) *host { return &host{room: -1, answers: answers} }

func (h *host) Name() string                  { return "test" }
func (h *host) Start(sink chardev.Sink) error { h.sink = sink; return nil }
func (h *host) Close() error                  { return nil }

func (h *host) Write(p []byte) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := len(p)
	if h.room >= 0 {
		n = min(n, h.room)
		h.room -= n
	}
	h.out.Write(p[:n])
	for text, answer := range h.answers {
		if strings.HasSuffix(h.out.String(), text) {
			delete(h.answers, text)
			_ = h.sink.Receive([]byte(answer)) // the session's queue is far from full
		}
	}
	return n
}

// open makes room for more bytes and says so.
func (h *host) open(n int) {
	h.mu.Lock()
	h.room = n
	h.mu.Unlock()
	h.sink.Ready()
}

func (h *host) text() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.out.String()
}

// code is a flat image of instructions.
func code(words ...uint32) []byte {
	var image []byte
	for _, w := range words {
		image = binary.LittleEndian.AppendUint32(image, w)
	}
	return image
}

// powerOff are the instructions that switch the machine off.
var powerOff = []uint32{
	0x001002b7, // lui  t0, 0x100
	0x00005337, // lui  t1, 0x5
	0x55530313, // addi t1, t1, 0x555
	0x0062a023, // sw   t1, 0(t0)
	0x0000006f, // j    .
}

// machineOf is the board with a guest as its firmware.
func machineOf(t testing.TB, guest []byte) vm.Config {
	t.Helper()
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: testRAM, Harts: 1, ISA: riscv.RV64GC.String(), MMU: "riscv,sv39", Virtio: 8},
		Firmware: &boot.File{Name: "guest", Data: guest},
	})
	if err != nil {
		t.Fatal(err)
	}
	return vm.Config{Harts: 1, ISA: riscv.RV64GC, Segments: plan.Segments}
}

// record starts to record a guest whose serial port has the backend. The
// timeline is closed by the test.
func record(t testing.TB, guest []byte, backend chardev.Backend) (*Timeline, string) {
	t.Helper()
	config := machineOf(t, guest)
	var m recording.Manifest
	blobs := Describe(&m, config, testRAM, false)
	m.Machine.CharDevices = []recording.CharDevice{{ID: vm.SerialDevice, Name: "serial0", Backend: "test"}}
	path := filepath.Join(t.TempDir(), "guest.reprise")
	w, err := recording.Create(path, m, recording.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blobs {
		if err := w.Blob(b); err != nil {
			t.Fatal(err)
		}
	}
	tl, err := Record(config, testRAM, w, Options{Consoles: []Console{{ID: vm.SerialDevice, Name: "serial0", Backend: backend}}})
	if err != nil {
		t.Fatal(err)
	}
	return tl, path
}

// toEnd lets a timeline go on until the guest has ended its machine.
func toEnd(t testing.TB, tl *Timeline) {
	t.Helper()
	if stop, err := tl.Continue(t.Context()); err != nil || tl.Err() != nil || stop.Reason != GuestShutdown {
		t.Fatal(stop, err, tl.Err())
	}
}

// closed ends a timeline.
func closed(t testing.TB, tl *Timeline) {
	t.Helper()
	if err := tl.Close(); err != nil {
		t.Fatal(err)
	}
}

// play opens a recording, whose serial port gets the backend.
func play(t testing.TB, path string, backend chardev.Backend) *Timeline {
	t.Helper()
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	tl, err := Play(r, Options{Verify: true, Consoles: []Console{{ID: vm.SerialDevice, Name: "serial0", Backend: backend}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = tl.Close()
		_ = r.Close()
	})
	return tl
}

// eventsOf lists all events of a recording.
func eventsOf(t testing.TB, path string) (list []recording.Event) {
	t.Helper()
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	c := r.Cursor()
	for {
		e, ok := c.Next()
		if !ok {
			break
		}
		list = append(list, e)
	}
	if c.Err() != nil {
		t.Fatal(c.Err())
	}
	return list
}
