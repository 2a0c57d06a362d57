package monitor_test

import (
	"strings"
	"testing"
	"unicode"

	"reprise/internal/monitor"
	"reprise/internal/testing/toysession"
)

// FuzzRun gives a session two lines that may be anything. Each is answered, what
// is wrong with one is said in a line, and the session goes on.
func FuzzRun(f *testing.F) {
	for _, c := range monitor.Table() {
		f.Add(c.Name, c.Name+" 1")
	}
	for _, line := range []string{
		"replay_seek 50%", "replay_seek 1us", "seek -20", "g event 3", "x/4i $pc", "xp /2xg 0x80000000", "print $sp+0x10", "b work+4",
		"watch p:0x80001000 4", "last_write $a0", "writes counter 8 0 100", "diff 0 100", "when line 3", "translate 0x80000000",
		"bookmark here a note", "savevm a", "loadvm a", "info events 5", "help info registers", "ringbuf_read ring 5", "e irq7", "",
	} {
		f.Add("s 100", line)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		const last = 500
		toy := toysession.New(toysession.Options{Name: "toy.reprise", Last: last})
		defer toy.Wait()
		e := monitor.Env{Session: toy, Symbols: toysession.Symbols(), Holder: "monitor", Hart: -1, Quit: func() {}, Marks: &book{}}
		for _, line := range []string{first, second, "info status"} {
			out, err := monitor.Run(t.Context(), e, line)
			if err != nil && (err.Error() == "" || strings.ContainsFunc(err.Error(), func(r rune) bool { return r != ' ' && unicode.IsControl(r) })) {
				t.Errorf("%q: the error is %q", line, err)
			}
			if strings.HasSuffix(out, "\n") {
				t.Errorf("%q: the answer ends with an empty line: %q", line, out)
			}
			if st := toy.Status(); st.Position > last || st.Running {
				t.Errorf("%q leaves the session at step %v, running: %v", line, st.Position, st.Running)
			}
			if line == "info status" && (err != nil || out == "") {
				t.Errorf("after %q and %q the session answers %q, %v", first, second, out, err)
			}
		}
	})
}
