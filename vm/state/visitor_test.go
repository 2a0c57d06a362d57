package state

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

// sample has a field of every kind, and one that came with schema 2.
type sample struct {
	flag  bool
	byte  uint8
	half  uint16
	word  uint32
	long  uint64
	step  Step
	longs [2]uint64
	words [3]uint32
	fixed [4]byte
	text  []byte

	derived uint64 // rebuilt by loading
	late    uint16
}

const sampleLimit = 8

func (s *sample) Visit(v *Visitor) {
	v.Bool(&s.flag)
	v.Uint8(&s.byte)
	v.Uint16(&s.half)
	v.Uint32(&s.word)
	v.Uint64(&s.long)
	v.Step(&s.step)
	v.Uint64s(s.longs[:])
	v.Uint32s(s.words[:])
	v.Fixed(s.fixed[:])
	v.Bytes(&s.text, sampleLimit)
	if v.Since(2) {
		v.Uint16(&s.late)
	}
	if v.Loading() {
		s.derived = s.long + 1
	}
}

func newSample() *sample {
	return &sample{
		flag: true, byte: 0x12, half: 0x3456, word: 0x789abcde, long: math.MaxUint64 - 1, step: 1_500_000,
		longs: [2]uint64{1, 2}, words: [3]uint32{3, 4, 5}, fixed: [4]byte{6, 7, 8, 9}, text: []byte("hello"),
		late: 0xbeef,
	}
}

func TestLoadRestoresWhatSaveWrote(t *testing.T) {
	want := newSample()
	encoded := SaveSchema([]byte("before"), want, 2)
	rest, err := Load(append(encoded[len("before"):], "after"...), want, 2)
	if err != nil || string(rest) != "after" || string(encoded[:6]) != "before" {
		t.Fatalf("rest %q, error %v, front %q", rest, err, encoded[:6])
	}
	got := &sample{text: []byte("something longer")}
	if _, err := Load(encoded[len("before"):], got, 2); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("loaded %+v, want %+v", got, want)
	}
	if got.derived != math.MaxUint64 {
		t.Errorf("what follows from the fields was not rebuilt: %d", got.derived)
	}
}

func TestEncoding(t *testing.T) {
	want := []byte{
		1, 0x12, 0x56, 0x34, 0xde, 0xbc, 0x9a, 0x78,
		0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x60, 0xe3, 0x16, 0, 0, 0, 0, 0,
		1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0,
		6, 7, 8, 9, 5, 0, 0, 0, 'h', 'e', 'l', 'l', 'o',
	}
	if got := Save(nil, newSample()); !bytes.Equal(got, want) {
		t.Errorf("encoding % x, want % x", got, want)
	}
}

func TestOlderSchema(t *testing.T) {
	old := SaveSchema(nil, newSample(), 1)
	if newer := SaveSchema(nil, newSample(), 2); len(newer) != len(old)+2 || !bytes.HasPrefix(newer, old) {
		t.Errorf("schema 2 is % x, schema 1 % x", newer, old)
	}
	got := &sample{late: 0x1234}
	if rest, err := Load(old, got, 1); err != nil || len(rest) != 0 {
		t.Fatalf("rest %x, error %v", rest, err)
	}
	if got.late != 0x1234 || got.half != 0x3456 {
		t.Errorf("late %#x, half %#x: want the value it had, and the one saved", got.late, got.half)
	}
}

func TestLoadRefusesEveryTruncation(t *testing.T) {
	encoded := SaveSchema(nil, newSample(), 2)
	for n := range encoded {
		got := &sample{}
		rest, err := Load(encoded[:n], got, 2)
		if !errors.Is(err, ErrCorrupt) {
			t.Fatalf("%d of %d bytes: error %v, want ErrCorrupt", n, len(encoded), err)
		}
		if got.derived != 0 {
			t.Fatalf("%d of %d bytes: Loading is true after an error", n, len(encoded))
		}
		if len(rest) > n {
			t.Fatalf("%d of %d bytes: %d left", n, len(encoded), len(rest))
		}
	}
}

func TestLoadRefusesValues(t *testing.T) {
	encoded := Save(nil, newSample())
	length := bytes.Index(encoded, []byte("hello")) - 4
	tests := []struct {
		name  string
		at    int
		value byte
		want  string
	}{
		{"flag", 0, 2, "flag with value 2"},
		{"string above its limit", length, sampleLimit + 1, "string of 9 bytes where 8 is the limit"},
		{"string above any limit", length + 3, 0xff, "string of 4278190085 bytes"},
		{"string longer than the rest", length, 6, "6 bytes wanted, 5 left"},
	}
	for _, test := range tests {
		bad := bytes.Clone(encoded)
		bad[test.at] = test.value
		_, err := Load(bad, &sample{}, Schema)
		if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want ErrCorrupt with %q", test.name, err, test.want)
		}
	}
}

// picky refuses some of what is loaded, twice.
type picky struct{ value uint8 }

func (p *picky) Visit(v *Visitor) {
	v.Uint8(&p.value)
	if v.Loading() && p.value > 1 {
		v.Fail("value %d", p.value)
		v.Fail("another reason")
	}
}

func TestFailKeepsTheFirstReason(t *testing.T) {
	_, err := Load([]byte{7}, &picky{}, Schema)
	if !errors.Is(err, ErrCorrupt) || err.Error() != ErrCorrupt.Error()+": value 7" {
		t.Errorf("error %v", err)
	}
}

func TestStepString(t *testing.T) {
	for step, want := range map[Step]string{
		0: "0", 999: "999", 1000: "1,000", 1_500_000: "1,500,000", Never - 1: "18,446,744,073,709,551,614", Never: "never",
	} {
		if got := step.String(); got != want {
			t.Errorf("step %d prints as %s, want %s", uint64(step), got, want)
		}
		if step == Never {
			continue
		}
		if back, err := ParseStep(want); back != step || err != nil {
			t.Errorf("%s is read as %d, %v", want, uint64(back), err)
		}
	}
}

func TestParseStep(t *testing.T) {
	if got, err := ParseStep("1_000_000"); got != 1_000_000 || err != nil {
		t.Errorf("1_000_000 is read as %d, %v", uint64(got), err)
	}
	for _, text := range []string{"", "-1", "+1", "0x10", "1.5", "never", "18446744073709551615", "18446744073709551616", "1 000", ","} {
		if got, err := ParseStep(text); err == nil || !strings.Contains(err.Error(), "decimal number") {
			t.Errorf("%q is read as %d, %v", text, uint64(got), err)
		}
	}
}
