package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reprise/replay/recording"
)

// TestCast writes a film whose characters come in pieces, and some never whole.
func TestCast(t *testing.T) {
	var out bytes.Buffer
	c := NewCast(&out, 80, 24, "boot <1>")
	c.Output(0, []byte("a\xe6\x97"))
	c.Output(1_500_000, []byte("\xa5b\xff"))
	c.Output(2_000_001_999, []byte("\xf0\x9f"))
	if err := c.Close(3e9); err != nil {
		t.Fatal(err)
	}
	want := "{\"version\":2,\"width\":80,\"height\":24,\"title\":\"boot <1>\"}\n" +
		"[0,\"o\",\"a\"]\n[0.0015,\"o\",\"日b\ufffd\"]\n[3,\"o\",\"\ufffd\"]\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

// TestEvents writes the same events as JSON and as CSV.
func TestEvents(t *testing.T) {
	events := []recording.Event{
		{Step: 5, Kind: recording.CharWrite, Data: []byte("a,\"b\"\n"), Result: 6},
		{Step: 7, Kind: recording.Interrupt, Hart: 1, Cause: 7},
		{Step: 9, Kind: recording.AsyncCharRead, Checkpoint: recording.AtClockVirtual, Data: []byte{0xff}},
	}
	var asJSON, asCSV bytes.Buffer
	one, other := JSONEvents(&asJSON), CSVEvents(&asCSV)
	for i := range events {
		if err := one(&events[i]); err != nil {
			t.Fatal(err)
		}
		if err := other(&events[i]); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(&asCSV).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		csvColumns,
		{"5", "char_write", "", "", "0", "", "", "0", "6", "a,\"b\"\n", ""},
		{"7", "interrupt", "", "", "", "1", "7", "0", "", "", ""},
		{"9", "async/char_read", "clock_virtual", "", "0", "", "", "0", "", "", "/w=="},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	for line := range strings.Lines(asJSON.String()) {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil || object["kind"] == nil {
			t.Errorf("%q: %v", line, err)
		}
	}
}
