package cli

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"reprise/assets"
	"reprise/internal/debuginfo"
	"reprise/replay/recording"
)

// sources find the source code of a machine's programs: by the names that the
// compiler was given, in the folder where the program runs, and for the bundled
// guests in the program itself. What was found is kept.
type sources struct {
	lines func() *debuginfo.Lines // read when they are first needed: they can be large

	mu    sync.Mutex
	files map[string][]string // the lines of each file; none of one that is not at hand
}

// maxSource is the most that a file of source code may have, in bytes.
const maxSource = 4 << 20

// sourcesOf are those of the images.
func sourcesOf(images []recording.Image, blob func(recording.Hash) ([]byte, error)) *sources {
	return &sources{
		files: map[string][]string{},
		lines: sync.OnceValue(func() *debuginfo.Lines {
			var list []*debuginfo.Lines
			for _, image := range images {
				if image.Role != "bios" && image.Role != "kernel" || image.Outside {
					continue
				}
				data, err := blob(image.SHA256)
				if err != nil {
					continue // loading the symbols has said so
				}
				if lines, err := debuginfo.LoadLines(image.File, data); err == nil {
					list = append(list, lines)
				}
			}
			return debuginfo.MergeLines(list...)
		}),
	}
}

// Line implements [ui.Source].
func (s *sources) Line(addr uint64) (place, text string, ok bool) {
	file, line, ok := s.lines().Find(addr)
	if !ok {
		return "", "", false
	}
	if lines := s.file(file); line <= len(lines) {
		text = lines[line-1]
	}
	return fmt.Sprintf("%s:%d", filepath.Base(file), line), text, true
}

// file returns the lines of a file.
func (s *sources) file(name string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines, known := s.files[name]
	if !known {
		lines = strings.Split(string(readSource(name)), "\n")
		s.files[name] = lines
	}
	return lines
}

// readSource reads a file of source code; nothing if it is not at hand.
func readSource(name string) []byte {
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && info.Size() <= maxSource {
		if data, err := os.ReadFile(name); err == nil && !bytes.ContainsRune(data, 0) {
			return data
		}
	}
	data, err := fs.ReadFile(assets.Sources(), strings.TrimPrefix(filepath.ToSlash(name), "assets/"))
	if err != nil {
		return nil
	}
	return data
}
