package main

import (
	"bytes"
	"fmt"
)

// archive is a cpio archive in the format newc, which the kernel unpacks
// (Documentation/driver-api/early-userspace/buffer-format.rst). Owners, devices
// and times are 0.
type archive struct {
	buf   bytes.Buffer
	inode int
}

// Types of files in the mode of an entry.
const (
	modeFolder = 0o040000
	modeFile   = 0o100000
	modeLink   = 0o120000
)

func (a *archive) folder(name string) { a.entry(name, modeFolder|0o755, 2, nil) }

func (a *archive) file(name string, permissions int, data []byte) {
	a.entry(name, modeFile|permissions, 1, data)
}

func (a *archive) link(name, target string) { a.entry(name, modeLink|0o777, 1, []byte(target)) }

func (a *archive) entry(name string, mode, links int, data []byte) {
	a.inode++
	fmt.Fprintf(&a.buf, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		a.inode, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(name)+1, 0)
	a.buf.WriteString(name)
	a.buf.WriteByte(0)
	a.pad()
	a.buf.Write(data)
	a.pad()
}

// pad fills up to a multiple of four bytes.
func (a *archive) pad() {
	for a.buf.Len()%4 != 0 {
		a.buf.WriteByte(0)
	}
}

// end closes the archive and returns it.
func (a *archive) end() []byte {
	a.inode = -1 // the last entry has inode 0
	a.entry("TRAILER!!!", 0, 1, nil)
	return a.buf.Bytes()
}
