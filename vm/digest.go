package vm

import (
	"encoding/binary"
	"fmt"

	"github.com/zeebo/xxh3"

	"reprise/vm/riscv"
	"reprise/vm/state"
)

// DigestBlock is the amount of RAM in bytes that one hash of a digest covers.
const DigestBlock = 1 << 20

const pagesPerBlock = DigestBlock / riscv.PageSize

// Hash is the hash of one component, or of one block of RAM.
type Hash struct {
	Name string
	Sum  uint64
}

// Digest is a hash over the complete state of a machine, by component, so that
// two that differ say where.
type Digest []Hash

// Sum is one number for the whole digest.
func (d Digest) Sum() uint64 {
	var h xxh3.Hasher
	var word [8]byte
	for _, p := range d {
		_, _ = h.WriteString(p.Name) // a Hasher's writes do not fail
		binary.LittleEndian.PutUint64(word[:], p.Sum)
		_, _ = h.Write(word[:])
	}
	return h.Sum64()
}

// Difference names the first component that differs from that of another
// digest; it is empty if none does.
func (d Digest) Difference(other Digest) string {
	for i, p := range d {
		if i >= len(other) || p != other[i] {
			return p.Name
		}
	}
	if len(other) > len(d) {
		return other[len(d)].Name
	}
	return ""
}

// digestCache keeps the hash of each page and the sum of each block.
type digestCache struct {
	since uint32 // pages of an older generation are hashed
	pages []uint64
	sums  []uint64
	buf   []byte
}

// Digest hashes the state. Only pages of RAM that have changed since the last
// digest are read.
func (m *Machine) Digest() Digest { return m.DigestOf(state.Schema) }

// DigestOf hashes the fields of the state that a build with the given schema
// had, so that digests of old recordings can be compared. A component that came
// later is in it all the same.
//
// The hash of a block of RAM is the sum over its pages of a hash of page number
// and content, in which a page of zeroes counts nothing, so that it does not
// matter how a page came to be what it is.
func (m *Machine) DigestOf(schema int) Digest {
	d := make(Digest, 0, len(m.parts)+len(m.digests.sums))
	buf := m.digests.buf
	for _, c := range m.parts {
		buf = state.SaveSchema(buf[:0], c, schema)
		d = append(d, Hash{c.Name, xxh3.Hash(buf)})
	}
	m.digests.buf = buf
	for _, disk := range m.disks {
		d = append(d, Hash{disk.name, disk.Sum()})
	}
	m.hashRAM()
	for i, sum := range m.digests.sums {
		d = append(d, Hash{fmt.Sprintf("ram+%dM", i), sum})
	}
	return d
}

// hashRAM brings the sums of the blocks up to date.
func (m *Machine) hashRAM() {
	c := &m.digests
	pages := m.ram.Pages()
	if c.pages == nil {
		c.pages = make([]uint64, pages)
		c.sums = make([]uint64, (pages+pagesPerBlock-1)/pagesPerBlock)
		c.since = 1
	}
	for n := range m.ram.ChangedSince(c.since) {
		sum := uint64(0)
		if page := m.ram.Page(n); !isZero(page) {
			sum = xxh3.HashSeed(page, uint64(n)+1)
		}
		c.sums[n/pagesPerBlock] += sum - c.pages[n]
		c.pages[n] = sum
	}
	c.since = m.ram.NextGeneration()
}

// isZero reports whether a page holds nothing but zeroes.
func isZero(page []byte) bool {
	for i := 0; i < len(page); i += 8 {
		if binary.LittleEndian.Uint64(page[i:]) != 0 {
			return false
		}
	}
	return true
}
