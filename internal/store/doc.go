// Package store keeps what reprise remembers between runs: the list of
// recordings that were made or opened last, in the user's state folder (XDG).
//
// It knows nothing of recordings but their paths. What it keeps is a
// convenience: losing it loses no recording, and a file that cannot be read
// counts as empty.
//
// A [Store] may be used from any goroutine, and by several processes at once:
// the file is replaced as a whole, and the last one to write wins.
package store
