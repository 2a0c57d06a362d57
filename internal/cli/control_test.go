package cli

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"reprise/chardev"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
)

// echoGuest writes a dot at every turn and sends back what it receives.
var echoGuest = []uint32{
	0x100002b7, // lui  t0, 0x10000
	0x02e00313, // li   t1, '.'
	0x00628023, // sb   t1, 0(t0)
	0x00528383, // lb   t2, 5(t0)
	0x0013f393, // andi t2, t2, 1
	0xfe038ae3, // beqz t2, .-12
	0x00028383, // lb   t2, 0(t0)
	0x00728023, // sb   t2, 0(t0)
	0xfe9ff06f, // j    .-24
}

// typist is a backend that types when the test says so, and never refuses.
type typist struct{ sink chardev.Sink }

func (b *typist) Name() string                  { return "typist" }
func (b *typist) Start(sink chardev.Sink) error { b.sink = sink; return nil }
func (b *typist) Write(p []byte) int            { return len(p) }
func (b *typist) Close() error                  { return nil }

// watchers are a gdb and a person at a monitor, or nobody.
type watchers struct {
	t        *testing.T
	gdb, mon net.Conn
	gdbIn    *bufio.Reader
	monIn    *bufio.Reader
}

// packet sends a packet of gdb's and returns what comes back.
func (w *watchers) packet(text string) string {
	w.t.Helper()
	sum := 0
	for _, c := range []byte(text) {
		sum += int(c)
	}
	_, _ = fmt.Fprintf(w.gdb, "$%s#%02x", text, sum&0xff)
	answer, err := w.gdbIn.ReadString('#')
	if err == nil {
		_, err = io.CopyN(io.Discard, w.gdbIn, 2)
	}
	if err != nil {
		w.t.Fatalf("gdb's %s: %v", text, err)
	}
	_, _ = io.WriteString(w.gdb, "+")
	return strings.TrimLeft(answer, "+")
}

// ask gives a line to the monitor and returns what it prints.
func (w *watchers) ask(line string) string {
	w.t.Helper()
	_, _ = fmt.Fprintln(w.mon, line)
	var text []byte
	for !strings.HasSuffix(string(text), monitorPrompt) {
		c, err := w.monIn.ReadByte()
		if err != nil {
			w.t.Fatalf("the monitor's %s: %v after %q", line, err, text)
		}
		text = append(text, c)
	}
	return string(text)
}

// look asks for everything that can be looked at.
func (w *watchers) look() {
	if w == nil {
		return
	}
	for _, packet := range []string{"g", "m80000000,40", "p20", "qfThreadInfo", "m10000000,8"} {
		if answer := w.packet(packet); len(answer) < 3 {
			w.t.Errorf("gdb's %s gets %q", packet, answer)
		}
	}
	for _, line := range []string{"info registers -a", "info replay", "x/4i $pc", "xp/8xw 0x80000000", "info chardev", "info mtree"} {
		if text := w.ask(line); len(text) < 40 {
			w.t.Errorf("the monitor's %s prints %q", line, text)
		}
	}
}

// TestLookingIsNotRecorded records the same session, with its input scripted by
// step, once by itself and once with gdb and a monitor that look: the events
// and the states are the same.
func TestLookingIsNotRecorded(t *testing.T) {
	alone, aloneEnd := recordScript(t, false)
	watched, watchedEnd := recordScript(t, true)
	for i, h := range aloneEnd {
		if h.Name != "rtc" && h != watchedEnd[i] { // it shows the host's clock
			t.Errorf("%s differs", h.Name)
		}
	}
	if len(alone) != len(watched) {
		t.Fatalf("%d events alone, %d when looked at", len(alone), len(watched))
	}
	for i := range alone {
		if a, b := alone[i].String(), watched[i].String(); a != b {
			t.Errorf("alone %s, when looked at %s", a, b)
		}
	}
	if n := len(alone); n < 20 {
		t.Errorf("there are only %d events", n)
	}
}

// recordScript records the session and lists its events, but for the host's
// clock, which goes on between two recordings.
func recordScript(t *testing.T, looked bool) (events []recording.Event, end vm.Digest) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "s.reprise")
	user := &typist{}
	tl := startScript(t, path, user)
	sig := catchSignals(t.Context())
	defer sig.stop()
	s := newSession("script", tl, nil, nil, sig, &notices{w: io.Discard})
	holder := ""
	var w *watchers
	if looked {
		w, holder = attachBoth(t, s, dir), gdbHolder
	}
	w.look()
	for _, text := range []string{"a", "bc", "", "d"} {
		if text != "" {
			_ = user.sink.Receive([]byte(text)) // the queue is far from full
		}
		if _, err := s.debugger.MoveAndWait(t.Context(), holder, func(ctx context.Context, tl *replay.Timeline) (replay.Stop, error) {
			return tl.Step(ctx, 333)
		}); err != nil {
			t.Fatal(err)
		}
		w.look()
	}
	s.debugger.Inspect(func(tl *replay.Timeline) { end = tl.Machine().Digest() })
	if err := s.close(recording.ShutdownHostQuit); err != nil {
		t.Fatal(err)
	}
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if err := eachEvent(r, 0, func(e *recording.Event) error {
		if e.Kind != recording.ClockHost {
			events = append(events, *e)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return events, end
}

// startScript starts the recording.
func startScript(t *testing.T, path string, user chardev.Backend) *replay.Timeline {
	t.Helper()
	var guest []byte
	for _, word := range echoGuest {
		guest = binary.LittleEndian.AppendUint32(guest, word)
	}
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: 16 << 20, Harts: 1, ISA: riscv.RV64GC.String(), MMU: "riscv,sv39", Virtio: boot.VirtioSlots},
		Firmware: &boot.File{Name: "echo", Data: guest},
	})
	if err != nil {
		t.Fatal(err)
	}
	config := vm.Config{Harts: 1, ISA: riscv.RV64GC, Segments: plan.Segments}
	var m recording.Manifest
	blobs := replay.Describe(&m, config, 16<<20, false)
	m.Machine.CharDevices = []recording.CharDevice{{ID: vm.SerialDevice, Name: serialName}}
	w, err := recording.Create(path, m, recording.CreateOptions{})
	for _, b := range blobs {
		if err == nil {
			err = w.Blob(b)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	tl, err := replay.Record(config, 16<<20, w, replay.Options{
		Consoles: []replay.Console{{ID: vm.SerialDevice, Name: serialName, Backend: user}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return tl
}

// attachBoth attaches gdb and a monitor to a session, over sockets.
func attachBoth(t *testing.T, s *session, dir string) *watchers {
	t.Helper()
	board := newSwitchboard(chardev.Options{}, s.quit)
	connect := func(name string) net.Conn {
		conn, err := net.Dial("unix", filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	spec := func(name string) chardev.Spec {
		spec, err := chardev.ParseControl("unix:" + filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return spec
	}
	if err := s.attachMonitors(board, []chardev.Spec{spec("mon")}); err != nil {
		t.Fatal(err)
	}
	at := spec("gdb")
	l, err := board.listenGDB(&at)
	if err != nil {
		t.Fatal(err)
	}
	s.attachGDB(l, board)
	w := &watchers{t: t, mon: connect("mon"), gdb: connect("gdb")}
	w.monIn, w.gdbIn = bufio.NewReader(w.mon), bufio.NewReader(w.gdb)
	w.ask("info status")
	w.packet("?") // gdb has the controls from here on
	return w
}
