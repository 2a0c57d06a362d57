package recording

import (
	"bytes"
	"errors"
	"testing"
)

// TestTotals counts the events of the sample: as the index has them, as they are
// read, and as a writer knows them while it writes.
func TestTotals(t *testing.T) {
	var want Totals
	for _, e := range sampleContent(sampleImages...).Events {
		want.add(&e)
	}
	if want.Kinds[End] != 1 || want.Devices[1] != (Transfer{3, 1}) || want.Devices[6].In != 15 || want.Shutdown != ShutdownGuestPanic {
		t.Fatalf("the sample has %+v", want)
	}
	data, _ := sample(t)
	for name, data := range map[string][]byte{"the index": data, "the events": data[:len(data)-trailerSize]} {
		r := mustOpen(t, data)
		if (r.totals == nil) != (name == "the events") {
			t.Errorf("%s: totals known without reading: %v", name, r.totals != nil)
		}
		got, err := r.Totals()
		check(t, err)
		equal(t, "what "+name+" says", got, want)
	}
	w, _ := create(t, sampleManifest())
	check(t, w.Append(Event{Step: 1, Kind: CharWrite, Device: 3, Data: []byte("abc"), Result: 2}))
	got, err := w.View().Totals()
	if check(t, err); got.Kinds[CharWrite] != 1 || got.Devices[3].Out != 2 || got.Kinds[End] != 0 {
		t.Errorf("while it is written: %+v", got)
	}
}

// TestTotalsOfOtherEvents reads an index whose counts do not fit its events: it
// is not used.
func TestTotalsOfOtherEvents(t *testing.T) {
	data, _ := sample(t)
	for name, lie := range map[string]func(*Totals){
		"one too many":  func(t *Totals) { t.Kinds[Interrupt]++ },
		"one too few":   func(t *Totals) { t.Kinds[Interrupt]-- },
		"very many":     func(t *Totals) { t.Kinds[Interrupt] = ^uint64(0) },
		"another cause": func(t *Totals) { t.Shutdown = shutdownCount },
		"an odd kind":   func(t *Totals) { t.Kinds[Progress], t.Kinds[Interrupt] = t.Kinds[Interrupt], 0 },
	} {
		l := indexed(bytes.NewReader(data), int64(len(data)))
		lie(l.totals)
		index := l.appendIndex(nil, frameOf(t, data, frameEnd, 0), l.totals)
		fresh := newLog(nil)
		fresh.size = int64(len(data))
		if _, err := fresh.readIndex(index); !errors.Is(err, errOrder) && !errors.Is(err, errKind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
