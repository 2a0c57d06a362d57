package guard

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"
)

// PanicError is a bug of ours that was met.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // of the goroutine, as [debug.Stack] prints it
}

// Error is one line.
func (e *PanicError) Error() string { return fmt.Sprintf("a bug of reprise: %v", e.Value) }

// caught is told of panics; nil while nobody is.
var caught atomic.Pointer[func(*PanicError)]

// Catch lets fn know of every panic on a goroutine of [Go] or [Func], which ends
// with it, until release is called. It may be called again meanwhile: the last
// one counts. fn is called on the goroutine that panics.
func Catch(fn func(*PanicError)) (release func()) {
	before := caught.Swap(&fn)
	return func() { caught.Store(before) }
}

// Go runs fn on a goroutine of its own. While nobody catches, a panic ends the
// process, as Go does it.
func Go(fn func()) { go Func(fn)() }

// Func is fn for a goroutine that something else starts.
func Func(fn func()) func() {
	return func() {
		defer report()
		fn()
	}
}

// report is deferred: it stops a panic if there is somebody to tell.
func report() {
	tell := caught.Load()
	if tell == nil {
		return
	}
	if value := recover(); value != nil {
		(*tell)(&PanicError{Value: value, Stack: debug.Stack()})
	}
}

// Run runs fn here, and makes a panic its error.
func Run(fn func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &PanicError{Value: value, Stack: debug.Stack()}
		}
	}()
	return fn()
}
