package main

import (
	"bytes"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

//go:embed init
var initScript []byte

//go:embed inittab
var inittab []byte

//go:embed profile
var profile []byte

func main() {
	root := flag.String("root", "", "`FOLDER` of the unpacked packages")
	output := flag.String("o", "initramfs.cpio", "`FILE` to write")
	flag.Parse()
	if err := run(*root, *output, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "initramfs:", err)
		os.Exit(1)
	}
}

// run writes the archive, unless the file has it already.
func run(root, output string, modules []string) error {
	archive, err := build(root, modules)
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(output); err == nil && bytes.Equal(old, archive) {
		return nil
	}
	next := output + ".new"
	if err := os.WriteFile(next, archive, 0o644); err != nil {
		return err
	}
	return os.Rename(next, output)
}

// build makes the archive.
func build(root string, names []string) ([]byte, error) {
	busybox, err := os.ReadFile(filepath.Join(root, "usr/bin/busybox"))
	if err != nil {
		return nil, err
	}
	a := new(archive)
	for _, dir := range []string{"bin", "dev", "etc", "lib", "mnt", "proc", "root", "sys", "tmp"} {
		a.folder(dir)
	}
	a.link("sbin", "bin") // where the kernel looks for modprobe
	a.file("bin/busybox", 0o755, busybox)
	a.file("init", 0o755, initScript)
	a.file("etc/inittab", 0o644, inittab)
	a.file("etc/profile", 0o644, profile)
	a.file("etc/passwd", 0o644, []byte("root::0:0:root:/root:/bin/sh\n"))
	a.file("etc/group", 0o644, []byte("root:x:0:\n"))
	if len(names) > 0 {
		if err := addModules(a, root, names); err != nil {
			return nil, err
		}
	}
	return a.end(), nil
}
