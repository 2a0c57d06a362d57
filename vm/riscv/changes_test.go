package riscv

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestChangedSince compares the order of changes with the generations
// themselves.
func TestChangedSince(t *testing.T) {
	const pages = 50
	ram := NewRAM(0, make([]byte, pages*PageSize))
	random := rand.New(rand.NewPCG(1, 2))
	if got := slices.Collect(ram.ChangedSince(0)); len(got) != 0 {
		t.Fatalf("before any change: %v", got)
	}
	for range 2000 {
		if random.IntN(8) == 0 {
			ram.NextGeneration()
		} else {
			ram.WriteAt([]byte{1}, random.Uint64N(pages*PageSize))
		}
		since := ram.Generation() - min(ram.Generation()-1, random.Uint32N(8))
		var want []int
		for n := range pages {
			if ram.Changed(n) >= since {
				want = append(want, n)
			}
		}
		got := slices.Collect(ram.ChangedSince(since))
		for i := 1; i < len(got); i++ {
			if ram.Changed(got[i-1]) < ram.Changed(got[i]) {
				t.Fatalf("page %d comes before page %d, which changed later", got[i-1], got[i])
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("since generation %d: %v; want %v", since, got, want)
		}
	}
}

// TestNextGeneration keeps the generation as long as nothing changes in it.
func TestNextGeneration(t *testing.T) {
	ram := NewRAM(0, make([]byte, 4*PageSize))
	first := ram.NextGeneration()
	if again := ram.NextGeneration(); again != first {
		t.Errorf("generation %d follows %d without a change", again, first)
	}
	ram.WriteAt([]byte{1}, 0)
	next := ram.NextGeneration()
	if next == first || ram.Changed(0) >= next {
		t.Errorf("generation %d after a change in %d", next, ram.Changed(0))
	}
	if got := slices.Collect(ram.ChangedSince(next)); len(got) != 0 {
		t.Errorf("changed in a generation that has only begun: %v", got)
	}
}
