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
)

// sources find the source code of a machine's programs: by the names that the
// compiler was given, in the folder where the program runs, and for the bundled
// guests in the program itself. What was found is kept.
type sources struct {
	debug func() *debuginfo.Info

	mu    sync.Mutex
	files map[string][]string // the lines of each file; none of one that is not at hand
}

// maxSource is the most that a file of source code may have, in bytes.
const maxSource = 4 << 20

// sourcesOf are those of programs whose debugging information is read when it is
// first needed.
func sourcesOf(debug func() *debuginfo.Info) *sources {
	return &sources{debug: debug, files: map[string][]string{}}
}

// Line implements [ui.Source].
func (s *sources) Line(addr uint64) (place, text string, ok bool) {
	file, line, ok := s.debug().Lines.Find(addr)
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
