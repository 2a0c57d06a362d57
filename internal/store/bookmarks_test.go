package store

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBookmarks keeps bookmarks beside a recording, and without one in memory.
func TestBookmarks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "boot.reprise")
	for _, path := range []string{path, ""} {
		b := BookmarksOf(path)
		for _, mark := range []Bookmark{{"panic", 900, "here it ends"}, {"login", 500, ""}, {"panic", 800, "moved"}} {
			if err := b.Set(mark); err != nil {
				t.Fatal(err)
			}
		}
		if path != "" {
			b = BookmarksOf(path) // another process
		}
		list, err := b.List()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Bookmark{{"login", 500, ""}, {"panic", 800, "moved"}}, list); diff != "" {
			t.Error(diff)
		}
		for _, want := range []bool{true, false} {
			if found, err := b.Delete("login"); err != nil || found != want {
				t.Errorf("Delete: %v, %v", found, err)
			}
		}
	}
}

// TestBookmarksForeign leaves a file alone that it does not understand.
func TestBookmarksForeign(t *testing.T) {
	path := filepath.Join(t.TempDir(), "boot.reprise")
	if err := os.WriteFile(path+".bookmarks", []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := BookmarksOf(path)
	if _, err := b.List(); err == nil {
		t.Error("a foreign file is read")
	}
	if err := b.Set(Bookmark{Name: "x"}); err == nil {
		t.Error("a foreign file is overwritten")
	}
	if data, err := os.ReadFile(path + ".bookmarks"); err != nil || string(data) != "mine" {
		t.Errorf("the file holds %q, %v", data, err)
	}
}
