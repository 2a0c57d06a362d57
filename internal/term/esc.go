package term

import (
	"bytes"
	"strings"
	"unicode"
)

// control does a C0 control character.
func (s *Screen) control(b byte) {
	s.last = 0
	switch b {
	case '\a':
		s.bells++
		s.bellStep = s.step
	case '\b':
		s.moveColumn(s.x - 1)
	case '\t':
		s.tab(1)
	case '\n', '\v', '\f':
		s.index()
		if s.modes.NewLine {
			s.x = 0
		}
	case '\r':
		s.moveColumn(0)
	case 0x0e: // SO
		s.gl = 1
	case 0x0f: // SI
		s.gl = 0
	}
}

// esc does an escape sequence; unknown ones are ignored.
func (s *Screen) esc(final byte) {
	s.last = 0
	if s.dec.bad {
		return
	}
	switch s.dec.inter {
	case 0:
		s.escPlain(final)
	case '#':
		if final == '8' {
			s.alignment()
		}
	case '(', ')', '*', '+':
		s.designate(int(s.dec.inter-'('), final)
	}
}

func (s *Screen) escPlain(final byte) {
	switch final {
	case '7': // DECSC
		s.save()
	case '8': // DECRC
		s.restore()
	case 'D': // IND
		s.index()
	case 'E': // NEL
		s.index()
		s.x = 0
	case 'H': // HTS
		s.setTab()
	case 'M': // RI
		s.reverseIndex()
	case 'Z': // DECID
		s.attributes("?62;22", 0)
	case 'c': // RIS
		s.fullReset()
	case 'n': // LS2
		s.gl = 2
	case 'o': // LS3
		s.gl = 3
	case '=': // DECKPAM
		s.modes.ApplicationKeypad = true
	case '>': // DECKPNM
		s.modes.ApplicationKeypad = false
	}
}

// designate does SCS: it puts a character set into G0 to G3. Sets that a UTF-8
// terminal has no use for count as ASCII.
func (s *Screen) designate(g int, final byte) {
	switch final {
	case '0', '2':
		s.sets[g] = charsetGraphics
	case 'A':
		s.sets[g] = charsetUK
	default:
		s.sets[g] = charsetASCII
	}
}

// alignment does DECALN: a screen full of E.
func (s *Screen) alignment() {
	s.top, s.bottom = 0, s.height-1
	s.origin = false
	for y := range s.rows {
		s.rows[y] = newRow(s.owner, s.width, Cell{Content: "E", Width: 1, Step: s.step})
	}
	s.moveTo(0, 0)
}

// maxTitle is the longest title kept, in characters.
const maxTitle = 256

// osc does an operating system command. Titles are kept; clipboard, palette
// and links are the outer terminal's and stay out of a guest's reach.
func (s *Screen) osc() {
	code, text, ok := bytes.Cut(s.dec.data, []byte{';'})
	s.dec.data = s.dec.data[:0]
	if !ok {
		return
	}
	switch string(code) {
	case "0", "2":
		s.title = printable(string(text), maxTitle)
	}
}

// printable returns at most limit characters of the text, without those that a
// terminal would not simply show.
func printable(text string, limit int) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			if limit == 0 {
				break
			}
			b.WriteRune(r)
			limit--
		}
	}
	return b.String()
}
