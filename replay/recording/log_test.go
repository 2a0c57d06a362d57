package recording

import (
	"math/rand/v2"
	"slices"
	"sort"
	"sync"
	"testing"
)

// randomEvent makes an event at or after the step. Most are the plain ones
// that make up real logs.
func randomEvent(r *rand.Rand, step Step) Event {
	step += Step(r.Uint64() >> (40 + r.UintN(24)))
	e := Event{Step: step, Kind: Interrupt, Hart: uint8(r.UintN(2)), Cause: uint64(r.UintN(3))}
	if r.UintN(4) > 0 {
		return e
	}
	for {
		if e.Kind = Kind(r.UintN(kindCount)); e.Kind.storable() {
			break
		}
	}
	e.Checkpoint = e.Kind.Checkpoint()
	if !e.Kind.IsCheckpoint() {
		e.Checkpoint = CheckpointID(r.UintN(uint(checkpointCount)))
	}
	e.Shutdown = ShutdownCause(r.UintN(uint(shutdownCount)))
	e.Device = uint8(r.Uint32())
	e.Result = int32(r.Uint32())
	e.Cause = r.Uint64() >> r.UintN(64)
	e.Value = r.Uint64() >> r.UintN(64)
	if n := r.UintN(100); n > 0 {
		e.Data = make([]byte, n)
		for i := range e.Data {
			e.Data[i] = byte(r.Uint32())
		}
	}
	return e
}

// TestRoundTrip writes random events with flushes in between, and compares
// the log with a plain list: while it is written, torn and finished.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		w, f := create(t, sampleManifest())
		var model []Event
		var step Step
		kept := w.View().Cursor() // follows the writer
		for range 500 + r.IntN(2*maxEvents) {
			e := randomEvent(r, step)
			step = e.Step
			check(t, w.Append(e))
			model = append(model, e)
			switch r.UintN(600) {
			case 0:
				step += 10
				check(t, w.Flush(step, uint64(step)))
			case 1:
				check(t, w.Digest(step, []ComponentDigest{{"hart0", r.Uint64()}}))
			case 2:
				compareLog(t, r, w.View(), model)
			case 3, 4, 5:
				for kept.Ordinal() < uint64(len(model)) {
					want := model[kept.Ordinal()]
					got, ok := kept.Next()
					if !ok {
						t.Fatalf("seed %d: the cursor that follows stops: %v", seed, kept.Err())
					}
					equal(t, "event", got, want)
				}
			}
		}
		compareLog(t, r, w.View(), model)
		check(t, w.Flush(step, 1))
		torn := mustOpen(t, f.data)
		compareLog(t, r, torn.View(), model)
		if last, dropped, ok := torn.Torn(); last != step || dropped != 0 || !ok {
			t.Fatalf("seed %d: torn at %d, %d bytes dropped, %v", seed, last, dropped, ok)
		}
		check(t, w.Finish(step+5, 2))
		model = append(model, Event{Step: step + 5, Kind: End, Value: 2})
		compareLog(t, r, w.View(), model)
		done := mustOpen(t, f.data)
		if done.Last() != step+5 || !done.Complete() || done.Virtual() != 2 {
			t.Fatalf("seed %d: finished at %d, complete %v", seed, done.Last(), done.Complete())
		}
		compareLog(t, r, done.View(), model)
	}
}

// compareLog compares a log with the list of its events: read through, and
// sought in.
func compareLog(t *testing.T, r *rand.Rand, l *Log, model []Event) {
	t.Helper()
	events, err := readEvents(l)
	check(t, err)
	if len(events) != len(model) || l.Len() != uint64(len(model)) {
		t.Fatalf("%d events (length %d) where %d were written", len(events), l.Len(), len(model))
	}
	for i := range events {
		if !same(events[i], model[i]) {
			t.Fatalf("event %d is %s\nwritten was %s", i, events[i], model[i])
		}
	}
	c := l.Cursor()
	for range 50 {
		if len(model) > 0 && r.UintN(2) == 0 {
			compareStep(t, l, c, model, model[r.IntN(len(model))].Step+Step(r.UintN(3))-1)
			continue
		}
		at := r.IntN(len(model) + 1)
		c.SeekOrdinal(uint64(at))
		compareAt(t, c, model, at)
	}
	compareStep(t, l, c, model, 1<<63)
	c.SeekOrdinal(1 << 62)
	compareAt(t, c, model, len(model))
}

// compareStep compares what is found around a step.
func compareStep(t *testing.T, l *Log, c *Cursor, model []Event, step Step) {
	t.Helper()
	at := sort.Search(len(model), func(i int) bool { return model[i].Step >= step })
	c.SeekStep(step)
	compareAt(t, c, model, at)
	before, err := l.Before(step, 5)
	check(t, err)
	if want := model[max(at-5, 0):at]; !slices.EqualFunc(before, want, same) {
		t.Fatalf("before step %s come %v\nwritten were %v", step, before, want)
	}
}

// compareAt compares the place of a cursor.
func compareAt(t *testing.T, c *Cursor, model []Event, at int) {
	t.Helper()
	if c.Ordinal() != uint64(at) {
		t.Fatalf("the cursor is at %d, should be at %d", c.Ordinal(), at)
	}
	for i := at; i < min(at+3, len(model)); i++ {
		p, ok := c.Peek()
		if !ok || !same(*p, model[i]) {
			t.Fatalf("the cursor sees %v at %d (%v)\nwritten was %v", p, i, c.Err(), model[i])
		}
		c.Next()
	}
	if _, ok := c.Next(); at == len(model) && ok {
		t.Fatal("there is an event behind the last")
	}
}

func same(a, b Event) bool {
	x, y := a, b
	x.Data, y.Data = nil, nil
	return slices.Equal(a.Data, b.Data) && x.Step == y.Step && x.Kind == y.Kind && x.Checkpoint == y.Checkpoint &&
		x.Shutdown == y.Shutdown && x.Device == y.Device && x.Hart == y.Hart && x.Result == y.Result &&
		x.Cause == y.Cause && x.Value == y.Value
}

// TestConcurrentCursors reads a log from several goroutines while it grows.
// The race detector is the judge.
func TestConcurrentCursors(t *testing.T) {
	w, _ := create(t, sampleManifest())
	const count = 3 * maxEvents
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			c := w.View().Cursor()
			for n := Step(0); n < count; {
				e, ok := c.Next()
				if !ok && c.Err() != nil {
					t.Error(c.Err())
					return
				}
				if ok && e.Step != n {
					t.Errorf("event %d has step %s", n, e.Step)
					return
				}
				if ok {
					n++
				}
			}
		})
	}
	for n := range Step(count) {
		if err := w.Append(Event{Step: n, Kind: AsyncCharRead, Data: []byte{byte(n)}}); err != nil {
			t.Fatal(err)
		}
		if n%1000 == 0 {
			if err := w.Flush(n, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	wg.Wait()
}

// TestAppendAllocatesNothing covers the path that every interrupt and every
// exception takes.
func TestAppendAllocatesNothing(t *testing.T) {
	w, _ := create(t, sampleManifest())
	var step Step
	add := func() {
		step += 100
		if err := w.Append(Event{Step: step, Kind: Exception, Cause: 8}); err != nil {
			t.Fatal(err)
		}
	}
	for range maxEvents - 1 {
		add()
	}
	check(t, w.Flush(step, 0))
	if n := testing.AllocsPerRun(1000, add); n != 0 {
		t.Errorf("%v allocations for an event", n)
	}
}

// TestPackedInterrupts holds the size of what there is most of.
func TestPackedInterrupts(t *testing.T) {
	w, _ := create(t, sampleManifest())
	for i := range 1000 {
		check(t, w.Append(Event{Step: Step(i * 100), Kind: Interrupt, Hart: 1, Cause: 7}))
	}
	if got, want := len(w.log.tail.buf), 1000*minEventSize+3; got != want {
		t.Errorf("1000 equal interrupts take %d bytes, should take %d", got, want)
	}
}

func BenchmarkAppend(b *testing.B) {
	w, err := newWriter(&memFile{}, "", sampleManifest())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := range b.N {
		if err := w.Append(Event{Step: Step(i * 137), Kind: Exception, Cause: uint64(8 + i%3)}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	f := &memFile{}
	w, err := newWriter(f, "", sampleManifest())
	if err != nil {
		b.Fatal(err)
	}
	for i := range 1_000_000 {
		if err := w.Append(Event{Step: Step(i * 137), Kind: Exception, Cause: uint64(8 + i%3)}); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Finish(1<<40, 0); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(f.data))/1e6, "bytes/event")
	r, err := open(f.data)
	if err != nil {
		b.Fatal(err)
	}
	c := r.Cursor()
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := c.Next(); !ok {
			c.SeekOrdinal(0)
		}
	}
}

// TestEqualSteps seeks among events that all have the same step, in several
// frames.
func TestEqualSteps(t *testing.T) {
	w, f := create(t, sampleManifest())
	const count = 3*maxEvents + 100
	check(t, w.Append(Event{Step: 4, Kind: Interrupt}))
	for range count {
		check(t, w.Append(Event{Step: 5, Kind: Interrupt}))
	}
	check(t, w.Append(Event{Step: 6, Kind: Interrupt}))
	torn := mustOpen(t, f.data)
	for _, log := range []*Log{w.View(), torn.View()} {
		c := log.Cursor()
		for _, from := range []uint64{0, 1, maxEvents - 1, maxEvents, 2 * maxEvents, 3*maxEvents + 10, count + 1} {
			for step, want := range map[Step]uint64{4: 0, 5: 1, 6: min(count+1, log.Len()), 7: log.Len()} {
				c.SeekOrdinal(from)
				c.Next()
				if c.SeekStep(step); c.Ordinal() != want {
					t.Errorf("from event %d, step %s is found at %d, should be at %d", from, step, c.Ordinal(), want)
				}
			}
		}
	}
}

// TestTailStays keeps events that were read before they were in the file, and
// compares them after their frame was written and another begun.
func TestTailStays(t *testing.T) {
	w, _ := create(t, sampleManifest())
	check(t, w.Append(Event{Step: 1, Kind: CharWrite, Data: []byte("first")}))
	c := w.View().Cursor()
	first, ok := c.Next()
	check(t, w.Flush(2, 2))
	check(t, w.Append(Event{Step: 2, Kind: CharWrite, Data: []byte("other")}))
	if !ok || string(first.Data) != "first" {
		t.Errorf("the event's data has become %q", first.Data)
	}
	if e, ok := c.Next(); !ok || string(e.Data) != "other" {
		t.Errorf("the next event is %s, %v", e, ok)
	}
	check(t, w.View().Cursor().Err())
}
