package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"reprise/internal/testing/toysession"
)

// album collects screens, which are compared with a file all at once.
type album struct {
	t     *testing.T
	name  string
	plain bool // colours are left out
	text  strings.Builder
}

// colours matches what sets one.
var colours = regexp.MustCompile(`\x1b\[([0-9;:]*[;:])?(3[0-9]|4[0-9]|9[0-7]|10[0-7])[;:m]`)

// add takes the screen of a driver.
func (a *album) add(name string, d *driver) {
	a.t.Helper()
	d.frame()
	fmt.Fprintf(&a.text, "== %s\n", name)
	for line := range strings.SplitSeq(d.m.View(), "\n") {
		if a.plain {
			if colours.MatchString(line) {
				a.t.Errorf("%s: there are colours: %q", name, line)
			}
			line = strings.TrimRight(line, " ")
		}
		a.text.WriteString(line + "\n")
	}
}

// compare holds the screens against the file, which -update writes.
func (a *album) compare() {
	a.t.Helper()
	path := filepath.Join("testdata", a.name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(a.text.String()), 0o644); err != nil {
			a.t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		a.t.Fatalf("%v: go test ./ui -update makes it", err)
	}
	want := strings.Split(string(data), "\n== ")
	got := strings.Split(a.text.String(), "\n== ")
	if len(want) != len(got) {
		a.t.Errorf("%d screens, %s has %d (go test ./ui -update accepts them)", len(got), path, len(want))
		return
	}
	for i := range got {
		if got[i] != want[i] {
			a.t.Errorf("the screen differs from %s (go test ./ui -update accepts it):\n%s\nwant:\n%s", path, got[i], want[i])
		}
	}
}

// TestGolden compares whole screens: each mode and each pane at each size, with
// colours and without.
func TestGolden(t *testing.T) {
	for _, size := range []struct{ width, height int }{{40, 12}, {60, 20}, {80, 24}, {120, 40}, {200, 60}} {
		for name, look := range map[string]Look{"": color, "-plain": plain} {
			a := &album{t: t, name: fmt.Sprintf("%dx%d%s", size.width, size.height, name), plain: look == plain}
			replay := func() *driver {
				return newDriver(t, size.width, size.height, look, toysession.Options{Name: "toy.reprise", Last: 123_456})
			}
			d := replay()
			a.add("replay, at the start", d)
			d.press("e", "e", "e", "s", "b", "s")
			a.add("replay", d)
			d.press("?")
			a.add("help", d)
			d.press("esc", ":")
			d.write("step")
			a.add("command line", d)
			d.press("esc", "g")
			d.write("100%")
			d.press("enter")
			a.add("replay, at the end", d)
			d.press("s")
			a.add("a reason", d)
			d.toy.Take("gdb")
			d.settle()
			a.add("gdb has the controls", d)

			d = newDriver(t, size.width, size.height, look, toysession.Options{Name: "new.reprise", Last: 5000, Live: true})
			a.add("live, paused", d)
			d.press("c")
			a.add("live, running", d)
			d.press("i")
			a.add("input", d)
			d.press("ctrl+]", "p", "S")
			a.add("the past of live", d)
			d = newDriver(t, size.width, size.height, look, toysession.Options{Name: "new.reprise", Last: 5000, Live: true})
			d.press("q")
			a.add("a question", d)

			for p := range paneCount {
				d := replay()
				d.run(d.m.focusOn(p))
				d.press("e", "e", "s", "down")
				a.add("pane "+p.String(), d)
			}
			a.compare()
		}
	}
}
