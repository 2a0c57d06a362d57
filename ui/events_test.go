package ui

import (
	"fmt"
	"slices"
	"testing"

	"reprise/replay/recording"
	"reprise/vm/state"
)

// TestEventRows joins what a console writes character by character, up to the
// end of the line and to where the machine stands.
func TestEventRows(t *testing.T) {
	var events []recording.Event
	write := func(step state.Step, device uint8, text string, taken int) {
		events = append(events, recording.Event{Step: step, Kind: recording.CharWrite, Device: device, Data: []byte(text), Result: int32(taken)})
	}
	for i, c := range "ab\ncd" {
		write(state.Step(10+i), 0, string(c), 1)
	}
	events = append(events, recording.Event{Step: 20, Kind: recording.Interrupt})
	write(21, 0, "e", 1)
	write(22, 1, "f", 1)
	write(23, 1, "gh", 1)
	write(24, 1, "h", 1)
	for _, test := range []struct {
		position state.Step
		here     int
		want     []string
	}{
		{0, 0, []string{"ab\n", "cd", "", "e", "f", "gh", "h"}},
		{10, 0, []string{"ab\n", "cd", "", "e", "f", "gh", "h"}},
		{11, 1, []string{"a", "b\n", "cd", "", "e", "f", "gh", "h"}},
		{13, 1, []string{"ab\n", "cd", "", "e", "f", "gh", "h"}},
		{14, 2, []string{"ab\n", "c", "d", "", "e", "f", "gh", "h"}},
		{20, 2, []string{"ab\n", "cd", "", "e", "f", "gh", "h"}},
		{100, 7, []string{"ab\n", "cd", "", "e", "f", "gh", "h"}},
	} {
		rows, here := eventRows(events, test.position)
		var got []string
		total := 0
		for _, r := range rows {
			got = append(got, string(r.event.Data))
			total += r.count
			if r.count > 1 && int(r.event.Result) != len(r.event.Data) { // "gh" alone was not taken whole
				t.Errorf("at %v: %q counts as %d bytes", test.position, r.event.Data, r.event.Result)
			}
		}
		if !slices.Equal(got, test.want) || here != test.here || total != len(events) {
			t.Errorf("at %v: %q from %d on, want %q from %d on", test.position, got, here, test.want, test.here)
		}
	}
	if text := fmt.Sprint(events[0].Data); text != "[97]" {
		t.Errorf("the events themselves were changed: %s", text)
	}
}
