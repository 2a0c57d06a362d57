package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// sensitive is said wherever recordings are made.
const sensitive = "A recording holds what was typed and the guest's memory: it is created for its owner alone (0600)."

// machineFlag marks the flags that are MACHINE options.
const machineFlag = "machine"

// section is a part of a command's help, in both the terminal and the manual.
type section struct {
	title string
	text  string      // as it is; or
	flags []flagEntry // a list
}

// flagEntry is one option, or one command, in a list.
type flagEntry struct {
	name  string
	about string
}

// sections are the parts of a command's help, in their order.
func sections(cmd *cobra.Command) []section {
	parts := []section{{title: "Usage", text: cmd.UseLine()}}
	if text := cmd.Long; text != "" {
		parts = append(parts, section{title: "Description", text: text})
	}
	var commands []flagEntry
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			commands = append(commands, flagEntry{c.Name(), c.Short})
		}
	}
	var machine, others []flagEntry
	cmd.InitDefaultHelpFlag()
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		switch {
		case f.Hidden:
		case f.Annotations[machineFlag] != nil:
			machine = append(machine, describeFlag(f))
		default:
			others = append(others, describeFlag(f))
		}
	})
	for _, list := range []section{
		{title: "Commands", flags: commands}, {title: "Machine", flags: machine}, {title: "Options", flags: others},
	} {
		if len(list.flags) > 0 {
			parts = append(parts, list)
		}
	}
	if cmd.Example != "" {
		parts = append(parts, section{title: "Examples", text: cmd.Example})
	}
	return append(parts, section{title: "Exit status", text: exitText})
}

// describeFlag is a flag as help shows it.
func describeFlag(f *pflag.Flag) flagEntry {
	value, about := pflag.UnquoteUsage(f)
	name := "    --" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + ", --" + f.Name
	}
	if value != "" && f.NoOptDefVal == "" {
		name += " " + value
	}
	if f.DefValue != "" && f.DefValue != "default" && f.DefValue != "false" && f.DefValue != "[]" {
		about += " (default " + f.DefValue + ")"
	}
	return flagEntry{name, about}
}

// writeHelp prints the help of a command.
func writeHelp(w io.Writer, cmd *cobra.Command) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", cmd.Short)
	for _, s := range sections(cmd) {
		fmt.Fprintf(&b, "\n%s:\n", s.title)
		for _, line := range strings.Split(s.text, "\n") {
			if s.flags == nil {
				b.WriteString(strings.TrimRight("  "+line, " ") + "\n")
			}
		}
		width := 0
		for _, f := range s.flags {
			width = max(width, len(f.name))
		}
		for _, f := range s.flags {
			writeEntry(&b, f, min(width, helpColumn))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// The layout of lists in help texts, in columns.
const (
	helpColumn = 24
	helpWidth  = 96
)

// writeEntry prints a name and, beside it, what it is, broken into lines.
func writeEntry(b *strings.Builder, f flagEntry, width int) {
	indent := strings.Repeat(" ", width+4)
	line := fmt.Sprintf("  %-*s  ", width, f.name)
	if len(f.name) > width {
		b.WriteString("  " + f.name + "\n")
		line = indent
	}
	empty := true
	for _, word := range strings.Fields(f.about) {
		if !empty && len(line)+len(word) > helpWidth {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line = indent
		}
		line += word + " "
		empty = false
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
}
