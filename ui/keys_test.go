package ui

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// cheatSheet is all bindings as a page for people.
func cheatSheet() string {
	var b strings.Builder
	b.WriteString("# Keys\n\nMade from the bindings by `go test ./ui -update`. The name is what the command line behind `:` takes.\n")
	keymap := newKeymap()
	section := func(title string, pane paneID) {
		fmt.Fprintf(&b, "\n## %s\n\n| key | name | what it does |\n|---|---|---|\n", title)
		for i := range keymap {
			if bound := &keymap[i]; bound.pane == pane {
				var keys []string
				for _, key := range bound.keys {
					keys = append(keys, "`"+shownKey(key)+"`")
				}
				fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.Join(keys, " "), bound.name, bound.help)
			}
		}
	}
	section("Everywhere", everywhere)
	for p := range paneCount {
		for i := range keymap {
			if keymap[i].pane == p {
				section(p.String(), p)
				break
			}
		}
	}
	b.WriteString("\n## Console, while typing\n\n`Ctrl-]` leaves it. Every other key goes to the guest.\n")
	return b.String()
}

// TestCheatSheet holds docs/keys.md against the bindings.
func TestCheatSheet(t *testing.T) {
	const path = "../docs/keys.md"
	want := cheatSheet()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the bindings say: go test ./ui -update", path)
	}
}
