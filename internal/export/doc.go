// Package export writes what people take out of Reprise for other programs: a
// screen as a picture (SVG), a console as a film (asciicast v2), events as JSON or
// CSV.
//
// It knows formats, not sessions: it is given screens, bytes with their times, and
// events. Its functions keep no state between calls and may be called from any
// goroutine; a [Cast] belongs to one at a time.
package export
