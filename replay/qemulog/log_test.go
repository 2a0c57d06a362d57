package qemulog

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

// sampleOf makes a log of a layout that has every event there is.
func sampleOf(t testing.TB, l layout) []byte {
	t.Helper()
	log := Log{Version: l.version, Reserved: 7, layout: l}
	data := log.Header()
	input := [][]byte{
		append(word(inputKey), append(word(keyNumber), make([]byte, 9)...)...),
		append(word(inputKey), append(word(keyCode), make([]byte, 5)...)...),
		append(word(inputButton), make([]byte, 5)...),
		append(word(inputRelative), make([]byte, 12)...),
		append(word(inputAbsolute), make([]byte, 12)...),
	}
	list := []Event{{Kind: Instruction, Value: 1<<32 - 1}}
	for _, report := range input {
		list = append(list, Event{Kind: AsyncInput, Data: report})
	}
	for _, c := range l.codes {
		kindsOf := []Kind{c.kind}
		if l.async != nil && c.kind == asyncSeed {
			kindsOf = l.async
		}
		for _, k := range kindsOf {
			e := Event{Kind: k, Cause: c.cause, Value: 3, Result: -5, Position: 9, Device: 2, Flags: 1 << 31, Data: []byte("data")}
			switch k {
			case End, AsyncInput:
				continue
			case AudioIn:
				e.Data = make([]byte, l.audio+16*3)
			default:
			}
			if l.async != nil && l.asyncCode(k) >= 0 {
				e.Checkpoint = 3
			}
			list = append(list, e)
		}
	}
	list = append(list, Event{Kind: End})
	for _, e := range list {
		var err error
		if data, err = log.Append(data, e); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

func word(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// TestEveryKind takes logs of both versions, and of what Release may mean,
// apart and together again.
func TestEveryKind(t *testing.T) {
	for _, l := range append([]layout{seedLayout}, releaseLayouts...) {
		log := rebuilt(t, sampleOf(t, l))
		if log.layout.version != l.version || len(log.layout.codes) != len(l.codes) || log.layout.audio != l.audio {
			t.Errorf("a log of %#x with %d codes is read with %d", uint32(l.version), len(l.codes), len(log.layout.codes))
		}
		c := log.Count()
		if c.Instructions != 1<<32-1+3 || c.Events[End] != 1 || c.Events[AsyncCharRead] != 1 || log.Reserved != 7 {
			t.Errorf("counted %+v", c)
		}
	}
}

// TestSeedBytes holds the oldest version to bytes written out by hand.
func TestSeedBytes(t *testing.T) {
	text := "\x00\xe0\x20\x03" + "\x00\x00\x00\x00\x00\x00\x00\x00" +
		"\x00\x00\x00\x01\x00" + // 256 instructions
		"\x05\x00\x00\x00\x02\x00\x00\x00\x01" + // a write of which 2 bytes were taken
		"\x0d" + // the virtual clock's checkpoint
		"\x03\x03\x03\x07\x00\x00\x00\x02hi" + // input of device 7
		"\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x09" + // deferred work 9
		"\x08\x00\x00\x00\x00\x00\x00\x03\xe8" + // the host's clock
		"\x04\x12"
	want := []string{
		"0 instruction value=256", "256 char_write result=2 offset=1", "256 checkpoint/clock_virtual",
		`256 async/char_read checkpoint=3 device=7 "hi"`, "256 async/bh value=9", "256 clock/host value=1,000ns",
		"256 shutdown cause=none", "256 end",
	}
	var got []string
	for e := range rebuilt(t, []byte(text)).Events() {
		got = append(got, e.String())
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the log reads\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestSeedKinds holds each kind of the oldest version to bytes written out by
// hand, as its description has them. No release of QEMU for RISC-V writes it, so
// there is no log of a real machine to compare with.
func TestSeedKinds(t *testing.T) {
	const five = "\x00\x00\x00\x05"
	for _, test := range []struct{ bytes, want string }{
		{"\x00" + five, "instruction value=5"},
		{"\x00\xff\xff\xff\xff", "instruction value=4294967295"},
		{"\x01", "interrupt"},
		{"\x02", "exception"},
		{"\x03\x03\x00\x01\x02\x03\x04\x05\x06\x07\x08", "async/bh checkpoint=3 value=72623859790382856"},
		{
			"\x03\x05\x01" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00\x00\x00\x00\x1e\x01",
			"async/input checkpoint=5 0000000000000000000000000000001e01",
		}, // a key by its number, pressed
		{
			"\x03\x05\x01" + "\x00\x00\x00\x00" + "\x00\x00\x00\x01" + "\x00\x00\x00\x23\x00",
			"async/input checkpoint=5 00000000000000010000002300",
		}, // a key by its code, released
		{
			"\x03\x05\x01" + "\x00\x00\x00\x01" + "\x00\x00\x00\x02\x01",
			"async/input checkpoint=5 000000010000000201",
		}, // a button
		{
			"\x03\x05\x01" + "\x00\x00\x00\x02" + five + "\xff\xff\xff\xff\xff\xff\xff\xfe",
			"async/input checkpoint=5 0000000200000005fffffffffffffffe",
		}, // a relative axis
		{
			"\x03\x05\x01" + "\x00\x00\x00\x03" + five + "\x00\x00\x00\x00\x00\x00\x7f\xff",
			"async/input checkpoint=5 00000003000000050000000000007fff",
		}, // an absolute axis
		{"\x03\x05\x02", "async/input_sync checkpoint=5"},
		{"\x03\x04\x03\x01" + five + "hello", `async/char_read checkpoint=4 device=1 "hello"`},
		{"\x04", "shutdown cause=none"},
		{"\x05" + five + "\x00\x00\x00\x07", "char_write result=5 offset=7"},
		{"\x05\xff\xff\xff\xff\x00\x00\x00\x00", "char_write result=-1 offset=0"},
		{"\x06" + five + "reply", `char_read_all "reply"`},
		{"\x07\xff\xff\xff\xf5", "char_read_all_error result=-11"},
		{"\x08\x00\x00\x00\x00\x00\x00\x03\xe8", "clock/host value=1,000ns"},
		{"\x09\x00\x00\x00\x00\x00\x0f\x42\x40", "clock/virtual_rt value=1,000,000ns"},
		{"\x0a", "checkpoint/clock_warp_start"},
		{"\x0b", "checkpoint/reset_requested"},
		{"\x0c", "checkpoint/suspend_requested"},
		{"\x0d", "checkpoint/clock_virtual"},
		{"\x0e", "checkpoint/clock_host"},
		{"\x0f", "checkpoint/clock_virtual_rt"},
		{"\x10", "checkpoint/init"},
		{"\x11", "checkpoint/reset"},
	} {
		l := rebuilt(t, []byte("\x00\xe0\x20\x03\x00\x00\x00\x00\x00\x00\x00\x00"+test.bytes+"\x12"))
		var got []string
		for e := range l.Events() {
			_, text, _ := strings.Cut(e.String(), " ")
			got = append(got, text)
		}
		if len(got) != 2 || got[0] != test.want || got[1] != "end" {
			t.Errorf("%x reads %q, want %q and end", test.bytes, got, test.want)
		}
	}
}

// TestTorn cuts a log at every byte: what is whole is read, and what is missing
// is said.
func TestTorn(t *testing.T) {
	for _, layout := range []layout{seedLayout, releaseLayouts[0]} {
		data := sampleOf(t, layout)
		for n := range len(data) {
			l, err := Parse(data[:n])
			if n < headerSize {
				if !errors.Is(err, ErrNotLog) {
					t.Fatalf("%d bytes: %v", n, err)
				}
				continue
			}
			if err != nil || l.Torn == nil {
				t.Fatalf("%d bytes of %d: %v, torn %v", n, len(data), err, l)
			}
			for range l.Events() {
			}
		}
	}
	if l, err := Parse(append(sampleOf(t, seedLayout), 0)); err != nil || l.Torn == nil {
		t.Errorf("with a byte behind the end: %v, %v", l, err)
	}
}

// TestOtherFiles names what cannot be read.
func TestOtherFiles(t *testing.T) {
	if _, err := Parse([]byte("\x7fELF000000000000")); !errors.Is(err, ErrNotLog) {
		t.Error(err)
	}
	if _, err := Parse(make([]byte, 100)); !errors.Is(err, ErrUnfinished) {
		t.Error(err)
	}
	if _, err := Parse([]byte("\x00\xe0\x20\x07\x00\x00\x00\x00\x00\x00\x00\x00\x27")); err == nil || !strings.Contains(err.Error(), "0xe02007") {
		t.Error(err)
	}
}

// FuzzParse reads anything; what is read as whole has the same bytes when it is
// put together again.
func FuzzParse(f *testing.F) {
	f.Add(sampleOf(f, seedLayout))
	for _, l := range releaseLayouts[:3] {
		f.Add(sampleOf(f, l))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := Parse(data)
		if err != nil {
			return
		}
		for e := range l.Events() {
			_ = e.String()
		}
		if l.Torn == nil {
			rebuilt(t, data)
		}
	})
}
