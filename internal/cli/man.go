package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// newMan makes the hidden command that writes the manual pages and the shell
// completions, for packagers.
func newMan() *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write the manual pages and the shell completions into a folder",
		Example: "reprise man build/share",
		Hidden:  true,
		Args:    exactArgs("a folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return writeManual(cmd.Root(), args[0])
		},
	}
}

// writeManual fills DIR/man1 and DIR/completions.
func writeManual(root *cobra.Command, dir string) error {
	pages, completions := filepath.Join(dir, "man1"), filepath.Join(dir, "completions")
	for _, d := range []string{pages, completions} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	for _, cmd := range append([]*cobra.Command{root}, root.Commands()...) {
		if cmd != root && !cmd.IsAvailableCommand() || cmd.Name() == "help" || cmd.Name() == "completion" {
			continue
		}
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
		if err := os.WriteFile(filepath.Join(pages, name), []byte(manualPage(cmd)), 0o644); err != nil {
			return err
		}
	}
	for name, generate := range map[string]func(path string) error{
		"reprise.bash": func(path string) error { return root.GenBashCompletionFileV2(path, true) },
		"_reprise":     root.GenZshCompletionFile,
		"reprise.fish": func(path string) error { return root.GenFishCompletionFile(path, true) },
		"reprise.ps1":  root.GenPowerShellCompletionFileWithDesc,
	} {
		if err := generate(filepath.Join(completions, name)); err != nil {
			return err
		}
	}
	return nil
}

// manualPage is the page of a command, in the language of man(7).
func manualPage(cmd *cobra.Command) string {
	var b strings.Builder
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"reprise %s\" \"User Commands\"\n", roff(strings.ToUpper(name)), roff(version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(name), roff(cmd.Short))
	for _, s := range sections(cmd) {
		title := strings.ToUpper(s.title)
		if s.title == "Usage" {
			title = "SYNOPSIS"
		}
		fmt.Fprintf(&b, ".SH %s\n", title)
		switch {
		case s.flags != nil:
			for _, f := range s.flags {
				fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(strings.TrimSpace(f.name)), roff(f.about))
			}
		case s.title == "Description":
			b.WriteString(strings.ReplaceAll(roff(s.text), "\n\n", "\n.PP\n") + "\n")
		default:
			fmt.Fprintf(&b, ".nf\n%s\n.fi\n", roff(s.text))
		}
	}
	if others := seeAlso(cmd); others != "" {
		fmt.Fprintf(&b, ".SH SEE ALSO\n%s\n", others)
	}
	return b.String()
}

// seeAlso names the pages of the other commands, or of the program.
func seeAlso(cmd *cobra.Command) string {
	if cmd.HasParent() {
		return ".BR reprise (1)"
	}
	var lines []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" && c.Name() != "completion" {
			lines = append(lines, ".BR "+roff("reprise-"+c.Name())+" (1)")
		}
	}
	return strings.Join(lines, ",\n")
}

// roff escapes what man(7) would take for its own.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
