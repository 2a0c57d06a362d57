package term

import (
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi/parser"
)

const (
	maxParams = 32
	maxParam  = 1 << 16
	maxString = 4096 // bytes of a control string; the rest is dropped
)

// decoder turns bytes into characters and control functions. The states and
// transitions are those of the DEC parser in x/ansi; what this adds is that it
// is a value, which a clone can copy in the middle of a sequence, that UTF-8 is
// checked, and that bytes from 0x80 up are never C1 controls: in UTF-8 they are
// parts of characters.
type decoder struct {
	state  parser.State
	prefix byte // private marker: one of < = > ?
	inter  byte // last intermediate byte
	bad    bool // malformed: consume to the end, then ignore
	params [maxParams]int32
	sub    uint32 // bit i: parameter i was separated by a colon
	n      int    // parameters so far
	over   bool   // more parameters than fit
	data   []byte // control string
	utf    [utf8.UTFMax]byte
	utfLen int
}

// clear forgets the sequence collected so far.
func (d *decoder) clear() {
	d.prefix, d.inter, d.bad, d.over = 0, 0, false, false
	d.sub, d.n = 0, 0
	d.data = d.data[:0]
}

// param returns parameter i, or def where it is missing or zero.
func (d *decoder) param(i, def int) int {
	if i >= d.n || d.params[i] <= 0 {
		return def
	}
	return int(d.params[i])
}

// addParam collects one byte of the parameter string.
func (d *decoder) addParam(b byte) {
	if d.n == 0 {
		d.params[0], d.n = -1, 1
	}
	if b == ';' || b == ':' {
		if d.n == maxParams {
			d.over = true
			return
		}
		d.params[d.n] = -1
		if b == ':' {
			d.sub |= 1 << d.n
		}
		d.n++
		return
	}
	if p := &d.params[d.n-1]; !d.over {
		*p = min(max(*p, 0)*10+int32(b-'0'), maxParam)
	}
}

// isString reports whether the state collects a control string.
func isString(state parser.State) bool {
	return state == parser.DcsStringState || state >= parser.OscStringState && state <= parser.ApcStringState
}

// advance feeds one byte to the screen.
func (s *Screen) advance(b byte) {
	d := &s.dec
	if d.utfLen > 0 || b >= 0x80 && d.state == parser.GroundState {
		s.advanceUTF8(b)
		return
	}
	switch {
	case b == 0x18 || b == 0x1a: // CAN, SUB
		d.state = parser.GroundState
		s.last = 0
		return
	case b == 0x1b: // ESC
		if d.state == parser.OscStringState {
			s.osc()
		}
		d.clear()
		d.state = parser.EscapeState
		return
	case b >= 0x80:
		if isString(d.state) {
			d.put(b)
		}
		return
	case b >= 0x3c && b <= 0x3f && d.state == parser.CsiParamState,
		b >= 0x30 && b <= 0x3f && d.state == parser.CsiIntermediateState:
		d.bad = true
		return
	}
	next, action := parser.Table.Transition(d.state, b)
	s.perform(action, next, b)
	d.state = next
}

func (d *decoder) put(b byte) {
	if len(d.data) < maxString {
		d.data = append(d.data, b)
	}
}

// perform does one action of the parser on the way to the next state.
func (s *Screen) perform(action parser.Action, next parser.State, b byte) {
	d := &s.dec
	switch action {
	case parser.PrintAction:
		s.print(rune(b))
	case parser.ExecuteAction:
		s.control(b)
	case parser.ClearAction, parser.StartAction:
		d.clear()
	case parser.PrefixAction:
		d.prefix = b
	case parser.CollectAction:
		d.bad = d.bad || d.inter != 0
		d.inter = b
	case parser.ParamAction:
		d.addParam(b)
	case parser.PutAction:
		if next == parser.OscStringState { // other strings are ignored
			d.put(b)
		}
	case parser.DispatchAction:
		switch d.state {
		case parser.CsiEntryState, parser.CsiParamState, parser.CsiIntermediateState:
			s.csi(b)
		case parser.EscapeState, parser.EscapeIntermediateState:
			s.esc(b)
		case parser.OscStringState:
			s.osc()
		}
	}
}

// advanceUTF8 feeds one byte of a character beyond ASCII. Each maximal part of
// an invalid sequence becomes one U+FFFD (Unicode standard, section 3.9).
func (s *Screen) advanceUTF8(b byte) {
	d := &s.dec
	d.utf[d.utfLen] = b
	d.utfLen++
	if !utf8.FullRune(d.utf[:d.utfLen]) {
		return
	}
	n := d.utfLen
	d.utfLen = 0
	r, size := utf8.DecodeRune(d.utf[:n])
	s.print(r)
	if r == utf8.RuneError && size == 1 && n > 1 {
		s.advance(b) // not part of the broken character
	}
}
