package ui

import (
	"path/filepath"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// Colours for source in C and in assembly. What is on the screen is a few dozen
// lines, so they are taken apart again for each frame; only comments that go on
// over lines have to be known from the beginning of the file.

// keywords are C's, with the types that everybody uses.
var keywords = func() map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(`auto bool break case char const continue default do double else enum extern
		false float for goto if inline int int8_t int16_t int32_t int64_t long NULL register restrict return short
		signed size_t sizeof static struct switch true typedef uint8_t uint16_t uint32_t uint64_t uintptr_t union
		unsigned void volatile while`) {
		set[word] = true
	}
	return set
}()

// inComment reports for each line whether it begins inside of a comment.
func inComment(lines []string) []bool {
	inside := false
	list := make([]bool, len(lines))
	for i, line := range lines {
		list[i] = inside
		for rest := line; ; {
			mark := "/*"
			if inside {
				mark = "*/"
			}
			at := strings.Index(rest, mark)
			if comment := strings.Index(rest, "//"); at < 0 || !inside && comment >= 0 && comment < at {
				break
			}
			rest, inside = rest[at+2:], !inside
		}
	}
	return list
}

// highlight colours a line of a file.
func (s *styles) highlight(file, line string, inside bool) string {
	var b strings.Builder
	assembly := strings.EqualFold(filepath.Ext(file), ".s")
	put := func(style lipgloss.Style, text string) {
		if text != "" {
			b.WriteString(style.Render(text))
		}
	}
	if trimmed := strings.TrimLeft(line, " "); !inside && strings.HasPrefix(trimmed, "#") {
		put(s.directive, line)
		return b.String()
	}
	for rest := line; rest != ""; {
		n, style := s.token(rest, inside, assembly)
		put(style, rest[:n])
		inside = inside && n == len(rest) && !strings.HasSuffix(rest, "*/")
		rest = rest[n:]
	}
	return b.String()
}

// token is the length of what a text begins with, and its colour.
func (s *styles) token(text string, inside, assembly bool) (int, lipgloss.Style) {
	switch {
	case inside || strings.HasPrefix(text, "/*"):
		from := 2
		if inside {
			from = 0
		}
		if end := strings.Index(text[min(from, len(text)):], "*/"); end >= 0 {
			return from + end + 2, s.comment
		}
		return len(text), s.comment
	case strings.HasPrefix(text, "//"), assembly && text[0] == '#':
		return len(text), s.comment
	case text[0] == '"' || text[0] == '\'':
		return literalEnd(text), s.text
	case text[0] >= '0' && text[0] <= '9':
		return wordEnd(text), s.number
	}
	n := wordEnd(text)
	if n == 0 {
		return 1, s.plain
	}
	if word := text[:n]; !assembly && keywords[word] {
		return n, s.keyword
	}
	return n, s.plain
}

// literalEnd is where a string or a character ends.
func literalEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case text[0]:
			return i + 1
		}
	}
	return len(text)
}

// wordEnd is where a name or a number ends; what is not ASCII counts as a part
// of one.
func wordEnd(text string) int {
	for i := range len(text) {
		if c := text[i]; c < 0x80 && !isName(rune(c)) || c == '.' {
			return i
		}
	}
	return len(text)
}
