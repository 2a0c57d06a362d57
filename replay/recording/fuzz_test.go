package recording

import (
	"bytes"
	"testing"
)

// FuzzOpen reads arbitrary bytes as a recording: as they are, and with all
// checksums made right.
func FuzzOpen(f *testing.F) {
	data, _ := sample(f)
	f.Add(data)
	f.Add(data[:len(data)-trailerSize])
	f.Add(fileHeader(Version))
	f.Add([]byte(magic))
	f.Add(data[:frames(f, data)[1]])
	f.Fuzz(func(t *testing.T, data []byte) {
		readHostile(t, data)
		data = bytes.Clone(data)
		repair(data)
		readHostile(t, data)
	})
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
