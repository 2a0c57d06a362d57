package term

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Options say what the outer terminal can show, and which part of the screen
// is wanted. The zero Options stand for everything.
type Options struct {
	// Colors is the number of colours that the outer terminal has; others are
	// replaced by the nearest there is.
	Colors Colors
	// ASCII asks for ASCII only (LANG=C): lines are drawn with + - |, other
	// characters are replaced by ?.
	ASCII bool
	// Left is the first column, and Width the number of columns: 0 means all
	// of the screen, more than there are is filled with blanks.
	Left, Width int
	// Mark, if set, may change how the cell at column x of row y looks: the
	// cursor, a selection, what was searched. It must not change the content.
	Mark func(x, y int, c Cell) Style
}

// Render returns rows from..to-1, numbered as in [Screen.Line], for an outer
// terminal; see [Render]. Every line is exactly as wide as o asks.
func (s *Screen) Render(from, to int, o Options) []string {
	left, width := max(o.Left, 0), o.Width
	if width <= 0 {
		width = s.width
	}
	lines := make([]string, 0, max(to-from, 0))
	for y := from; y < to; y++ {
		line := s.Line(y)
		for x := range line {
			if s.modes.ReverseVideo {
				line[x].Style.Attrs ^= Reverse
			}
			if o.Mark != nil {
				line[x].Style = o.Mark(x, y, line[x])
			}
		}
		line = line[min(left, len(line)):]
		for len(line) < width {
			line = append(line, blank(DefaultColor, 0))
		}
		lines = append(lines, Render(line[:width], o))
	}
	return lines
}

// Render returns cells as text with SGR sequences and no other controls; of o
// it uses Colors and ASCII. The text begins and ends in the default style and
// has a column for each cell by the count of [ansi.StringWidth], which the
// interface measures with: a character that is not as wide there as here is
// drawn without its marks or as U+FFFD, characters that would melt into one are
// kept apart, and half of a wide character is a blank.
func Render(cells []Cell, o Options) string {
	var b strings.Builder
	var style Style
	previous := ""
	for i := 0; i < len(cells); {
		c := cells[i]
		if c.Width == 0 || i+int(c.Width) > len(cells) {
			c.Content, c.Width = " ", 1
		}
		i += int(c.Width)
		glyph := drawable(c)
		if o.ASCII {
			glyph = asciiGlyph(c)
		}
		st := o.Colors.reduce(c.Style)
		switch {
		case st != style:
			writeSGR(&b, st)
			style = st
		case melts(previous, glyph):
			writeSGR(&b, style)
		}
		b.WriteString(glyph)
		previous = glyph
	}
	if style != (Style{}) {
		b.WriteString("\x1b[m")
	}
	return b.String()
}

// isASCII reports whether the text is one ASCII character.
func isASCII(glyph string) bool { return len(glyph) == 1 }

// drawable returns what to draw for a cell, which is as wide as the cell.
func drawable(c Cell) string {
	if isASCII(c.Content) {
		return c.Content
	}
	if shown(c.Content) && ansi.StringWidth(c.Content) == int(c.Width) {
		return c.Content
	}
	_, n := utf8.DecodeRuneInString(c.Content)
	if base := c.Content[:n]; shown(base) && ansi.StringWidth(base) == int(c.Width) {
		return base
	}
	return "\ufffd" + strings.Repeat(" ", int(c.Width)-1)
}

// shown reports whether the text consists of characters that have a picture,
// those for private use included. Controls, joiners and characters that Unicode
// has not assigned do not.
func shown(text string) bool {
	for _, r := range text {
		if !unicode.IsGraphic(r) && !unicode.Is(unicode.Co, r) {
			return false
		}
	}
	return true
}

// melts reports whether two neighbours would be taken for one character.
func melts(a, b string) bool {
	if a == "" || isASCII(a) && isASCII(b) {
		return false
	}
	return ansi.StringWidth(a+b) != ansi.StringWidth(a)+ansi.StringWidth(b)
}

// asciiGlyph returns ASCII to draw for a cell, which is as wide as the cell.
func asciiGlyph(c Cell) string {
	if isASCII(c.Content) {
		return c.Content
	}
	r, n := utf8.DecodeRuneInString(c.Content)
	glyph := "?"
	switch {
	case n == 1:
		glyph = c.Content[:1] // with marks
	case r == 0x3000:
		glyph = " "
	case r >= 0xff01 && r <= 0xff5e: // the wide forms of ASCII
		glyph = string(r - 0xff01 + '!')
	case c.Width == 2:
		glyph = "??"
	case r >= 0x2500 && r <= 0x257f:
		glyph = "+" // corners and crossings
	case r >= 0x2580 && r <= 0x259f:
		glyph = "#"
	}
	for _, l := range lookalikes {
		if strings.ContainsRune(l[1:], r) {
			glyph = l[:1]
		}
	}
	return glyph + strings.Repeat(" ", int(c.Width)-len(glyph))
}

// lookalikes are ASCII characters, each followed by those that it stands for.
var lookalikes = []string{
	" \u00a0", "-─━┄┅┈┉╌╍═╴╶╸╺⎺⎻⎼⎽‐‑‒–—", "|│┃┆┇┊┋╎╏║╵╷╹╻", "/╱", "\\╲",
	"+◆±", "*•", ".·…", "<←≤", ">→≥", "^↑", "v↓", "'‘’", "\"“”", "o°", "pπ", "#≠", "L£", "x×",
}

// writeSGR writes the sequences that select a style, whatever was selected
// before. What older terminals may not know goes into sequences of its own, so
// that they lose only that.
func writeSGR(b *strings.Builder, st Style) {
	b.WriteString("\x1b[0")
	for i, code := range [...]int{1, 2, 3, 5, 7, 8, 9, 53} {
		if st.Attrs&(1<<i) != 0 {
			writeNumber(b, ';', code)
		}
	}
	if st.Underline != NoUnderline {
		b.WriteString(";4")
	}
	writeColor(b, st.Fg, 30)
	writeColor(b, st.Bg, 40)
	b.WriteByte('m')
	if st.Underline > SingleUnderline {
		b.WriteString("\x1b[4")
		writeNumber(b, ':', int(st.Underline))
		b.WriteByte('m')
	}
	if n, ok := st.UnderlineColor.Index(); ok {
		b.WriteString("\x1b[58:5")
		writeNumber(b, ':', int(n))
		b.WriteByte('m')
	} else if r, g, bl, ok := st.UnderlineColor.RGB(); ok {
		b.WriteString("\x1b[58:2:")
		for _, v := range [...]uint8{r, g, bl} {
			writeNumber(b, ':', int(v))
		}
		b.WriteByte('m')
	}
}

// writeColor adds the parameters of a colour; base is 30 or 40.
func writeColor(b *strings.Builder, c Color, base int) {
	if n, ok := c.Index(); ok {
		switch {
		case n < 8:
			writeNumber(b, ';', base+int(n))
		case n < 16:
			writeNumber(b, ';', base+60+int(n)-8)
		default:
			writeNumber(b, ';', base+8)
			writeNumber(b, ';', 5)
			writeNumber(b, ';', int(n))
		}
	} else if r, g, bl, ok := c.RGB(); ok {
		writeNumber(b, ';', base+8)
		writeNumber(b, ';', 2)
		for _, v := range [...]uint8{r, g, bl} {
			writeNumber(b, ';', int(v))
		}
	}
}

func writeNumber(b *strings.Builder, separator byte, n int) {
	b.WriteByte(separator)
	b.WriteString(strconv.Itoa(n))
}
