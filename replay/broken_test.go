package replay_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"reprise/assets"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/riscv"
)

// keysRecording is a recording of the guest that takes input by interrupts.
func keysRecording(t testing.TB) (path string) {
	t.Helper()
	tl, user, path := record(t, guestConfig(t, 0, assets.Keys()), []exchange{{"keys: ready", "a"}, {"61", "bc"}, {"63", "poweroff\r"}}, false)
	if stop, err := tl.Continue(context.Background()); err != nil || stop.Reason != replay.GuestShutdown {
		t.Fatalf("%v, %v\n%s", stop, err, user.text())
	}
	if err := tl.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// story is what a recording says, to be told differently.
type story struct {
	manifest recording.Manifest
	blobs    []recording.Content
	events   []recording.Event // without the end
	end      recording.Event
	digests  []digest
}

type digest struct {
	step vm.Step
	sums []recording.ComponentDigest
}

// readStory reads a whole recording.
func readStory(t testing.TB, path string) *story {
	t.Helper()
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	s := &story{manifest: *r.Manifest()}
	s.manifest.Memory = slices.Clone(s.manifest.Memory)
	for _, seg := range s.manifest.Memory {
		if seg.Blob.IsZero() {
			continue
		}
		data, err := r.Blob(seg.Blob)
		if err != nil {
			t.Fatal(err)
		}
		s.blobs = append(s.blobs, recording.ContentOf(data))
	}
	c := r.Cursor()
	for e, ok := c.Next(); ok; e, ok = c.Next() {
		e.Data = bytes.Clone(e.Data)
		if e.Kind == recording.End {
			s.end = e
			continue
		}
		s.events = append(s.events, e)
	}
	for _, mark := range r.Digests() {
		sums, err := r.Log.Digest(mark)
		if err != nil {
			t.Fatal(err)
		}
		s.digests = append(s.digests, digest{mark.Step, slices.Clone(sums)})
	}
	if c.Err() != nil || s.end.Kind != recording.End || len(s.digests) == 0 {
		t.Fatalf("the recording is not whole: %v", c.Err())
	}
	return s
}

// write makes a recording of the story, in which every checksum is right.
func (s *story) write(t testing.TB) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "told.reprise")
	w, err := recording.Create(path, s.manifest, recording.CreateOptions{})
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(err)
	for _, b := range s.blobs {
		check(w.Blob(b))
	}
	check(w.Flush(0, 0))
	rest := s.digests
	for _, e := range s.events {
		for len(rest) > 0 && rest[0].step <= e.Step {
			check(w.Digest(rest[0].step, rest[0].sums))
			rest = rest[1:]
		}
		check(w.Append(e))
	}
	for _, d := range rest {
		check(w.Digest(d.step, d.sums))
	}
	check(w.Finish(s.end.Step, s.end.Value))
	check(w.Close())
	return path
}

// find is the index of the nth event of a kind.
func (s *story) find(t testing.TB, kind recording.Kind, nth int) int {
	t.Helper()
	for i, e := range s.events {
		if e.Kind == kind {
			if nth == 0 {
				return i
			}
			nth--
		}
	}
	t.Fatalf("there is no %v", kind)
	return 0
}

// verify replays a recording and compares everything.
func verify(t testing.TB, path string, harm func(*replay.Timeline)) error {
	t.Helper()
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	tl, err := replay.Play(r, replay.Options{Verify: true})
	if err != nil {
		return err
	}
	defer func() { _ = tl.Close() }()
	if harm != nil {
		harm(tl)
	}
	stop, err := tl.Continue(context.Background())
	if err = errors.Join(err, tl.Err()); err != nil {
		return err
	}
	if stop.Step != r.Last() || tl.Verified() == 0 {
		t.Errorf("the replay ended at %v of %v, after %d digests, without an error", stop.Step, r.Last(), tl.Verified())
	}
	return nil
}

// wantDivergence holds an error to be a divergence that names a word.
func wantDivergence(t testing.TB, err error, word string) {
	t.Helper()
	var d *replay.DivergenceError
	if !errors.As(err, &d) {
		t.Fatalf("got %v, want a divergence", err)
	}
	if !strings.Contains(err.Error(), word) {
		t.Errorf("%q lacks %q", err, word)
	}
}

// TestFalseRecordings tells a recording in ways that are not what happened.
func TestFalseRecordings(t *testing.T) {
	path := keysRecording(t)
	if err := verify(t, readStory(t, path).write(t), nil); err != nil {
		t.Fatalf("the recording told again as it was: %v", err)
	}
	remove := func(s *story, i int) { s.events = slices.Delete(s.events, i, i+1) }
	for name, test := range map[string]struct {
		lie  func(s *story)
		want string
	}{
		"input a step late": {func(s *story) { s.events[s.find(t, recording.AsyncCharRead, 1)].Step++ }, "async/char_read"},
		"input a step early": {func(s *story) {
			i := s.find(t, recording.AsyncCharRead, 0)
			e := s.events[i]
			e.Step--
			remove(s, i)
			for i > 0 && s.events[i-1].Step >= e.Step {
				i--
			}
			s.events = slices.Insert(s.events, i, e)
		}, ""},
		"input dropped": {func(s *story) { remove(s, s.find(t, recording.AsyncCharRead, 1)) }, ""},
		"input doubled": {func(s *story) {
			i := s.find(t, recording.AsyncCharRead, 0)
			s.events = slices.Insert(s.events, i, s.events[i])
		}, ""},
		"input changed":         {func(s *story) { s.events[s.find(t, recording.AsyncCharRead, 0)].Data[0] ^= 1 }, "char_write"},
		"input shortened":       {func(s *story) { e := &s.events[s.find(t, recording.AsyncCharRead, 2)]; e.Data = e.Data[:3] }, ""},
		"output changed":        {func(s *story) { s.events[s.find(t, recording.CharWrite, 4)].Data[0] ^= 1 }, "char_write"},
		"output dropped":        {func(s *story) { remove(s, s.find(t, recording.CharWrite, 4)) }, "char_write"},
		"output a step late":    {func(s *story) { s.events[s.find(t, recording.CharWrite, 4)].Step++ }, "char_write"},
		"interrupt dropped":     {func(s *story) { remove(s, s.find(t, recording.Interrupt, 0)) }, "interrupt"},
		"interrupt a step late": {func(s *story) { s.events[s.find(t, recording.Interrupt, 0)].Step++ }, "interrupt"},
		"another interrupt":     {func(s *story) { s.events[s.find(t, recording.Interrupt, 0)].Cause = 7 }, "interrupt"},
		"wait longer":           {func(s *story) { s.events[s.find(t, recording.ClockVirtualRT, 0)].Value += 100 }, "machine"},
		"wait dropped":          {func(s *story) { remove(s, s.find(t, recording.ClockVirtualRT, 0)) }, ""},
		"another host clock":    {func(s *story) { s.events[s.find(t, recording.ClockHost, 0)].Value++ }, "rtc"},
		"other entropy":         {func(s *story) { s.events[s.find(t, recording.Random, 0)].Data[7] ^= 1 }, "ram+"},
		"shutdown dropped":      {func(s *story) { remove(s, s.find(t, recording.Shutdown, 0)) }, "shutdown"},
		"another shutdown": {func(s *story) {
			s.events[s.find(t, recording.Shutdown, 0)].Shutdown = recording.ShutdownGuestPanic
		}, "shutdown"},
		"another digest": {func(s *story) { d := s.digests[len(s.digests)-1]; d.sums[len(d.sums)/2].Sum ^= 1 }, "digest of "},
		"another image": {func(s *story) {
			// The text that the guest prints: one letter of it.
			for i, b := range s.blobs {
				if at := bytes.Index(b.Data, []byte("keys: ready")); at >= 0 {
					changed := bytes.Clone(b.Data)
					changed[at] ^= 1
					s.blobs[i] = recording.ContentOf(changed)
					for n, seg := range s.manifest.Memory {
						if seg.Blob == b.Hash {
							s.manifest.Memory[n].Blob = s.blobs[i].Hash
						}
					}
				}
			}
		}, "char_write"},
	} {
		t.Run(name, func(t *testing.T) {
			s := readStory(t, path)
			test.lie(s)
			wantDivergence(t, verify(t, s.write(t), nil), test.want)
		})
	}
}

// TestDigestAfterInput ends a recording, and its digest, right behind input: no
// instruction follows.
func TestDigestAfterInput(t *testing.T) {
	path := keysRecording(t)
	s := readStory(t, path)
	i := s.find(t, recording.AsyncCharRead, 1)
	s.events, s.end.Step = s.events[:i+1], s.events[i].Step+1
	there := open(t, path, replay.Options{})
	if _, err := there.Seek(context.Background(), s.end.Step); err != nil {
		t.Fatal(err)
	}
	var right []recording.ComponentDigest
	for _, h := range there.Machine().Digest() {
		right = append(right, recording.ComponentDigest{Name: h.Name, Sum: h.Sum})
	}
	wrong := s.digests[len(s.digests)-1].sums
	s.digests = []digest{{s.end.Step, right}}
	if err := verify(t, s.write(t), nil); err != nil {
		t.Error(err)
	}
	s.digests = []digest{{s.end.Step, wrong}}
	wantDivergence(t, verify(t, s.write(t), nil), "digest of ")
}

// TestBrokenMachines replays on machines that do not do what they should, once.
func TestBrokenMachines(t *testing.T) {
	path := keysRecording(t)
	if err := verify(t, path, func(*replay.Timeline) {}); err != nil {
		t.Fatal(err)
	}
	s := readStory(t, path)
	to := func(t *testing.T, tl *replay.Timeline, step vm.Step) {
		t.Helper()
		if stop, err := tl.Step(context.Background(), uint64(step-tl.Position())); err != nil || stop.Step != step {
			t.Fatal(stop, err)
		}
	}
	t.Run("interrupt lost", func(t *testing.T) {
		at := s.events[s.find(t, recording.Interrupt, 1)].Step
		wantDivergence(t, verify(t, path, func(tl *replay.Timeline) {
			to(t, tl, at)
			tl.Machine().Hart(0).SetLine(riscv.MEIP, false)
		}), "interrupt")
	})
	t.Run("instruction skipped", func(t *testing.T) {
		random := rand.New(rand.NewPCG(5, 6))
		for range 20 {
			at := vm.Step(random.Uint64N(uint64(s.end.Step)))
			skipped := false
			err := verify(t, path, func(tl *replay.Timeline) {
				to(t, tl, at)
				h := tl.Machine().Hart(0)
				if inst, ok := h.FetchAt(h.PC()); ok && tl.Machine().Actor() == 0 {
					h.SetPC(h.PC() + uint64(inst.Size))
					skipped = true
				}
			})
			if skipped {
				wantDivergence(t, err, "step")
			}
		}
	})
	t.Run("register changed", func(t *testing.T) {
		wantDivergence(t, verify(t, path, func(tl *replay.Timeline) {
			to(t, tl, s.end.Step/2)
			tl.Machine().Hart(0).SetF(5, 1) // the guest never looks at it
		}), "hart0")
	})
	t.Run("byte of memory changed", func(t *testing.T) {
		wantDivergence(t, verify(t, path, func(tl *replay.Timeline) {
			to(t, tl, s.end.Step/2)
			m := tl.Machine()
			m.RAM().WriteAt([]byte{1}, riscvRAM+uint64(m.RAM().Pages())*riscv.PageSize-1)
		}), "ram+63M")
	})
}

// riscvRAM is where memory begins.
const riscvRAM = 0x8000_0000
