package ui

import (
	"strings"
	"testing"
)

// TestKeysAreRebound gives actions other keys: the keyboard, the footer and the
// help follow.
func TestKeysAreRebound(t *testing.T) {
	o := toyOptions()
	d := newDriver(t, 120, 40, plain, o)
	d.m.keymap = newKeymap()
	if wrong := rebind(d.m.keymap, map[string][]string{"step": {"f7", "x"}, "close-pane": {}, "pause": {"space"}}); wrong != nil {
		t.Fatal(wrong)
	}
	d.press("x")
	d.shows("step 1 of", "F7 step")
	d.press("s")
	d.shows("step 1 of")
	d.press("?")
	d.write("do one step")
	d.shows("F7")
}

// TestKeysThatCannotBe are refused, with the action they are of.
func TestKeysThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		action string
		keys   []string
		want   string
	}{
		{"step", []string{"n"}, "n is the key of step and of next"},
		{"travel", []string{"enter"}, ""},
		{"zoom-in", []string{"left"}, "left is the key of zoom-in and of earlier"},
		{"step", []string{"esc"}, "cannot be given"},
		{"step", []string{"ctrl+]"}, "cannot be given"},
		{"step", []string{"meta+q"}, "is not a key"},
		{"step", []string{"alt+s", "f12", "space2"}, "is not a key"},
		{"jump", nil, `no action "jump"`},
	} {
		action, err := CheckKeys(map[string][]string{c.action: c.keys})
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s %q: %v", c.action, c.keys, err)
		case c.want != "" && (err == nil || action != c.action || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s %q: %q, %v", c.action, c.keys, action, err)
		}
	}
	if _, err := CheckKeys(nil); err != nil {
		t.Errorf("the defaults: %v", err)
	}
}
