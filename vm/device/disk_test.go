package device

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestDisk writes at random, keeps states, and goes back to them; what a disk
// holds is compared with plain bytes.
func TestDisk(t *testing.T) {
	const size = 3*diskChunkBlocks*DiskBlock + 1000 // the last sector is not whole
	random := rand.New(rand.NewPCG(1, 2))
	image := make([]byte, size)
	for i := range image {
		image[i] = byte(random.Uint32())
	}
	d := NewDisk(bytes.NewReader(image), size)
	all := d.Sectors() * SectorSize
	plain := append(bytes.Clone(image), make([]byte, all-size)...)
	type moment struct {
		plain []byte
		state DiskState
		sum   uint64
	}
	moments := []moment{{bytes.Clone(plain), d.State(), d.Sum()}}
	check := func() {
		t.Helper()
		got := make([]byte, all)
		if err := d.ReadAt(got, 0); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, plain) {
			t.Fatal("the content is not what was written")
		}
	}
	for range 400 {
		off := random.Uint64N(all)
		p := make([]byte, min(all-off, 1+random.Uint64N(3*DiskBlock)))
		switch random.IntN(8) {
		case 0:
			moments = append(moments, moment{bytes.Clone(plain), d.State(), d.Sum()})
		case 1:
			m := moments[random.IntN(len(moments))]
			d.SetState(m.state)
			plain = bytes.Clone(m.plain)
			if d.Sum() != m.sum {
				t.Fatal("a state came back with another sum")
			}
			check()
		case 2:
			if err := d.ReadAt(p, off); err != nil || !bytes.Equal(p, plain[off:][:len(p)]) {
				t.Fatalf("reading %d bytes at %d: wrong content, error %v", len(p), off, err)
			}
		case 3:
			if err := d.Clear(off, uint64(len(p))); err != nil {
				t.Fatal(err)
			}
			clear(plain[off:][:len(p)])
		default:
			for i := range p {
				p[i] = byte(random.Uint32())
			}
			if err := d.WriteAt(p, off); err != nil {
				t.Fatal(err)
			}
			copy(plain[off:], p)
		}
	}
	check()
	// The sum is a function of the blocks, however they came to be.
	other := NewDisk(bytes.NewReader(image), size)
	d.State().Blocks(func(number uint64, content *[DiskBlock]byte) bool {
		other.SetBlock(number, content)
		return true
	})
	if other.Sum() != d.Sum() {
		t.Error("the same blocks have another sum")
	}
	if err := other.WriteAt([]byte{1}, 5*DiskBlock); err != nil || other.Sum() == d.Sum() {
		t.Error("a change does not change the sum")
	}
	for _, m := range moments {
		d.SetState(m.state)
		plain = m.plain
		check()
	}
}

// TestDiskAdded counts the blocks that a state has alone.
func TestDiskAdded(t *testing.T) {
	d := NewDisk(bytes.NewReader(make([]byte, 1<<20)), 1<<20)
	write := func(number int) {
		if err := d.WriteAt([]byte{1}, uint64(number)*DiskBlock); err != nil {
			t.Fatal(err)
		}
	}
	write(3)
	write(100)
	first := d.State()
	write(3)
	write(101)
	second := d.State()
	if a, b, c := first.Added(DiskState{}), second.Added(first), second.Added(second); a != 2 || b != 2 || c != 0 {
		t.Errorf("%d, %d, %d blocks", a, b, c)
	}
}
