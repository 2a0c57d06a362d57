package ui

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"reprise/internal/term"
)

// styles holds every colour and every character that is not plain text. Where
// a state has a colour it also has a mark, so that it can be told without.
type styles struct {
	status, mode, position, running, warning         lipgloss.Style // the line at the top
	rule, title, focused                             lipgloss.Style // the line above each pane
	plain, dim, address, changed, symbol, source     lipgloss.Style // in panes
	keyword, comment, text, number, directive, value lipgloss.Style // in source
	current, cursor, breakpoint                      lipgloss.Style // rows
	key, hint, message, failure                      lipgloss.Style // the lines at the bottom
	selected, match, disabled                        lipgloss.Style // lists

	guestColors term.Colors // that the guest's output may use
	ascii       bool        // the terminal shows ASCII only
	glyphs      glyphs
}

// glyphs are the characters that ASCII has a plain replacement for.
type glyphs struct {
	live, replay, past, run      string // marks of the mode
	horizontal, vertical         string
	breakpoint, disabled         string // one that stops, and one that does not
	current, here                string
	barFull, barEmpty, separator string
	mark                         string // a bookmark
	chosen                       string // a row
	levels                       string // of density, from nothing to much
}

var (
	unicodeGlyphs = glyphs{
		live: "●", replay: "▶", past: "◀", run: "»", horizontal: "─", vertical: "│",
		breakpoint: "●", disabled: "○", current: "▶", here: "▶", barFull: "█", barEmpty: "░", separator: " · ",
		mark: "◆", chosen: "›", levels: " ▁▂▃▄▅▆▇█",
	}
	asciiGlyphs = glyphs{
		live: "*", replay: ">", past: "<", run: "+", horizontal: "-", vertical: "|",
		breakpoint: "*", disabled: "o", current: ">", here: ">", barFull: "#", barEmpty: ".", separator: " - ",
		mark: "!", chosen: ">", levels: " .:-=+*#",
	}
)

// Look is how the interface may draw.
type Look struct {
	Colors termenv.Profile // termenv.Ascii for none
	ASCII  bool            // no character outside ASCII

	PlainBorders bool   // none for lines and marks; text may have others
	Theme        string // one of those that CheckTheme knows; empty for "auto"
}

// DetectLook follows the environment: NO_COLOR (any value), TERM, COLORTERM,
// and the locale in LC_ALL, LC_CTYPE or LANG, which has to name UTF-8 for
// anything but ASCII to be drawn.
func DetectLook(getenv func(string) string) Look {
	look := Look{Colors: termenv.ANSI}
	name := getenv("TERM")
	switch {
	case getenv("NO_COLOR") != "" || name == "dumb" || strings.HasPrefix(name, "vt1") || strings.HasPrefix(name, "vt2"):
		look.Colors = termenv.Ascii
	case getenv("COLORTERM") == "truecolor" || getenv("COLORTERM") == "24bit":
		look.Colors = termenv.TrueColor
	case strings.Contains(name, "256color"):
		look.Colors = termenv.ANSI256
	}
	locale := getenv("LC_ALL")
	for _, variable := range []string{"LC_CTYPE", "LANG"} {
		if locale == "" {
			locale = getenv(variable)
		}
	}
	locale = strings.ToLower(locale)
	look.ASCII = !strings.Contains(locale, "utf-8") && !strings.Contains(locale, "utf8")
	return look
}

// palette are the colours of a theme by what they mean; an empty one is the
// terminal's own.
type palette struct{ good, warn, bad, accent, address, keyword, dim string }

// themes by name. "auto" uses the 16 colours that the user's own theme defines,
// so that light and dark terminals both work; "high-contrast" has no colours at
// all: what stands out is bold, underlined or reversed.
var themes = map[string]palette{
	"auto":          {good: "2", warn: "3", bad: "1", accent: "6", address: "4", keyword: "5", dim: "8"},
	"dark":          {good: "#7ecf8a", warn: "#e3b341", bad: "#ff7b72", accent: "#5fd0d6", address: "#79b8ff", keyword: "#d2a8ff", dim: "#8b949e"},
	"light":         {good: "#116329", warn: "#7d4e00", bad: "#b31d28", accent: "#005a6f", address: "#0550ae", keyword: "#6639ba", dim: "#57606a"},
	"high-contrast": {},
}

func themeNames() string { return strings.Join(slices.Sorted(maps.Keys(themes)), ", ") }

// CheckTheme says what is wrong with the name of a theme.
func CheckTheme(name string) error {
	if _, ok := themes[name]; !ok {
		return fmt.Errorf("there is no theme %q: they are %s", name, themeNames())
	}
	return nil
}

// newStyles are the styles of a theme. Colours that the terminal does not have
// become the nearest that it has.
func newStyles(look Look) styles {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(look.Colors)
	p, contrast := themes[cmp.Or(look.Theme, "auto")], look.Theme == "high-contrast"
	fg := func(color string) lipgloss.Style {
		if color == "" {
			return r.NewStyle()
		}
		return r.NewStyle().Foreground(lipgloss.Color(color))
	}
	strong := func(color string) lipgloss.Style { return fg(color).Bold(true).Reverse(contrast) }
	s := styles{
		status: r.NewStyle(), mode: strong(p.good), position: r.NewStyle().Bold(true),
		running: fg(p.good), warning: strong(p.warn),
		rule: fg(p.dim), title: r.NewStyle(), focused: strong(p.accent),
		plain: r.NewStyle(), dim: fg(p.dim), address: fg(p.address), changed: fg(p.warn).Bold(true).Underline(contrast),
		symbol: fg(p.accent).Bold(contrast), source: fg(p.address),
		keyword: fg(p.keyword).Bold(contrast), comment: fg(p.dim), text: fg(p.good), number: fg(p.accent), directive: fg(p.warn), value: fg(p.warn),
		current: r.NewStyle().Bold(true), cursor: r.NewStyle().Reverse(true), breakpoint: strong(p.bad),
		key: r.NewStyle().Bold(true), hint: fg(p.dim), message: r.NewStyle(), failure: strong(p.bad),
		selected: r.NewStyle().Reverse(true), match: fg(p.accent).Bold(true), disabled: fg(p.dim),
		guestColors: guestColors(look.Colors),
		ascii:       look.ASCII,
		glyphs:      unicodeGlyphs,
	}
	if look.ASCII || look.PlainBorders {
		s.glyphs = asciiGlyphs
	}
	return s
}

// fit cuts or fills a line to exactly width columns. Tabs and control
// characters outside escape sequences must not be in it.
func fit(line string, width int) string {
	if width <= 0 {
		return ""
	}
	n := ansi.StringWidth(line)
	if n > width {
		line = ansi.Truncate(line, width, "")
		n = ansi.StringWidth(line)
	}
	if n < width {
		line += strings.Repeat(" ", width-n)
	}
	return line
}

// choose draws the chosen row of a list: with colours as the cursor, and in any
// case with a mark where the row begins with a space.
func (s styles) choose(text string, width int) string {
	text = fit(text, width)
	if strings.HasPrefix(text, " ") {
		text = s.glyphs.chosen + text[1:]
	}
	return s.cursor.Render(text)
}

// block is lines cut or filled to exactly height lines of width columns.
func block(lines []string, width, height int) []string {
	out := make([]string, height)
	for i := range out {
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		out[i] = fit(line, width)
	}
	return out
}

// onlyASCII replaces every other character by as many question marks as it
// takes columns.
func onlyASCII(text string) string {
	plain := true
	for i := range len(text) {
		plain = plain && text[i] < 0x80
	}
	if plain {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.Repeat("?", ansi.StringWidth(string(r))))
	}
	return b.String()
}

func textWidth(text string) int { return ansi.StringWidth(text) }

// fitWords cuts a text that is too long at a place where that shows.
func fitWords(text string, width int) string {
	if width <= 0 {
		return ""
	}
	return ansi.Truncate(text, width, "~")
}
