// Package toysession is a session for tests of what sits on top of one: a real
// hart that runs a program of nine instructions, a made-up recording of evenly
// spaced events, and all movements of a timeline, each done by running again
// from the start. The same moves always lead to the same states.
//
// Movements run on a goroutine of their own, one at a time; all methods may be
// called from any goroutine.
package toysession
