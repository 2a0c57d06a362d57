package recording

import (
	"bytes"
	"strings"
	"testing"
)

func TestKindNames(t *testing.T) {
	seen := map[string]bool{}
	for k := Kind(0); k < kindCount; k++ {
		name := k.String()
		if name == "" || seen[name] {
			t.Errorf("kind %d has the name %q", k, name)
		}
		seen[name] = true
		if back, err := ParseKind(name); err != nil || back != k {
			t.Errorf("ParseKind(%q) = %v, %v", name, back, err)
		}
		if k.IsAsync() != strings.HasPrefix(name, "async/") || k.IsClock() != strings.HasPrefix(name, "clock/") ||
			k.IsCheckpoint() != strings.HasPrefix(name, "checkpoint/") {
			t.Errorf("%s is in the wrong class", name)
		}
		if k.IsCheckpoint() && (k.Checkpoint().Kind() != k || "checkpoint/"+k.Checkpoint().String() != name) {
			t.Errorf("%s announces %s", name, k.Checkpoint())
		}
		if !k.IsCheckpoint() && k.Checkpoint() != AtNone {
			t.Errorf("%s announces %s", name, k.Checkpoint())
		}
	}
	if _, err := ParseKind("char_reed"); err == nil || !strings.Contains(err.Error(), "char_read") {
		t.Errorf("an unknown kind gives %v", err)
	}
	for c := ShutdownNone; c < shutdownCount; c++ {
		if c.String() == "" {
			t.Errorf("shutdown cause %d has no name", c)
		}
	}
}

func TestEventString(t *testing.T) {
	tests := []struct {
		event Event
		want  string
	}{
		{
			Event{Step: 1234567, Kind: AsyncCharRead, Checkpoint: AtClockVirtual, Data: []byte("help\r\n")},
			`1,234,567 async/char_read checkpoint=clock_virtual device=0 "help\r\n"`,
		},
		{Event{Step: 5, Kind: CheckpointInit, Checkpoint: AtInit}, "5 checkpoint/init"},
		{Event{Step: 5, Kind: Interrupt, Hart: 1, Cause: 7}, "5 interrupt hart=1 cause=7"},
		{Event{Step: 5, Kind: Exception}, "5 exception hart=0 cause=0"},
		{Event{Step: 5, Kind: ClockHost, Value: 1500}, "5 clock/host value=1,500ns"},
		{Event{Step: 5, Kind: CharWrite, Device: 2, Data: []byte{0x1b}}, `5 char_write device=2 result=0 "\x1b"`},
		{Event{Step: 5, Kind: CharReadAllError, Result: -5}, "5 char_read_all_error device=0 result=-5"},
		{Event{Step: 5, Kind: Shutdown, Shutdown: ShutdownHostSignal}, "5 shutdown cause=host_signal"},
		{Event{Step: 5, Kind: Random, Data: []byte{0, 1, 0xfe}}, "5 random 0001fe"},
		{Event{Step: 5, Kind: DebugWrite, Value: 0x80000000, Data: []byte{0x13, 0}}, "5 debug_write value=0x80000000 1300"},
		{
			Event{Step: 5, Kind: AsyncNet, Data: bytes.Repeat([]byte("a"), 300)},
			`5 async/net device=0 "` + strings.Repeat("a", 256) + `"... (300 bytes)`,
		},
	}
	for _, test := range tests {
		if got := test.event.String(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}
