package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"reprise/assets"
	"reprise/internal/testing/guests"
)

// guest is a program for the machine, and what is measured as it runs.
type guest struct {
	name    string
	title   string
	about   string
	machine []string // options in the spelling that qemu and Reprise share
	script  []mark
	rows    []row
	travel  bool     // its recording is travelled too
	shell   []string // options for a session at a prompt, in which is typed; nil without
	prompt  string
	missing string // why it cannot be run; empty if it can
}

// mark is a text that the guest prints, and what is typed then.
type mark struct {
	text, typed string
}

// row is a span between two marks: 0 is the start, mark n of the script is n,
// and end is the end of the process.
type row struct {
	name     string
	from, to int
	// steps finds the number of steps of the span in the console of Reprise: the
	// row is then a speed, else it is a time.
	steps *regexp.Regexp
}

const end = -1

// Debian's firmware for the board.
const (
	openSBI = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf"
	uBoot   = "/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf"
)

// guests lists what is measured.
func (b *bench) guests() []*guest {
	list := []*guest{compute(), calls(), firmware(), linux()}
	for _, g := range list {
		for i, word := range g.machine {
			if image, own := images[word]; own {
				path := filepath.Join(b.dir, word)
				if err := os.WriteFile(path, image(), 0o600); err != nil {
					g.missing = err.Error()
				}
				g.machine[i] = path
			}
		}
	}
	return list
}

// images are our own guests, by the name under which a guest's options have them.
var images = map[string]func() []byte{
	"bench.elf": assets.Bench,
	"calls.elf": assets.Calls,
}

// installed says what is missing of files that a Debian package brings.
func installed(path, debianPackage string) string {
	if _, err := os.Stat(path); err != nil {
		return fmt.Sprintf("%s is missing: install the Debian package %s", path, debianPackage)
	}
	return ""
}

func compute() *guest {
	return &guest{
		name:  "compute",
		title: "Compute-bound guest",
		about: "assets/bench: sorting, hashing, matrices, lists, a bytecode interpreter, then floating point;\n" +
			"S-mode, Sv39, timer at 100 Hz, one hart.",
		machine: []string{"-m", "128M", "-bios", "bench.elf"},
		script:  []mark{{text: "bench:"}, {text: "integer:"}, {text: "float:"}, {text: "interrupts"}},
		rows: []row{
			{"integer part", 1, 2, regexp.MustCompile(`integer: (\d+) instructions`)},
			{"floating part", 2, 3, regexp.MustCompile(`float: (\d+) instructions`)},
			{"whole", 0, end, nil},
		},
	}
}

func calls() *guest {
	return &guest{
		name:  "calls",
		title: "Syscall-heavy and console-heavy guest",
		about: "assets/calls: a program in U-mode under Sv39 makes 600,000 calls to S-mode, of which two in three copy\n" +
			"64 bytes across the border; then 248 KB are printed, a byte at a time.",
		machine: []string{"-m", "128M", "-bios", "calls.elf"},
		script:  []mark{{text: "calls:"}, {text: "done:"}, {text: "printed:"}},
		rows: []row{
			{"system calls", 1, 2, regexp.MustCompile(`done: (\d+) instructions`)},
			{"console output", 2, 3, regexp.MustCompile(`printed: (\d+) instructions`)},
			{"whole", 0, end, nil},
		},
	}
}

func firmware() *guest {
	missing := installed(openSBI, "opensbi")
	if missing == "" {
		missing = installed(uBoot, "u-boot-qemu")
	}
	return &guest{
		name:  "uboot",
		title: "Firmware",
		about: "Debian's OpenSBI and U-Boot (S-mode) to the countdown, by a key to the prompt, then `bdinfo` and `poweroff`.\n" +
			"qemu rr=record takes typed input only as timers expire, so that its countdown runs out first.",
		machine: []string{"-m", "256M", "-bios", openSBI, "-kernel", uBoot},
		script:  []mark{{"Hit any key", "\r"}, {"=> ", "bdinfo\r"}, {"=> ", "poweroff\r"}},
		rows:    []row{{"to the countdown", 0, 1, nil}, {"to the prompt", 0, 2, nil}, {"whole", 0, end, nil}},
		travel:  true,
		missing: missing,
	}
}

// linux boots Debian's kernel to a command and off again: nothing is typed, since
// qemu records that differently.
func linux() *guest {
	g := &guest{
		name:   "linux",
		title:  "Linux",
		about:  "Debian's kernel with a busybox initramfs on OpenSBI, 512 MiB, one hart, to power-off.",
		script: []mark{{text: "Run /init as init process"}},
		rows:   []row{{"to init", 0, 1, nil}, {"whole", 0, end, nil}},
		travel: true,
	}
	folder, err := guests.Folder()
	if err != nil {
		g.missing = err.Error()
		return g
	}
	kernel, initramfs := filepath.Join(folder, "Image"), filepath.Join(folder, "initramfs.cpio")
	for _, path := range []string{kernel, initramfs} {
		if _, err := os.Stat(path); err != nil {
			g.missing = path + " is missing: run make guests"
		}
	}
	if g.missing == "" {
		g.missing = installed(openSBI, "opensbi")
	}
	machine := []string{"-m", "512M", "-bios", openSBI, "-kernel", kernel, "-initrd", initramfs, "-append"}
	g.machine = append(slices.Clone(machine), "console=ttyS0 -- uname -a")
	g.shell, g.prompt = append(machine, "console=ttyS0"), guests.LinuxPrompt
	return g
}
