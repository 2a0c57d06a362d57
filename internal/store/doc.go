// Package store keeps what reprise remembers between runs: the list of
// recordings that were made or opened last and the layouts of the interface, in
// the user's state folder (XDG), and the bookmarks of each recording, in a file
// beside it. It reads what the user has configured.
//
// It knows nothing of recordings but their paths. The list is a convenience:
// losing it loses no recording, and a file that cannot be read counts as empty.
// Bookmarks are the user's work: a file that cannot be read is left alone.
//
// A [Store] may be used from any goroutine, and by several processes at once:
// the file is replaced as a whole, and the last one to write wins.
package store
