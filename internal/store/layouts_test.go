package store

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLayouts keeps layouts from one process to the next.
func TestLayouts(t *testing.T) {
	dir := t.TempDir() + "/not/there"
	s := In(dir)
	for _, l := range [][2]string{{"wide", "a | b"}, {"narrow", "a / b"}, {"wide", "b | a"}, {"tall", "a"}, {"tall", ""}} {
		if err := s.SetLayout(l[0], l[1]); err != nil {
			t.Fatal(err)
		}
	}
	got, err := In(dir).Layouts()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"wide": "b | a", "narrow": "a / b"}, got); diff != "" {
		t.Error(diff)
	}
	if err := os.WriteFile(s.layoutsPath(), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Layouts(); err != nil || len(got) != 0 {
		t.Errorf("a damaged file holds %v, %v", got, err)
	}
}
