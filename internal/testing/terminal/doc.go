// Package terminal runs a program as a person would see it: in a terminal, which
// is a tmux of the test's own. The test types keys, reads the screen, and waits
// for what it wants to see there.
package terminal
