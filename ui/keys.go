package ui

import (
	"fmt"
	"reflect"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/term"
)

// leaveInput is the one key that input mode keeps for itself: Ctrl-].
const leaveInput = tea.KeyCtrlCloseBracket

// modifiers as xterm numbers them in its sequences.
const (
	modShift = 1
	modAlt   = 2
	modCtrl  = 4
)

// special is how xterm sends a key that is no character: either ESC [ final
// (or ESC O final) or ESC [ number ~.
type special struct {
	final  byte // 0 if the key has a number
	number int
	mod    int
	ss3    bool // ESC O even in normal mode: F1 to F4
}

// specials are xterm's sequences (its control sequence list, "PC-Style Function
// Keys"). F13 to F20 do not exist on its keyboard: they are shift and F1 to F8.
var specials = map[tea.KeyType]special{
	tea.KeyUp: {final: 'A'}, tea.KeyDown: {final: 'B'}, tea.KeyRight: {final: 'C'}, tea.KeyLeft: {final: 'D'},
	tea.KeyHome: {final: 'H'}, tea.KeyEnd: {final: 'F'},
	tea.KeyShiftUp: {final: 'A', mod: modShift}, tea.KeyShiftDown: {final: 'B', mod: modShift},
	tea.KeyShiftRight: {final: 'C', mod: modShift}, tea.KeyShiftLeft: {final: 'D', mod: modShift},
	tea.KeyShiftHome: {final: 'H', mod: modShift}, tea.KeyShiftEnd: {final: 'F', mod: modShift},
	tea.KeyCtrlUp: {final: 'A', mod: modCtrl}, tea.KeyCtrlDown: {final: 'B', mod: modCtrl},
	tea.KeyCtrlRight: {final: 'C', mod: modCtrl}, tea.KeyCtrlLeft: {final: 'D', mod: modCtrl},
	tea.KeyCtrlHome: {final: 'H', mod: modCtrl}, tea.KeyCtrlEnd: {final: 'F', mod: modCtrl},
	tea.KeyCtrlShiftUp: {final: 'A', mod: modCtrl | modShift}, tea.KeyCtrlShiftDown: {final: 'B', mod: modCtrl | modShift},
	tea.KeyCtrlShiftRight: {final: 'C', mod: modCtrl | modShift}, tea.KeyCtrlShiftLeft: {final: 'D', mod: modCtrl | modShift},
	tea.KeyCtrlShiftHome: {final: 'H', mod: modCtrl | modShift}, tea.KeyCtrlShiftEnd: {final: 'F', mod: modCtrl | modShift},
	tea.KeyInsert: {number: 2}, tea.KeyDelete: {number: 3}, tea.KeyPgUp: {number: 5}, tea.KeyPgDown: {number: 6},
	tea.KeyCtrlPgUp: {number: 5, mod: modCtrl}, tea.KeyCtrlPgDown: {number: 6, mod: modCtrl},
	tea.KeyF1: {final: 'P', ss3: true}, tea.KeyF2: {final: 'Q', ss3: true},
	tea.KeyF3: {final: 'R', ss3: true}, tea.KeyF4: {final: 'S', ss3: true},
	tea.KeyF5: {number: 15}, tea.KeyF6: {number: 17}, tea.KeyF7: {number: 18}, tea.KeyF8: {number: 19},
	tea.KeyF9: {number: 20}, tea.KeyF10: {number: 21}, tea.KeyF11: {number: 23}, tea.KeyF12: {number: 24},
	tea.KeyF13: {final: 'P', mod: modShift, ss3: true}, tea.KeyF14: {final: 'Q', mod: modShift, ss3: true},
	tea.KeyF15: {final: 'R', mod: modShift, ss3: true}, tea.KeyF16: {final: 'S', mod: modShift, ss3: true},
	tea.KeyF17: {number: 15, mod: modShift}, tea.KeyF18: {number: 17, mod: modShift},
	tea.KeyF19: {number: 18, mod: modShift}, tea.KeyF20: {number: 19, mod: modShift},
}

// singly takes apart what the terminal sent at once, as it does when keys come
// faster than they are read. Pasted text stays whole, and so does typing: text
// for the guest.
func singly(k tea.KeyMsg, typing bool) []tea.KeyMsg {
	if k.Type != tea.KeyRunes || k.Paste || k.Alt || typing || len(k.Runes) < 2 {
		return []tea.KeyMsg{k}
	}
	keys := make([]tea.KeyMsg, len(k.Runes))
	for i, r := range k.Runes {
		keys[i] = tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}}
	}
	return keys
}

// encodeKey returns what xterm sends for a key while the guest has set the
// given modes; nothing for a key that it does not have.
func encodeKey(k tea.Key, modes term.Modes) []byte {
	switch {
	case k.Paste && modes.BracketedPaste:
		return []byte("\x1b[200~" + string(k.Runes) + "\x1b[201~")
	case k.Type == tea.KeyRunes || k.Type == tea.KeySpace:
		return withAlt(k.Alt, string(k.Runes))
	case k.Type >= 0 && k.Type <= 0x7f: // a control character
		return withAlt(k.Alt, string(rune(k.Type)))
	case k.Type == tea.KeyShiftTab:
		return withAlt(k.Alt, "\x1b[Z")
	}
	s, ok := specials[k.Type]
	if !ok {
		return nil
	}
	if k.Alt {
		s.mod |= modAlt
	}
	switch {
	case s.number != 0 && s.mod == 0:
		return fmt.Appendf(nil, "\x1b[%d~", s.number)
	case s.number != 0:
		return fmt.Appendf(nil, "\x1b[%d;%d~", s.number, s.mod+1)
	case s.mod != 0:
		return fmt.Appendf(nil, "\x1b[1;%d%c", s.mod+1, s.final)
	case s.ss3 || modes.ApplicationCursor:
		return []byte{0x1b, 'O', s.final}
	}
	return []byte{0x1b, '[', s.final}
}

// keyNames are the names of all keys that are no characters.
func keyNames() []string {
	var names []string
	for k := tea.KeyType(-100); k <= 127; k++ {
		if name := (tea.Key{Type: k}).String(); name != "" && k != tea.KeyRunes {
			names = append(names, name)
		}
	}
	return names
}

func withAlt(alt bool, text string) []byte {
	if alt {
		return []byte("\x1b" + text)
	}
	return []byte(text)
}

// unparsed returns the bytes of an input message that Bubble Tea has no name
// for: an unknown sequence or a byte that is not UTF-8. Their types are not
// exported, only their kinds tell them.
func unparsed(msg tea.Msg) ([]byte, bool) {
	v := reflect.ValueOf(msg)
	if !v.IsValid() || v.Type().PkgPath() != reflect.TypeFor[tea.KeyMsg]().PkgPath() {
		return nil, false
	}
	switch {
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		return append([]byte(nil), v.Bytes()...), true
	case v.Kind() == reflect.Uint8:
		return []byte{byte(v.Uint())}, true
	}
	return nil, false
}
