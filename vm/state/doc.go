// Package state holds the two ideas every part of the machine shares: the
// [Step], which is the unit of the time axis, and the [Visitor], through which
// a component describes its state once, for saving, loading and digesting.
//
// It knows no component. Nothing here is safe for concurrent use; a machine
// and the visitor that walks it belong to one goroutine.
package state
