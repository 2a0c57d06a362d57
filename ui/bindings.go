package ui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Binding is an action with its keys as people configure it.
type Binding struct {
	Name string   // of the command that does the same
	Keys []string // such as "s", "ctrl+r", "pgup", "space"
	Pane string   // where it applies; empty for everywhere
	Help string
}

// Bindings are all of them with their default keys, in the order of the cheat
// sheet.
func Bindings() []Binding {
	var list []Binding
	for _, b := range newKeymap() {
		a := Binding{Name: b.name, Help: b.help}
		if b.pane != everywhere {
			a.Pane = paneNames[b.pane]
		}
		for _, key := range b.keys {
			a.Keys = append(a.Keys, writtenKey(key))
		}
		list = append(list, a)
	}
	return list
}

// writtenKey is a key as a configuration names it, readKey the way back.
func writtenKey(key string) string {
	if key == " " {
		return "space"
	}
	return key
}

func readKey(text string) string {
	if text == "space" {
		return " "
	}
	return text
}

// keyError is what is wrong with the keys of an action.
type keyError struct {
	action string
	text   string
}

func (e *keyError) Error() string { return e.text }

// CheckKeys says what is wrong with keys by the names of actions, and of which
// action.
func CheckKeys(keys map[string][]string) (action string, err error) {
	if wrong := rebind(newKeymap(), keys); wrong != nil {
		return wrong.action, wrong
	}
	return "", nil
}

// rebind gives actions other keys. Two actions of one pane cannot share one.
func rebind(keymap []binding, keys map[string][]string) *keyError {
	for _, action := range slices.Sorted(maps.Keys(keys)) {
		i := slices.IndexFunc(keymap, func(b binding) bool { return b.name == action })
		if i < 0 {
			return &keyError{action, fmt.Sprintf("there is no action %q: reprise config lists them", action)}
		}
		keymap[i].keys = nil
		for _, text := range keys[action] {
			key := readKey(text)
			switch {
			case key == "esc" || key == "ctrl+]":
				return &keyError{action, fmt.Sprintf("%s cannot be given to %s: it always goes up or leaves the console", text, action)}
			case !isKey(key):
				return &keyError{action, fmt.Sprintf("%q is not a key: a character, space, or such as ctrl+r, alt+x, f5, pgup, enter, shift+tab", text)}
			}
			keymap[i].keys = append(keymap[i].keys, key)
		}
	}
	type place struct {
		pane paneID
		key  string
	}
	taken := map[place]string{}
	for _, b := range keymap {
		for _, key := range b.keys {
			at := place{b.pane, key}
			other, twice := taken[at]
			taken[at] = b.name
			if !twice {
				continue
			}
			// The one that was configured is named, not the default that it meets.
			action := b.name
			if _, configured := keys[action]; !configured {
				action, other = other, action
			}
			return &keyError{action, fmt.Sprintf("%s is the key of %s and of %s: give one of them another", writtenKey(key), action, other)}
		}
	}
	return nil
}

// isKey reports whether a key can come from a terminal.
func isKey(key string) bool {
	if len([]rune(key)) == 1 {
		return true
	}
	if rest, ok := strings.CutPrefix(key, "alt+"); ok {
		return isKey(rest)
	}
	return slices.Contains(keyNames(), key)
}
