// Package unasked keeps the terminal from being asked for its colours while the
// program's packages are initialised.
//
// Bubble Tea does that in an init function, in every command of a program that
// links it: escape sequences appear in the terminal, what was typed ahead is
// taken for the answer, and a terminal that does not answer costs five seconds.
// It asks nothing of a terminal that calls itself dumb. This package lets TERM
// say so, and package ui, which comes after Bubble Tea, restores it.
//
// The order is that of the Go specification: packages are initialised by import
// path as soon as those that they import are. This one imports os alone, and
// comes before everything that needs text/template, as termenv does. A test
// runs a command on a terminal that does not answer.
package unasked

import "os"

var term, set = os.LookupEnv("TERM")

func init() {
	if set {
		_ = os.Setenv("TERM", "dumb") // it cannot fail for this name and value
	}
}

// Restore gives TERM back. Only package ui calls it.
func Restore() {
	if set {
		_ = os.Setenv("TERM", term)
	}
}
