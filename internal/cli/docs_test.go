package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// called finds the calls of the program in a document: in a block of code, a line
// that begins with reprise or go run, with or without a prompt.
var called = regexp.MustCompile(`(?m)^(?:    |\t)?(?:\$ )?(?:reprise|go run \.)((?: [^\n#|<>]*)?)`)

// blocks are the blocks of code of a document, fenced or indented.
var blocks = regexp.MustCompile("(?ms)^```.*?^```$|^    [^\n]*$")

// TestDocumentedCommands reads the calls of the program in the documents as the
// program would.
func TestDocumentedCommands(t *testing.T) {
	documents, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, path := range append(documents, "../../README.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range blocks.FindAllString(string(text), -1) {
			block = strings.ReplaceAll(block, "\\\n", " ")
			for _, call := range called.FindAllStringSubmatch(block, -1) {
				found++
				args := strings.Fields(strings.TrimSuffix(strings.TrimSpace(call[1]), "&"))
				if err := readCommandLine(args); err != nil {
					t.Errorf("%s: %q: %v", path, strings.TrimSpace(call[0]), err)
				}
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d calls were found in the documents", found)
	}
}
