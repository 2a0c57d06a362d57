package cli

import (
	"strings"
	"testing"

	"reprise/replay/recording"
)

// TestTrapCauses reads causes by number and by name.
func TestTrapCauses(t *testing.T) {
	for text, want := range map[string]string{
		"13":                            "exception 13 (load_page_fault)",
		"0xd":                           "exception 13 (load_page_fault)",
		"load_page_fault":               "exception 13 (load_page_fault)",
		"Load page fault":               "exception 13 (load_page_fault)",
		"load-page-fault":               "exception 13 (load_page_fault)",
		"store/AMO access fault":        "exception 7 (fault_store)",
		"fault_store":                   "exception 7 (fault_store)",
		"Environment call from U-mode":  "exception 8 (user_ecall)",
		"2":                             "exception 2 (illegal_instruction)",
		"irq7":                          "interrupt 7 (m_timer)",
		"m_timer":                       "interrupt 7 (m_timer)",
		"supervisor external interrupt": "interrupt 9 (s_external)",
	} {
		c, err := parseTrapCause(text)
		if err != nil || c.String() != want {
			t.Errorf("%q: %v, %v", text, c, err)
		}
	}
	for _, text := range []string{"", "64", "irq", "irq64", "-1", "fault", "irqq"} {
		if c, err := parseTrapCause(text); err == nil {
			t.Errorf("%q: %v", text, c)
		}
	}
}

// TestLookout shows signs to a lookout, and what looks like them.
func TestLookout(t *testing.T) {
	out := func(device uint8, text string) recording.Event {
		return recording.Event{Kind: recording.CharWrite, Device: device, Data: []byte(text), Result: int32(len(text))}
	}
	refused := out(0, "panic")
	refused.Result = 3
	shut := func(c recording.ShutdownCause, code uint64) recording.Event {
		return recording.Event{Kind: recording.Shutdown, Shutdown: c, Value: code}
	}
	trap := func(k recording.Kind, cause uint64) recording.Event { return recording.Event{Kind: k, Cause: cause} }
	for name, test := range map[string]struct {
		flags  signFlags
		events []recording.Event
		at     int // which is the sign; -1 for none
	}{
		"in pieces":          {signFlags{console: "panic"}, []recording.Event{out(0, "a\nKernel pa"), out(0, "nic: x")}, 1},
		"over two lines":     {signFlags{console: "panic"}, []recording.Event{out(0, "pa\n"), out(0, "nic")}, -1},
		"two consoles":       {signFlags{console: "panic"}, []recording.Event{out(0, "pa"), out(1, "nic"), out(0, "nic")}, 2},
		"what was refused":   {signFlags{console: "^panic$"}, []recording.Event{refused, out(0, "ic"), out(0, "x")}, 1},
		"beginning":          {signFlags{console: "^nic"}, []recording.Event{out(0, "pa"), out(0, "nic\r\nnic")}, 1},
		"a carriage return":  {signFlags{console: "^panic$"}, []recording.Event{out(0, "pan"), out(0, "ic\r\n")}, 1},
		"a line without end": {signFlags{console: "panic"}, []recording.Event{out(0, strings.Repeat("x", 3*lineLimit)), out(0, "panic")}, 1},
		"power-off":          {signFlags{exit: "0"}, []recording.Event{shut(recording.ShutdownGuestPanic, 1), shut(recording.ShutdownGuestReset, 0), shut(recording.ShutdownGuestShutdown, 0)}, 2},
		"a code":             {signFlags{exit: "3"}, []recording.Event{shut(recording.ShutdownGuestShutdown, 0), shut(recording.ShutdownGuestPanic, 1), shut(recording.ShutdownGuestPanic, 3)}, 2},
		"any failure":        {signFlags{exit: "failure"}, []recording.Event{shut(recording.ShutdownGuestShutdown, 0), shut(recording.ShutdownHostSignal, 0), shut(recording.ShutdownGuestPanic, 9)}, 2},
		"an exception":       {signFlags{trap: "7"}, []recording.Event{trap(recording.Interrupt, 7), trap(recording.Exception, 5), trap(recording.Exception, 7)}, 2},
		"an interrupt":       {signFlags{trap: "irq7"}, []recording.Event{trap(recording.Exception, 7), trap(recording.Interrupt, 5), trap(recording.Interrupt, 7)}, 2},
		"whichever is first": {signFlags{trap: "irq7", exit: "1", console: "x"}, []recording.Event{out(0, "y"), trap(recording.Interrupt, 7), out(0, "x")}, 1},
	} {
		signs, err := test.flags.parse()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		l, at := lookout{signs: signs, lines: map[uint8][]byte{}}, -1
		for i, e := range test.events {
			e.Step = recording.Step(100 + i)
			if l.sees(e) {
				at = i
			}
		}
		if at != test.at || at >= 0 && (l.hit == nil || l.hit.step != recording.Step(100+at) || l.hit.what == "") {
			t.Errorf("%s: event %d, %+v, want %d", name, at, l.hit, test.at)
		}
	}
}
