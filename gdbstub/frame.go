package gdbstub

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// maxPacket is the largest packet accepted, in characters between '$' and
// '#'. It is announced to gdb as PacketSize and bounds every reply too.
const maxPacket = 0x4000

// frameKind says what stood on the wire.
type frameKind uint8

const (
	framePacket    frameKind = iota // a whole packet with the right checksum
	frameCorrupt                    // a whole packet with a wrong checksum
	frameTooLong                    // a packet above maxPacket, thrown away
	frameInterrupt                  // ^C, the byte 3 outside a packet
	frameAck                        // '+'
	frameNack                       // '-'
)

// String names the kind for messages of tests.
func (k frameKind) String() string {
	names := [...]string{"packet", "corrupt", "too long", "interrupt", "ack", "nack"}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("frame kind %d", uint8(k))
}

// frame is one thing gdb sent. The payload is that of a packet, its escapes
// undone; a corrupt packet has one too, for the mode without
// acknowledgements, in which checksums are not looked at.
type frame struct {
	kind    frameKind
	payload string
}

// decoder cuts a stream of bytes into frames. It knows nothing of machines,
// and its memory is bounded by maxPacket whatever the stream holds.
type decoder struct {
	r    *bufio.Reader
	body []byte
}

func newDecoder(r io.Reader) *decoder {
	return &decoder{r: bufio.NewReader(r)}
}

// next returns the next frame and skips noise before it. At the end of the
// stream the error is io.EOF, inside a packet io.ErrUnexpectedEOF.
func (d *decoder) next() (frame, error) {
	for {
		b, err := d.r.ReadByte()
		if err != nil {
			return frame{}, err
		}
		switch b {
		case '$':
			return d.packet()
		case '+':
			return frame{kind: frameAck}, nil
		case '-':
			return frame{kind: frameNack}, nil
		case 3:
			return frame{kind: frameInterrupt}, nil
		}
	}
}

// packet reads what follows a '$'. Another '$' begins the packet anew: escaped
// data never holds one, so the rest of the first has been lost.
func (d *decoder) packet() (frame, error) {
	d.body = d.body[:0]
	sum, tooLong := byte(0), false
	for {
		b, err := d.inside()
		if err != nil {
			return frame{}, err
		}
		switch b {
		case '#':
			return d.finish(sum, tooLong)
		case '$':
			d.body, sum, tooLong = d.body[:0], 0, false
			continue
		}
		sum += b
		if len(d.body) == maxPacket {
			tooLong = true
			continue
		}
		d.body = append(d.body, b)
	}
}

// finish reads the two digits after '#' and judges the packet.
func (d *decoder) finish(sum byte, tooLong bool) (frame, error) {
	given, valid := byte(0), true
	for range 2 {
		b, err := d.inside()
		if err != nil {
			return frame{}, err
		}
		if b == '$' {
			// Digits have been lost, and this begins the next packet. UnreadByte
			// cannot fail after a ReadByte.
			_ = d.r.UnreadByte()
			valid = false
			break
		}
		digit := strings.IndexByte("0123456789abcdef", b|0x20)
		if b < '0' || digit < 0 {
			valid = false
		}
		given = given<<4 | byte(digit)
	}
	if tooLong {
		return frame{kind: frameTooLong}, nil
	}
	payload, whole := unescape(d.body)
	if !valid || !whole || given != sum {
		return frame{kind: frameCorrupt, payload: payload}, nil
	}
	return frame{kind: framePacket, payload: payload}, nil
}

// inside reads a byte of a packet that has begun.
func (d *decoder) inside() (byte, error) {
	b, err := d.r.ReadByte()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

// unescape undoes the escapes of binary data; whole is false if the last one
// is cut off.
func unescape(body []byte) (payload string, whole bool) {
	var out strings.Builder
	out.Grow(len(body))
	for i := 0; i < len(body); i++ {
		b := body[i]
		if b == '}' {
			if i++; i == len(body) {
				return out.String(), false
			}
			b = body[i] ^ 0x20
		}
		out.WriteByte(b)
	}
	return out.String(), true
}

// appendPacket appends the packet that carries payload. The characters with a
// meaning of their own are escaped, '*' among them since it would begin a
// run-length code.
func appendPacket(dst []byte, payload string) []byte {
	dst = append(dst, '$')
	sum := byte(0)
	for i := range len(payload) {
		b := payload[i]
		if special(b) {
			dst = append(dst, '}')
			sum += '}'
			b ^= 0x20
		}
		dst = append(dst, b)
		sum += b
	}
	return fmt.Appendf(dst, "#%02x", sum)
}

// special says whether a byte is escaped inside a packet.
func special(b byte) bool {
	return b == '$' || b == '#' || b == '}' || b == '*'
}
