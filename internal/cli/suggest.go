package cli

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
	best, least := "", len(word)/3+2
	for _, name := range names {
		if d := editDistance(word, name); d < least && d < max(len(name), 2) {
			best, least = name, d
		}
	}
	return best
}

// editDistance counts the bytes to insert, remove, replace or swap with their
// neighbour between a and b (optimal string alignment).
func editDistance(a, b string) int {
	const long = 64
	if len(a) > long || len(b) > long {
		return max(len(a), len(b))
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := last[j]
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
