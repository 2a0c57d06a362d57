package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents lists the Markdown files of the tree.
func documents(t *testing.T) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case filepath.Ext(path) == ".md":
			list = append(list, path)
		}
		return nil
	})
	if err != nil || len(list) < 5 {
		t.Fatalf("%d documents, %v", len(list), err)
	}
	return list
}

var (
	links    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headings = regexp.MustCompile(`(?m)^#+ (.*)$`)
	fences   = regexp.MustCompile("(?ms)^```.*?^```$")
)

// TestLinks follows every link of the documents to a file of the tree, and to a
// heading in it.
func TestLinks(t *testing.T) {
	for _, document := range documents(t) {
		for _, link := range links.FindAllStringSubmatch(prose(t, document), -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			path, anchor, _ := strings.Cut(link[1], "#")
			if path = filepath.Join(filepath.Dir(document), path); strings.HasPrefix(link[1], "#") {
				path = document
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s links to %s: %v", document, link[1], err)
				continue
			}
			if anchor != "" && !hasHeading(prose(t, path), anchor) {
				t.Errorf("%s links to %s: there is no such heading", document, link[1])
			}
		}
	}
}

// prose is a document without its blocks of code.
func prose(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return fences.ReplaceAllString(string(text), "")
}

// hasHeading reports whether a document has the heading that an anchor names:
// lower case, spaces as hyphens, no other punctuation.
func hasHeading(text, anchor string) bool {
	for _, heading := range headings.FindAllStringSubmatch(text, -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r > 0x7f:
				return r
			}
			return -1
		}, strings.ToLower(heading[1]))
		if name == anchor {
			return true
		}
	}
	return false
}
