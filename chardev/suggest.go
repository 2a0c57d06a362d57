package chardev

import "strconv"

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
		if d := distance(word, name); d < least && d < len(name) {
			best, least = name, d
		}
	}
	if best == "" {
		return ""
	}
	return " (did you mean " + best + "?)"
}

// distance counts the bytes to insert, remove or replace between a and b
// (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
