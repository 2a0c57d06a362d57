package assets_test

import (
	"strings"
	"testing"

	"reprise/internal/testing/guests"
)

// demo is the demo at its first prompt.
func demo(t *testing.T) *guests.Reference {
	t.Helper()
	machine := guests.StartReference(t, append(icount, "-bios", guests.Demo(t))...)
	machine.WaitFor(guests.DemoPrompt)
	return machine
}

// enter types a line and returns what the demo says to it, without colours.
func enter(machine *guests.Reference, line string) string {
	machine.Type(line + "\r")
	answer := plain(machine.WaitFor(guests.DemoPrompt))
	_, answer, _ = strings.Cut(answer, "\r\n")
	return strings.TrimSuffix(answer, guests.DemoPrompt)
}

func plain(text string) string {
	for {
		before, rest, found := strings.Cut(text, "\x1b[")
		if !found {
			return text
		}
		_, after, _ := strings.Cut(rest, "m")
		text = before + after
	}
}

// TestDemo uses every command, and what goes wrong in them.
func TestDemo(t *testing.T) {
	machine := demo(t)
	for _, step := range []struct{ line, want string }{
		{"", ""},
		{"   ", ""},
		{"nonsense", "nonsense: no such command: help lists them\r\n"},
		{"ps", "no jobs: add NAME makes one\r\n"},
		{"add", "add: a name of 1 to 15 characters, please\r\n"},
		{"add 1234567890123456", "add: a name of 1 to 15 characters, please\r\n"},
		{"add one", ""},
		{"  add   two", ""},
		{"add one", "add: there is a job of that name\r\n"},
		{"list", "name             ticks  sum\r\none                  0  -\r\ntwo                  0  -\r\n"},
		{"del three", "del: no such job: ps lists them\r\n"},
		{"del one", ""},
		{"ps", "name             ticks  sum\r\ntwo                  0  -\r\n"},
		{"mem", "1 slots used, 7 free; 0 jobs expired so far\r\n"},
		{"nothing\x15mex\x7fm", "1 slots used, 7 free; 0 jobs expired so far\r\n"},
		{"ps\x03", ""},
		{"add a", ""},
		{"add b", ""},
		{"add c", ""},
		{"add d", ""},
		{"add e", ""},
		{"add f", ""},
		{"add g", ""},
		{"add h", "add: the table is full: del NAME makes room\r\n"},
	} {
		got := enter(machine, step.line)
		if strings.HasSuffix(step.line, "\x03") {
			machine.WaitFor(guests.DemoPrompt) // after the Enter too
		}
		if got != step.want {
			t.Errorf("%q gave %q, want %q", step.line, got, step.want)
		}
	}
	if got := enter(machine, "help"); strings.Count(got, "\r\n") != 8 || !strings.Contains(got, "  add  NAME  add a job\r\n") {
		t.Errorf("help says %q", got)
	}
	if got := enter(machine, "time"); !strings.HasPrefix(got, "up ") || !strings.HasSuffix(got, " s\r\n") {
		t.Errorf("time says %q", got)
	}
	machine.Type("off\r")
	if status := machine.Wait(); status != 0 || !strings.HasSuffix(machine.Output(), "bye\r\n") {
		t.Errorf("status %d after off:\n%s", status, machine.Output())
	}
}

// TestDemoTypedFast types more than the ring holds while the demo computes.
func TestDemoTypedFast(t *testing.T) {
	machine := demo(t)
	machine.Type("add a\rsum\r" + strings.Repeat("nonsense\r", 500) + "off\r")
	if status := machine.Wait(); status != 0 {
		t.Fatalf("status %d:\n%s", status, machine.Output())
	}
	if got := strings.Count(machine.Output(), "nonsense: no such command"); got != 500 {
		t.Errorf("%d of 500 lines arrived", got)
	}
}

// crashReport is the end of each session that hits the bug: the sum of alpha as
// the address of a load.
const crashReport = "*** trap: load access fault ***\r\n" +
	"mcause  0000000000000005\r\n" +
	"mtval   eacdeebb9ff40780\r\n"

// TestDemoCrash types the session of the README: line by line, and all at once.
func TestDemoCrash(t *testing.T) {
	lines := guests.CrashLines()
	last := len(lines) - 1
	for name, play := range map[string]func(*guests.Reference){
		"slowly": func(machine *guests.Reference) {
			for _, line := range lines[:last] {
				if got := enter(machine, line); line == "ps" && strings.Contains(got, "alpha") {
					t.Errorf("alpha has not expired:\n%s", got)
				}
			}
			machine.Type(lines[last] + "\r")
		},
		"at once": func(machine *guests.Reference) { machine.Type(strings.Join(lines, "\r") + "\r") },
	} {
		t.Run(name, func(t *testing.T) {
			machine := demo(t)
			play(machine)
			if status := machine.Wait(); status != guests.CrashCode {
				t.Errorf("status %d, want %d", status, guests.CrashCode)
			}
			if !strings.Contains(plain(machine.Output()), crashReport) {
				t.Errorf("no crash report:\n%s", machine.Output())
			}
		})
	}
}

// TestDemoWithoutTheBug does the same without a job that expires while it is
// computed: the demo must not crash otherwise.
func TestDemoWithoutTheBug(t *testing.T) {
	machine := demo(t)
	for _, line := range []string{"add alpha", "sum", "del alpha", "add beta", "sum", "ps", "add gamma", "add delta", "del beta"} {
		enter(machine, line)
	}
	if got, want := enter(machine, "mem"), "2 slots used, 6 free; 0 jobs expired so far\r\n"; got != want {
		t.Errorf("mem says %q, want %q", got, want)
	}
}
