package term

// Color is a colour as the guest chose it: the terminal's default, one of the
// 256 palette entries, or 24-bit RGB. The zero Color is the default.
type Color uint32

// DefaultColor is the foreground or background that the terminal shows when
// the guest chose none.
const DefaultColor Color = 0

const (
	colorIndexed Color = 1 << 24
	colorRGB     Color = 2 << 24
)

// Indexed returns palette entry n: 0-7 normal, 8-15 bright, 16-231 the colour
// cube, 232-255 greys.
func Indexed(n uint8) Color { return colorIndexed | Color(n) }

// RGB returns a 24-bit colour.
func RGB(r, g, b uint8) Color {
	return colorRGB | Color(r)<<16 | Color(g)<<8 | Color(b)
}

// Index returns the palette entry, and whether the colour is one.
func (c Color) Index() (n uint8, ok bool) { return uint8(c), c&^0xffffff == colorIndexed }

// RGB returns the components, and whether the colour is a 24-bit one.
func (c Color) RGB() (r, g, b uint8, ok bool) {
	return uint8(c >> 16), uint8(c >> 8), uint8(c), c&^0xffffff == colorRGB
}

// Attr is a set of character attributes (ECMA-48 section 8.3.117).
type Attr uint16

// The attributes. Underlining has styles of its own; see [Underline].
const (
	Bold Attr = 1 << iota
	Faint
	Italic
	Blink
	Reverse
	Conceal
	Strikethrough
	Overline
)

// Underline is the style of the line below a character.
type Underline uint8

// The underline styles, numbered as in the SGR parameter 4:n.
const (
	NoUnderline Underline = iota
	SingleUnderline
	DoubleUnderline
	CurlyUnderline
	DottedUnderline
	DashedUnderline
)

// Style is how a cell looks. The zero Style is the terminal's default.
type Style struct {
	Fg, Bg         Color
	UnderlineColor Color
	Attrs          Attr
	Underline      Underline
}

// Cell is one column of one row.
type Cell struct {
	// Content is the character with its combining characters; " " where
	// nothing was written, "" in the second column of a wide character.
	Content string
	// Step is the step whose output wrote or erased the cell; 0 if none did.
	Step uint64
	// Style is how the cell looks.
	Style Style
	// Width is the number of columns the character takes: 1 or 2, and 0 in the
	// second column of a wide character.
	Width uint8
}

// blank is the cell that an erasure leaves: a space on the background in use
// ("back colour erase").
func blank(bg Color, step uint64) Cell {
	return Cell{Content: " ", Width: 1, Style: Style{Bg: bg}, Step: step}
}
