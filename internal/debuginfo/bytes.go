package debuginfo

import (
	"bytes"
	"encoding/binary"
)

// fields reads the little-endian fields of a section one after the other. What
// lies behind its end reads as zero, and bad says so.
type fields struct {
	data []byte
	bad  bool
}

// take returns the next n bytes, nil if there are not as many.
func (f *fields) take(n uint64) []byte {
	if f.bad || n > uint64(len(f.data)) {
		f.bad, f.data = true, nil
		return nil
	}
	p := f.data[:n]
	f.data = f.data[n:]
	return p
}

// unsigned reads a number of 1 to 8 bytes.
func (f *fields) unsigned(size int) uint64 {
	var p [8]byte
	copy(p[:], f.take(uint64(size)))
	return binary.LittleEndian.Uint64(p[:])
}

// signed reads a number of 1 to 8 bytes and extends its sign.
func (f *fields) signed(size int) int64 {
	shift := 64 - 8*size
	return int64(f.unsigned(size)<<shift) >> shift
}

// uleb reads an unsigned LEB128 number (DWARF 5, section 7.6); bits beyond 64
// are lost.
func (f *fields) uleb() (v uint64) {
	for shift := 0; ; shift += 7 {
		b := f.unsigned(1)
		if shift < 64 {
			v |= b & 0x7f << shift
		}
		if b&0x80 == 0 {
			return v
		}
	}
}

// sleb reads a signed LEB128 number.
func (f *fields) sleb() int64 {
	var v uint64
	for shift := 0; ; {
		b := f.unsigned(1)
		if shift < 64 {
			v |= b & 0x7f << shift
		}
		shift += 7
		if b&0x80 == 0 {
			if shift < 64 && b&0x40 != 0 {
				v |= ^uint64(0) << shift
			}
			return int64(v)
		}
	}
}

// block reads a LEB128 length and as many bytes.
func (f *fields) block() []byte { return f.take(f.uleb()) }

// text reads a string that ends with a zero.
func (f *fields) text() string {
	n := bytes.IndexByte(f.data, 0)
	if n < 0 {
		f.bad, f.data = true, nil
		return ""
	}
	return string(f.take(uint64(n) + 1)[:n])
}
