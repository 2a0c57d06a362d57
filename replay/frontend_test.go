package replay

import (
	"strings"
	"testing"
	"time"

	"reprise/chardev"
	"reprise/vm"
)

// counter polls the line status, writes x as often as it may, and counts its
// looks in s0 and its bytes in s1.
var counter = code(
	0x100002b7, // lui  t0, 0x10000
	0x07800313, // li   t1, 'x'
	0x00140413, // addi s0, s0, 1
	0x00528383, // lb   t2, 5(t0)
	0x0203f393, // andi t2, t2, 0x20
	0xfe038ae3, // beqz t2, .-12
	0x00628023, // sb   t1, 0(t0)
	0x00148493, // addi s1, s1, 1
	0xfe9ff06f, // j    .-24
)

// slow is a backend that takes one byte and then has to be asked again.
type slow struct{ *host }

func (s slow) Write(p []byte) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(p) == 0 {
		return 0
	}
	s.out.WriteByte(p[0])
	if len(p) > 1 {
		time.AfterFunc(time.Microsecond, s.sink.Ready)
	}
	return 1
}

// TestFrontendState records with a backend that takes what it likes: nothing,
// a part, all, and nothing again. The guest sees in each replay what it saw
// then, whatever the replay's backend does.
func TestFrontendState(t *testing.T) {
	backend := newHost(nil)
	live, path := record(t, counter, backend)
	go1000 := func() {
		t.Helper()
		if _, err := live.Step(t.Context(), 1000); err != nil {
			t.Fatal(err)
		}
	}
	count := func(tl *Timeline) (looks, bytes uint64) {
		looks, _ = tl.Machine().ReadRegister(0, vm.RegX0+8)
		bytes, _ = tl.Machine().ReadRegister(0, vm.RegX0+9)
		return looks, bytes
	}
	backend.room = 5
	go1000() // takes 5, then refuses
	looks, written := count(live)
	if written != 6 || looks < 200 {
		t.Errorf("with a backend that refuses the guest has written %d bytes after %d looks", written, looks)
	}
	backend.open(0) // says that it is ready, and is not
	go1000()
	backend.open(3)
	go1000()
	backend.open(-1) // as one that has lost its peer, it takes everything
	go1000()
	backend.mu.Lock()
	backend.room = 0
	backend.mu.Unlock()
	go1000()
	looks, written = count(live)
	want := live.Machine().Digest()
	closed(t, live)
	if n := uint64(len(backend.text())); written != n+1 {
		t.Errorf("the guest has written %d bytes, the backend took %d", written, n)
	}
	for name, other := range map[string]chardev.Backend{"none": nil, "one that takes all": newHost(nil), "a slow one": slow{newHost(nil)}} {
		tl := play(t, path, other)
		if _, err := tl.Continue(t.Context()); err != nil || tl.Err() != nil {
			t.Fatalf("%s: %v, %v", name, err, tl.Err())
		}
		if d := want.Difference(tl.Machine().Digest()); d != "" {
			t.Errorf("%s: %s differs", name, d)
		}
		if l, b := count(tl); l != looks || b != written {
			t.Errorf("%s: the guest looks %d times for %d bytes, in the recording %d for %d", name, l, b, looks, written)
		}
		if h, ok := other.(interface{ text() string }); ok && h.text() != backend.text() {
			t.Errorf("%s got %d bytes, the recording's backend %d", name, len(h.text()), strings.Count(backend.text(), "x"))
		}
	}
}
