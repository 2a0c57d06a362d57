package cli

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"reprise/assets"
	"reprise/internal/debuginfo"
)

// sources find the source code of a machine's programs: by the names that the
// compiler was given, in the folder where the program runs, and for the bundled
// guests in the program itself. What was found is kept.
type sources struct {
	debug func() *debuginfo.Info
	maps  sourceMaps

	mu    sync.Mutex
	files map[string][]string // the lines of each file; nil of one that is not at hand
}

// maxSource is the most that a file of source code may have, in bytes.
const maxSource = 4 << 20

// sourceMaps are the arguments of --source-map.
type sourceMaps []string

func (m *sourceMaps) register(set *pflag.FlagSet) {
	set.StringArrayVar((*[]string)(m), "source-map", nil,
		"look for source that was compiled at FROM in TO, as `FROM=TO`; a folder alone is put before the names of all files")
}

// sourcesOf are those of programs whose debugging information is read when it is
// first needed.
func sourcesOf(debug func() *debuginfo.Info, maps sourceMaps) *sources {
	return &sources{debug: debug, maps: maps, files: map[string][]string{}}
}

// Line implements [ui.Source].
func (s *sources) Line(addr uint64) (place, text string, ok bool) {
	file, line, ok := s.debug().Lines.Find(addr)
	if !ok {
		return "", "", false
	}
	if lines, err := s.File(file); err == nil && line <= len(lines) {
		text = lines[line-1]
	}
	return fmt.Sprintf("%s:%d", filepath.Base(file), line), text, true
}

// File implements [ui.Source].
func (s *sources) File(name string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines, known := s.files[name]
	if !known {
		if data := s.read(name); data != nil {
			lines = strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		}
		s.files[name] = lines
	}
	if lines == nil {
		return nil, s.missing(name)
	}
	return lines, nil
}

// paths are where a file can be: where the maps say, and where it was compiled.
func (s *sources) paths(name string) []string {
	var list []string
	for _, m := range s.maps {
		from, to, both := strings.Cut(m, "=")
		if !both { // a folder with the same files
			from, to = "", m
		}
		if rest, ok := strings.CutPrefix(name, from); ok {
			list = append(list, filepath.Join(to, rest))
		}
	}
	return append(list, name)
}

// missing says that a file is not at hand.
func (s *sources) missing(name string) error {
	return fmt.Errorf("the source is not at hand; it was looked for at\n  %s\nif it is elsewhere: --source-map FROM=TO, such as --source-map %s=/where/it/is",
		strings.Join(s.paths(name), "\n  "), filepath.Dir(name))
}

// read reads a file of source code; nothing if it is not at hand.
func (s *sources) read(name string) []byte {
	for _, path := range s.paths(name) {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Size() <= maxSource {
			if data, err := os.ReadFile(path); err == nil && !bytes.ContainsRune(data, 0) {
				return data
			}
		}
	}
	data, err := fs.ReadFile(assets.Sources(), strings.TrimPrefix(filepath.ToSlash(name), "assets/"))
	if err != nil {
		return nil
	}
	return data
}
