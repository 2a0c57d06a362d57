package main

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// module is a kernel module as it goes into the archive.
type module struct {
	path    string // below lib/modules/VERSION
	data    []byte // the ELF file
	needs   []string
	aliases []string
}

// moduleSet is the modules of one kernel, read as far as they are needed.
type moduleSet struct {
	folder string // lib/modules/VERSION, unpacked
	files  map[string]string
	loaded map[string]*module
}

// addModules adds modules and those that they need, with the modules.dep and
// modules.alias that modprobe reads.
func addModules(a *archive, root string, names []string) error {
	versions, err := filepath.Glob(filepath.Join(root, "usr/lib/modules/*"))
	if err != nil || len(versions) != 1 {
		return fmt.Errorf("%s has the modules of %d kernels, not of one", root, len(versions))
	}
	s := &moduleSet{folder: versions[0], loaded: map[string]*module{}}
	if err := s.find(); err != nil {
		return err
	}
	if err := s.load(names); err != nil {
		return err
	}
	base := "lib/modules/" + filepath.Base(s.folder)
	a.folder("lib/modules")
	a.folder(base)
	for _, dir := range s.folders() {
		a.folder(base + "/" + dir)
	}
	var index, aliases strings.Builder
	for _, name := range s.names() {
		m := s.loaded[name]
		a.file(base+"/"+m.path, 0o644, m.data)
		index.WriteString(m.path + ":")
		for _, need := range s.closure(m, nil) {
			index.WriteString(" " + s.loaded[need].path)
		}
		index.WriteString("\n")
		for _, alias := range m.aliases {
			fmt.Fprintf(&aliases, "alias %s %s\n", alias, name)
		}
	}
	a.file(base+"/modules.dep", 0o644, []byte(index.String()))
	a.file(base+"/modules.alias", 0o644, []byte(aliases.String()))
	return nil
}

// moduleName is the name by which modules refer to each other.
func moduleName(name string) string { return strings.ReplaceAll(name, "-", "_") }

// find lists the module files by name.
func (s *moduleSet) find() error {
	s.files = map[string]string{}
	return filepath.WalkDir(s.folder, func(file string, _ fs.DirEntry, err error) error {
		if name, ok := strings.CutSuffix(filepath.Base(file), ".ko.xz"); ok {
			s.files[moduleName(name)] = file
		}
		return err
	})
}

// load reads modules and those that they need.
func (s *moduleSet) load(names []string) error {
	for _, name := range names {
		name = moduleName(name)
		if s.loaded[name] != nil {
			continue
		}
		file := s.files[name]
		if file == "" {
			return fmt.Errorf("%s has no module %s", s.folder, name)
		}
		m, err := read(file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if m.path, err = filepath.Rel(s.folder, strings.TrimSuffix(file, ".xz")); err != nil {
			return err
		}
		s.loaded[name] = m
		if err := s.load(m.needs); err != nil {
			return err
		}
	}
	return nil
}

// read unpacks a module, without the symbols that loading does not need: of
// ext4 they are three quarters.
func read(file string) (*module, error) {
	packed, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer packed.Close()
	unpacked, err := os.CreateTemp("", "*.ko")
	if err != nil {
		return nil, err
	}
	defer os.Remove(unpacked.Name())
	defer unpacked.Close()
	xz := exec.Command("xz", "--decompress", "--stdout")
	xz.Stdin, xz.Stdout = packed, unpacked
	if err := xz.Run(); err != nil {
		return nil, fmt.Errorf("xz (of the Debian package xz-utils): %w", err)
	}
	if err := exec.Command("riscv64-unknown-elf-strip", "--strip-unneeded", unpacked.Name()).Run(); err != nil {
		return nil, fmt.Errorf("riscv64-unknown-elf-strip (of the Debian package binutils-riscv64-unknown-elf): %w", err)
	}
	data, err := os.ReadFile(unpacked.Name())
	if err != nil {
		return nil, err
	}
	m := &module{data: data}
	return m, m.describe()
}

// describe reads from the module which others it needs and what it is called
// besides its name.
func (m *module) describe() error {
	file, err := elf.NewFile(bytes.NewReader(m.data))
	if err != nil {
		return err
	}
	section := file.Section(".modinfo")
	if section == nil {
		return errors.New("there is no section .modinfo")
	}
	info, err := section.Data()
	if err != nil {
		return err
	}
	for _, field := range strings.Split(string(info), "\x00") {
		if list, ok := strings.CutPrefix(field, "depends="); ok && list != "" {
			m.needs = strings.Split(list, ",")
		}
		if alias, ok := strings.CutPrefix(field, "alias="); ok {
			m.aliases = append(m.aliases, alias)
		}
	}
	return nil
}

// names are those of the modules that were loaded, in order.
func (s *moduleSet) names() []string {
	var names []string
	for name := range s.loaded {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// folders are those of the modules and above, outer ones first.
func (s *moduleSet) folders() []string {
	var list []string
	for _, m := range s.loaded {
		for dir := path.Dir(m.path); dir != "."; dir = path.Dir(dir) {
			list = append(list, dir)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// closure appends what a module needs, directly or not, each before those that
// it needs itself.
func (s *moduleSet) closure(m *module, list []string) []string {
	for _, need := range m.needs {
		need = moduleName(need)
		list = append(list, need)
		list = s.closure(s.loaded[need], list)
	}
	return list
}
