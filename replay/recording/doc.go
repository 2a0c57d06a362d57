// Package recording is the bytes layer of replay: the file that holds a
// recorded session, and the event log inside it. A [Writer] appends frames to
// a new file, a [Reader] opens any prefix of one, and both offer the same [Log]
// to look at, so that a session can travel while it is still being recorded.
// The format is described in docs/recording-format.md.
//
// It knows no machine, no session and no character backend: what an event does
// to a guest, and when, is decided above.
//
// A Writer belongs to one goroutine. Its Log, a Reader and a Reader's Log may
// be used by several; each [Cursor] belongs to one.
package recording
