package recording

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

var (
	// ErrNotRecording is wrapped by Open's error for a file of another sort.
	// The message says what it looks like.
	ErrNotRecording = errors.New("not a recording")

	// ErrNotYetRecording is wrapped by Open's error for a file that ends
	// before its manifest, its blobs or the first flush: the recorder was
	// stopped before the machine started.
	ErrNotYetRecording = errors.New("not yet a recording: it ends before the machine was switched on, so nothing was recorded")

	// ErrFinished is returned by a Writer that is used after Finish or Close.
	ErrFinished = errors.New("the recording is already finished")

	// ErrNoBlob is wrapped by errors for a blob that the file does not hold.
	ErrNoBlob = errors.New("the recording does not hold this blob")

	// ErrChanged is returned for content that does not have the hash that was
	// said.
	ErrChanged = errors.New("the content has changed while it was read")
)

// FormatError is a place in a file that is not as the format has it: damage,
// or a file made to deceive.
type FormatError struct {
	Offset int64  // of the frame, in bytes from the start of the file
	What   string // what is wrong
	Err    error  // the cause; may be nil
}

// Error is one line with the offset.
func (e *FormatError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("damaged recording at offset %d: %s: %v", e.Offset, e.What, e.Err)
	}
	return fmt.Sprintf("damaged recording at offset %d: %s", e.Offset, e.What)
}

// Unwrap is the cause.
func (e *FormatError) Unwrap() error { return e.Err }

// damaged makes a FormatError.
func damaged(offset int64, format string, args ...any) error {
	return &FormatError{Offset: offset, What: fmt.Sprintf(format, args...)}
}

// VersionError is a recording of another version of the format.
type VersionError struct {
	Have uint32 // the file's
	Want uint32 // this program's
}

// Error names both versions.
func (e *VersionError) Error() string {
	advice := "use the version of reprise that recorded it"
	if e.Have > e.Want {
		advice = "use a newer version of reprise"
	}
	return fmt.Sprintf("recording of format version %d; this program reads version %d: %s", e.Have, e.Want, advice)
}

// looksLike says what sort of file starts with head.
func looksLike(head []byte) string {
	signs := []struct{ magic, name string }{
		{"\x7fELF", "an ELF file: give it with --kernel or --bios"},
		{"\x28\xb5\x2f\xfd", "zstd-compressed data: decompress it first"},
		{"\x1f\x8b", "gzip-compressed data: decompress it first"},
		{"\xfd7zXZ\x00", "xz-compressed data: decompress it first"},
		{"PK\x03\x04", "a zip archive: unpack it first"},
		{"QFI\xfb", "a qcow2 disk image"},
		{"\xd0\x0d\xfe\xed", "a device tree blob: give it with --dtb"},
		{"\x89PNG", "a picture"},
		{"#!", "a script"},
	}
	for _, s := range signs {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return s.name
		}
	}
	if len(head) >= 4 {
		if v := binary.BigEndian.Uint32(head); v>>12 == 0xe02 {
			return fmt.Sprintf("a log of QEMU's record/replay, version 0x%x: info and dump show it", v)
		}
	}
	if len(bytes.Trim(head, "\x00")) == 0 {
		return "a file of zeros"
	}
	if utf8.Valid(head) && !bytes.ContainsRune(head, 0) {
		return "text"
	}
	return "binary data of an unknown sort"
}
