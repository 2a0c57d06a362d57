package chardev

import (
	"strconv"

	"github.com/agnivade/levenshtein"
)

// shown is the most of a wrong word, in bytes, that a message repeats.
const shown = 64

// quoted is text in quotes, on one line and not too long.
func quoted(text string) string {
	if len(text) > shown {
		return strconv.Quote(text[:shown]) + "..."
	}
	return strconv.Quote(text)
}

// display is text without quotes, on one line and not too long.
func display(text string) string {
	q := strconv.Quote(text[:min(len(text), shown)])
	return q[1 : len(q)-1]
}

// suggest is " (did you mean NAME?)" for the name nearest to a mistyped word,
// or nothing if none is near.
func suggest(word string, names []string) string {
	if len(word) > shown {
		return ""
	}
	best, least := "", len(word)/3+2
	for _, name := range names {
		if d := levenshtein.ComputeDistance(word, name); d < least && d < len(name) {
			best, least = name, d
		}
	}
	if best == "" {
		return ""
	}
	return " (did you mean " + best + "?)"
}
