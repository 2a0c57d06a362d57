package boot

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"reprise/vm/riscv"
)

// Real firmware, by Debian package opensbi and u-boot-qemu.
const (
	opensbi = "/usr/lib/riscv64-linux-gnu/opensbi/generic/"
	uboot   = "/usr/lib/u-boot/qemu-riscv64_smode/"
)

// machine is a command line that both sides understand.
type machine struct {
	memory   uint64 // bytes, a multiple of 8 KiB: the reference rounds up to that
	harts    int
	firmware *File
	kernel   *File
	initrd   *File
	dtb      *File
	append   string
}

// reference starts qemu on the machine, stopped before its first instruction,
// and lets it run the monitor's commands. The text is what it printed.
func (m machine) reference(t *testing.T, options []string, commands ...string) string {
	t.Helper()
	path, err := exec.LookPath("qemu-system-riscv64")
	if err != nil {
		t.Fatalf("qemu-system-riscv64 is missing: install the package qemu-system-misc: %v", err)
	}
	args := append([]string{
		"-cpu", "rv64,h=false,Zfh=true,Zfhmin=true,svinval=true", "-m", strconv.FormatUint(m.memory>>10, 10) + "K", "-smp", strconv.Itoa(max(m.harts, 1)),
		"-display", "none", "-serial", "null", "-monitor", "stdio", "-S",
	}, options...)
	file := func(option string, f *File) {
		if f == nil {
			return
		}
		name := filepath.Join(t.TempDir(), "image")
		if err := os.WriteFile(name, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, option, name)
	}
	file("-bios", m.firmware)
	if m.firmware == nil {
		args = append(args, "-bios", "none")
	}
	file("-kernel", m.kernel)
	file("-initrd", m.initrd)
	file("-dtb", m.dtb)
	if m.append != "" {
		args = append(args, "-append", m.append)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stdin = strings.NewReader(strings.Join(append(commands, "quit"), "\n") + "\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return string(out)
}

// romWindow is how much of the ROM is compared: the reset vector, and zeros.
const romWindow = 0x100

// referenceMemory reads the reference's ROM, and size bytes of its RAM.
func (m machine) referenceMemory(t *testing.T, size uint64) (rom, ram []byte) {
	t.Helper()
	folder := t.TempDir()
	romFile, ramFile := filepath.Join(folder, "rom"), filepath.Join(folder, "ram")
	out := m.reference(t, []string{"-M", "virt"},
		fmt.Sprintf("pmemsave 0x%x 0x%x %q", ROMBase, romWindow, romFile),
		fmt.Sprintf("pmemsave 0x%x 0x%x %q", uint64(RAMBase), size, ramFile))
	read := func(name string, size uint64) []byte {
		data, err := os.ReadFile(name)
		if err != nil || uint64(len(data)) != size {
			t.Fatalf("qemu saved %d of %d bytes: %v\n%s", len(data), size, err, out)
		}
		return data
	}
	return read(romFile, romWindow), read(ramFile, size)
}

// referenceTree reads the reference's device tree.
func (m machine) referenceTree(t *testing.T) *Tree {
	t.Helper()
	name := filepath.Join(t.TempDir(), "tree")
	out := m.reference(t, []string{"-M", "virt,dumpdtb=" + name})
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("qemu dumped no tree: %v\n%s", err, out)
	}
	tree, err := ParseTree(data)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// config is the same machine for Place, with what it cannot know taken from
// the reference's tree: the entropy.
func (m machine) config(reference *Tree) Config {
	c := Config{
		Board: Board{
			Memory: m.memory, Harts: max(m.harts, 1), ISA: riscv.ISAAll.String(), MMU: MMUType, Virtio: VirtioSlots,
		},
		Firmware: m.firmware, Kernel: m.kernel, Initrd: m.initrd, DTB: m.dtb, Append: m.append,
	}
	copy(c.Seed[:], reference.Find("/chosen").Prop("rng-seed").Value)
	return c
}

// image reads a file of a Debian package.
func image(t *testing.T, folder, name string) *File {
	t.Helper()
	data, err := os.ReadFile(folder + name)
	if err != nil {
		t.Fatalf("install the packages opensbi and u-boot-qemu: %v", err)
	}
	return &File{Name: name, Data: data}
}
