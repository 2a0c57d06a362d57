package replay

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"reprise/vm"
	"reprise/vm/device"
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

// TestDiskWeight counts what disks add to the memory of snapshots: every block
// once, however the snapshots come and go.
func TestDiskWeight(t *testing.T) {
	d := device.NewDisk(bytes.NewReader(make([]byte, 1<<20)), 1<<20)
	write := func(blocks ...uint64) vm.DiskState {
		for _, n := range blocks {
			d.SetBlock(n, new([vm.DiskBlock]byte))
		}
		return d.State()
	}
	sn := &snapshots{store: newPageStore(0)}
	for i, s := range []vm.DiskState{write(), write(1, 2), write(2, 3), write(4)} {
		sn.insert(i, &snapshot{disks: []vm.DiskState{s}})
	}
	check := func(blocks int64) {
		t.Helper()
		if sn.states != blocks*vm.DiskBlock {
			t.Errorf("%d bytes, want those of %d blocks", sn.states, blocks)
		}
	}
	check(5)
	shot := sn.list[1]
	sn.remove(1) // block 1 is another's too, the first block 2 is nobody's
	check(4)
	sn.insert(1, shot)
	check(5)
	sn.remove(3)
	check(4)
	for len(sn.list) > 0 {
		sn.remove(0)
	}
	check(0)
}
