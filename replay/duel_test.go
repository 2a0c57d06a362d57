package replay_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/riscv"
)

// faulty is an engine that does one step wrong.
type faulty struct {
	at   vm.Step
	harm func(*vm.Machine) // what it does wrong, after the step
}

func (faulty) String() string { return "faulty engine" }

func (f faulty) Run(m *vm.Machine, until vm.Step, over bool) vm.Stop {
	if m.Position() > f.at || until <= f.at {
		return replay.Interpreter.Run(m, until, over)
	}
	stop := replay.Interpreter.Run(m, f.at+1, over)
	if m.Position() == f.at+1 {
		f.harm(m)
	}
	return stop
}

// playOn opens a recording to be verified by an engine.
func playOn(t *testing.T, path string, e replay.Engine) *replay.Timeline {
	t.Helper()
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	tl, err := replay.Play(r, replay.Options{Verify: true, Engine: e})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(tl.Close(), r.Close()); err != nil {
			t.Error(err)
		}
	})
	return tl
}

// diverge replays to where it is not as recorded.
func diverge(t *testing.T, tl *replay.Timeline) *replay.DivergenceError {
	t.Helper()
	_, err := tl.Continue(t.Context())
	var d *replay.DivergenceError
	if err != nil || !errors.As(tl.Err(), &d) {
		t.Fatalf("no divergence: %v, %v", err, tl.Err())
	}
	return d
}

// TestCompareEngines verifies recordings on engines that do one step wrong, and
// finds that step with the help of the plain loop.
func TestCompareEngines(t *testing.T) {
	path := keysRecording(t)
	steps := readStory(t, path).end.Step
	random := rand.New(rand.NewPCG(7, 8))
	for name, test := range map[string]struct {
		harm  func(*vm.Machine)
		where func(*replay.Difference) bool
	}{
		"a register": {
			func(m *vm.Machine) { m.Hart(0).SetX(18, ^m.Hart(0).X(18)) },
			func(d *replay.Difference) bool {
				return slices.ContainsFunc(d.Registers, func(r replay.RegisterChange) bool { return r.Register == 18 && r.Old == ^r.New })
			},
		},
		"the pc": {
			func(m *vm.Machine) { m.Hart(0).SetPC(m.Hart(0).PC() ^ 4) },
			func(d *replay.Difference) bool {
				return slices.ContainsFunc(d.Registers, func(r replay.RegisterChange) bool { return r.Register == vm.RegPC && r.Old == r.New^4 })
			},
		},
		"a CSR": {
			func(m *vm.Machine) { m.Hart(0).PokeCSR(0x340, 5) },
			func(d *replay.Difference) bool {
				return len(d.Registers) == 1 && d.Registers[0].Register == vm.RegCSR0+0x340 && d.Registers[0].Old == 5
			},
		},
		"memory": {
			func(m *vm.Machine) { m.RAM().WriteAt([]byte{7}, riscvRAM+uint64(m.RAM().Pages())*riscv.PageSize-9) },
			func(d *replay.Difference) bool { return len(d.Memory) == 1 && d.Memory[0].Old[0] == 7 && d.Bytes == 1 },
		},
		"a floating-point register": {
			func(m *vm.Machine) { m.Hart(0).SetF(9, 3) },
			func(d *replay.Difference) bool {
				return slices.Contains(d.Devices, "hart0") && slices.ContainsFunc(d.Registers, func(r replay.RegisterChange) bool { return r.Register == vm.RegF0+9 && r.Old == 3 })
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			at := vm.Step(random.Uint64N(uint64(steps)))
			engine := &faulty{at, test.harm}
			plain := playOn(t, path, replay.PlainLoop)
			for ; ; engine.at++ { // to a step that a hart does
				if _, err := plain.Seek(t.Context(), engine.at); err != nil {
					t.Fatal(err)
				}
				if plain.Machine().Actor() == 0 && plain.Machine().Hart(0).Runnable() {
					break
				}
			}
			tl := playOn(t, path, engine)
			d := diverge(t, tl)
			before := tl.Position()
			found, err := tl.CompareEngines(t.Context(), d.LastGood, d.Step+1, [2]replay.Engine{engine, replay.PlainLoop})
			if err != nil || tl.Position() != before {
				t.Fatal(err, tl.Position())
			}
			if found == nil || found.Step != engine.at || !test.where(found) {
				t.Errorf("wrong is step %v, noticed at %v; found %+v", engine.at, d.Step, found)
			}
		})
	}
}

// TestCompareEnginesOnFalseRecordings finds that engines agree about recordings
// that were made false.
func TestCompareEnginesOnFalseRecordings(t *testing.T) {
	path := keysRecording(t)
	for name, lie := range map[string]func(s *story){
		"nothing":               func(*story) {},
		"input changed":         func(s *story) { s.events[s.find(t, recording.AsyncCharRead, 0)].Data[0] ^= 1 },
		"interrupt a step late": func(s *story) { s.events[s.find(t, recording.Interrupt, 0)].Step++ },
		"interrupt dropped":     func(s *story) { i := s.find(t, recording.Interrupt, 1); s.events = slices.Delete(s.events, i, i+1) },
		"output changed":        func(s *story) { s.events[s.find(t, recording.CharWrite, 4)].Data[0] ^= 1 },
		"wait dropped": func(s *story) {
			i := s.find(t, recording.ClockVirtualRT, 0)
			s.events = slices.Delete(s.events, i, i+1)
		},
		"another digest": func(s *story) { d := s.digests[len(s.digests)-1]; d.sums[0].Sum ^= 1 },
		"a wait longer":  func(s *story) { s.events[s.find(t, recording.ClockVirtualRT, 0)].Value += 100 },
	} {
		t.Run(name, func(t *testing.T) {
			s := readStory(t, path)
			lie(s)
			tl := playOn(t, s.write(t), nil)
			from, to := vm.Step(0), s.end.Step
			if name != "nothing" {
				d := diverge(t, tl)
				from, to = d.LastGood, d.Step+1
			}
			found, err := tl.CompareEngines(t.Context(), from, to, [2]replay.Engine{replay.Interpreter, replay.PlainLoop})
			if err != nil || found != nil {
				t.Errorf("the engines differ: %+v, %v", found, err)
			}
		})
	}
}
