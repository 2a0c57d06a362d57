package export

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"reprise/internal/term"
)

// The layout, in the picture's units.
const (
	cellWidth  = 8.4
	cellHeight = 18.0
	fontSize   = 14.0
	baseline   = 13.5 // of the text, below the top of its row
	margin     = 14.0
)

const (
	background = "#0d1117"
	foreground = "#d5dbe1"
	border     = "#444c56"
)

// palette has the first 16 colours: normal and bright.
var palette = [16]string{
	"#30363d", "#f2777a", "#7ecf8a", "#e3b341", "#6cb6ff", "#d2a8ff", "#5fd0d6", "#c9d1d9",
	"#8b949e", "#ff9492", "#98e0a3", "#f5cf6a", "#96d0ff", "#e2c5ff", "#8ce5ea", "#ffffff",
}

// hex is a colour as SVG names it.
func hex(c term.Color, otherwise string) string {
	if r, g, b, ok := c.RGB(); ok {
		return fmt.Sprintf("#%02x%02x%02x", r, g, b)
	}
	n, ok := c.Index()
	switch {
	case !ok:
		return otherwise
	case n < 16:
		return palette[n]
	case n >= 232: // 24 greys
		v := 8 + 10*int(n-232)
		return fmt.Sprintf("#%02x%02x%02x", v, v, v)
	}
	// A cube of 6 levels for each component.
	level := func(i int) int {
		if i == 0 {
			return 0
		}
		return 55 + 40*i
	}
	i := int(n - 16)
	return fmt.Sprintf("#%02x%02x%02x", level(i/36), level(i/6%6), level(i%6))
}

// colours are those of a style's text and of what is behind it.
func colours(st term.Style) (front, back string) {
	front, back = hex(st.Fg, foreground), hex(st.Bg, background)
	if st.Attrs&term.Reverse != 0 {
		front, back = back, front
	}
	return front, back
}

// Screen is what a terminal of a size shows after it was sent lines of text with
// escape sequences.
func Screen(text []byte, width, height int) *term.Screen {
	s := term.New(width, height, 0)
	text = bytes.TrimSuffix(text, []byte("\n"))
	s.Write(0, bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")))
	return s
}

// SVG draws a screen as a picture, with its title.
func SVG(s *term.Screen, title string) []byte {
	width, height := s.Size()
	w, h := float64(width)*cellWidth+2*margin, float64(height)*cellHeight+2*margin
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.1f %.1f" role="img">`+"\n", w, h, w, h)
	fmt.Fprintf(&b, "<title>%s</title>\n", escape(title))
	fmt.Fprintf(&b, `<rect x="0.5" y="0.5" width="%.1f" height="%.1f" rx="8" fill="%s" stroke="%s"/>`+"\n", w-1, h-1, background, border)
	fmt.Fprintf(&b, `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="%.0f" style="white-space:pre">`+"\n", fontSize)
	for y := range height {
		drawRow(&b, s.Line(y), margin+float64(y)*cellHeight)
	}
	b.WriteString("</g>\n</svg>\n")
	return b.Bytes()
}

// drawRow draws the cells of a row, those of one style at a time: first what is
// behind them, then lines, then words.
func drawRow(b *bytes.Buffer, cells []term.Cell, y float64) {
	for from := 0; from < len(cells); {
		to := from + 1
		for to < len(cells) && cells[to].Style == cells[from].Style {
			to++
		}
		if _, back := colours(cells[from].Style); back != background {
			fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n",
				column(from), y, float64(to-from)*cellWidth, cellHeight, back)
		}
		drawRun(b, cells[from:to], from, y)
		from = to
	}
}

// column is the left edge of a column.
func column(x int) float64 { return margin + float64(x)*cellWidth }

// drawRun draws cells of one style that begin in a column.
func drawRun(b *bytes.Buffer, cells []term.Cell, x int, y float64) {
	front, _ := colours(cells[0].Style)
	var lines strings.Builder
	for i := 0; i < len(cells); i++ {
		if arms, ok := boxes[cells[i].Content]; ok {
			lines.WriteString(arms.path(column(x+i), y))
			continue
		}
		if strings.TrimSpace(cells[i].Content) == "" {
			continue
		}
		from := i
		for i < len(cells) && isText(cells[i]) {
			i++
		}
		drawText(b, cells[from:i], x+from, y, front)
		i--
	}
	if lines.Len() > 0 {
		fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s"/>`+"\n", lines.String(), front)
	}
}

// isText reports whether a cell belongs to a word; the second column of a wide
// character does.
func isText(c term.Cell) bool {
	_, box := boxes[c.Content]
	return !box && (c.Width == 0 || strings.TrimSpace(c.Content) != "")
}

// drawText draws a word, as wide as its cells whatever the font.
func drawText(b *bytes.Buffer, cells []term.Cell, x int, y float64, front string) {
	var text strings.Builder
	for _, c := range cells {
		text.WriteString(c.Content)
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" textLength="%.1f" lengthAdjust="spacingAndGlyphs" fill="%s"%s>%s</text>`+"\n",
		column(x), y+baseline, float64(len(cells))*cellWidth, front, attributes(cells[0].Style), escape(text.String()))
}

// attributes are those of a text element that a style asks for.
func attributes(st term.Style) string {
	var list string
	if st.Attrs&term.Bold != 0 {
		list += ` font-weight="bold"`
	}
	if st.Attrs&term.Italic != 0 {
		list += ` font-style="italic"`
	}
	if st.Attrs&term.Faint != 0 {
		list += ` opacity="0.65"`
	}
	if st.Underline != term.NoUnderline {
		list += ` text-decoration="underline"`
	}
	return list
}

// escape is text as XML has it.
func escape(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		panic("BUG: " + err.Error()) // a Builder takes everything
	}
	return b.String()
}

// arms are the directions in which a box-drawing character has a line.
type arms struct{ left, right, up, down bool }

// boxes are the box-drawing characters that are drawn as lines.
var boxes = map[string]arms{
	"─": {left: true, right: true},
	"│": {up: true, down: true},
	"┌": {right: true, down: true},
	"┐": {left: true, down: true},
	"└": {right: true, up: true},
	"┘": {left: true, up: true},
	"╭": {right: true, down: true},
	"╮": {left: true, down: true},
	"╰": {right: true, up: true},
	"╯": {left: true, up: true},
	"├": {right: true, up: true, down: true},
	"┤": {left: true, up: true, down: true},
	"┬": {left: true, right: true, down: true},
	"┴": {left: true, right: true, up: true},
	"┼": {left: true, right: true, up: true, down: true},
}

// path draws the lines of the cell at x, y from its middle.
func (a arms) path(x, y float64) string {
	midX, midY := x+cellWidth/2, y+cellHeight/2
	var b strings.Builder
	for _, arm := range []struct {
		there    bool
		toX, toY float64
	}{{a.left, x, midY}, {a.right, x + cellWidth, midY}, {a.up, midX, y}, {a.down, midX, y + cellHeight}} {
		if arm.there {
			fmt.Fprintf(&b, "M%.1f %.1fL%.1f %.1f", midX, midY, arm.toX, arm.toY)
		}
	}
	return b.String()
}
