package recording

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestEach goes through parts of a log in both directions: of one that is in
// several frames and partly in memory, and of one that is finished.
func TestEach(t *testing.T) {
	w, f := create(t, sampleManifest())
	var want []Event
	for i := range 500 {
		e := Event{Step: Step(i * 3), Kind: CharWrite, Device: uint8(i % 3), Result: 1, Data: []byte{byte(i)}}
		check(t, w.Append(e))
		want = append(want, e)
		if i%97 == 0 {
			check(t, w.Flush(e.Step, 0))
		}
	}
	checkEach(t, w.View(), want)
	check(t, w.Finish(1500, 1))
	checkEach(t, mustOpen(t, f.data).Log, append(want, Event{Step: 1500, Kind: End, Value: 1}))
}

// checkEach compares parts of a log with what it should hold.
func checkEach(t *testing.T, l *Log, want []Event) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		begin := random.IntN(len(want) + 3)
		end := begin + random.IntN(len(want)+3)
		if i == 0 {
			begin, end = 0, len(want)
		}
		part := slices.Clone(want[min(begin, len(want)):min(end, len(want))])
		take := random.IntN(len(part) + 1)
		for _, back := range []bool{false, true} {
			var got []Event
			collect := func(e *Event) bool {
				got = append(got, *e)
				got[len(got)-1].Data = slices.Clone(e.Data)
				return len(got) <= take
			}
			each := l.Each
			if back {
				each = l.EachBack
				slices.Reverse(part)
			}
			check(t, each(uint64(begin), uint64(end), collect))
			equal(t, "a part", got, append([]Event(nil), part[:min(take+1, len(part))]...))
		}
	}
}

// TestEachMeetsDamage goes through a log with a frame that is damaged.
func TestEachMeetsDamage(t *testing.T) {
	w, f := create(t, sampleManifest())
	for i := range 10 {
		check(t, w.Append(Event{Step: Step(i), Kind: Interrupt}))
		check(t, w.Flush(Step(i), 0))
	}
	check(t, w.Finish(10, 0))
	f.data[frameOf(t, f.data, frameEvents, 5)+frameHeaderSize] ^= 1
	l := mustOpen(t, f.data).Log
	for name, each := range map[string]func(uint64, uint64, func(*Event) bool) error{"onwards": l.Each, "back": l.EachBack} {
		n := 0
		var format *FormatError
		if err := each(0, 10, func(*Event) bool { n++; return true }); !errors.As(err, &format) || n < 4 || n > 5 {
			t.Errorf("%s: %d events, %v", name, n, err)
		}
	}
}
