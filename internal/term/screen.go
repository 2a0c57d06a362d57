package term

import (
	"slices"

	"github.com/charmbracelet/x/ansi/parser"
)

// maxSize bounds the width and height of a screen.
const maxSize = 1000

// Cursor is where the next character goes and how the cursor looks.
type Cursor struct {
	X, Y    int // column and row, from 0, always on the screen
	Visible bool
	Shape   CursorShape
	Blink   bool
}

// CursorShape is the form that the guest asked for with DECSCUSR.
type CursorShape uint8

// The cursor shapes.
const (
	BlockCursor CursorShape = iota
	UnderlineCursor
	BarCursor
)

// position is what DECSC saves.
type position struct {
	x, y    int
	pending bool // the last column was written; the next character wraps first
	pen     Style
	sets    [4]charset // G0 to G3
	gl      int        // the set in use
	origin  bool
}

// Screen is a terminal of fixed size with its scrollback. The zero Screen is
// not usable; see [New].
type Screen struct {
	width, height int
	owner         *owner
	rows          []*row // the buffer on show
	other         []*row // the buffer that is not; nil until first needed
	hist          history

	position
	saved       [2]position // of the normal and of the alternate buffer
	top, bottom int         // scroll region, both inclusive
	tabs        []bool      // never changed in place, so that clones can share it
	modes       Modes
	cursor      Cursor // look only; the place is in position
	last        rune   // the character that REP repeats; 0 if none

	title      string
	titleStack []string
	bells      uint64
	bellStep   uint64
	replies    []byte

	step uint64 // of the Write that is under way, or of the last one
	dec  decoder
}

// New returns an empty screen. Width and height are limited to 1..1000 columns
// and rows; scrollback is the number of lines kept after they leave at the top,
// 0 for none.
func New(width, height, scrollback int) *Screen {
	s := &Screen{
		width:  min(max(width, 1), maxSize),
		height: min(max(height, 1), maxSize),
		owner:  new(owner),
		hist:   history{limit: scrollback},
	}
	s.rows = s.blankRows()
	s.reset()
	return s
}

func (s *Screen) blankRows() []*row {
	rows := make([]*row, s.height)
	for y := range rows {
		rows[y] = newRow(s.owner, s.width, s.blank())
	}
	return rows
}

// blank is the cell that erasing leaves now.
func (s *Screen) blank() Cell { return blank(s.pen.Bg, s.step) }

// Write feeds guest output to the screen. Every cell that it writes or erases
// gets the given step. Sequences and characters may be split between calls.
func (s *Screen) Write(step uint64, p []byte) {
	s.step = step
	for i := 0; i < len(p); {
		if s.dec.state == parser.GroundState && s.dec.utfLen == 0 {
			n := 0
			for _, b := range p[i:] {
				if b < 0x20 || b > 0x7e {
					break
				}
				s.print(rune(b))
				n++
			}
			if i += n; i == len(p) {
				return
			}
		}
		s.advance(p[i])
		i++
	}
}

// Clone returns an independent copy. It costs a pointer per row of the screen
// and per 64 rows of scrollback; cells are copied when either screen changes
// them. The copy has no pending replies: they belong to the moment the guest
// asked.
func (s *Screen) Clone() *Screen {
	c := *s
	s.owner, c.owner = new(owner), new(owner)
	c.rows = slices.Clone(s.rows)
	c.other = slices.Clone(s.other)
	c.hist = s.hist.clone()
	c.titleStack = slices.Clone(s.titleStack)
	c.dec.data = slices.Clone(s.dec.data)
	c.replies = nil
	return &c
}

// row returns row y of the screen for changing.
func (s *Screen) row(y int) *row {
	r := s.rows[y]
	if r.owner != s.owner {
		r = &row{owner: s.owner, cells: slices.Clone(r.cells), wrap: r.wrap}
		s.rows[y] = r
	}
	return r
}

// Resize changes the size, with the limits of [New]. Lines are cut or extended
// at the right, not wrapped anew. Where the screen gets lower, rows below the
// cursor are dropped first, then rows at the top move to the scrollback. The
// scroll region becomes the whole screen. Clones keep their own size.
func (s *Screen) Resize(width, height int) {
	width, height = min(max(width, 1), maxSize), min(max(height, 1), maxSize)
	if width == s.width && height == s.height {
		return
	}
	up := max(s.y-height+1, 0)
	upOther := max(s.saved[1-s.buffer()].y-height+1, 0)
	normal, upNormal := s.rows, up
	if s.modes.AltScreen {
		normal, upNormal = s.other, upOther
	}
	for _, r := range normal[:upNormal] {
		s.hist.push(s.owner, r)
	}
	s.saved[s.buffer()].resize(width, height, up)
	s.saved[1-s.buffer()].resize(width, height, upOther)
	s.position.resize(width, height, up)
	s.resizeTabs(width)
	s.width, s.height = width, height
	s.top, s.bottom = 0, height-1
	s.rows = s.fit(s.rows[up:])
	if s.other != nil {
		s.other = s.fit(s.other[upOther:])
	}
}

// resize moves the position up by some rows and into a screen of the given
// size. A wrap that was pending is off where the line has got longer.
func (p *position) resize(width, height, up int) {
	if p.pending && p.x < width-1 {
		p.x++
		p.pending = false
	}
	p.x = min(p.x, width-1)
	p.y = min(max(p.y-up, 0), height-1)
}

// fit returns the rows cut or extended to the size of the screen.
func (s *Screen) fit(rows []*row) []*row {
	fitted := make([]*row, s.height)
	for y := range fitted {
		if y < len(rows) {
			fitted[y] = rows[y].fitted(s.owner, s.width)
		} else {
			fitted[y] = newRow(s.owner, s.width, blank(DefaultColor, 0))
		}
	}
	return fitted
}

// Size returns the columns and rows of the screen.
func (s *Screen) Size() (width, height int) { return s.width, s.height }

// History returns the number of lines in the scrollback.
func (s *Screen) History() int { return s.hist.length }

// Cursor returns where the cursor is and how it looks.
func (s *Screen) Cursor() Cursor {
	c := s.cursor
	c.X, c.Y = s.x, s.y
	return c
}

// Modes returns the modes that the guest has set.
func (s *Screen) Modes() Modes { return s.modes }

// Title returns the window title that the guest has set: printable characters
// only, at most 256.
func (s *Screen) Title() string { return s.title }

// Bells returns how often the guest rang the bell, and the step of the last
// time.
func (s *Screen) Bells() (count, step uint64) { return s.bells, s.bellStep }

// Replies returns what the terminal has to answer to the guest (device status,
// device attributes, cursor position and the like) and forgets it. The screen
// never sends anything: the owner gives the bytes to the guest as input when
// the machine is live and the screen is its only terminal, and drops them in
// replay, where the recording already holds the answers. At most 4096 bytes are
// kept; later ones are lost.
func (s *Screen) Replies() []byte {
	r := s.replies
	s.replies = nil
	return r
}

// reply queues an answer to the guest.
func (s *Screen) reply(text string) {
	if len(s.replies)+len(text) <= 4096 {
		s.replies = append(s.replies, text...)
	}
}
