package gdbstub

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// decodeAll cuts a stream into frames up to its end.
func decodeAll(r io.Reader) (frames []frame, err error) {
	d := newDecoder(r)
	for {
		f, err := d.next()
		if err != nil {
			return frames, err
		}
		frames = append(frames, f)
	}
}

func TestDecode(t *testing.T) {
	long := strings.Repeat("a", maxPacket)
	tests := []struct {
		name, stream string
		want         []frame
		end          error
	}{
		{"nothing", "", nil, io.EOF},
		{"empty packet", "$#00", []frame{{framePacket, ""}}, io.EOF},
		{"packet", "$g#67", []frame{{framePacket, "g"}}, io.EOF},
		{"checksum in capitals", "$vCont?#49$O#4F", []frame{{framePacket, "vCont?"}, {framePacket, "O"}}, io.EOF},
		{"wrong checksum", "$g#68", []frame{{frameCorrupt, "g"}}, io.EOF},
		{"checksum that is no number", "$g#6\x17", []frame{{frameCorrupt, "g"}}, io.EOF},
		{"sum of nothing that looks right", "$#\x10@", []frame{{frameCorrupt, ""}}, io.EOF},
		{"escapes", "$X0,4:}\x03}\x04}]}\n#84", []frame{{framePacket, "X0,4:#$}*"}}, io.EOF},
		{"escape cut off", "$}#7d", []frame{{frameCorrupt, ""}}, io.EOF},
		{"the checksum is over escaped bytes", "$}\x03#23", []frame{{frameCorrupt, "#"}}, io.EOF},
		{"marks", "+-\x03", []frame{{frameAck, ""}, {frameNack, ""}, {frameInterrupt, ""}}, io.EOF},
		{"3 and marks inside a packet", "$\x03+-#5b", []frame{{framePacket, "\x03+-"}}, io.EOF},
		{"noise", "abc#67\x00\xff$g#67", []frame{{framePacket, "g"}}, io.EOF},
		{"a packet lost in the middle", "$qSup$g#67", []frame{{framePacket, "g"}}, io.EOF},
		{"a checksum lost", "$qSup#$g#67", []frame{{frameCorrupt, "qSup"}, {framePacket, "g"}}, io.EOF},
		{"half a checksum lost", "$m#6$g#67", []frame{{frameCorrupt, "m"}, {framePacket, "g"}}, io.EOF},
		{"end in a packet", "+$g", []frame{{frameAck, ""}}, io.ErrUnexpectedEOF},
		{"end in a checksum", "$g#6", nil, io.ErrUnexpectedEOF},
		{"longest", string(appendPacket(nil, long)), []frame{{framePacket, long}}, io.EOF},
		{"too long", string(appendPacket(nil, long+"a")) + "+", []frame{{frameTooLong, ""}, {frameAck, ""}}, io.EOF},
		{"too long, then lost", "$" + long + "a$g#67", []frame{{framePacket, "g"}}, io.EOF},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, r := range map[string]io.Reader{
				"at once":      strings.NewReader(test.stream),
				"byte by byte": iotest.OneByteReader(strings.NewReader(test.stream)),
			} {
				got, err := decodeAll(r)
				if !slices.Equal(got, test.want) || !errors.Is(err, test.end) {
					t.Errorf("%s: got %+v, %v; want %+v, %v", name, got, err, test.want, test.end)
				}
			}
		})
	}
}

func TestAppendPacket(t *testing.T) {
	tests := []struct{ payload, want string }{
		{"", "$#00"},
		{"OK", "$OK#9a"},
		{"#$}*", "$}\x03}\x04}]}\n#62"},
	}
	for _, test := range tests {
		if got := string(appendPacket([]byte("+"), test.payload)); got != "+"+test.want {
			t.Errorf("%q: got %q, want %q", test.payload, got, "+"+test.want)
		}
	}
}

func TestFrameKindNames(t *testing.T) {
	for k := framePacket; k <= frameNack; k++ {
		if strings.HasPrefix(k.String(), "frame kind") {
			t.Errorf("%d has no name", k)
		}
	}
	if got := frameKind(99).String(); got != "frame kind 99" {
		t.Errorf("an unknown kind prints %q", got)
	}
}

// FuzzFrame holds the decoder to its promises on any stream of bytes, and the
// encoder to being its inverse.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("+$qSupported:swbreak+#98-\x03$g#67"))
	f.Add([]byte("$X80000000,4:}\x03}\x04}]}\n#00"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		d := newDecoder(bytes.NewReader(stream))
		frames, total := 0, 0
		for {
			fr, err := d.next()
			if err != nil {
				if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Fatalf("error %v is not the reader's", err)
				}
				break
			}
			frames++
			total += len(fr.payload)
			if fr.kind > frameNack || len(fr.payload) > maxPacket || cap(d.body) > 2*maxPacket {
				t.Fatalf("frame of kind %v with %d bytes, %d held", fr.kind, len(fr.payload), cap(d.body))
			}
			if fr.kind == framePacket {
				checkInverse(t, fr.payload)
			}
		}
		if frames+total > len(stream) {
			t.Fatalf("%d bytes gave %d frames with %d bytes", len(stream), frames, total)
		}
		if len(stream) <= maxPacket/2 {
			checkInverse(t, string(stream))
		}
	})
}

// checkInverse encodes a payload between others and decodes it.
func checkInverse(t *testing.T, payload string) {
	t.Helper()
	wire := appendPacket([]byte("noise\x03"), payload)
	if 2*len(payload) > maxPacket && len(wire) > maxPacket {
		return // its escapes may make it too long to be accepted
	}
	got, err := decodeAll(bytes.NewReader(append(wire, '+')))
	want := []frame{{frameInterrupt, ""}, {framePacket, payload}, {frameAck, ""}}
	if !errors.Is(err, io.EOF) || !slices.Equal(got, want) {
		t.Fatalf("%q came back as %+v, %v", payload, got, err)
	}
}
