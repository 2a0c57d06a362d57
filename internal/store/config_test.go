package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func readConfig(t *testing.T, text string) (Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return ReadConfig(path)
}

// TestConfig reads every setting.
func TestConfig(t *testing.T) {
	got, err := readConfig(t, "theme = \"dark\"\nborders='ascii'\nmouse = false\nlayout = \"kernel\"\n[keys]\nstep = \"x\"\nquit = [\"q\", \"ctrl+q\"]\n")
	if err != nil {
		t.Fatal(err)
	}
	want := Config{Theme: "dark", Borders: "ascii", Layout: "kernel", Keys: map[string][]string{"step": {"x"}, "quit": {"q", "ctrl+q"}}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Config{}, "Path"), cmpopts.IgnoreUnexported(Config{})); diff != "" {
		t.Error(diff)
	}
	if err := got.Wrong("keys.quit", os.ErrInvalid); !strings.Contains(err.Error(), "config.toml:7: ") {
		t.Errorf("the line is not named: %v", err)
	}
	if c, err := ReadConfig(filepath.Join(t.TempDir(), "none")); err != nil || !cmp.Equal(c, Defaults(), cmpopts.IgnoreUnexported(Config{})) {
		t.Errorf("without a file: %+v, %v", c, err)
	}
}

// TestConfigErrors names file and line of what is wrong.
func TestConfigErrors(t *testing.T) {
	for text, want := range map[string]string{
		"theme = \"dark\"\n\ncolour = 1\n":       `config.toml:3: there is no setting "colour"`,
		"theme = 3":                              "config.toml:1: theme is a text",
		"\nmouse = \"no\"":                       "config.toml:2: mouse is true or false",
		"[keys]\nstep = \"s\"\nnext = 5":         "config.toml:3: the keys of next",
		"keys = 1":                               "config.toml:1: keys is a table",
		"theme = \"dark\"\ntheme = ":             "config.toml:2: ",
		"[keys]\nstep = [\n\"s\",\n 1]\nx=\"y\"": "config.toml:2: the keys of step",
	} {
		if _, err := readConfig(t, text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
