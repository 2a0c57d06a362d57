// Package disk opens the images of disks: raw files of the host, which are only
// read. It knows their size, their time and their hash, by which a recording
// names them, and it tells a raw image from those of other formats.
//
// It knows no machine and no recording. An Image may be read by any goroutine.
package disk
