package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"reprise/assets"
)

// demoFiles are the bundled recording and its program, as files.
func demoFiles(t testing.TB) (recording, program string) {
	t.Helper()
	recording, program = filepath.Join(t.TempDir(), "demo.reprise"), filepath.Join(t.TempDir(), "demo.elf")
	for path, data := range map[string][]byte{recording: assets.DemoRecording(), program: assets.Demo()} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return recording, program
}

// frameOurs and frameGDB find the address of a frame in what is printed.
var (
	frameOurs = regexp.MustCompile(`(?m)^#\d+ +0x0*([0-9a-f]+) in (.*)$`)
	frameGDB  = regexp.MustCompile(`(?m)^PC ([0-9a-f]+)$`)
)

// frameAddresses are the addresses of frames. gdb gives inlined calls frames of
// their own, with the address of the one that they are in.
func frameAddresses(pattern *regexp.Regexp, text string) []string {
	var list []string
	for _, found := range pattern.FindAllStringSubmatch(text, -1) {
		list = append(list, found[1])
	}
	return slices.Compact(list)
}

// TestBacktraceLikeGDB compares stacks with those that gdb finds, at places all
// over the demo, in a trap handler and in the middle of prologues too. gdb stops
// at main.
func TestBacktraceLikeGDB(t *testing.T) {
	path, program := demoFiles(t)
	d := startDebuggee(t, "replay", "--no-tui", "--gdb", "tcp:127.0.0.1:0", "-S", path)
	commands := []string{"file " + program, "set width 0", "break trap_entry", "monitor replay_seek 50%", "maintenance flush register-cache"}
	var places []string
	look := func(place string, by ...string) {
		commands = append(commands, by...)
		commands = append(commands, "#gdb "+place, `frame apply all -q printf "PC %lx\n", $pc`, "#here "+place, "monitor bt")
		places = append(places, place)
	}
	// The way into a trap and what its handler calls, instruction by instruction.
	commands = append(commands, "continue")
	for n := range 60 {
		look(fmt.Sprintf("trap %d", n), "stepi")
	}
	// Calls and returns, wherever the program is.
	for n := range 20 {
		seek := []string{fmt.Sprintf("monitor replay_seek %d%%", 5*n+2), "maintenance flush register-cache", "maintenance flush dcache"}
		look(fmt.Sprintf("place %d", n), seek...)
		for i := range 8 {
			look(fmt.Sprintf("place %d+%d", n, i), "stepi 7")
		}
	}
	printed := d.gdb(t, append(commands, "kill")...)
	deep, traps := 0, 0
	for _, place := range places {
		here := printed["here "+place]
		want, got := frameAddresses(frameGDB, printed["gdb "+place]), frameAddresses(frameOurs, here)
		if n := len(want); n < len(got) && strings.Contains(here, got[n-1]+" in main ") {
			got = got[:n]
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: gdb says %v, here it is\n%s", place, want, here)
		}
		if len(want) > 2 {
			deep++
		}
		if strings.Contains(here, "<trap>") {
			traps++
		}
	}
	if deep < 20 || traps < 20 {
		t.Errorf("only %d stacks of three frames and %d with a trap", deep, traps)
	}
}

// TestPrintLikeGDB compares values of expressions with what gdb prints at the
// same places, and conditions of breakpoints with where gdb stops.
func TestPrintLikeGDB(t *testing.T) {
	path, program := demoFiles(t)
	d := startDebuggee(t, "replay", "--no-tui", "--gdb", "tcp:127.0.0.1:0", "-S", path)
	places := map[string][]string{
		"break pool_give": {"slot", "job", "free_slots", "usage.used", "usage", "*link", "&usage.expired"},
		"break jobs.c:31": {
			"slot", "slot->next", "free_slots == slot", "&pool[3] - pool", "sizeof(union slot)", "pool[1].job.ticks", "jobs", "&jobs->next",
			"(long)jobs->sum", "jobs->name[0]", "(uint8_t)jobs->sum", "jobs != 0 && jobs->ticks < 4", "-usage.used", "jobs->ticks / 3.0 > 1",
			"usage.used << 4 | 1", "jobs->next ? 1 : 2", "*(uint32_t *)jobs", "(struct job *)slot", "slot->job.next", "jobs->sum % 1000",
		},
		"break checksum": {"(long)data", "data[0] == data[1]", "(long)(data + 2)", "*data", "&data[4095] - data"},
		"break execute":  {"line", "line[1]", "*line == 's'", "$sp", "$a0 + 1", "(unsigned char)$a0"},
	}
	commands := []string{"file " + program, "set width 0", "set print symbol off", "set print address on"}
	var marks []string
	for place, list := range places {
		commands = append(commands, "monitor replay_seek 0", "maintenance flush register-cache", "delete", place, "continue", "continue")
		for i, text := range list {
			mark := fmt.Sprintf("%s %d: %s", place, i, text)
			commands = append(commands, "#gdb "+mark, "print "+text, "#here "+mark, "monitor print "+text, "#end")
			marks = append(marks, mark)
		}
	}
	printed := d.gdb(t, append(commands,
		"delete", "monitor replay_seek 0", "maintenance flush register-cache", "break pool_take if usage.used == 2", "continue", "#gdb", "print $pc", "monitor info digest",
		"delete", "monitor replay_seek 0", "maintenance flush register-cache", "monitor b pool_take if usage.used == 2", "monitor c", "#here", "print $pc", "monitor info digest", "monitor info breakpoints",
		"kill")...)
	compared := 0
	for _, mark := range marks {
		_, want, ok := strings.Cut(printed["gdb "+mark], " = ")
		got := printed["here "+mark]
		if !ok || want == "<optimized out>" { // gdb knows no such name there, or no value
			continue
		}
		compared++
		if symbol := strings.LastIndex(got, " <"); symbol > 0 {
			got = got[:symbol]
		}
		if hex, decimal, both := strings.Cut(got, " = "); both && strings.HasPrefix(got, "0x") { // in both bases
			if got = decimal; strings.HasPrefix(want, "(void") {
				got = "(void *) " + hex
			}
		}
		if got != want {
			t.Errorf("%s is %q, gdb says %q", mark, got, want)
		}
	}
	if compared < 25 {
		t.Errorf("only %d values compared", compared)
	}
	if here := printed["here"]; !strings.Contains(here, printed["gdb"][strings.LastIndex(printed["gdb"], "step"):]) || !strings.Contains(here, "if usage.used == 2, hit once") {
		t.Errorf("the condition leads to\n%s\nwith gdb to\n%s", here, printed["gdb"])
	}
}
