package store

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Bookmark is a named place in a recording.
type Bookmark struct {
	Name string `json:"name"`
	Step uint64 `json:"step"`
	Note string `json:"note,omitempty"`
}

// Bookmarks are those of one recording. They are kept in a file beside it, so
// that they go where it goes.
type Bookmarks struct {
	path string // empty: in memory only
	mu   sync.Mutex
	kept []Bookmark // if there is no file
}

// bookmarksSuffix is what the name of the file adds to that of the recording.
const bookmarksSuffix = ".bookmarks"

// BookmarksOf are the bookmarks of the recording at a path; without a path they
// are forgotten with the process.
func BookmarksOf(recording string) *Bookmarks {
	if recording == "" {
		return &Bookmarks{}
	}
	return &Bookmarks{path: recording + bookmarksSuffix}
}

// bookmarkContents is the file as it is written.
type bookmarkContents struct {
	Version   int        `json:"version"`
	Bookmarks []Bookmark `json:"bookmarks"`
}

// List returns the bookmarks by rising step.
func (b *Bookmarks) List() ([]Bookmark, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.read()
}

// Set makes a bookmark, or moves the one of that name.
func (b *Bookmarks) Set(mark Bookmark) error {
	return b.change(func(list []Bookmark) []Bookmark {
		list = slices.DeleteFunc(list, func(other Bookmark) bool { return other.Name == mark.Name })
		return append(list, mark)
	})
}

// Delete removes the bookmark of that name and reports whether there was one.
func (b *Bookmarks) Delete(name string) (found bool, err error) {
	err = b.change(func(list []Bookmark) []Bookmark {
		before := len(list)
		list = slices.DeleteFunc(list, func(mark Bookmark) bool { return mark.Name == name })
		found = len(list) < before
		return list
	})
	return found, err
}

func (b *Bookmarks) change(fn func([]Bookmark) []Bookmark) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	list, err := b.read()
	if err != nil {
		return err
	}
	list = fn(list)
	slices.SortStableFunc(list, func(a, b Bookmark) int { return cmp.Compare(a.Step, b.Step) })
	if b.path == "" {
		b.kept = list
		return nil
	}
	data, err := json.MarshalIndent(bookmarkContents{1, list}, "", "  ")
	if err == nil {
		err = replaceFile(b.path, append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("the bookmarks cannot be written: %w", err)
	}
	return nil
}

// read returns the list as it is in the file. The caller holds mu. A file that
// is no list of bookmarks is an error: it is the user's, and not overwritten.
func (b *Bookmarks) read() ([]Bookmark, error) {
	if b.path == "" {
		return slices.Clone(b.kept), nil
	}
	data, err := os.ReadFile(b.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("the bookmarks: %w", err)
	}
	var c bookmarkContents
	if err := json.Unmarshal(data, &c); err != nil || c.Version != 1 {
		return nil, fmt.Errorf("%s does not hold bookmarks of this version: move it away to make new ones", b.path)
	}
	return c.Bookmarks, nil
}

// replaceFile writes a file anew, in one step.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
