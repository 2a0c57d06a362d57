package riscv

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"reprise/internal/testing/torture"
	"reprise/vm/state"
)

// engines are two harts that should do the same, the second by the plain loop, each with its own
// memory and board.
type engines struct {
	t           *testing.T
	fast, plain *Hart
	boards      [2]*caseBoard
}

func newEngines(t *testing.T, cases []*testCase) *engines {
	e := &engines{t: t}
	for i, h := range []**Hart{&e.fast, &e.plain} {
		e.boards[i] = &caseBoard{}
		*h = NewHart(0, ISAAll, NewRAM(testBase, caseImage(t, cases)), e.boards[i])
		e.boards[i].hart = *h
		(*h).Reset(testBase, 0)
	}
	e.plain.SetPlain(true)
	return e
}

// runTo brings both to a step and compares what is in the harts.
func (e *engines) runTo(step state.Step) {
	e.t.Helper()
	before := e.plain.pc
	for _, h := range []*Hart{e.fast, e.plain} {
		for h.step < step {
			h.Run(h.step, step, false)
		}
	}
	if difference := e.fast.differs(e.plain); difference != "" {
		e.t.Fatalf("step %v: %s differs; the pc was %#x and is %#x, with the plain loop %#x",
			step, difference, before, e.fast.pc, e.plain.pc)
	}
}

// differs names what two harts differ in.
func (h *Hart) differs(other *Hart) string {
	switch {
	case h.pc != other.pc:
		return "pc"
	case h.mode != other.mode:
		return "mode"
	case *(*[32]uint64)(h.x[:]) != *(*[32]uint64)(other.x[:]):
		return "x"
	case *(*[32]uint64)(h.x[regFloat:]) != *(*[32]uint64)(other.x[regFloat:]):
		return "f"
	case h.csr != other.csr:
		return "csr"
	case h.waiting != other.waiting || h.lines != other.lines || h.timers != other.timers || h.reservation != other.reservation:
		return "wait, lines or reservation"
	}
	return ""
}

// TestEnginesAgree runs random cases by both engines, once compared after every step and once after
// runs of many steps, in which the interpreter follows its links from block to block.
func TestEnginesAgree(t *testing.T) {
	cases := make([]*testCase, torture.Count(t, 120, maxCases))
	for i := range cases {
		cases[i] = generateCase(*diffSeed+1000, uint64(i))
	}
	for name, longest := range map[string]int{"steps": 1, "runs": 300} {
		t.Run(name, func(t *testing.T) {
			e, rnd := newEngines(t, cases), rand.New(rand.NewPCG(1, uint64(longest)))
			for step, n := state.Step(0), 0; !e.boards[0].done; n++ {
				step += 1 + state.Step(rnd.IntN(longest))
				e.runTo(step)
				if n%10_000 == 0 && !bytes.Equal(e.fast.ram.bytes, e.plain.ram.bytes) {
					t.Fatalf("step %v: the memories differ", step)
				}
			}
			if e.boards[1].done != e.boards[0].done || !bytes.Equal(e.fast.ram.bytes, e.plain.ram.bytes) {
				t.Fatal("the memories differ at the end")
			}
		})
	}
}
