//go:build !unix

package replay

// newMemory allocates zeroed memory. Where there is no mmap it is part of the
// garbage-collected heap, which costs nothing but room, since it holds no
// pointers.
func newMemory(n uint64) (*memory, error) { return &memory{bytes: make([]byte, n)}, nil }

// free gives the memory back. Nothing may use it any more.
func (m *memory) free() { m.bytes = nil }
