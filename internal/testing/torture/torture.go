// Package torture says how much of a long test to do: a little in every run of
// the tests, all of it with make torture, which sets REPRISE_TORTURE.
//
// It may be used from any goroutine.
package torture

import (
	"os"
	"strconv"
	"testing"
)

// Variable is the environment variable that asks for long tests: 1 for the full
// count, a larger number for so many times that.
const Variable = "REPRISE_TORTURE"

// Count returns how many times a test does what it does: few, or many if the
// long tests are asked for.
func Count(t testing.TB, few, many int) int {
	t.Helper()
	text := os.Getenv(Variable)
	if text == "" {
		return few
	}
	times, err := strconv.Atoi(text)
	if err != nil || times < 1 {
		t.Fatalf("%s is %q: it is a number from 1 up", Variable, text)
	}
	return times * many
}
