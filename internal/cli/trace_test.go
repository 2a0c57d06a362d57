package cli

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"reprise/internal/testing/guests"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

// tracedStep finds the parts of a line about a hart's step.
var tracedStep = regexp.MustCompile(`^([0-9,]+) ([0-9]+) (?:(exception|interrupt) \S+ at )?0x([0-9a-f]+)`)

// shadow is a machine as the lines of a trace tell of it.
type shadow struct {
	registers map[string]uint64
	memory    map[uint64]byte
	loads     int // that memory could be compared with
}

// follow applies what a line says after its semicolons.
func (s *shadow) follow(t *testing.T, line string) {
	t.Helper()
	for _, part := range strings.Split(line, " ; ")[1:] {
		var size int
		var addr, value uint64
		var verb string
		if n, _ := fmt.Sscanf(part, "%s %d 0x%x=0x%x", &verb, &size, &addr, &value); n == 4 {
			s.access(t, line, verb, size, addr, value)
			continue
		}
		for _, word := range strings.Fields(part) {
			name, text, ok := strings.Cut(word, "=0x")
			value, err := strconv.ParseUint(text, 16, 64)
			if !ok || err != nil {
				t.Fatalf("%q is no register in %q", word, line)
			}
			s.registers[name] = value
		}
	}
}

// access stores, or compares what was loaded with what was stored.
func (s *shadow) access(t *testing.T, line, verb string, size int, addr, value uint64) {
	t.Helper()
	for i := range uint64(size) {
		b := byte(value >> (8 * i))
		switch was, known := s.memory[addr+i]; {
		case verb == "store":
			s.memory[addr+i] = b
		case known && addr >= 0x80000000:
			s.loads++
			if was != b {
				t.Errorf("%q: the byte at %#x was %#x", line, addr+i, was)
			}
		}
	}
}

// traceAgrees compares each line of a trace with a replay that is stepped, and
// what the lines together say of registers and memory with its end.
func traceAgrees(t *testing.T, path string, from, to state.Step) *shadow {
	t.Helper()
	out := reprise(t, "trace", "--regs", "--mem", "--from", from.String(), "--to", to.String(), path)
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	tl, err := replay.Play(r, replay.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tl.Close() }()
	if _, err := tl.Seek(t.Context(), from); err != nil {
		t.Fatal(err)
	}
	h := tl.Machine().Hart(0)
	s := &shadow{registers: map[string]uint64{}, memory: map[uint64]byte{}}
	numbers := tracedCSRs(h)
	read := func(want func(name string, value uint64)) {
		for i := range 32 {
			want(riscv.RegName(uint8(i)), h.X(i))
			want(riscv.FRegName(uint8(i)), h.F(i))
		}
		for _, n := range numbers {
			value, _ := h.PeekCSR(n)
			want(riscv.CSRName(n), value)
		}
	}
	read(func(name string, value uint64) { s.registers[name] = value })
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		number, _, _ := strings.Cut(line, " ")
		m := tracedStep.FindStringSubmatch(line)
		if m != nil && m[3] == "exception" {
			if want := tl.Position() - 1; number != want.String() {
				t.Fatalf("%q follows step %v", line, want)
			}
			continue // the step is done
		}
		if number != tl.Position().String() {
			t.Fatalf("%q, where step %v comes", line, tl.Position())
		}
		if m != nil && m[4] != strconv.FormatUint(h.PC(), 16) {
			t.Fatalf("%q, where the pc is %#x", line, h.PC())
		}
		s.follow(t, line)
		if _, err := tl.Step(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if m == nil {
			continue // mip may change with input and time
		}
		read(func(name string, value uint64) {
			if s.registers[name] != value && name != "mip" {
				t.Fatalf("%q: %s is %#x afterwards, the trace has %#x", line, name, value, s.registers[name])
			}
		})
	}
	if tl.Position() != to {
		t.Errorf("the trace ends at step %v, not %v", tl.Position(), to)
	}
	for addr, want := range s.memory {
		var b [1]byte
		if addr >= 0x80000000 && (h.PeekMemory(addr, b[:]) != 1 || b[0] != want) {
			t.Fatalf("the byte at %#x is %#x, the trace has %#x", addr, b[0], want)
		}
	}
	if s.loads == 0 {
		t.Error("nothing that was loaded had been stored before")
	}
	return s
}

// TestTraceAgreesWithStepping traces the demo with its interrupts, waits and
// input, and U-Boot around an environment call.
func TestTraceAgreesWithStepping(t *testing.T) {
	traceAgrees(t, demoRecording(t), 17_000, 40_000)
	path := ubootRecording(t)
	call := environmentCall(t, path)
	traceAgrees(t, path, call-3000, call+2000)
}

// TestTraceAgreesWithGDB compares the addresses of a trace with those at which
// the real gdb stands as it steps.
func TestTraceAgreesWithGDB(t *testing.T) {
	path := ubootRecording(t)
	from := environmentCall(t, path) - 40
	const steps = 80
	commands := []string{fmt.Sprintf("monitor replay_seek %d", uint64(from)), "maintenance flush register-cache", "#walk"}
	for range steps {
		commands = append(commands, `printf "at 0x%lx\n", $pc`, "stepi")
	}
	walk := travel(t, path, guests.UBoot(t), commands...)["walk"]
	var want []string
	for line := range strings.Lines(walk) {
		if addr, ok := strings.CutPrefix(line, "at "); ok {
			want = append(want, strings.TrimSpace(addr))
		}
	}
	if len(want) != steps {
		t.Fatalf("gdb did %d steps, not %d:\n%s", len(want), steps, walk)
	}
	var got []string
	for line := range strings.Lines(reprise(t, "trace", "--from", from.String(), "--to", fmt.Sprintf("+%d", steps), path)) {
		if words := strings.Fields(line); strings.HasPrefix(words[2], "0x") {
			got = append(got, words[2])
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the trace has %v,\ngdb has     %v", got, want)
	}
}
