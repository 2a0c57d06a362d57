package assets_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"reprise/internal/testing/guests"
)

// TestGuestsMatchSources builds the guests from a copy of their sources in
// another folder. With the tools that made the committed files, the bytes must be
// the same; with others, the committed files must still come from these sources,
// and the sources must still build.
func TestGuestsMatchSources(t *testing.T) {
	guests.Compiler(t)
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(".")); err != nil {
		t.Fatal(err)
	}
	built := filepath.Join(folder, "elf")
	if err := os.RemoveAll(built); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(built, 0o700); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(guests.Tool(t, "make", "make"), "-C", folder)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	const advice = "run go generate ./assets"
	oldTools, oldSources := manifest(t, "elf")
	newTools, newSources := manifest(t, built)
	if oldSources != newSources {
		t.Fatalf("the guests were built from other sources: %s\nthen:\n%snow:\n%s", advice, oldSources, newSources)
	}
	if oldTools != newTools {
		t.Logf("the guests were built with other tools, so their bytes are not compared:\nthen:\n%snow:\n%s", oldTools, newTools)
		return
	}
	for _, name := range []string{"demo.elf", "bench.elf", "calls.elf", "keys.elf", "idle.elf", "race.elf", "semihost.elf"} {
		if !bytes.Equal(read(t, filepath.Join("elf", name)), read(t, filepath.Join(built, name))) {
			t.Errorf("%s is not what its sources give: %s", name, advice)
		}
	}
}

// manifest returns the two lines that name the tools, and those of the sources.
func manifest(t *testing.T, folder string) (tools, sources string) {
	t.Helper()
	lines := strings.SplitAfter(string(read(t, filepath.Join(folder, "manifest"))), "\n")
	if len(lines) < 3 {
		t.Fatalf("%s: the manifest has %d lines", folder, len(lines))
	}
	return strings.Join(lines[:2], ""), strings.Join(lines[2:], "")
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
