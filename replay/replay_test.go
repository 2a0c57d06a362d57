package replay_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"reprise/chardev"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
)

const guestRAM = 64 << 20

// typist is a character backend that waits for texts and types answers.
type typist struct {
	mu     sync.Mutex
	sink   chardev.Sink
	out    bytes.Buffer
	seen   int
	script []exchange
}

type exchange struct{ wait, send string }

func (b *typist) Name() string { return "typist" }
func (b *typist) Start(sink chardev.Sink) error {
	b.sink = sink
	return nil
}
func (b *typist) Close() error { return nil }
func (b *typist) Write(p []byte) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.out.Write(p)
	if len(b.script) > 0 && strings.Contains(b.out.String()[b.seen:], b.script[0].wait) {
		send := b.script[0].send
		b.script, b.seen = b.script[1:], b.out.Len()
		go func() { _ = b.sink.Receive([]byte(send)) }()
	}
	return len(p)
}

func (b *typist) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.out.String()
}

func debian(t testing.TB, path, pkg string) *boot.File {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: install the Debian package %s", err, pkg)
	}
	return &boot.File{Name: path, Data: data}
}

// ubootConfig is Debian's firmware on a machine whose steps take 32 ns.
func ubootConfig(t testing.TB) vm.Config {
	t.Helper()
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: guestRAM, Harts: 1, ISA: riscv.RV64GC.String(), MMU: "riscv,sv39", Virtio: 8},
		Firmware: debian(t, "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf", "opensbi"),
		Kernel:   debian(t, "/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf", "u-boot-qemu"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return vm.Config{Harts: 1, ISA: riscv.RV64GC, Shift: 5, Segments: plan.Segments, SeedAddr: plan.SeedAddr}
}

var ubootScript = []exchange{
	{"autoboot", "\r"},
	{"=> ", "version\r"},
	{"=> ", "bdinfo\r"},
	{"=> ", "reset\r"},
	{"autoboot", "\r"},
	{"=> ", "poweroff\r"},
}

// newRecording starts to record U-Boot in a new file.
func newRecording(t testing.TB, script []exchange) (*replay.Timeline, *typist, string) {
	t.Helper()
	return record(t, ubootConfig(t), script, false)
}

// record starts to record a machine in a new file.
func record(t testing.TB, config vm.Config, script []exchange, sleep bool) (*replay.Timeline, *typist, string) {
	t.Helper()
	w := newWriter(t, config, sleep)
	tl, user := start(t, config, w, script, sleep)
	return tl, user, w.Path()
}

// newWriter begins a recording in a new file.
func newWriter(t testing.TB, config vm.Config, sleep bool) *recording.Writer {
	t.Helper()
	var m recording.Manifest
	blobs := replay.Describe(&m, config, guestRAM, sleep)
	w, err := recording.Create(filepath.Join(t.TempDir(), "u.reprise"), m, recording.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blobs {
		if err := w.Blob(b); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// start switches a machine on that is recorded.
func start(t testing.TB, config vm.Config, w *recording.Writer, script []exchange, sleep bool) (*replay.Timeline, *typist) {
	t.Helper()
	user := &typist{script: script}
	tl, err := replay.Record(config, guestRAM, w, replay.Options{
		Sleep:    sleep,
		Consoles: []replay.Console{{ID: vm.SerialDevice, Name: "serial0", Backend: user}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return tl, user
}

var recorded struct {
	once    sync.Once
	file    []byte
	console string
	end     vm.Digest
}

// uboot is a recording of the whole script, made once.
func uboot(t testing.TB) (path, console string, end vm.Digest) {
	t.Helper()
	recorded.once.Do(func() {
		tl, user, path := newRecording(t, ubootScript)
		stop, err := tl.Continue(context.Background())
		if err != nil || stop.Reason != replay.GuestShutdown {
			t.Fatalf("recording: %v, %v\n%s", stop, err, user.text())
		}
		if err := tl.End(context.Background(), recording.ShutdownNone); err != nil {
			t.Fatal(err)
		}
		recorded.end = tl.Machine().Digest()
		if err := tl.Close(); err != nil {
			t.Fatal(err)
		}
		recorded.console = user.text()
		if recorded.file, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	})
	path = filepath.Join(t.TempDir(), "u.reprise")
	if err := os.WriteFile(path, recorded.file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, recorded.console, recorded.end
}

// open opens a recording for replay.
func open(t testing.TB, path string, options replay.Options) *replay.Timeline {
	t.Helper()
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	tl, err := replay.Play(r, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = tl.Close()
		_ = r.Close()
	})
	return tl
}

func TestRecordAndVerify(t *testing.T) {
	path, console, end := uboot(t)
	for _, want := range []string{"U-Boot 20", "relocaddr", "resetting", "poweroff"} {
		if !strings.Contains(console, want) {
			t.Errorf("the console lacks %q", want)
		}
	}
	for range 2 {
		out := &typist{}
		tl := open(t, path, replay.Options{Verify: true, Consoles: []replay.Console{{ID: vm.SerialDevice, Name: "serial0", Backend: out}}})
		stop, err := tl.Continue(context.Background())
		if err != nil || tl.Err() != nil || stop.Reason != replay.GuestShutdown || stop.Step != tl.Last() {
			t.Fatalf("replay: %v, %v, %v", stop, err, tl.Err())
		}
		if d := end.Difference(tl.Machine().Digest()); d != "" {
			t.Errorf("%s differs at the end", d)
		}
		if tl.Verified() == 0 {
			t.Error("no digest was compared")
		}
		if out.text() != console {
			t.Error("the replay's console differs from the recording's")
		}
	}
}

func TestLiveTravel(t *testing.T) {
	tl, user, path := newRecording(t, ubootScript)
	ctx := context.Background()
	var pauses []vm.Step
	for range 12 {
		until := tl.Position() + 3_000_000
		if _, err := tl.Step(ctx, uint64(until-tl.Position())); err != nil {
			t.Fatal(err)
		}
		live := tl.Machine().Digest()
		pauses = append(pauses, tl.Position())
		if stop, err := tl.StepBack(ctx, 12345); err != nil || stop.Step != until-12345 || tl.AtLiveEnd() {
			t.Fatal(stop, err)
		}
		if err := tl.WriteRegister(0, vm.RegX0+5, 1); !errors.Is(err, replay.ErrNotLive) {
			t.Fatalf("a register was written in the past: %v", err)
		}
		if stop, err := tl.Continue(ctx); err != nil || stop.Reason != replay.AtEnd || stop.Step != until || !tl.AtLiveEnd() {
			t.Fatal(stop, err)
		}
		if d := live.Difference(tl.Machine().Digest()); d != "" {
			t.Fatalf("back at the live end, %s differs", d)
		}
	}
	if stop, err := tl.Seek(ctx, pauses[3]); err != nil || stop.Step != pauses[3] {
		t.Fatal(stop, err)
	}
	if stop, err := tl.GoLive(ctx); err != nil || stop.Step != pauses[len(pauses)-1] {
		t.Fatal(stop, err)
	}
	if stop, err := tl.Continue(ctx); err != nil || stop.Reason != replay.GuestShutdown {
		t.Fatal(stop, err)
	}
	end := tl.Machine().Digest()
	if stop, err := tl.StepBack(ctx, 1); err != nil || stop.Reason != replay.AtTarget {
		t.Fatal(stop, err)
	}
	if err := tl.Close(); err != nil {
		t.Fatal(err)
	}
	out := &typist{}
	again := open(t, path, replay.Options{Verify: true, Consoles: []replay.Console{{ID: 0, Name: "serial0", Backend: out}}})
	if stop, err := again.Continue(ctx); err != nil || again.Err() != nil || stop.Reason != replay.GuestShutdown {
		t.Fatal(stop, err, again.Err())
	}
	if d := end.Difference(again.Machine().Digest()); d != "" {
		t.Errorf("%s differs in the replay", d)
	}
	if out.text() != user.text() {
		t.Error("the consoles differ")
	}
}

func TestBreakpoints(t *testing.T) {
	path, _, _ := uboot(t)
	tl := open(t, path, replay.Options{})
	ctx := context.Background()
	// The entry of U-Boot is met once for each boot.
	const entry = 0x80200000
	tl.SetBreakpoint(entry)
	first, err := tl.Continue(ctx)
	if err != nil || first.Reason != replay.AtBreakpoint || first.Addr != entry {
		t.Fatal(first, err)
	}
	digest := tl.Machine().Digest()
	second, err := tl.Continue(ctx)
	if err != nil || second.Reason != replay.AtBreakpoint || second.Step <= first.Step {
		t.Fatal(second, err)
	}
	if stop, err := tl.Continue(ctx); err != nil || stop.Reason != replay.GuestShutdown {
		t.Fatal(stop, err)
	}
	for _, want := range []replay.Stop{second, first} {
		if stop, err := tl.ReverseContinue(ctx); err != nil || stop != want {
			t.Fatalf("going back: %v, %v; want %v", stop, err, want)
		}
	}
	if d := digest.Difference(tl.Machine().Digest()); d != "" {
		t.Errorf("%s differs at the breakpoint when coming back", d)
	}
	if stop, err := tl.ReverseContinue(ctx); err != nil || stop.Reason != replay.AtStart || stop.Step != 0 {
		t.Fatal(stop, err)
	}
	if stop, err := tl.ReverseContinue(ctx); err != nil || stop.Reason != replay.AtStart {
		t.Fatal(stop, err)
	}
}

func TestInterruptedSeek(t *testing.T) {
	path, _, _ := uboot(t)
	tl := open(t, path, replay.Options{})
	if _, err := tl.Seek(context.Background(), 1000); err != nil {
		t.Fatal(err)
	}
	before := tl.Machine().Digest()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	stop, err := tl.Seek(ctx, tl.Last())
	if err != nil || stop.Reason != replay.Interrupted || stop.Step != 1000 {
		t.Fatal(stop, err)
	}
	if d := before.Difference(tl.Machine().Digest()); d != "" {
		t.Errorf("%s has changed", d)
	}
}
