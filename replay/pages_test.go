package replay

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"reprise/vm/riscv"
)

// TestImages compares captured and restored memory with plain copies, on two
// RAMs that share a store.
func TestImages(t *testing.T) {
	const pages = 70
	store := newPageStore(pages)
	defer store.free()
	type side struct {
		ram     *riscv.RAM
		tracker *tracker
	}
	var sides [2]side
	for i := range sides {
		ram := riscv.NewRAM(0, make([]byte, pages*riscv.PageSize))
		sides[i] = side{ram, newTracker(store, ram)}
	}
	content := func(ram *riscv.RAM) []byte {
		p := make([]byte, ram.Size())
		ram.ReadAt(p, 0)
		return p
	}
	type moment struct {
		image image
		want  []byte
	}
	var moments []moment
	random := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		s := &sides[random.IntN(2)]
		switch op := random.IntN(10); {
		case op < 6:
			// Few values, so that pages become equal and zero again.
			s.ram.WriteAt([]byte{uint8(random.IntN(2))}, random.Uint64N(pages)*riscv.PageSize)
		case op == 6:
			im, err := s.tracker.capture()
			if err != nil {
				t.Fatal(err)
			}
			moments = append(moments, moment{im, content(s.ram)})
		case op == 7 && len(moments) > 8:
			i := random.IntN(len(moments))
			store.drop(moments[i].image)
			moments = append(moments[:i], moments[i+1:]...)
		case op > 7 && len(moments) > 0:
			m := moments[random.IntN(len(moments))]
			s.tracker.restore(m.image)
			if !bytes.Equal(content(s.ram), m.want) {
				t.Fatal("restored memory is not what was captured")
			}
		}
	}
	for i := range moments {
		for j := range moments {
			differ := map[int]bool{}
			store.differences(moments[i].image, moments[j].image, func(n int, in, to []byte) {
				differ[n] = !bytes.Equal(orZeroes(in), orZeroes(to))
			})
			for n := range pages {
				at := n * riscv.PageSize
				same := bytes.Equal(moments[i].want[at:at+riscv.PageSize], moments[j].want[at:at+riscv.PageSize])
				if !same != differ[n] {
					t.Fatalf("page %d: same is %v, differs is %v", n, same, differ[n])
				}
			}
		}
	}
	for _, m := range moments {
		store.drop(m.image)
	}
	for i := range sides {
		sides[i].tracker.free()
	}
	if used := store.bytesUsed(); used != 0 {
		t.Errorf("%d bytes are left when nothing is referred to", used)
	}
}
