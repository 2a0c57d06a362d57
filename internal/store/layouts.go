package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
)

// layoutContents is the file as it is written.
type layoutContents struct {
	Version int               `json:"version"`
	Layouts map[string]string `json:"layouts"`
}

func (s *Store) layoutsPath() string { return filepath.Join(s.dir, "layouts.json") }

// Layouts are the layouts of the interface's panes, by the name of the size of
// terminal that they are for. A file that cannot be read counts as empty.
func (s *Store) Layouts() (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.readLayouts()
}

// SetLayout keeps a layout for a size of terminal; an empty one is forgotten.
func (s *Store) SetLayout(size, layout string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept, err := s.readLayouts()
	if err != nil {
		return err
	}
	before := maps.Clone(kept)
	if kept[size] = layout; layout == "" {
		delete(kept, size)
	}
	if maps.Equal(before, kept) {
		return nil
	}
	data, err := json.MarshalIndent(layoutContents{1, kept}, "", "  ")
	if err == nil {
		err = os.MkdirAll(s.dir, 0o700)
	}
	if err == nil {
		err = replaceFile(s.layoutsPath(), append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("the layout cannot be remembered: %w", err)
	}
	return nil
}

// readLayouts reads the file. The caller holds mu.
func (s *Store) readLayouts() (map[string]string, error) {
	data, err := os.ReadFile(s.layoutsPath())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return map[string]string{}, nil
	case err != nil:
		return nil, fmt.Errorf("the layouts of the panes: %w", err)
	}
	var c layoutContents
	if json.Unmarshal(data, &c) != nil || c.Version != 1 || c.Layouts == nil {
		return map[string]string{}, nil // as good as lost; the next write replaces it
	}
	return c.Layouts, nil
}
