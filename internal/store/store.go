package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/adrg/xdg"
)

// Limit is how many recordings are remembered.
const Limit = 50

// Recent is a recording that was made or opened.
type Recent struct {
	Path string    `json:"path"` // absolute
	Used time.Time `json:"used"` // the last time
}

// Store is a folder for what is remembered.
type Store struct {
	dir string
	mu  sync.Mutex
}

// Default is the store in the user's state folder, such as
// ~/.local/state/reprise.
func Default() *Store { return In(filepath.Join(xdg.StateHome, "reprise")) }

// In is the store in a folder, which need not exist.
func In(dir string) *Store { return &Store{dir: dir} }

// contents is the file as it is written.
type contents struct {
	Version int      `json:"version"`
	Recent  []Recent `json:"recent"`
}

const contentsVersion = 1

func (s *Store) path() string { return filepath.Join(s.dir, "recent.json") }

// Recent lists the recordings, the last used first. Those whose file is gone
// are left out.
func (s *Store) Recent() ([]Recent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, err := s.read()
	return slices.DeleteFunc(list, func(r Recent) bool {
		_, err := os.Stat(r.Path)
		return errors.Is(err, fs.ErrNotExist)
	}), err
}

// Use puts a recording at the top of the list. The path may be relative.
func (s *Store) Use(path string, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	list, err := s.read()
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(r Recent) bool { return r.Path == path })
	list = slices.Insert(list, 0, Recent{Path: path, Used: now.UTC()})
	return s.write(list[:min(len(list), Limit)])
}

// Forget takes a recording from the list.
func (s *Store) Forget(path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	list, err := s.read()
	if err != nil {
		return err
	}
	return s.write(slices.DeleteFunc(list, func(r Recent) bool { return r.Path == path }))
}

// read returns the list as it is in the file. The caller holds mu.
func (s *Store) read() ([]Recent, error) {
	data, err := os.ReadFile(s.path())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("the list of recent recordings: %w", err)
	}
	var c contents
	if json.Unmarshal(data, &c) != nil || c.Version != contentsVersion {
		return nil, nil // as good as lost; the next write replaces it
	}
	c.Recent = slices.DeleteFunc(c.Recent, func(r Recent) bool { return !filepath.IsAbs(r.Path) })
	return c.Recent[:min(len(c.Recent), Limit)], nil
}

// write replaces the file. The caller holds mu.
func (s *Store) write(list []Recent) error {
	err := func() error {
		data, err := json.MarshalIndent(contents{contentsVersion, list}, "", "  ")
		if err != nil {
			return err
		}
		if err := os.MkdirAll(s.dir, 0o700); err != nil {
			return err
		}
		return replaceFile(s.path(), append(data, '\n'))
	}()
	if err != nil {
		return fmt.Errorf("the list of recent recordings cannot be written: %w", err)
	}
	return nil
}
