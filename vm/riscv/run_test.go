package riscv

import (
	"bytes"
	"encoding/binary"
	"flag"
	"math/rand/v2"
	"testing"

	"reprise/vm/state"
)

var programs = flag.Int("programs", 300, "random programs to run")

// emptyBoard is a board with nothing outside RAM.
type emptyBoard struct {
	interrupts, exceptions []uint64
}

func (b *emptyBoard) Load(uint64, int) (uint64, bool) { return 0, false }
func (b *emptyBoard) Store(uint64, uint64, int) bool  { return false }
func (b *emptyBoard) Peek(uint64, int) (uint64, bool) { return 0, false }
func (b *emptyBoard) Time() uint64                    { return 0 }
func (b *emptyBoard) Retimed()                        {}
func (b *emptyBoard) Interrupted(_ int, cause uint64) { b.interrupts = append(b.interrupts, cause) }
func (b *emptyBoard) Excepted(_ int, cause uint64)    { b.exceptions = append(b.exceptions, cause) }

const testBase = 0x80000000

// newTestHart makes a hart whose RAM begins with the program.
func newTestHart(program []byte) (*Hart, *RAM) {
	ram := NewRAM(testBase, make([]byte, 16*PageSize))
	ram.WriteAt(program, testBase)
	h := NewHart(0, ISAAll, ram, &emptyBoard{})
	h.Reset(testBase, 0)
	return h, ram
}

func encode(code ...uint32) []byte {
	var p []byte
	for _, w := range code {
		p = binary.LittleEndian.AppendUint32(p, w)
	}
	return p
}

// randomProgram fills three pages with instructions of every row of the table,
// biased to short jumps and to addresses in RAM.
func randomProgram(rnd *rand.Rand) []byte {
	var p []byte
	for len(p) < 3*PageSize {
		r := rows[1+rnd.IntN(NumOps-1)]
		word := r.match | rnd.Uint32()&^r.mask
		switch rnd.IntN(8) {
		case 0, 1: // a compressed instruction: also moves later words off their alignment
			p = binary.LittleEndian.AppendUint16(p, uint16(rnd.Uint32()&^3|rnd.Uint32N(3)))
			continue
		case 2: // operands among few registers
			word = word&^(0x1f<<7|0x1f<<15|0x1f<<20) | (rnd.Uint32N(4)+8)<<7 | (rnd.Uint32N(4)+8)<<15 | (rnd.Uint32N(4)+8)<<20
			word = word&^r.mask | r.match
		}
		p = binary.LittleEndian.AppendUint32(p, word)
	}
	return p
}

func prepare(h *Hart, rnd *rand.Rand) {
	for n := 1; n < 32; n++ {
		h.SetX(n, testBase+rnd.Uint64N(16*PageSize))
		h.SetF(n, rnd.Uint64())
	}
	h.writeCSR(csrMtvec, testBase+rnd.Uint64N(2*PageSize)&^3)
	h.setMstatus(statusFS, statusFS)
	h.writePMPConfig(0, pmpNAPOT|pmpRead|pmpWrite|pmpExec)
	h.writePMPAddr(0, pmpAddrMask)
}

// TestStepsAgree runs the same random program in one go and step by step, with
// every cache dropped between the steps: caches and budgets must not show.
func TestStepsAgree(t *testing.T) {
	for seed := range uint64(*programs) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		program := randomProgram(rnd)
		long, longRAM := newTestHart(program)
		short, shortRAM := newTestHart(program)
		prepare(long, rand.New(rand.NewPCG(seed, 2)))
		prepare(short, rand.New(rand.NewPCG(seed, 2)))
		const steps = 400
		at := state.Step(0)
		for at < steps {
			at = runTo(long, at, at+1+state.Step(rnd.IntN(100)))
			for s := short.step; s < at; s++ {
				short.dropBlocks()
				shortRAM.dropAllTranslations()
				runTo(short, s, s+1)
			}
			if a, b := state.Save(nil, long), state.Save(nil, short); !bytes.Equal(a, b) {
				t.Fatalf("seed %d: states differ at step %v: pc %#x and %#x", seed, at, long.pc, short.pc)
			}
			if !bytes.Equal(longRAM.bytes, shortRAM.bytes) {
				t.Fatalf("seed %d: memories differ at step %v", seed, at)
			}
		}
	}
}

// runTo runs to exactly the step, whatever stops on the way. A hart that waits
// is woken.
func runTo(h *Hart, now, until state.Step) state.Step {
	for now < until {
		now, _ = h.Run(now, until, false)
	}
	return now
}

// TestBudgetIsExact runs a loop for every number of steps.
func TestBudgetIsExact(t *testing.T) {
	program := encode(0x00128293, 0x00530333, 0xff9ff06f) // addi t0,t0,1; add t1,t1,t0; j back
	for steps := range state.Step(40) {
		h, _ := newTestHart(program)
		if at, stop := h.Run(0, steps, false); at != steps || stop != StopBudget {
			t.Fatalf("Run(0, %v) reached %v with %v", steps, at, stop)
		}
		if got, want := h.X(5), (uint64(steps)+2)/3; got != want {
			t.Errorf("after %v steps t0 is %d, want %d", steps, got, want)
		}
		if got := h.csr.instret; got != uint64(steps) {
			t.Errorf("after %v steps minstret is %d", steps, got)
		}
	}
}

// TestStoreToCode changes the instruction that follows, without fence.i.
func TestStoreToCode(t *testing.T) {
	program := encode(
		0x00000297, // auipc t0,0
		0x0182a303, // lw t1,24(t0)
		0x0062a823, // sw t1,16(t0)
		0x00000013, // nop
		0x00100513, // li a0,1: becomes li a0,2
		0x0000006f, // j .
		0x00200513, // li a0,2
	)
	h, ram := newTestHart(program)
	if _, stop := h.Run(0, 6, false); stop != StopBudget {
		t.Fatal(stop)
	}
	if h.X(10) != 2 {
		t.Errorf("a0 is %d: the stale instruction ran", h.X(10))
	}
	if ram.flags[0]&flagCode == 0 {
		t.Error("the page does not know that it holds code")
	}
}

func TestBreakpoint(t *testing.T) {
	h, _ := newTestHart(encode(0x00128293, 0x00530333, 0xff9ff06f))
	h.SetBreakpoints([]uint64{testBase + 4})
	h.Heed(true)
	at, stop := h.Run(0, 100, false)
	if at != 1 || stop != StopBreakpoint || h.PC() != testBase+4 {
		t.Fatalf("stopped at step %v with %v, pc %#x", at, stop, h.PC())
	}
	if again, stop := h.Run(at, 100, false); again != at || stop != StopBreakpoint {
		t.Errorf("ran on to %v with %v", again, stop)
	}
	if at, stop = h.Run(at, 100, true); at != 4 || stop != StopBreakpoint {
		t.Errorf("stepping over it led to %v with %v", at, stop)
	}
}

// TestMisalignedInPageZero has accesses whose address, less what lies within the page, is just the
// misalignment. Such a number must be no empty entry's tag.
func TestMisalignedInPageZero(t *testing.T) {
	for op := OpLB; op <= OpSD; op++ {
		for low := range uint64(16) {
			h, _ := newTestHart(encode(rows[op].match | 5<<15))
			h.SetX(5, low)
			h.Run(0, 1, false)
			want := causeLoadAccess
			if op >= OpSB {
				want = causeStoreAccess
			}
			if h.csr.mcause != want || h.csr.mtval != low {
				t.Errorf("%v at %#x: cause %d, value %#x", op, low, h.csr.mcause, h.csr.mtval)
			}
		}
	}
}
