package recording

import (
	"math/rand/v2"
	"testing"
)

// TestUsage compares with the sizes that the encoder gives.
func TestUsage(t *testing.T) {
	w, f := create(t, sampleManifest())
	r := rand.New(rand.NewPCG(7, 7))
	events, encoded := map[Kind]uint64{}, int64(0)
	step, before := Step(0), len(f.data)
	for i := range 3 {
		var c codec
		c.reset(step)
		for range 100 {
			e := randomEvent(r, step)
			step = e.Step
			check(t, w.Append(e))
			events[e.Kind]++
			encoded += int64(len(c.encode(nil, &e)))
		}
		check(t, w.Flush(step, uint64(i)))
	}
	kinds, bytes, err := w.View().Usage()
	check(t, err)
	if want := int64(len(f.data) - before); bytes != want {
		t.Errorf("the frames have %d bytes, said to be %d", want, bytes)
	}
	for i, u := range kinds {
		if i > 0 && u.Kind <= kinds[i-1].Kind {
			t.Errorf("%v comes after %v", u.Kind, kinds[i-1].Kind)
		}
		if u.Events != events[u.Kind] {
			t.Errorf("%v: %d events, want %d", u.Kind, u.Events, events[u.Kind])
		}
		encoded -= u.Bytes
		delete(events, u.Kind)
	}
	if encoded != 0 || len(events) > 0 {
		t.Errorf("%d bytes and these events are missing: %v", encoded, events)
	}
}
