package recording

import (
	"bytes"
	"testing"
)

// FuzzOpen reads arbitrary bytes as a recording: as they are, and with all
// checksums made right. Run it with -fuzzminimizetime=1x: minimizing each input
// that reaches something new takes nearly all of the time otherwise.
func FuzzOpen(f *testing.F) {
	data := shortRecording(f)
	f.Add(data)
	f.Add(data[:len(data)-trailerSize])
	f.Add(fileHeader(Version))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		readHostile(t, data)
		data = bytes.Clone(data)
		repair(data)
		readHostile(t, data)
	})
}

// shortRecording is a recording with a frame of each type, and a manifest that
// says nothing.
func shortRecording(f *testing.F) []byte {
	file := &memFile{}
	w, err := newWriter(file, "", Manifest{})
	if err != nil {
		f.Fatal(err)
	}
	page := make([]byte, PageSize)
	steps := []func() error{
		func() error { return w.Blob(ContentOf(page)) },
		func() error { return w.Append(Event{Step: 3, Kind: CharWrite, Data: []byte("hi")}) },
		func() error { return w.Append(Event{Step: 4, Kind: Interrupt, Cause: 7}) },
		func() error { return w.Digest(5, []ComponentDigest{{"hart0", 1}}) },
		func() error { _, err := w.SnapshotPage(page); return err },
		func() error { return w.Snapshot(&Snapshot{Step: 5, Ordinal: 2, Pages: []PageRef{{1, 0}, {2, 0}}}) },
		func() error { return w.Finish(6, 6) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			f.Fatal(err)
		}
	}
	return file.data
}

// FuzzDecode decodes arbitrary bytes as events; what can be decoded encodes
// to something that decodes to the same.
func FuzzDecode(f *testing.F) {
	var c codec
	c.reset(0)
	var seed []byte
	for _, e := range sampleEvents() {
		seed = c.encode(seed, &e)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, data []byte) {
		var from, to, again codec
		from.reset(5)
		to.reset(5)
		again.reset(5)
		for len(data) > 0 {
			var e, back Event
			rest, err := from.decode(data, &e)
			if err != nil {
				return
			}
			left, err := again.decode(to.encode(nil, &e), &back)
			if err != nil || len(left) > 0 || !same(e, back) {
				t.Fatalf("%s comes back as %s (%v)", e, back, err)
			}
			data = rest
		}
	})
}
