package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"reprise/internal/store"
	"reprise/replay/recording"
)

// openRecording opens a file that the command line names.
func openRecording(path string) (*recording.Reader, error) {
	r, err := recording.Open(path)
	if err != nil {
		return nil, withStatus(statusOf(err), err)
	}
	return r, nil
}

// withRecording opens a recording for as long as fn needs it.
func withRecording(path string, fn func(*recording.Reader) error) (err error) {
	r, err := openRecording(path)
	if err != nil {
		return err
	}
	defer func() { err = joinQuiet(err, r.Close()) }()
	return fn(r)
}

// joinQuiet keeps the first of two errors, so that one line says what went
// wrong first.
func joinQuiet(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// tornText says what of a recording is not there, or nothing if it is whole.
func tornText(r *recording.Reader) string {
	last, dropped, torn := r.Torn()
	if !torn {
		return ""
	}
	return fmt.Sprintf("torn: the recorder was stopped; it reaches step %v, %s after it were dropped", last, bytesText(uint64(dropped)))
}

// remember puts a recording on the list of recent ones. Failing to do so is no
// reason to stop anything.
func remember(path string) { _ = store.Default().Use(path, time.Now()) }

// recordingName is what a recording is called, from its path.
func recordingName(path string) string {
	return strings.TrimSuffix(filepath.Base(path), recordingSuffix)
}

// recordingSuffix is how the names of recordings end.
const recordingSuffix = ".reprise"

// eachEvent goes through all events of a recording that do not come before a
// step, until fn returns an error; io.EOF is none. An event is fn's for the
// length of the call only.
func eachEvent(r *recording.Reader, from recording.Step, fn func(*recording.Event) error) error {
	begin, err := r.Find(from)
	if err != nil {
		return err
	}
	var failed error
	err = r.Each(begin, r.Len(), func(e *recording.Event) bool {
		failed = fn(e)
		return failed == nil
	})
	if err == nil && !errors.Is(failed, io.EOF) {
		err = failed
	}
	return err
}
