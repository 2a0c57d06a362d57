package vm_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"reprise/assets"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

const smallMemory = 4 << 20

// newMachine makes a machine with firmware, at power-on, and the host that it
// has. The configuration lacks nothing but the segments.
func newMachine(t testing.TB, firmware []byte, config vm.Config) (*vm.Machine, *console) {
	t.Helper()
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: smallMemory, Harts: config.Harts, ISA: riscv.ISAAll.String(), MMU: boot.MMUType, Virtio: 8},
		Firmware: &boot.File{Name: "guest", Data: firmware},
	})
	if err != nil {
		t.Fatal(err)
	}
	config.ISA, config.Segments, config.SeedAddr = riscv.ISAAll, plan.Segments, plan.SeedAddr
	c := &console{}
	m, err := vm.New(config, make([]byte, smallMemory), c)
	if err != nil {
		t.Fatal(err)
	}
	c.machine = m
	m.PowerOn()
	return m, c
}

// race is a machine with two harts and a guest that shares counters between them.
func race(t testing.TB, seed uint64, chaos bool) (*vm.Machine, *console) {
	t.Helper()
	return newMachine(t, assets.Race(), vm.Config{Harts: 2, Quantum: 1024, Seed: seed, Chaos: chaos})
}

// raceEnd is beyond the end of any run of the race.
const raceEnd = 1_000_000

// TestChaosFindsTheRace runs a guest with a bug of timing under many seeds. The
// bug shows under few of them, and never without chaos.
func TestChaosFindsTheRace(t *testing.T) {
	const runs = 1000
	lost := 0
	for seed := range uint64(runs) {
		m, c := race(t, seed, true)
		if stop := m.Run(raceEnd, false); stop != vm.StopShutdown {
			t.Fatalf("seed %d: %v at step %v", seed, stop, m.Position())
		}
		switch c.ended {
		case vm.Shutdown{Cause: vm.GuestShutdown}:
		case vm.Shutdown{Cause: vm.GuestFailure, Code: 1}:
			lost++
		default:
			t.Errorf("seed %d: %v", seed, c.ended)
		}
	}
	t.Logf("%d of %d runs lost a count", lost, runs)
	if lost == 0 || lost > runs/50 {
		t.Errorf("%d of %d runs lost a count: the race is to show in about one of 200", lost, runs)
	}
	m, c := race(t, 0, false)
	if m.Run(raceEnd, false); c.ended.Cause != vm.GuestShutdown {
		t.Errorf("without chaos: %v", c.ended)
	}
}

// TestHartsInPieces goes through the race in pieces of any length, restored into
// a new machine now and then, and compares with a run in one piece.
func TestHartsInPieces(t *testing.T) {
	for _, chaos := range []bool{false, true} {
		whole, _ := race(t, 7, chaos)
		whole.Run(raceEnd, false)
		want, end := whole.Digest(), whole.Position()

		random := rand.New(rand.NewPCG(1, 2))
		m, _ := race(t, 7, chaos)
		for m.Position() < end {
			m.Run(min(end, m.Position()+vm.Step(random.IntN(300))), true)
			if random.IntN(4) > 0 {
				continue
			}
			other, c := race(t, 7, chaos)
			for n := range m.RAM().Pages() {
				other.RAM().SetPage(n, m.RAM().Page(n))
			}
			if err := other.Load(m.Save(nil), state.Schema); err != nil {
				t.Fatal(err)
			}
			c.machine = other
			m = other
		}
		if d := want.Difference(m.Digest()); d != "" {
			t.Errorf("chaos %v: %s differs at the end, step %v", chaos, d, end)
		}
	}
}

// TestTurnEndsReservation lets LR and SC lie on both sides of the end of a turn,
// and on the same side.
func TestTurnEndsReservation(t *testing.T) {
	const (
		nop  = 0x00000013
		lr   = 0x100532af // lr.d t0, (a0)
		sc   = 0x1855332f // sc.d t1, t0, (a0)
		stay = 0x0000006f // j .
	)
	failed := 0
	for before := range vm.MinQuantum {
		code := []uint32{0x00001517} // auipc a0, 1
		for range before {
			code = append(code, nop)
		}
		code = append(code, lr, sc, stay)
		var firmware []byte
		for _, word := range code {
			firmware = binary.LittleEndian.AppendUint32(firmware, word)
		}
		m, _ := newMachine(t, firmware, vm.Config{Harts: 2, Quantum: vm.MinQuantum})
		m.Run(4*vm.MinQuantum, false)
		if m.Hart(0).X(6) != 0 {
			failed++
		}
	}
	if failed != 1 {
		t.Errorf("SC failed in %d of %d places, want only where its turn is not that of LR", failed, vm.MinQuantum)
	}
}

// TestTimersAreLateUnderChaos looks at when the timer of a waiting hart wakes it:
// never early, at most 65 µs late, and not always equally late.
func TestTimersAreLateUnderChaos(t *testing.T) {
	late := map[uint64]bool{}
	for seed := range uint64(50) {
		m, _ := newMachine(t, assets.Idle(), vm.Config{Harts: 1, Seed: seed, Chaos: true})
		if stop := m.Run(10_000_000, false); stop != vm.StopIdle {
			t.Fatal(stop)
		}
		const second = 1_000_000_000
		ns, never := m.Wake()
		if never || ns < second || ns >= second+1<<16 {
			t.Fatalf("seed %d: the second begins at %d ns", seed, ns)
		}
		late[ns] = true
		m.EndIdle(ns)
		if m.VirtualTime() != ns {
			t.Errorf("seed %d: it woke at %d ns instead of %d", seed, m.VirtualTime(), ns)
		}
		if stop := m.Run(m.Position()+1, false); stop != vm.StopTarget {
			t.Errorf("seed %d: it did not wake: %v", seed, stop)
		}
	}
	if len(late) < 40 {
		t.Errorf("%d different delays under 50 seeds", len(late))
	}
}

// TestBreakpointAfterWait stops where a hart is about to do the first step after
// a wait, and looks whether the state is that of a machine that runs on.
func TestBreakpointAfterWait(t *testing.T) {
	code := []uint32{
		0x08000293, // li t0, 0x80
		0x30429073, // csrw mie, t0
		0x02004337, // lui t1, 0x2004
		0x7d000393, // li t2, 2000
		0x00733023, // sd t2, 0(t1): mtimecmp
		0x10500073, // wfi
		0x00000013, // nop: interrupts are off, so it comes next
		0x0000006f, // j .
	}
	machine := func() *vm.Machine {
		var firmware []byte
		for _, word := range code {
			firmware = binary.LittleEndian.AppendUint32(firmware, word)
		}
		m, _ := newMachine(t, firmware, vm.Config{Harts: 1})
		if stop := m.Run(1000, false); stop != vm.StopIdle {
			t.Fatal(stop)
		}
		ns, _ := m.Wake()
		m.EndIdle(ns)
		return m
	}
	stopped, straight := machine(), machine()
	stopped.Hart(0).SetBreakpoints([]uint64{boot.RAMBase + 6*4})
	stopped.Hart(0).Heed(true)
	if stop := stopped.Run(stopped.Position()+1000, false); stop != vm.StopBreakpoint {
		t.Fatal(stop)
	}
	if d := straight.Digest().Difference(stopped.Digest()); d != "" || stopped.Position() != straight.Position() {
		t.Errorf("stopping at a breakpoint changed %s", d)
	}
}

// TestHartZeroComesFirst looks whose turn it is after power-on and after a reset.
func TestHartZeroComesFirst(t *testing.T) {
	m, _ := race(t, 0, false)
	if m.Current() != 0 {
		t.Errorf("hart %d begins", m.Current())
	}
	for m.Run(m.Position()+100, false); m.Current() == 0; m.Run(m.Position()+100, false) {
	}
	if m.Reset(); m.Current() != 0 {
		t.Errorf("hart %d begins after a reset", m.Current())
	}
}
