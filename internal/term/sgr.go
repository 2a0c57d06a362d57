package term

// selectGraphics does SGR (ECMA-48 section 8.3.117, ISO 8613-6 for colours).
func (s *Screen) selectGraphics() {
	d := &s.dec
	if d.n == 0 {
		s.pen = Style{}
		return
	}
	for i := 0; i < d.n; {
		end := i + 1
		for end < d.n && d.sub&(1<<end) != 0 {
			end++
		}
		i = s.selectGraphic(i, end)
	}
}

// selectGraphic does the parameter at i, whose colon-separated parts go up to
// end, and returns where the next one is.
func (s *Screen) selectGraphic(i, end int) int {
	d := &s.dec
	n := max(int(d.params[i]), 0)
	pen := &s.pen
	if end > i+1 { // with colons
		switch n {
		case 4:
			if style := d.param(i+1, 0); style <= int(DashedUnderline) {
				pen.Underline = Underline(style)
			}
		case 38, 48, 58:
			if c, ok := d.colonColor(i+1, end); ok {
				*pen.color(n) = c
			}
		}
		return end
	}
	switch n {
	case 0:
		*pen = Style{}
	case 4:
		pen.Underline = SingleUnderline
	case 21:
		pen.Underline = DoubleUnderline
	case 22:
		pen.Attrs &^= Bold | Faint
	case 24:
		pen.Underline = NoUnderline
	case 38, 48, 58:
		c, next, ok := d.semicolonColor(i + 1)
		if ok {
			*pen.color(n) = c
		}
		return next
	case 39, 49, 59:
		*pen.color(n) = DefaultColor
	default:
		pen.selectPlain(n)
	}
	return end
}

// attrSet and attrReset are the attributes that one parameter switches.
var (
	attrSet = map[int]Attr{
		1: Bold, 2: Faint, 3: Italic, 5: Blink, 6: Blink, 7: Reverse, 8: Conceal, 9: Strikethrough, 53: Overline,
	}
	attrReset = map[int]Attr{
		23: Italic, 25: Blink, 27: Reverse, 28: Conceal, 29: Strikethrough, 55: Overline,
	}
)

// selectPlain does a parameter that stands for itself.
func (p *Style) selectPlain(n int) {
	switch {
	case n >= 30 && n <= 37:
		p.Fg = Indexed(uint8(n - 30))
	case n >= 40 && n <= 47:
		p.Bg = Indexed(uint8(n - 40))
	case n >= 90 && n <= 97:
		p.Fg = Indexed(uint8(n - 90 + 8))
	case n >= 100 && n <= 107:
		p.Bg = Indexed(uint8(n - 100 + 8))
	default:
		p.Attrs |= attrSet[n]
		p.Attrs &^= attrReset[n]
	}
}

// color returns the colour that parameters 38, 48 and 58 set, and 39, 49 and 59
// reset.
func (p *Style) color(n int) *Color {
	switch n / 10 {
	case 3:
		return &p.Fg
	case 4:
		return &p.Bg
	}
	return &p.UnderlineColor
}

// semicolonColor reads 5;N or 2;R;G;B at i, and returns what follows it.
func (d *decoder) semicolonColor(i int) (c Color, next int, ok bool) {
	switch d.param(i, 0) {
	case 5:
		c, ok = d.indexed(i+1, i+2)
		return c, i + 2, ok
	case 2:
		c, ok = d.rgb(i+1, i+4)
		return c, i + 4, ok
	}
	return 0, i + 1, false
}

// colonColor reads 5:N, 2:R:G:B or 2:SPACE:R:G:B between i and end.
func (d *decoder) colonColor(i, end int) (c Color, ok bool) {
	switch d.param(i, 0) {
	case 5:
		return d.indexed(i+1, end)
	case 2:
		if end-i > 4 {
			return d.rgb(i+2, end)
		}
		return d.rgb(i+1, end)
	}
	return 0, false
}

// indexed reads a palette entry at i, which lies before end.
func (d *decoder) indexed(i, end int) (Color, bool) {
	if i >= min(end, d.n) || d.params[i] > 255 {
		return 0, false
	}
	return Indexed(uint8(d.param(i, 0))), true
}

// rgb reads three components from i, which lie before end.
func (d *decoder) rgb(i, end int) (Color, bool) {
	if i+3 > min(end, d.n) {
		return 0, false
	}
	for _, v := range d.params[i : i+3] {
		if v > 255 {
			return 0, false
		}
	}
	return RGB(uint8(d.param(i, 0)), uint8(d.param(i+1, 0)), uint8(d.param(i+2, 0))), true
}
