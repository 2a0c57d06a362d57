package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"reprise/internal/testing/guests"
)

// entry is a file of an archive, as the kernel would make it.
type entry struct {
	mode string // octal
	data string
}

// unpack reads an archive as the kernel does.
func unpack(t *testing.T, archive []byte) map[string]entry {
	t.Helper()
	files := map[string]entry{}
	for at := 0; ; {
		field := func(n int) int {
			value, err := strconv.ParseUint(string(archive[at+6+8*n:at+14+8*n]), 16, 32)
			if err != nil {
				t.Fatalf("offset %d, field %d: %v", at, n, err)
			}
			return int(value)
		}
		if magic := string(archive[at : at+6]); magic != "070701" {
			t.Fatalf("offset %d: %q is no header", at, magic)
		}
		mode, size, length := field(1), field(6), field(11)
		name := string(archive[at+110 : at+110+length-1])
		begin := (at + 110 + length + 3) &^ 3
		if name == "TRAILER!!!" {
			return files
		}
		files[name] = entry{strconv.FormatInt(int64(mode), 8), string(archive[begin : begin+size])}
		at = (begin + size + 3) &^ 3
	}
}

func TestArchive(t *testing.T) {
	a := new(archive)
	a.folder("d")
	a.file("d/odd", 0o600, []byte("12345"))
	a.file("empty", 0o755, nil)
	a.link("l", "d/odd")
	want := map[string]entry{
		"d": {"40755", ""}, "d/odd": {"100600", "12345"}, "empty": {"100755", ""}, "l": {"120777", "d/odd"},
	}
	got := unpack(t, a.end())
	for name, w := range want {
		if got[name] != w {
			t.Errorf("%s: %v, want %v", name, got[name], w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
}

// TestModules packs modules of Debian's kernel: those that they need come with
// them, loadable in the order that modules.dep gives, and the same bytes come
// out again.
func TestModules(t *testing.T) {
	folder, err := guests.Folder()
	if err != nil {
		t.Fatal(err)
	}
	guests.Linux(t) // or it says what to do
	root := filepath.Join(folder, "unpacked")
	names := []string{"virtio-rng", "virtio_net", "mbcache"}
	first, err := build(root, names)
	if err != nil {
		t.Fatal(err)
	}
	second, err := build(root, names)
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("the second archive differs from the first (%v)", err)
	}
	files := unpack(t, first)
	var dep, alias string
	for name, f := range files {
		switch {
		case strings.HasSuffix(name, "/modules.dep"):
			dep = f.data
		case strings.HasSuffix(name, "/modules.alias"):
			alias = f.data
		case strings.HasSuffix(name, ".ko") && !strings.HasPrefix(f.data, "\x7fELF"):
			t.Errorf("%s is no ELF file", name)
		}
		if dir := filepath.Dir(name); dir != "." && !strings.HasPrefix(files[dir].mode, "40") {
			t.Errorf("%s is in no folder", name)
		}
	}
	const nets = "kernel/net/core/failover.ko"
	lines := strings.Split(dep, "\n")
	for _, want := range []string{
		"kernel/drivers/net/virtio_net.ko: kernel/drivers/net/net_failover.ko " + nets, nets + ":", "kernel/fs/mbcache.ko:",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("modules.dep has no line %q:\n%s", want, dep)
		}
	}
	if want := "alias virtio:d00000004v* virtio_rng\n"; !strings.Contains(alias, want) {
		t.Errorf("modules.alias has no line %q:\n%s", want, alias)
	}
}

func TestMissing(t *testing.T) {
	if _, err := build(t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "busybox") {
		t.Errorf("a folder without packages: %v", err)
	}
	folder, err := guests.Folder()
	if err != nil {
		t.Fatal(err)
	}
	guests.Linux(t)
	if _, err := build(filepath.Join(folder, "unpacked"), []string{"no_such"}); err == nil || !strings.Contains(err.Error(), "no_such") {
		t.Errorf("a module that is not there: %v", err)
	}
}
