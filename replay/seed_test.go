package replay

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"reprise/assets"
	"reprise/chardev"
	"reprise/internal/testing/torture"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/state"
)

// TestSeedTable holds docs/seed.md to what it says: each row names files and
// tests, and they exist.
func TestSeedTable(t *testing.T) {
	root := ".."
	text, err := os.ReadFile(filepath.Join(root, "docs", "seed.md"))
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	rows := 0
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if !strings.HasPrefix(line, "|") || strings.Trim(cells[0], "- ") == "" || strings.TrimSpace(cells[0]) == "Behaviour" {
			continue
		}
		if len(cells) != 3 {
			t.Errorf("row %q has %d columns", cells[0], len(cells))
			continue
		}
		rows++
		for i, check := range []func(root, name string) error{nil, exists, hasTest} {
			names := quoted.FindAllStringSubmatch(cells[i], -1)
			if i > 0 && len(names) == 0 {
				t.Errorf("row %q: column %d names nothing", cells[0], i+1)
			}
			for _, name := range names {
				if check == nil {
					continue
				}
				if err := check(root, name[1]); err != nil {
					t.Errorf("row %q: %v", strings.TrimSpace(cells[0]), err)
				}
			}
		}
	}
	if rows < 20 {
		t.Errorf("%d rows were found", rows)
	}
}

func exists(root, name string) error {
	_, err := os.Stat(filepath.Join(root, name))
	return err
}

// hasTest finds a test that is named as PACKAGE.TestName, or a script of
// package internal/cli that is named as its file.
func hasTest(root, name string) error {
	if strings.HasSuffix(name, ".txtar") {
		return exists(root, filepath.Join("internal/cli/testdata", name))
	}
	dir, test, _ := strings.Cut(name, ".")
	files, _ := filepath.Glob(filepath.Join(root, dir, "*_test.go"))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if strings.Contains(string(data), "\nfunc "+test+"(") {
			return nil
		}
	}
	return errors.New("there is no test " + name)
}

// keysSession records the guest that prints what is typed.
func keysSession(t *testing.T) string {
	t.Helper()
	tl, path := record(t, assets.Keys(), newHost(map[string]string{"ready": "a", "61": "poweroff\r"}))
	toEnd(t, tl)
	closed(t, tl)
	return path
}

// TestModes runs the same guest in the three modes.
func TestModes(t *testing.T) {
	answers := func() map[string]string { return map[string]string{"ready": "poweroff\r"} }
	config := machineOf(t, assets.Keys())
	backend := newHost(answers())
	none, err := Run(config, testRAM, Options{Consoles: []Console{{ID: vm.SerialDevice, Name: "serial0", Backend: backend}}})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, none)
	toEnd(t, none)
	recorded, path := record(t, assets.Keys(), newHost(answers()))
	toEnd(t, recorded)
	closed(t, recorded)
	again := newHost(nil)
	played := play(t, path, again)
	toEnd(t, played)
	for tl, want := range map[*Timeline]string{none: "none", recorded: "record", played: "play"} {
		if got := tl.Mode().String(); got != want {
			t.Errorf("the mode is %s, want %s", got, want)
		}
	}
	if none.Log() != nil {
		t.Error("a machine that is not recorded has a log")
	}
	if d := recorded.Machine().Digest().Difference(played.Machine().Digest()); d != "" {
		t.Errorf("%s differs between a recording and its replay", d)
	}
	if backend.text() != again.text() {
		t.Errorf("the replay prints %q, the run %q", again.text(), backend.text())
	}
}

// TestPendingEvent asks before, at and after the first event.
func TestPendingEvent(t *testing.T) {
	path := keysSession(t)
	tl := play(t, path, newHost(nil))
	events := eventsOf(t, path)
	first := events[slices.IndexFunc(events, func(e recording.Event) bool { return e.Step > 0 })]
	for _, at := range []vm.Step{0, 10, first.Step - 1} {
		if _, err := tl.Seek(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		e, ok := tl.Pending()
		if !ok || e.Kind != recording.Instruction || vm.Step(e.Value) != first.Step-at {
			t.Errorf("at step %v %v is pending; %v remain before %v", at, e, first.Step-at, first)
		}
	}
	if _, err := tl.Seek(t.Context(), first.Step); err != nil {
		t.Fatal(err)
	}
	if e, ok := tl.Pending(); !ok || e.Kind != first.Kind || e.Step != first.Step {
		t.Errorf("%v is pending where %v is", e, first)
	}
	if _, err := tl.Step(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if e, _ := tl.Pending(); e.Kind != recording.Instruction {
		t.Errorf("%v is still pending after its step", e)
	}
}

// TestShutdownOnTheWay ends a recording by a signal: its replay consumes the
// event and requests the same.
func TestShutdownOnTheWay(t *testing.T) {
	live, path := record(t, babbler, newHost(nil))
	if _, err := live.Step(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	if err := live.End(t.Context(), recording.ShutdownHostSignal); err != nil {
		t.Fatal(err)
	}
	closed(t, live)
	tl := play(t, path, newHost(nil))
	if _, err := tl.Seek(t.Context(), 999); err != nil || tl.Requested() != recording.ShutdownNone {
		t.Fatal(err, tl.Requested())
	}
	if e, ok := tl.Pending(); !ok || e.Kind != recording.Instruction || e.Value == 0 {
		t.Errorf("%v is pending before the shutdown", e)
	}
	stop, err := tl.Continue(t.Context())
	if err != nil || stop.Reason != AtEnd || stop.Step != 1000 {
		t.Fatal(stop, err)
	}
	if got := tl.Requested(); got != recording.ShutdownHostSignal {
		t.Errorf("the replay requests %v", got)
	}
	if e, ok := tl.Pending(); !ok || e.Kind != recording.End {
		t.Errorf("after the shutdown %v is pending", e)
	}
	if _, err := tl.StepBack(t.Context(), 1); err != nil || tl.Requested() != recording.ShutdownNone {
		t.Errorf("one step before, %v is requested (%v)", tl.Requested(), err)
	}
}

// TestReset resets a machine from outside.
func TestReset(t *testing.T) {
	live, path := record(t, babbler, newHost(nil))
	if _, err := live.Step(t.Context(), 700); err != nil {
		t.Fatal(err)
	}
	if err := live.Reset(); err != nil {
		t.Fatal(err)
	}
	if pc, _ := live.Machine().ReadRegister(0, vm.RegPC); pc != 0x1000 || live.Position() != 701 {
		t.Errorf("after the reset at pc 0x%x, step %v", pc, live.Position())
	}
	if _, err := live.Step(t.Context(), 500); err != nil {
		t.Fatal(err)
	}
	want := live.Machine().Digest()
	if _, err := live.StepBack(t.Context(), 500); err != nil {
		t.Fatal(err)
	}
	if err := live.Reset(); !errors.Is(err, ErrNotLive) {
		t.Errorf("a reset in the past: %v", err)
	}
	closed(t, live)
	kinds := []recording.Kind{ // the real-time clock starts anew
		recording.Shutdown, recording.CheckpointResetRequested, recording.ClockHost, recording.CheckpointReset,
	}
	events := eventsOf(t, path)
	for i, e := range events {
		if e.Kind != recording.Shutdown {
			continue
		}
		for j, kind := range kinds {
			if got := events[i+j]; got.Kind != kind || got.Step != 700 {
				t.Errorf("the reset has %v, want %v", got, kind)
			}
		}
		break
	}
	tl := play(t, path, newHost(nil))
	if stop, err := tl.Continue(t.Context()); err != nil || tl.Err() != nil || stop.Step != 1201 {
		t.Fatal(stop, err, tl.Err())
	}
	if d := want.Difference(tl.Machine().Digest()); d != "" {
		t.Errorf("%s differs in the replay", d)
	}
}

// TestBudget compares the budget that a replay gives to its machine with the
// distance to the next input, in a guest that waits for it and in one that is
// busy meanwhile.
func TestBudget(t *testing.T) {
	backend := newHost(nil)
	backend.room = 1
	live, busy := record(t, counter, backend)
	for range 3 {
		if _, err := live.Step(t.Context(), 1000); err != nil {
			t.Fatal(err)
		}
		backend.open(1)
	}
	closed(t, live)
	for _, path := range []string{keysSession(t), busy} {
		tl := play(t, path, newHost(nil))
		s := tl.session
		for _, e := range eventsOf(t, path) {
			if !acts(&e) || e.Step < tl.Position() {
				continue
			}
			next, err := s.inputs.next(s.log, s.cursor.Ordinal(), vm.Never-1)
			if err != nil || next == nil || next.event.Step != e.Step || next.event.Kind != e.Kind {
				t.Fatalf("before %v the session waits for %v (%v)", e, next, err)
			}
			if _, err := tl.Seek(t.Context(), min(e.Step+1, tl.Last())); err != nil || tl.Err() != nil {
				t.Fatal(err, tl.Err())
			}
		}
	}
}

// TestInputsOfThePastAreForgotten looks at what a replay keeps of the events it
// has acted upon: their data would be most of a long recording.
func TestInputsOfThePastAreForgotten(t *testing.T) {
	path := keysSession(t)
	tl := play(t, path, newHost(nil))
	most := 0
	OnSlice(tl, func() { most = max(most, len(tl.session.inputs.found)) })
	if _, err := tl.Continue(t.Context()); err != nil || tl.Err() != nil {
		t.Fatal(err, tl.Err())
	}
	seen := 0
	for _, e := range eventsOf(t, path) {
		if acts(&e) {
			seen++
		}
	}
	if kept := len(tl.session.inputs.found); kept > 1 || seen < 5 {
		t.Errorf("at the end %d of %d inputs are kept, up to %d on the way", kept, seen, most)
	}
}

// TestLongComputation lets a guest compute for more than 2^32 steps without an
// event. All but the last of them are skipped: the machine is put ahead, in the
// recording and in the replay. The long tests do all of them, 5·10^9 each.
func TestLongComputation(t *testing.T) {
	const far = vm.Step(1<<32 + 1<<31)
	steps, move := uint64(1<<22), putAhead
	if n := torture.Count(t, 0, 5_000_000_000); n > 0 {
		steps, move = uint64(n), func(testing.TB, *Timeline, vm.Step) {}
	}
	turns := uint32(steps/2>>12 + 1)
	guest := code(append([]uint32{
		luiT0(turns), addiT0(turns),
		0x00c29293, // slli t0, t0, 12
		0xfff28293, // addi t0, t0, -1
		0xfe029ee3, // bnez t0, .-4
	}, powerOff...)...)
	tl, path := record(t, guest, newHost(nil))
	move(t, tl, far)
	if _, err := tl.Step(t.Context(), steps/2); err != nil {
		t.Fatal(err)
	}
	tl.session.flush()
	middle := tl.Position()
	killed := filepath.Join(t.TempDir(), "killed.reprise")
	if data, err := os.ReadFile(path); err != nil || os.WriteFile(killed, data, 0o600) != nil {
		t.Fatal("the recording cannot be copied", err)
	}
	toEnd(t, tl)
	want, end := tl.Machine().Digest(), tl.Position()
	closed(t, tl)
	events := eventsOf(t, path)
	if len(events) != 3 || events[0].Step != 0 || events[1].Step <= far || events[1].Kind != recording.Shutdown {
		t.Fatalf("the events are %v", events)
	}
	again := play(t, path, newHost(nil))
	if e, _ := again.Pending(); e.Kind != recording.Instruction || e.Value != uint64(events[1].Step) {
		t.Errorf("at the start %v is pending", e)
	}
	move(t, again, far)
	toEnd(t, again)
	if d := want.Difference(again.Machine().Digest()); d != "" || again.Position() != end {
		t.Errorf("the replay ends at step %v; %q differs", again.Position(), d)
	}
	torn := play(t, killed, newHost(nil))
	move(t, torn, far)
	if stop, err := torn.Continue(t.Context()); err != nil || torn.Err() != nil || stop.Step != middle || stop.Reason != AtEnd {
		t.Errorf("the recording of a killed recorder: %v, %v, %v; flushed at step %v", stop, err, torn.Err(), middle)
	}
}

// putAhead lets a machine go on at a later step, in the state in which it is.
func putAhead(t testing.TB, tl *Timeline, step vm.Step) {
	t.Helper()
	m := tl.Machine()
	saved := m.Save(nil)
	binary.LittleEndian.PutUint64(saved, uint64(step)) // the first field of the first component
	if err := m.Load(saved, state.Schema); err != nil || m.Position() != step {
		t.Fatal(err, m.Position())
	}
}

// luiT0 and addiT0 bring a number of 31 bits into t0.
func luiT0(n uint32) uint32  { return (n+0x800)&^0xfff | 0x2b7 }
func addiT0(n uint32) uint32 { return n<<20 | 0x28293 }

// TestCheckpointDelivers finds each asynchronous event behind the checkpoint
// that delivered it.
func TestCheckpointDelivers(t *testing.T) {
	events := eventsOf(t, keysSession(t))
	found, at := 0, recording.AtNone
	for i, e := range events {
		switch {
		case e.Kind.IsCheckpoint():
			at = e.Checkpoint
			if next := events[i+1]; e.Kind == recording.CheckpointClockVirtual && !next.Kind.IsAsync() {
				t.Errorf("%v delivers nothing; %v follows", e, next)
			}
		case e.Kind.IsAsync():
			found++
			if e.Checkpoint != at || at == recording.AtNone {
				t.Errorf("%v comes after checkpoint %v", e, at)
			}
		default:
			at = recording.AtNone
		}
	}
	if found < 2 {
		t.Errorf("%d asynchronous events", found)
	}
}

// babbler polls the line status and writes x as often as it may.
var babbler = code(
	0x100002b7, // lui  t0, 0x10000
	0x07800313, // li   t1, 'x'
	0x00528383, // lb   t2, 5(t0)
	0x0203f393, // andi t2, t2, 0x20
	0xfe038ce3, // beqz t2, .-8
	0x00628023, // sb   t1, 0(t0)
	0xff1ff06f, // j    .-16
)

// TestCheckpointLeft stops a replay between two events of one checkpoint.
func TestCheckpointLeft(t *testing.T) {
	backend := newHost(nil)
	backend.room = 3
	live, path := record(t, babbler, backend)
	if _, err := live.Step(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	backend.open(5)
	_ = backend.sink.Receive([]byte("z"))
	if _, err := live.Step(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	want := live.Machine().Digest()
	closed(t, live)

	tl := play(t, path, newHost(nil))
	s := tl.session
	if s.checkpoint(recording.AtClockVirtual, tl.Last()) || tl.Position() != 0 {
		t.Error("a checkpoint that the log does not have here is answered with true")
	}
	if _, err := tl.Seek(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	if s.checkpoint(recording.AtClockVirtual, 1001) || tl.Position() != 1001 {
		t.Errorf("with an event left the checkpoint is answered with true, at step %v", tl.Position())
	}
	if !s.checkpoint(recording.AtClockVirtual, 2000) || tl.Position() != 1002 {
		t.Errorf("with no event left the checkpoint is answered with false, at step %v", tl.Position())
	}
	if _, err := tl.Continue(t.Context()); err != nil || tl.Err() != nil {
		t.Fatal(err, tl.Err())
	}
	if d := want.Difference(tl.Machine().Digest()); d != "" {
		t.Errorf("%s differs", d)
	}
}

// TestQueuedAtEnd ends a recording while input waits: it never reached the
// guest, and is not in the log.
func TestQueuedAtEnd(t *testing.T) {
	backend := newHost(nil)
	live, path := record(t, babbler, backend)
	_ = backend.sink.Receive([]byte("abc")) // there is room for one without FIFO
	if _, err := live.Step(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	if n := live.session.console(vm.SerialDevice).queue.waiting(); n != 2 {
		t.Errorf("%d bytes wait", n)
	}
	want := live.Machine().Digest()
	closed(t, live)
	if err := backend.sink.Receive(make([]byte, queueLimit+1)); err == nil {
		t.Error("a session that is closed takes input")
	}
	var input []byte
	for _, e := range eventsOf(t, path) {
		if e.Kind == recording.AsyncCharRead {
			input = append(input, e.Data...)
		}
	}
	if string(input) != "a" {
		t.Errorf("the log has the input %q", input)
	}
	tl := play(t, path, newHost(nil))
	if _, err := tl.Continue(t.Context()); err != nil || tl.Err() != nil {
		t.Fatal(err, tl.Err())
	}
	if d := want.Difference(tl.Machine().Digest()); d != "" {
		t.Errorf("%s differs", d)
	}
}

// TestFinish closes a recording in the middle of a computation.
func TestFinish(t *testing.T) {
	live, path := record(t, babbler, newHost(nil))
	if _, err := live.Step(t.Context(), 12345); err != nil {
		t.Fatal(err)
	}
	closed(t, live)
	events := eventsOf(t, path)
	last := events[len(events)-1]
	if last.Kind != recording.End || last.Step != 12345 {
		t.Errorf("the last event is %v", last)
	}
}

// guarded is a backend that cannot be recorded.
type guarded struct{ *host }

func (guarded) Blocks() string { return "it is a test" }

// TestBlocker refuses to record, and only that.
func TestBlocker(t *testing.T) {
	var backend chardev.Backend = guarded{newHost(nil)}
	options := Options{Consoles: []Console{{ID: vm.SerialDevice, Name: "serial0", Backend: backend}}}
	path := filepath.Join(t.TempDir(), "blocked.reprise")
	w, err := recording.Create(path, recording.Manifest{}, recording.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Record(machineOf(t, babbler), testRAM, w, options)
	var blocked *BlockedError
	if !errors.As(err, &blocked) || err.Error() != "Record/replay: serial0: it is a test" {
		t.Errorf("recording with it: %v", err)
	}
	tl, err := Run(machineOf(t, babbler), testRAM, options)
	if err != nil {
		t.Fatal(err)
	}
	closed(t, tl)
}
