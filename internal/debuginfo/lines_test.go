package debuginfo

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestLinesLikeAddr2line compares the line of every instruction of a program
// with what binutils say.
func TestLinesLikeAddr2line(t *testing.T) {
	const path = "../../assets/elf/demo.elf"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := LoadLines("demo.elf", data)
	if err != nil {
		t.Fatal(err)
	}
	const first, end = 0x80000000, 0x80000b00
	var addrs bytes.Buffer
	for addr := uint64(first); addr < end; addr += 2 {
		fmt.Fprintf(&addrs, "%#x\n", addr)
	}
	cmd := exec.Command("riscv64-unknown-elf-addr2line", "-e", path)
	cmd.Stdin = &addrs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("addr2line: %v (Debian package binutils-riscv64-unknown-elf)", err)
	}
	known, addr := 0, uint64(first)
	for answers := bufio.NewScanner(bytes.NewReader(out)); answers.Scan(); addr += 2 {
		want, _, _ := strings.Cut(answers.Text(), " (discriminator")
		got := "??:0"
		if file, line, ok := lines.Find(addr); ok {
			got = fmt.Sprintf("%s:%d", file, line)
			known++
		}
		if want = strings.ReplaceAll(want, ":?", ":0"); strings.HasSuffix(want, ":0") {
			continue // it does not know: padding, or where two programs meet
		}
		if want = filepath.Clean(want); filepath.Clean(got) != want {
			t.Errorf("%#x is %s, addr2line says %s", addr, got, want)
		}
	}
	if known < 1000 {
		t.Errorf("only %d places have a line", known)
	}
}

// TestMergeLines keeps programs apart, the gap between them included.
func TestMergeLines(t *testing.T) {
	a := &Lines{files: []string{"a.c"}, rows: []lineRow{{0x100, 0, 1}, {0x104, 0, 2}, {0x108, -1, 0}}}
	b := &Lines{files: []string{"b.c"}, rows: []lineRow{{0x108, 0, 7}, {0x110, -1, 0}}}
	l := MergeLines(b, nil, a)
	for addr, want := range map[uint64]string{0xff: "", 0x100: "a.c:1", 0x107: "a.c:2", 0x108: "b.c:7", 0x10f: "b.c:7", 0x110: "", ^uint64(0): ""} {
		got := ""
		if file, line, ok := l.Find(addr); ok {
			got = fmt.Sprintf("%s:%d", file, line)
		}
		if got != want {
			t.Errorf("%#x is %q, want %q", addr, got, want)
		}
	}
	if _, _, ok := (*Lines)(nil).Find(0x100); ok {
		t.Error("no lines know one")
	}
}

// FuzzLines reads damaged line tables: errors, but no panic.
func FuzzLines(f *testing.F) {
	data, err := os.ReadFile("../../assets/elf/demo.elf")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(_ *testing.T, data []byte) {
		if l, err := LoadLines("fuzz", data); err == nil {
			l.Find(0x80000000)
		}
	})
}

// TestAddresses finds the code of every line of a file, and nothing else.
func TestAddresses(t *testing.T) {
	data, err := os.ReadFile("../../assets/elf/demo.elf")
	if err != nil {
		t.Fatal(err)
	}
	lines, err := LoadLines("demo.elf", data)
	if err != nil {
		t.Fatal(err)
	}
	const file = "assets/demo/jobs.c"
	with := lines.WithCode(file)
	found := 0
	for n := 1; n < 200; n++ {
		addrs, at := lines.Addresses(file, n)
		if at > 0 && (at < n || with[n] && at != n && len(lines.lineStarts(lines.fileIndex(file), n)) > 0) {
			t.Errorf("line %d is at line %d", n, at)
		}
		for _, addr := range addrs {
			found++
			if got, line, ok := lines.Find(addr); !ok || got != file || line != at {
				t.Errorf("line %d is said to be at %#x, where line %d of %s is", at, addr, line, got)
			}
			if _, line, _ := lines.Find(addr - 2); line == at && addr != addrs[0] {
				t.Errorf("%#x is inside of line %d", addr, at)
			}
		}
	}
	if found < 80 {
		t.Errorf("%d places found", found)
	}
	if addrs, _ := lines.Addresses("nowhere.c", 1); addrs != nil {
		t.Error("a file that there is not has code")
	}
}
