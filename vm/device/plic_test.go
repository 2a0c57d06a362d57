package device

import (
	"fmt"
	"slices"
	"testing"

	"reprise/internal/testing/statecheck"
	"reprise/vm/state"
)

// plicBench is a PLIC and what it has announced.
type plicBench struct {
	*PLIC
	announced []string
}

func newPLICBench(harts int) *plicBench {
	b := &plicBench{}
	b.PLIC = NewPLIC(harts, func(hart int, supervisor, level bool) {
		mode := "M"
		if supervisor {
			mode = "S"
		}
		b.announced = append(b.announced, fmt.Sprintf("%s%d=%d", mode, hart, bit(level)))
	})
	return b
}

// expect compares what was announced since the last call.
func (b *plicBench) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(b.announced, want) {
		t.Errorf("announced %q, want %q", b.announced, want)
	}
	b.announced = nil
}

// claimAt and thresholdAt are registers of a context.
func thresholdAt(context int) uint64 { return plicContext + uint64(context)*plicContextStride }
func claimAt(context int) uint64     { return thresholdAt(context) + 4 }
func enableAt(context int) uint64    { return plicEnable + uint64(context)*plicEnableStride }

func TestPLICVisitsItsState(t *testing.T) {
	b := newPLICBench(3)
	statecheck.Check(t, b.PLIC)
	put(t, b, 4*10, 5, 4)
	put(t, b, enableAt(3), 1<<10, 4)
	b.SetIRQ(10, true)
	statecheck.Check(t, b.PLIC)
}

func TestPLICTakesEffectAtOnce(t *testing.T) {
	b := newPLICBench(2)
	b.SetIRQ(70, true)
	put(t, b, 4*70, 3, 4)
	b.expect(t)
	put(t, b, enableAt(3)+8, 1<<6, 4) // nothing else follows, as qemu would need
	b.expect(t, "S1=1")
	put(t, b, enableAt(2)+8, 1<<6, 4)
	b.expect(t, "M1=1")
	put(t, b, thresholdAt(3), 3, 4)
	b.expect(t, "S1=0")
	put(t, b, 4*70, 4, 4)
	b.expect(t, "S1=1")
	b.SetIRQ(70, true)
	put(t, b, 4*70, 5, 4)
	b.expect(t)
	put(t, b, enableAt(2)+8, 0, 4)
	b.expect(t, "M1=0")
}

func TestPLICLineStillHighAtCompletion(t *testing.T) {
	b := newPLICBench(1)
	put(t, b, 4*10, 1, 4)
	put(t, b, enableAt(0), 1<<10, 4)
	b.SetIRQ(10, true)
	b.expect(t, "M0=1")
	if got := get(t, b, claimAt(0), 4); got != 10 {
		t.Fatalf("claimed %d, want 10", got)
	}
	b.expect(t, "M0=0")
	put(t, b, claimAt(0), 10, 4) // the line just stays high
	b.expect(t)

	b.SetIRQ(10, true)
	b.expect(t, "M0=1")
	if got := get(t, b, claimAt(0), 4); got != 10 {
		t.Fatalf("claimed %d, want 10", got)
	}
	b.expect(t, "M0=0")
	b.SetIRQ(10, true) // between claim and completion: nothing yet
	b.expect(t)
	if got := get(t, b, claimAt(0), 4); got != 0 {
		t.Errorf("claimed %d, which is claimed already", got)
	}
	put(t, b, claimAt(0), 10, 4)
	b.expect(t, "M0=1")

	if got := get(t, b, claimAt(0), 4); got != 10 {
		t.Fatalf("claimed %d, want 10", got)
	}
	b.SetIRQ(10, false)
	put(t, b, claimAt(0), 10, 4)
	b.expect(t, "M0=0")
	if got := get(t, b, claimAt(0), 4); got != 0 {
		t.Errorf("claimed %d though the line is low", got)
	}
}

func TestPLICClaimsByPriority(t *testing.T) {
	b := newPLICBench(1)
	for _, source := range []int{95, 40, 7, 33, 1} {
		put(t, b, uint64(4*source), 2, 4)
		b.SetIRQ(source, true)
	}
	put(t, b, 4*40, 3, 4)
	put(t, b, 4*1, 1, 4)
	for word := range uint64(plicWords) {
		put(t, b, enableAt(1)+4*word, 0xffffffff, 4)
	}
	put(t, b, thresholdAt(1), 1, 4)
	for _, want := range []uint64{40, 7, 33, 95, 0} {
		if got := get(t, b, claimAt(1), 4); got != want {
			t.Errorf("claimed %d, want %d", got, want)
		}
	}
}

func TestPLICPeekClaimsNothing(t *testing.T) {
	b := newPLICBench(1)
	put(t, b, 4*10, 1, 4)
	put(t, b, enableAt(0), 1<<10, 4)
	b.SetIRQ(10, true)
	before := state.Save(nil, b)
	for range 2 {
		if got, ok := b.Peek(claimAt(0), 4); got != 10 || !ok {
			t.Errorf("peeked %d, %v, want 10", got, ok)
		}
	}
	if !slices.Equal(state.Save(nil, b), before) {
		t.Error("Peek changed the state")
	}
	b.expect(t, "M0=1")
}

func TestPLICLoadAnnouncesNothing(t *testing.T) {
	raised := newPLICBench(1)
	put(t, raised, 4*10, 1, 4)
	put(t, raised, enableAt(0), 1<<10, 4)
	raised.SetIRQ(10, true)

	b := newPLICBench(1)
	if _, err := state.Load(state.Save(nil, raised), b, state.Schema); err != nil {
		t.Fatal(err)
	}
	b.expect(t)
	get(t, b, claimAt(0), 4) // it knows that its line was high
	b.expect(t, "M0=0")
}

func TestPLICReset(t *testing.T) {
	b, fresh := newPLICBench(1), newPLICBench(1)
	put(t, b, 4*10, 1, 4)
	put(t, b, enableAt(0), 1<<10, 4)
	b.SetIRQ(10, true)
	b.announced = nil
	b.Reset()
	b.expect(t, "M0=0", "S0=0")
	if !slices.Equal(state.Save(nil, b), state.Save(nil, fresh)) {
		t.Error("the state after a reset is not that of power-on")
	}
}
