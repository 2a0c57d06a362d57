package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"reprise/internal/debuginfo"
	"reprise/replay/recording"
)

// symbolFiles are the arguments of --symbols.
type symbolFiles []string

func (f *symbolFiles) register(set *pflag.FlagSet) {
	set.StringArrayVar((*[]string)(f), "symbols", nil,
		"names from a `FILE[@ADDRESS]`, an ELF file or a System.map; the program's first byte is at the address")
}

// load reads the files, and the programs among the images. Where two define a
// name, the file that was asked for has it. An image without any, such as a flat
// one, is none the worse for it.
func (f symbolFiles) load(images []recording.Image, blob func(recording.Hash) ([]byte, error)) (*debuginfo.Symbols, error) {
	var tables []*debuginfo.Symbols
	for _, text := range f {
		table, err := readSymbols(text)
		if err != nil {
			return nil, withStatus(statusOf(err), err)
		}
		tables = append(tables, table)
	}
	for _, image := range images {
		if image.Role != "bios" && image.Role != "kernel" || image.Outside {
			continue
		}
		data, err := blob(image.SHA256)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", image.File, err)
		}
		if table, err := debuginfo.Load(image.File, data); err == nil {
			tables = append(tables, table)
		}
	}
	return debuginfo.Merge(tables...), nil
}

// placed takes an argument apart. What follows the last @ is an address, unless it
// is no number: then it is part of the name.
func placed(text string) (path string, addr uint64, moved bool) {
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		if n, err := strconv.ParseUint(text[i+1:], 0, 64); err == nil {
			return text[:i], n, true
		}
	}
	return text, 0, false
}

// readSymbols reads one file.
func readSymbols(text string) (*debuginfo.Symbols, error) {
	path, addr, moved := placed(text)
	data, err := readImage("symbols", path)
	if err != nil {
		return nil, err
	}
	var table *debuginfo.Symbols
	if moved {
		table, err = debuginfo.ReadAt(path, data, addr)
	} else {
		table, err = debuginfo.Read(path, data)
	}
	switch {
	case err != nil:
		return nil, usagef("--symbols %w", err)
	case table.Len() == 0:
		return nil, usagef("--symbols %s: it has no symbols; give the program before it was stripped", path)
	}
	return table, nil
}
