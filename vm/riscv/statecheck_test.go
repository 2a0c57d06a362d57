package riscv_test

import (
	"bytes"
	"testing"

	"reprise/internal/testing/statecheck"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

// noBoard has nothing outside RAM.
type noBoard struct{}

func (noBoard) Load(uint64, int) (uint64, bool)    { return 0, false }
func (noBoard) Store(uint64, uint64, int) bool     { return false }
func (noBoard) Peek(uint64, int) (uint64, bool)    { return 0, false }
func (noBoard) Time() uint64                       { return 0 }
func (noBoard) Retimed()                           {}
func (noBoard) Interrupted(hart int, cause uint64) {}
func (noBoard) Excepted(hart int, cause uint64)    {}

func newHart() *riscv.Hart {
	ram := riscv.NewRAM(0x8000_0000, make([]byte, riscv.PageSize))
	return riscv.NewHart(0, riscv.ISAAll, ram, noBoard{})
}

func TestHartVisitsItsState(t *testing.T) {
	// Of x only some elements are registers: see the next test.
	statecheck.Check(t, newHart(), "x")
}

func TestHartVisitsItsRegisters(t *testing.T) {
	h := newHart()
	base := state.Save(nil, h)
	check := func(kind string, n int, get func(int) uint64, set func(int, uint64)) {
		for _, value := range []uint64{1, 1 << 63} {
			set(n, value)
			encoded := state.Save(nil, h)
			if bytes.Equal(encoded, base) {
				t.Errorf("%s%d is not visited", kind, n)
			}
			set(n, 0)
			if _, err := state.Load(encoded, h, state.Schema); err != nil {
				t.Fatal(err)
			}
			if get(n) != value {
				t.Errorf("%s%d is %#x after loading, want %#x", kind, n, get(n), value)
			}
			set(n, 0)
		}
	}
	for n := range 32 {
		if n > 0 {
			check("x", n, h.X, h.SetX)
		}
		check("f", n, h.F, h.SetF)
	}
}
