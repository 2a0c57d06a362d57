package replay_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"reprise/internal/testing/torture"
	"reprise/replay"
	"reprise/replay/recording"
)

// TestHostileManifests opens recordings, whole in every checksum, of machines
// that cannot be. Each is refused, and nothing breaks.
func TestHostileManifests(t *testing.T) {
	path := keysRecording(t)
	for name, lie := range map[string]func(m *recording.Manifest){
		"no memory":                  func(m *recording.Manifest) { m.Machine.RAM = 0 },
		"part of a page":             func(m *recording.Manifest) { m.Machine.RAM = 64<<20 + 1 },
		"more memory than there is":  func(m *recording.Manifest) { m.Machine.RAM = 1 << 62 },
		"all the memory":             func(m *recording.Manifest) { m.Machine.RAM = math.MaxUint64 },
		"too little memory":          func(m *recording.Manifest) { m.Machine.RAM = 1 << 20; m.Memory[0].Address += 2 << 20 },
		"no harts":                   func(m *recording.Manifest) { m.Machine.Harts = 0 },
		"fewer than no harts":        func(m *recording.Manifest) { m.Machine.Harts = math.MinInt },
		"a million harts":            func(m *recording.Manifest) { m.Machine.Harts = 1_000_000 },
		"two harts without turns":    func(m *recording.Manifest) { m.Machine.Harts, m.Machine.Quantum = 2, 0 },
		"long steps":                 func(m *recording.Manifest) { m.Machine.Shift = 64 },
		"longer steps":               func(m *recording.Manifest) { m.Machine.Shift = math.MaxUint },
		"another board":              func(m *recording.Manifest) { m.Machine.Board = "real" },
		"no instructions":            func(m *recording.Manifest) { m.Machine.ISA = "" },
		"other instructions":         func(m *recording.Manifest) { m.Machine.ISA = "x86_64" },
		"entropy out of memory":      func(m *recording.Manifest) { m.Machine.SeedAddress = 0x1000 },
		"entropy over the end":       func(m *recording.Manifest) { m.Machine.SeedAddress = 0x8000_0000 + guestRAM - 1 },
		"another model":              func(m *recording.Manifest) { m.Model++ },
		"a newer schema":             func(m *recording.Manifest) { m.Schema++ },
		"an older schema":            func(m *recording.Manifest) { m.Schema = -1 },
		"a segment out of memory":    func(m *recording.Manifest) { m.Memory[0].Address = 0x1_0000_0000 },
		"a segment at the very end":  func(m *recording.Manifest) { m.Memory[0].Address = math.MaxUint64 - 4 },
		"a segment without an end":   func(m *recording.Manifest) { m.Memory[0].Size = math.MaxUint64 },
		"a segment over the end":     func(m *recording.Manifest) { m.Memory[0].Address = 0x8000_0000 + guestRAM - 4 },
		"a segment less than a blob": func(m *recording.Manifest) { m.Memory[0].Size = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			s := readStory(t, path)
			lie(&s.manifest)
			if err := verify(t, s.write(t), nil); err == nil {
				t.Error("it is replayed as if nothing were wrong")
			} else {
				t.Log(err)
			}
		})
	}
}

// TestHostileEvents changes events at random. The replay ends with an error or
// does the same; nothing breaks, and travelling through it does not either.
func TestHostileEvents(t *testing.T) {
	path := keysRecording(t)
	random := rand.New(rand.NewPCG(11, 12))
	caught := 0
	for i := range torture.Count(t, 80, 20_000) {
		s := readStory(t, path)
		n := random.IntN(len(s.events))
		what := mutate(&s.events[n], random)
		told := s.write(t)
		if err := verify(t, told, nil); err != nil {
			caught++
		}
		if t.Failed() {
			t.Fatalf("change %d: event %d of %d, %s", i, n, len(s.events), what)
		}
		if i%8 == 0 {
			travelAnyhow(t, told, random)
		}
	}
	if caught == 0 {
		t.Error("no change was noticed")
	}
}

// mutate changes a field of an event, and says which.
func mutate(e *recording.Event, random *rand.Rand) string {
	values := []uint64{0, 1, 2, 7, 11, 255, math.MaxUint32, math.MaxInt64, math.MaxUint64, random.Uint64()}
	value := values[random.IntN(len(values))]
	switch random.IntN(8) {
	case 0:
		e.Device = uint8(value)
		return fmt.Sprintf("device %d", e.Device)
	case 1:
		e.Hart = uint8(value)
		return fmt.Sprintf("hart %d", e.Hart)
	case 2:
		e.Cause = value
		return fmt.Sprintf("cause %d", e.Cause)
	case 3:
		e.Value = value
		return fmt.Sprintf("value %d", e.Value)
	case 4:
		e.Result = int32(value)
		return fmt.Sprintf("result %d", e.Result)
	case 5:
		e.Data = make([]byte, min(value, 100))
		return fmt.Sprintf("%d bytes of data", len(e.Data))
	case 6:
		e.Data = append(slices.Clone(e.Data), 1, 2, 3)
		return "more data"
	}
	kinds := []recording.Kind{
		recording.Interrupt, recording.Exception, recording.AsyncCharRead, recording.AsyncCharReady, recording.AsyncNet,
		recording.AsyncBlock, recording.AsyncInput, recording.Shutdown, recording.CharWrite, recording.CharReadAll, recording.Random,
		recording.ClockHost, recording.ClockVirtualRT, recording.DebugWrite,
	}
	e.Kind = kinds[random.IntN(len(kinds))]
	e.Checkpoint, e.Shutdown = recording.AtNone, recording.ShutdownNone
	return "kind " + e.Kind.String()
}

// travelAnyhow goes back and forth in a recording that may be false. Where it
// arrives does not matter.
func travelAnyhow(t *testing.T, path string, random *rand.Rand) {
	t.Helper()
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	tl, err := replay.Play(r, replay.Options{})
	if err != nil {
		return
	}
	defer func() { _ = tl.Close() }()
	for range 5 {
		ctx := context.Background()
		_, _ = tl.Seek(ctx, recording.Step(random.Uint64N(uint64(r.Last())+1)))
		_, _ = tl.StepBack(ctx, 3)
		_, _ = tl.NextEvent(ctx)
		_, _ = tl.PreviousEvent(ctx)
	}
}
