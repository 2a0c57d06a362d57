package ui

import (
	"io"
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
	levels                       string // of density, from nothing to much
}

var (
	unicodeGlyphs = glyphs{
		live: "●", replay: "▶", past: "◀", run: "»", horizontal: "─", vertical: "│",
		breakpoint: "●", disabled: "○", current: "▶", here: "▶", barFull: "█", barEmpty: "░", separator: " · ",
		mark: "◆", levels: " ▁▂▃▄▅▆▇█",
	}
	asciiGlyphs = glyphs{
		live: "*", replay: ">", past: "<", run: "+", horizontal: "-", vertical: "|",
		breakpoint: "*", disabled: "o", current: ">", here: ">", barFull: "#", barEmpty: ".", separator: " - ",
		mark: "!", levels: " .:-=+*#",
	}
)

// Look is how the interface may draw.
type Look struct {
	Colors termenv.Profile // termenv.Ascii for none
	ASCII  bool            // no character outside ASCII
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

// newStyles uses the 16 colours that the user's own theme defines, so that
// light and dark terminals both work.
func newStyles(look Look) styles {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(look.Colors)
	fg := func(color string) lipgloss.Style { return r.NewStyle().Foreground(lipgloss.Color(color)) }
	s := styles{
		status: r.NewStyle(), mode: fg("2").Bold(true), position: r.NewStyle().Bold(true),
		running: fg("2"), warning: fg("3").Bold(true),
		rule: fg("8"), title: r.NewStyle(), focused: fg("6").Bold(true),
		plain: r.NewStyle(), dim: fg("8"), address: fg("4"), changed: fg("3").Bold(true), symbol: fg("6"), source: fg("4"),
		keyword: fg("5"), comment: fg("8"), text: fg("2"), number: fg("6"), directive: fg("3"), value: fg("3"),
		current: r.NewStyle().Bold(true), cursor: r.NewStyle().Reverse(true), breakpoint: fg("1").Bold(true),
		key: r.NewStyle().Bold(true), hint: fg("8"), message: r.NewStyle(), failure: fg("1").Bold(true),
		selected: r.NewStyle().Reverse(true), match: fg("6").Bold(true), disabled: fg("8"),
		guestColors: guestColors(look.Colors),
		ascii:       look.ASCII,
		glyphs:      unicodeGlyphs,
	}
	if look.ASCII {
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
