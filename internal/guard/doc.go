// Package guard starts the goroutines of the program, so that a bug on one of them
// does not end the process where it stands: the recording is closed and the
// terminal restored first, by whoever has called [Catch].
//
// It knows nothing of what it guards. Everything may be called from any
// goroutine.
package guard
