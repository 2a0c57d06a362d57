package state

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Schema is the version of the set of visited fields that this build writes.
// It is raised when a component gains a field; see [Visitor.Since].
const Schema = 1

// ErrCorrupt is returned by [Load] when the encoded state does not fit the
// components it is loaded into.
var ErrCorrupt = errors.New("saved state does not fit this machine")

// Component is a part of a machine that has state. Visit calls the visitor
// once for each field, always in the same order, and decides nothing from the
// values except the lengths that it has itself just visited. Pointers to other
// components, caches and anything else that can be rebuilt are not visited;
// such fields carry the struct tag `state:"-"`.
type Component interface {
	Visit(v *Visitor)
}

// Visitor walks the fields of components, either writing them out or reading
// them back. All integers are little-endian and of fixed size.
type Visitor struct {
	schema  int
	loading bool
	buf     []byte
	err     error
}

// Save appends the encoding of c to buf.
func Save(buf []byte, c Component) []byte {
	return SaveSchema(buf, c, Schema)
}

// SaveSchema appends the encoding of c as a build with an older schema would
// have written it. Digests of old recordings are compared on it.
func SaveSchema(buf []byte, c Component, schema int) []byte {
	v := Visitor{schema: schema, buf: buf}
	c.Visit(&v)
	return v.buf
}

// Load reads c from the front of buf, written under the given schema, and
// returns what follows it. Fields added since keep the value they have. The
// error wraps [ErrCorrupt].
func Load(buf []byte, c Component, schema int) (rest []byte, err error) {
	v := Visitor{schema: schema, loading: true, buf: buf}
	c.Visit(&v)
	return v.buf, v.err
}

// Loading reports whether fields are being read back, so that a component can
// rebuild what it derives from them at the end of its Visit.
func (v *Visitor) Loading() bool { return v.loading && v.err == nil }

// Since reports whether the walked encoding has the fields that were added
// with the given schema.
func (v *Visitor) Since(schema int) bool { return v.schema >= schema }

// Fail records that the loaded state is not acceptable.
func (v *Visitor) Fail(format string, args ...any) {
	if v.err == nil {
		v.err = fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
	}
}

// take returns the next n bytes to read, or nil after an error.
func (v *Visitor) take(n int) []byte {
	if v.err != nil {
		return nil
	}
	if n < 0 || n > len(v.buf) {
		v.Fail("%d bytes wanted, %d left", n, len(v.buf))
		return nil
	}
	b := v.buf[:n]
	v.buf = v.buf[n:]
	return b
}

// Bool visits one flag.
func (v *Visitor) Bool(p *bool) {
	var b uint8
	if *p {
		b = 1
	}
	v.Uint8(&b)
	if v.Loading() {
		if b > 1 {
			v.Fail("flag with value %d", b)
		}
		*p = b == 1
	}
}

// Uint8 visits one byte.
func (v *Visitor) Uint8(p *uint8) {
	if !v.loading {
		v.buf = append(v.buf, *p)
	} else if b := v.take(1); b != nil {
		*p = b[0]
	}
}

// Uint16 visits a 16-bit value.
func (v *Visitor) Uint16(p *uint16) {
	if !v.loading {
		v.buf = binary.LittleEndian.AppendUint16(v.buf, *p)
	} else if b := v.take(2); b != nil {
		*p = binary.LittleEndian.Uint16(b)
	}
}

// Uint32 visits a 32-bit value.
func (v *Visitor) Uint32(p *uint32) {
	if !v.loading {
		v.buf = binary.LittleEndian.AppendUint32(v.buf, *p)
	} else if b := v.take(4); b != nil {
		*p = binary.LittleEndian.Uint32(b)
	}
}

// Uint64 visits a 64-bit value.
func (v *Visitor) Uint64(p *uint64) {
	if !v.loading {
		v.buf = binary.LittleEndian.AppendUint64(v.buf, *p)
	} else if b := v.take(8); b != nil {
		*p = binary.LittleEndian.Uint64(b)
	}
}

// Step visits a step.
func (v *Visitor) Step(p *Step) { v.Uint64((*uint64)(p)) }

// Uint64s visits values whose number is fixed by the component.
func (v *Visitor) Uint64s(p []uint64) {
	for i := range p {
		v.Uint64(&p[i])
	}
}

// Uint32s visits values whose number is fixed by the component.
func (v *Visitor) Uint32s(p []uint32) {
	for i := range p {
		v.Uint32(&p[i])
	}
}

// Fixed visits bytes whose number is fixed by the component.
func (v *Visitor) Fixed(p []byte) {
	if !v.loading {
		v.buf = append(v.buf, p...)
	} else if b := v.take(len(p)); b != nil {
		copy(p, b)
	}
}

// Bytes visits a string of bytes whose length is state, at most limit.
func (v *Visitor) Bytes(p *[]byte, limit int) {
	n := uint32(len(*p))
	v.Uint32(&n)
	if !v.loading {
		v.buf = append(v.buf, *p...)
		return
	}
	if int64(n) > int64(limit) {
		v.Fail("string of %d bytes where %d is the limit", n, limit)
		return
	}
	if b := v.take(int(n)); b != nil {
		*p = append((*p)[:0], b...)
	}
}
