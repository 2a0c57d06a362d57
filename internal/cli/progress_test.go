package cli

import (
	"strings"
	"testing"
	"time"
)

// TestProgressLines looks at what is said where there is no terminal: a line now
// and then, with what is left.
func TestProgressLines(t *testing.T) {
	for total, want := range map[uint64]string{
		1000: "reprise: 250 of 1,000 runs in 10s, 25/s, 30s left\nreprise: 500 of 1,000 runs in 20s, 25/s, 20s left\n",
		0:    "reprise: 250 runs in 10s\nreprise: 500 runs in 20s\n",
	} {
		var out strings.Builder
		now := time.Unix(0, 0)
		p := newProgress(&out, "hunting", "run", total)
		p.now = func() time.Time { return now }
		p.begin, p.said = now, now
		for n := range uint64(600) {
			p.set(n)
			now = now.Add(time.Second / 25)
		}
		p.clear()
		if out.String() != want {
			t.Errorf("of %d: %q, want %q", total, out.String(), want)
		}
	}
}
