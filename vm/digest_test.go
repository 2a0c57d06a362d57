package vm_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"reprise/assets"
	"reprise/internal/testing/statecheck"
	"reprise/internal/testing/torture"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
)

// TestEveryComponentVisitsItsState changes every field of every component of a
// machine that has booted, one at a time: the digest is made of what the visits
// write.
func TestEveryComponentVisitsItsState(t *testing.T) {
	m, c := newUBoot(t, 64<<20)
	toPrompt(t, m, c)
	before, seen := m.Digest(), map[reflect.Type]bool{}
	for _, c := range m.Components() {
		typ := reflect.TypeOf(c.Component)
		if seen[typ] {
			continue
		}
		seen[typ] = true
		t.Run(c.Name, func(t *testing.T) {
			var except []string
			if _, ok := c.Component.(*riscv.Hart); ok {
				except = []string{"x"} // not all of its elements are registers; package riscv tests those
			}
			statecheck.Check(t, c.Component, except...)
		})
	}
	if d := before.Difference(m.Digest()); d != "" {
		t.Errorf("the check has changed %s", d)
	}
}

// TestEveryByteOfMemoryCounts changes bytes all over the memory, by themselves
// and in pairs that a sum might miss.
func TestEveryByteOfMemoryCounts(t *testing.T) {
	const memory = 8 << 20
	m, _ := newIdle(t, memory)
	random := rand.New(rand.NewPCG(7, 8))
	want := m.Digest()
	flip := func(at uint64, mask byte) {
		var b [1]byte
		m.RAM().ReadAt(b[:], boot.RAMBase+at)
		b[0] ^= mask
		m.RAM().WriteAt(b[:], boot.RAMBase+at)
	}
	places := []uint64{0, 1, riscv.PageSize - 1, riscv.PageSize, vm.DigestBlock - 1, vm.DigestBlock, memory - 1}
	for range torture.Count(t, 500, 100_000) {
		places = append(places, random.Uint64N(memory))
	}
	for _, at := range places {
		mask := byte(1) << random.IntN(8)
		flip(at, mask)
		if got := m.Digest(); got.Sum() == want.Sum() || got.Difference(want) != blockName(at) {
			t.Fatalf("byte %#x changed: the digest names %q, want %q", at, got.Difference(want), blockName(at))
		}
		// The same change in the next page as well.
		other := at ^ riscv.PageSize
		flip(other, mask)
		if m.Digest().Sum() == want.Sum() {
			t.Fatalf("bytes %#x and %#x changed: the digest is the same", at, other)
		}
		flip(at, mask)
		flip(other, mask)
		if d := m.Digest().Difference(want); d != "" {
			t.Fatalf("byte %#x changed back: %s differs", at, d)
		}
	}
}

// TestPagesExchanged swaps the contents of two pages.
func TestPagesExchanged(t *testing.T) {
	m, _ := newIdle(t, 8<<20)
	m.RAM().WriteAt([]byte{1, 2, 3}, boot.RAMBase+0x100000)
	want := m.Digest()
	a, b := 0x100, 0x101
	pa, pb := append([]byte(nil), m.RAM().Page(a)...), append([]byte(nil), m.RAM().Page(b)...)
	m.RAM().SetPage(a, pb)
	m.RAM().SetPage(b, pa)
	if d := m.Digest().Difference(want); d != "ram+1M" {
		t.Errorf("the digest names %q", d)
	}
}

// newIdle makes a machine that has come so far that it waits.
func newIdle(t testing.TB, memory uint64) (*vm.Machine, *console) {
	t.Helper()
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: memory, Harts: 1, ISA: riscv.RV64GC.String(), MMU: "riscv,sv39"},
		Firmware: &boot.File{Name: "idle.elf", Data: assets.Idle()},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &console{}
	m, err := vm.New(vm.Config{Harts: 1, ISA: riscv.RV64GC, Segments: plan.Segments, SeedAddr: plan.SeedAddr}, make([]byte, memory), c)
	if err != nil {
		t.Fatal(err)
	}
	c.machine = m
	m.PowerOn()
	if stop := m.Run(1_000_000, false); stop != vm.StopIdle {
		t.Fatal(stop)
	}
	return m, c
}

// blockName is what a digest calls the MiB of memory that has a byte.
func blockName(offset uint64) string { return fmt.Sprintf("ram+%dM", offset/vm.DigestBlock) }
