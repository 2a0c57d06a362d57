package cli

import "github.com/agnivade/levenshtein"

// didYouMean is " (did you mean NAME?)" for the name nearest to a mistyped
// word, or nothing if none is near.
func didYouMean(word string, names []string) string {
	if name := nearest(word, names); name != "" {
		return " (did you mean " + name + "?)"
	}
	return ""
}

// nearest finds the name that a mistyped word most likely stands for; it is
// empty if none is near. Of equals the first one counts.
func nearest(word string, names []string) string {
	const long = 64 // bytes of a word that nobody has mistyped
	if len(word) > long {
		return ""
	}
	best, least := "", len(word)/3+2
	for _, name := range names {
		if d := levenshtein.ComputeDistance(word, name); d < least && d < max(len(name), 2) {
			best, least = name, d
		}
	}
	return best
}
