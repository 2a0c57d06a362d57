package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// table is rows of cells, of which the first row is the heading.
type table [][]string

func (t *table) add(cells ...string) { *t = append(*t, cells) }

// write prints the table as Markdown that can also be read as it is.
func (t table) write(out io.Writer) {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	fmt.Fprintln(out)
	for i, row := range t {
		for j, cell := range row {
			space := strings.Repeat(" ", widths[j]-utf8.RuneCountInString(cell))
			if j == 0 {
				fmt.Fprintf(out, "| %s%s |", cell, space)
			} else {
				fmt.Fprintf(out, " %s%s |", space, cell)
			}
		}
		fmt.Fprintln(out)
		if i > 0 {
			continue
		}
		for j, w := range widths {
			if j == 0 {
				fmt.Fprintf(out, "|%s|", strings.Repeat("-", w+2))
			} else {
				fmt.Fprintf(out, "%s:|", strings.Repeat("-", w+1))
			}
		}
		fmt.Fprintln(out)
	}
}

// median is the middle one of some values; of an even number, the higher one of
// the two in the middle.
func median(values []time.Duration) time.Duration { return percentile(values, 50) }

// percentile is the smallest of some values that at least p in a hundred do not
// exceed.
func percentile(values []time.Duration, p int) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

// seconds prints a time in s, to three digits.
func seconds(d time.Duration) string { return digits(d.Seconds()) + " s" }

// milliseconds prints a time in ms, to three digits.
func milliseconds(d time.Duration) string { return digits(d.Seconds()*1e3) + " ms" }

// mebibytes prints a size in MiB.
func mebibytes(n int64) string { return fmt.Sprintf("%d MiB", (n+1<<19)>>20) }

// digits prints a number that is not negative with three digits of it, or all
// that stand before the point.
func digits(value float64) string {
	places := 0
	for limit := 100.0; places < 3 && value < limit; limit /= 10 {
		places++
	}
	return strconv.FormatFloat(value, 'f', places, 64)
}

// thousands prints a number with separators.
func thousands(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
