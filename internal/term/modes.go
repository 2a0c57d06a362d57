package term

import "fmt"

// MouseTracking says which mouse events the guest wants to hear of.
type MouseTracking uint8

// The mouse tracking modes; the comment has the DEC private mode.
const (
	MouseOff    MouseTracking = iota
	MouseX10                  // 9: presses
	MouseNormal               // 1000: presses and releases
	MouseButton               // 1002: and motion while a button is down
	MouseAny                  // 1003: and all motion
)

// MouseEncoding says how mouse events are written.
type MouseEncoding uint8

// The mouse encodings; the comment has the DEC private mode.
const (
	MouseLegacy    MouseEncoding = iota
	MouseUTF8                    // 1005
	MouseSGR                     // 1006
	MouseURXVT                   // 1015
	MouseSGRPixels               // 1016
)

// Modes are the modes that the guest can set. Those that concern input tell
// the owner how to encode keys, pasted text and mouse events.
type Modes struct {
	ApplicationCursor bool // DECCKM: arrow keys send ESC O, not ESC [
	ApplicationKeypad bool // DECKPAM: the keypad sends ESC O codes
	BracketedPaste    bool // pasted text goes between ESC [200~ and ESC [201~
	FocusEvents       bool // focus in and out send ESC [I and ESC [O
	Mouse             MouseTracking
	MouseEncoding     MouseEncoding

	AltScreen    bool // the alternate buffer is on show
	ReverseVideo bool // DECSCNM: foreground and background are exchanged
	Insert       bool // IRM: characters push the rest of the line right
	NewLine      bool // LNM: a line feed also returns the carriage
	Autowrap     bool // DECAWM: a full line continues on the next
}

// flag returns the plain mode with the given number (private: DEC's), or nil.
func (s *Screen) flag(private bool, n int) *bool {
	m := &s.modes
	if !private {
		switch n {
		case 4:
			return &m.Insert
		case 20:
			return &m.NewLine
		}
		return nil
	}
	switch n {
	case 1:
		return &m.ApplicationCursor
	case 5:
		return &m.ReverseVideo
	case 6:
		return &s.origin
	case 7:
		return &m.Autowrap
	case 12:
		return &s.cursor.Blink
	case 25:
		return &s.cursor.Visible
	case 47, 1047, 1049:
		return &m.AltScreen
	case 66:
		return &m.ApplicationKeypad
	case 1004:
		return &m.FocusEvents
	case 2004:
		return &m.BracketedPaste
	}
	return nil
}

var (
	mouseModes     = map[int]MouseTracking{9: MouseX10, 1000: MouseNormal, 1002: MouseButton, 1003: MouseAny}
	mouseEncodings = map[int]MouseEncoding{1005: MouseUTF8, 1006: MouseSGR, 1015: MouseURXVT, 1016: MouseSGRPixels}
)

// setMode does SM, RM, DECSET and DECRST for one mode.
func (s *Screen) setMode(private bool, n int, on bool) {
	if private {
		switch n {
		case 47, 1047, 1049:
			s.setAltScreen(n, on)
			return
		case 1048:
			s.saveOrRestore(on)
			return
		}
		if t, ok := mouseModes[n]; ok {
			s.modes.Mouse = choose(on, t, MouseOff)
			return
		}
		if e, ok := mouseEncodings[n]; ok {
			s.modes.MouseEncoding = choose(on, e, MouseLegacy)
			return
		}
	}
	p := s.flag(private, n)
	if p == nil {
		return
	}
	*p = on
	switch p {
	case &s.origin:
		s.moveTo(0, 0)
	case &s.modes.Autowrap:
		s.pending = s.pending && on
	}
}

func choose[T any](cond bool, yes, no T) T {
	if cond {
		return yes
	}
	return no
}

// reportMode answers DECRQM (VT510 manual): 1 set, 2 reset, 0 not known.
func (s *Screen) reportMode(private bool, n int) {
	state := 0
	if p := s.flag(private, n); p != nil {
		state = choose(*p, 1, 2)
	} else if t, ok := mouseModes[n]; ok && private {
		state = choose(s.modes.Mouse == t, 1, 2)
	} else if e, ok := mouseEncodings[n]; ok && private {
		state = choose(s.modes.MouseEncoding == e, 1, 2)
	}
	s.reply(fmt.Sprintf("\x1b[%s%d;%d$y", choose(private, "?", ""), n, state))
}

// setAltScreen does modes 47, 1047 and 1049 as xterm has them: 1049 saves the
// cursor and shows an empty buffer, 1047 leaves an empty buffer behind, 47 only
// switches.
func (s *Screen) setAltScreen(mode int, on bool) {
	if mode == 1049 && on {
		s.save()
	}
	if !on && mode == 1047 && s.modes.AltScreen {
		s.eraseRows(0, s.height)
	}
	if on != s.modes.AltScreen {
		if s.other == nil {
			s.other = s.blankRows()
		}
		s.rows, s.other = s.other, s.rows
		s.modes.AltScreen = on
	}
	if mode == 1049 {
		if on {
			s.eraseRows(0, s.height)
		} else {
			s.restore()
		}
	}
}

// buffer is the index of the saved position of the buffer on show.
func (s *Screen) buffer() int { return choose(s.modes.AltScreen, 1, 0) }

// save does DECSC.
func (s *Screen) save() { s.saved[s.buffer()] = s.position }

// restore does DECRC.
func (s *Screen) restore() { s.position = s.saved[s.buffer()] }

func (s *Screen) saveOrRestore(save bool) {
	if save {
		s.save()
	} else {
		s.restore()
	}
}

// reset puts everything but the contents into the state of power-on.
func (s *Screen) reset() {
	s.softReset()
	s.position = position{}
	s.modes = Modes{Autowrap: true}
	s.tabs = nil
	s.resizeTabs(s.width)
	s.cursor = Cursor{Visible: true}
	s.titleStack = nil
}

// softReset does DECSTR (VT510 manual): the modes that make a terminal look
// stuck, not the contents.
func (s *Screen) softReset() {
	x, y := s.x, s.y
	s.position = position{}
	s.saved = [2]position{}
	s.x, s.y = x, y
	s.top, s.bottom = 0, s.height-1
	s.modes.Insert = false
	s.modes.Autowrap = true
	s.modes.ApplicationCursor = false
	s.modes.ApplicationKeypad = false
	s.cursor.Visible = true
}

// fullReset does RIS. The scrollback stays.
func (s *Screen) fullReset() {
	if s.modes.AltScreen {
		s.rows, s.other = s.other, s.rows
	}
	s.other = nil
	s.reset()
	s.title = ""
	s.eraseRows(0, s.height)
}
