package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"reprise/internal/testing/guests"
)

// commands are the program and all its commands, hidden ones too.
func commands() []*cobra.Command {
	root := newRoot()
	return append([]*cobra.Command{root}, root.Commands()...)
}

// TestEveryCommandExplainsItself looks at the help from which the manual is made.
func TestEveryCommandExplainsItself(t *testing.T) {
	for _, cmd := range commands() {
		name := cmd.CommandPath()
		if cmd.Short == "" {
			t.Errorf("%s: there is no short description", name)
		}
		var titles []string
		for _, s := range sections(cmd) {
			titles = append(titles, s.title)
			for _, f := range s.flags {
				if strings.TrimSpace(f.about) == "" {
					t.Errorf("%s: %s is not explained", name, f.name)
				}
			}
		}
		for _, title := range []string{"Usage", "Examples", "Exit status"} {
			if !slices.Contains(titles, title) {
				t.Errorf("%s: the help has no section %q: it has %q", name, title, titles)
			}
		}
	}
}

// TestExamplesAreValid reads the examples of every help as the program reads its
// command line: commands, options and number of arguments must be right.
func TestExamplesAreValid(t *testing.T) {
	for _, cmd := range commands() {
		for line := range strings.Lines(cmd.Example) {
			words := strings.Fields(line)
			if len(words) > 0 && words[0] == "gdb-multiarch" {
				continue // what is typed beside reprise
			}
			if len(words) == 0 || words[0] != "reprise" {
				t.Errorf("%s: the example %q is not a call of reprise", cmd.CommandPath(), line)
				continue
			}
			if err := readCommandLine(words[1:]); err != nil {
				t.Errorf("%s: the example %q: %v", cmd.CommandPath(), strings.TrimSpace(line), err)
			}
		}
	}
}

// readCommandLine does what the program does with its arguments before it acts.
func readCommandLine(args []string) error {
	root := newRoot()
	args, err := prepare(root, args)
	if err != nil {
		return err
	}
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return flagError(cmd, err)
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

// TestReadCommandLine makes sure that the test above can fail.
func TestReadCommandLine(t *testing.T) {
	for _, line := range []string{"replai x", "replay", "replay a b", "verify --gdb x a", "record -bois x", "record disk.img"} {
		if readCommandLine(strings.Fields(line)) == nil {
			t.Errorf("%q passes for a command line", line)
		}
	}
}

// TestManualPages has groff read every page, with all warnings.
func TestManualPages(t *testing.T) {
	dir := t.TempDir()
	if err := writeManual(newRoot(), dir); err != nil {
		t.Fatal(err)
	}
	groff := guests.Tool(t, "groff", "groff-base")
	pages, err := filepath.Glob(filepath.Join(dir, "man1", "*.1"))
	if err != nil || len(pages) < 9 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for _, page := range pages {
		cmd := exec.Command(groff, "-man", "-ww", "-Tascii", "-P-cbou", page)
		var warnings strings.Builder
		cmd.Stderr = &warnings
		out, err := cmd.Output()
		if err != nil || warnings.Len() > 0 {
			t.Errorf("%s: %v\n%s", filepath.Base(page), err, warnings.String())
		}
		for _, title := range []string{"NAME", "SYNOPSIS", "EXAMPLES", "EXIT STATUS", "SEE ALSO"} {
			if !strings.Contains(string(out), title) {
				t.Errorf("%s has no section %s", filepath.Base(page), title)
			}
		}
	}
}

// TestCompletions looks for all of them, and has bash read its own.
func TestCompletions(t *testing.T) {
	dir := t.TempDir()
	if err := writeManual(newRoot(), dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"reprise.bash", "_reprise", "reprise.fish", "reprise.ps1"} {
		data, err := os.ReadFile(filepath.Join(dir, "completions", name))
		if err != nil || !strings.Contains(string(data), "reprise") {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
	}
	bash := guests.Tool(t, "bash", "bash")
	if out, err := exec.Command(bash, "-n", filepath.Join(dir, "completions", "reprise.bash")).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
