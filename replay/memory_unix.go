//go:build unix

package replay

import "golang.org/x/sys/unix"

// newMemory maps zeroed memory outside the garbage-collected heap.
func newMemory(n uint64) (*memory, error) {
	b, err := unix.Mmap(-1, 0, int(n), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, err
	}
	return &memory{bytes: b}, nil
}

// free gives the memory back. Nothing may use it any more.
func (m *memory) free() {
	if m.bytes != nil {
		_ = unix.Munmap(m.bytes)
		m.bytes = nil
	}
}
