// Package ui is the terminal interface: panes, keys and styles over Bubble Tea.
//
// One pane is one file. All bindings are data in keymap.go and all colours are
// in styles.go; the root model only routes. The machine never runs on the
// interface's goroutine: requests go to a [Session], and immutable views come
// back with a generation, at most 120 a second; stale ones are dropped. Update
// does no I/O: what takes time is a command.
//
// The package knows neither recordings as files nor how a machine is made. It
// ends, never closes, the session that it is given.
//
// [Screens] belongs to the machine's goroutine; everything else belongs to the
// goroutine that called [Run].
package ui
