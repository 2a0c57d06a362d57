package term

import (
	"image/color"

	"github.com/charmbracelet/x/ansi"
)

// Colors is how many colours an outer terminal has.
type Colors uint8

// The numbers of colours.
const (
	TrueColor  Colors = iota // 24 bits
	Colors256                // the 256 palette entries
	Colors16                 // the first 16 of them (TERM=linux)
	Monochrome               // none (TERM=vt100, NO_COLOR); attributes remain
)

// reduce returns the style in the colours that there are. Terminals with fewer
// than 256 get only the plain underline.
func (n Colors) reduce(st Style) Style {
	st.Fg, st.Bg, st.UnderlineColor = n.nearest(st.Fg), n.nearest(st.Bg), n.nearest(st.UnderlineColor)
	if n >= Colors16 {
		st.UnderlineColor = DefaultColor
		st.Underline = min(st.Underline, SingleUnderline)
	}
	return st
}

// nearest returns the colour that comes nearest to c.
func (n Colors) nearest(c Color) Color {
	index, indexed := c.Index()
	r, g, b, rgb := c.RGB()
	switch {
	case n == TrueColor || c == DefaultColor:
		return c
	case n == Monochrome:
		return DefaultColor
	case n == Colors256 && rgb:
		return Indexed(uint8(ansi.Convert256(color.RGBA{R: r, G: g, B: b, A: 0xff})))
	case n == Colors16 && rgb:
		return Indexed(uint8(ansi.Convert16(color.RGBA{R: r, G: g, B: b, A: 0xff})))
	case n == Colors16 && indexed && index >= 16:
		return Indexed(uint8(ansi.Convert16(ansi.IndexedColor(index))))
	}
	return c
}
