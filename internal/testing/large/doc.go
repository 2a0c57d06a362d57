// Package large records sessions that are as large as one wants: megabytes of
// console text, hundreds of megabytes of events, a disk of noise. They are real
// recordings of a real guest, to be opened, searched and replayed.
//
// go run ./internal/testing/large/make FILE leaves one of a gigabyte, to try the
// interface on.
package large
