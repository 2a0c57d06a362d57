package cli

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"reprise/replay/recording"
)

// falsify copies a recording and makes it false: falsify HOW FROM TO. The
// checksums of the copy are right.
//
//	moved    an interrupt is a step earlier
//	dropped  an interrupt is missing
//	doubled  an interrupt is there twice
//	input    a byte that was typed is another
//	image    a byte of the program is another
//	model    it is of another machine model, by another release
//	schema   it has a newer state schema
//	format   it has another version of the file format
func falsify(ts *testscript.TestScript, _ bool, args []string) {
	how := args[0]
	if how == "format" {
		newFormat(ts, ts.MkAbs(args[1]), ts.MkAbs(args[2]))
		return
	}
	r, err := recording.Open(ts.MkAbs(args[1]))
	ts.Check(err)
	defer func() { _ = r.Close() }()
	m := *r.Manifest()
	m.Memory = append([]recording.Segment(nil), m.Memory...)
	switch how {
	case "model":
		m.Model, m.Reprise = m.Model+2, "0.2"
	case "schema":
		m.Schema, m.Reprise = m.Schema+1, "0.2"
	}
	var blobs [][]byte
	for i, seg := range m.Memory {
		if seg.Blob.IsZero() {
			continue
		}
		data, err := r.Blob(seg.Blob)
		ts.Check(err)
		if how == "image" && bytes.Contains(data, []byte("keys: ready")) {
			data = bytes.Replace(data, []byte("keys: ready"), []byte("keys: reedy"), 1)
			m.Memory[i].Blob = recording.Sum(data)
		}
		blobs = append(blobs, data)
	}
	for _, hash := range append(imageHashes(&m), m.DeviceTree) {
		data, err := r.Blob(hash)
		ts.Check(err)
		blobs = append(blobs, data)
	}
	w, err := recording.Create(ts.MkAbs(args[2]), m, recording.CreateOptions{})
	ts.Check(err)
	for _, data := range blobs {
		ts.Check(w.Blob(recording.ContentOf(data)))
	}
	var events []recording.Event
	ts.Check(eachEvent(r, 0, func(e *recording.Event) error {
		kept := *e
		kept.Data = bytes.Clone(e.Data)
		events = append(events, kept)
		return nil
	}))
	seen := 0
	for _, e := range events {
		switch {
		case e.Kind == recording.End:
			ts.Check(w.Finish(e.Step, e.Value))
			ts.Check(w.Close())
			return
		case e.Kind == recording.Interrupt:
			seen++
		case e.Kind == recording.AsyncCharRead && how == "input":
			e.Data = append([]byte{e.Data[0] ^ 1}, e.Data[1:]...)
		}
		second := e.Kind == recording.Interrupt && seen == 2
		if second && how == "moved" {
			e.Step--
		}
		if !second || how != "dropped" {
			ts.Check(w.Append(e))
		}
		if second && how == "doubled" {
			ts.Check(w.Append(e))
		}
	}
}

func imageHashes(m *recording.Manifest) []recording.Hash {
	var list []recording.Hash
	for _, image := range m.Images {
		list = append(list, image.SHA256)
	}
	return list
}

// newFormat copies a recording under the next version of the file format.
func newFormat(ts *testscript.TestScript, from, to string) {
	const version, sum = 8, 12 // offsets
	data, err := os.ReadFile(from)
	ts.Check(err)
	binary.LittleEndian.PutUint32(data[version:], recording.Version+1)
	binary.LittleEndian.PutUint32(data[sum:], crc32.Checksum(data[:sum], crc32.MakeTable(crc32.Castagnoli)))
	ts.Check(os.WriteFile(to, data, 0o600))
}
