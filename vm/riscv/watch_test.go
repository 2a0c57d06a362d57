package riscv

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"reprise/vm/state"
)

// watchRandomly names a few ranges and registers.
func watchRandomly(rnd *rand.Rand) []Watch {
	var list []Watch
	for range 1 + rnd.IntN(4) {
		w := Watch{
			What: Watched(rnd.IntN(2)), Addr: testBase + rnd.Uint64N(16*PageSize), Size: 1 + rnd.Uint64N(600),
			Hart: AnyHart, Read: rnd.IntN(2) == 0, Write: true,
		}
		list = append(list, w)
	}
	return append(list,
		Watch{What: IntegerRegister, Addr: 1 + rnd.Uint64N(31), Hart: 0, Write: true},
		Watch{What: FloatRegister, Addr: rnd.Uint64N(32), Hart: AnyHart, Write: true},
		Watch{What: ControlRegister, Addr: csrMepc, Hart: AnyHart, Write: true},
	)
}

// value reads what is watched.
func (h *Hart) value(w Watch) []byte {
	switch w.What {
	case IntegerRegister:
		return bytesOf(h.X(int(w.Addr)))
	case FloatRegister:
		return bytesOf(h.F(int(w.Addr)))
	case ControlRegister:
		v, _ := h.PeekCSR(uint16(w.Addr))
		return bytesOf(v)
	default:
		p := make([]byte, w.Size)
		return p[:h.ram.ReadAt(p, w.Addr)]
	}
}

func bytesOf(v uint64) []byte {
	p := make([]byte, 8)
	for i := range p {
		p[i] = uint8(v >> (8 * i))
	}
	return p
}

// TestWatch runs random programs three times: plainly, with accesses noted, and
// with a stop before each. Watching changes nothing; every change of what is
// watched is noted at its step; and the stops are where the notes are.
func TestWatch(t *testing.T) {
	hits, stopped := 0, 0
	for seed := range uint64(*programs) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		program := randomProgram(rnd)
		list := watchRandomly(rnd)
		plain, _ := newTestHart(program)
		noted, notedRAM := newTestHart(program)
		stops, stopsRAM := newTestHart(program)
		for _, h := range []*Hart{plain, noted, stops} {
			prepare(h, rand.New(rand.NewPCG(seed, 2)))
		}
		const steps = 400
		var breaks []uint64 // not heeded: they must not hide what is noted
		for range rnd.IntN(200) {
			breaks = append(breaks, testBase+rnd.Uint64N(3*PageSize)&^1)
		}
		noted.SetBreakpoints(breaks)
		var notes []Access
		notedRAM.Watch(list, func(a Access) {
			if a.Hart == AnyHart {
				a.Step = noted.step
			}
			notes = append(notes, a)
		})
		runTo(noted, 0, steps)

		wrote := map[state.Step]map[int]bool{}
		memory := map[state.Step]bool{}
		for _, a := range notes {
			if wrote[a.Step] == nil {
				wrote[a.Step] = map[int]bool{}
			}
			wrote[a.Step][a.Watch] = wrote[a.Step][a.Watch] || a.Write
			if list[a.Watch].What <= PhysicalMemory {
				memory[a.Step] = true
			}
		}
		for s := state.Step(0); s < steps; s++ {
			var before [][]byte
			for _, w := range list {
				before = append(before, plain.value(w))
			}
			runTo(plain, s, s+1)
			for i, w := range list {
				if !bytes.Equal(before[i], plain.value(w)) && !wrote[s][i] {
					t.Fatalf("seed %d, step %v: a change of %+v was not noted", seed, s, w)
				}
			}
		}
		got := map[state.Step]bool{}
		stopsRAM.Watch(list, nil)
		stops.Heed(true)
		over := false
		for at := state.Step(0); at < steps; {
			before := at
			var why Stop
			at, why = stops.Run(at, steps, over)
			over = why == StopWatchpoint
			if over {
				if got[at] || at == before && got[before] {
					t.Fatalf("seed %d: step %v stops twice", seed, at)
				}
				got[at] = true
			}
		}
		if a, b := sortedSteps(got), sortedSteps(memory); !slices.Equal(a, b) {
			t.Fatalf("seed %d: stops at %v; notes at %v", seed, a, b)
		}
		want := state.Save(nil, plain)
		for _, h := range []*Hart{noted, stops} {
			if !bytes.Equal(state.Save(nil, h), want) || !bytes.Equal(h.ram.bytes, plain.ram.bytes) {
				t.Fatalf("seed %d: a watched hart is not where a plain one is", seed)
			}
		}
		hits, stopped = hits+len(notes), stopped+len(got)
	}
	if hits < *programs || stopped < *programs/10 {
		t.Errorf("%d notes and %d stops in %d programs: nothing was tested", hits, stopped, *programs)
	}
}

func sortedSteps(set map[state.Step]bool) []state.Step {
	var list []state.Step
	for s := range set {
		list = append(list, s)
	}
	slices.Sort(list)
	return list
}

// TestWatchRefused stores where PMP does not allow it: a store that is refused
// is no access.
func TestWatchRefused(t *testing.T) {
	const target = testBase + 8*PageSize
	list := []Watch{
		{What: VirtualMemory, Addr: target, Size: 8, Hart: AnyHart, Read: true, Write: true},
		{What: PhysicalMemory, Addr: target, Size: 8, Hart: AnyHart, Read: true, Write: true},
	}
	for _, allowed := range []bool{false, true} {
		for _, noting := range []bool{false, true} {
			h, ram := newTestHart(encode(0x00533023)) // sd t0, 0(t1)
			h.SetX(6, target)
			h.mode = User
			permissions := uint8(pmpRead | pmpExec)
			if allowed {
				permissions |= pmpWrite
			}
			h.writePMPConfig(0, uint64(pmpNAPOT|permissions))
			h.writePMPAddr(0, pmpAddrMask)
			h.selectSpaces()
			seen := 0
			note := func(Access) { seen++ }
			if !noting {
				note = nil
			}
			ram.Watch(list, note)
			h.Heed(true)
			if _, why := h.Run(0, 1, false); why == StopWatchpoint {
				seen = len(list)
			}
			if want := map[bool]int{true: len(list)}[allowed]; seen != want {
				t.Errorf("allowed %v, noting %v: %d accesses, want %d", allowed, noting, seen, want)
			}
		}
	}
}

// TestWatchConditional stores by SC, which is an access only if it stores.
func TestWatchConditional(t *testing.T) {
	const target = testBase + 8*PageSize
	const lr, sc = 0x1003_33af, 0x1853_33af // lr.d t2,(t1); sc.d t2,t0,(t1)
	for _, what := range []Watched{VirtualMemory, PhysicalMemory} {
		h, ram := newTestHart(encode(sc, lr, sc, sc))
		h.SetX(6, target)
		var steps []state.Step
		ram.Watch([]Watch{{What: what, Addr: target, Size: 8, Hart: AnyHart, Write: true}}, func(a Access) {
			steps = append(steps, h.step)
		})
		runTo(h, 0, 4)
		if !slices.Equal(steps, []state.Step{2}) && !slices.Equal(steps, []state.Step{3}) {
			t.Errorf("noted: stores by %v of four instructions; only the third stores", steps)
		}
		h, ram = newTestHart(encode(sc, lr, sc, sc))
		h.SetX(6, target)
		ram.Watch([]Watch{{What: what, Addr: target, Size: 8, Hart: AnyHart, Write: true}}, nil)
		h.Heed(true)
		if at, why := h.Run(0, 4, false); at != 2 || why != StopWatchpoint {
			t.Errorf("stopped at step %v (%v), want 2", at, why)
		}
		if at, why := h.Run(2, 4, true); at != 4 || why != StopBudget {
			t.Errorf("then stopped at step %v (%v), want 4", at, why)
		}
	}
}
