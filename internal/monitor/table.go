package monitor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
)

// Command is an entry of the table.
type Command struct {
	Name    string   // one word, or two ("info registers")
	Aliases []string // other words for it
	Usage   string   // its arguments, such as "[N]"; empty if it takes none
	Help    string   // one line
	run     func(ctx context.Context, env Env, args []string) (output string, err error)
}

// Table returns all commands, sorted by name. The list is the caller's own.
func Table() []Command {
	list := slices.Concat(infoCommands, examineCommands, travelCommands, pastCommands, bookmarkCommands, machineCommands, otherCommands)
	slices.SortFunc(list, func(a, b Command) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// otherCommands are those that need the table or nothing at all. They are set
// in init because help reads the table.
var otherCommands []Command

func init() {
	otherCommands = []Command{
		{Name: "help", Aliases: []string{"?"}, Usage: "[COMMAND...]", Help: "list the commands, or say what one does", run: help},
		{Name: "quit", Aliases: []string{"q"}, Help: "end the program", run: quit},
		{Name: "take", Help: "take the controls from whoever holds them", run: take},
		{Name: "release", Help: "give the controls back", run: release},
	}
}

// Run carries out one line and returns what it prints, without a newline at the
// end. An empty line does nothing. Movements are waited for; cancelling ctx
// interrupts them.
func Run(ctx context.Context, env Env, line string) (output string, err error) {
	if strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }) {
		return "", fmt.Errorf("%q has a character that no command has", line)
	}
	words := strings.Fields(separateFormat(line))
	if len(words) == 0 {
		return "", nil
	}
	command, args, err := find(words)
	if err != nil {
		return "", err
	}
	if max := command.arguments(); max >= 0 && len(args) > max {
		return "", command.usageError()
	}
	output, err = command.run(ctx, env, args)
	return strings.TrimRight(output, "\n"), err
}

// separateFormat lets "x/4i" be written for "x /4i".
func separateFormat(line string) string {
	line = strings.TrimSpace(line)
	for _, name := range []string{"x", "xp", "print", "p"} {
		if rest, ok := strings.CutPrefix(line, name+"/"); ok {
			return name + " /" + rest
		}
	}
	return line
}

// find returns the command that the words begin with, and its arguments.
func find(words []string) (Command, []string, error) {
	two := ""
	if len(words) > 1 {
		two = words[0] + " " + words[1]
	}
	var found *Command
	table := Table()
	for i, c := range table {
		if c.Name == two {
			return c, words[2:], nil
		}
		if c.Name == words[0] || slices.Contains(c.Aliases, words[0]) {
			found = &table[i]
		}
	}
	if found != nil {
		return *found, words[1:], nil
	}
	return Command{}, nil, unknown(words, table)
}

func unknown(words []string, table []Command) error {
	var inside []string
	for _, c := range table {
		if rest, ok := strings.CutPrefix(c.Name, words[0]+" "); ok {
			inside = append(inside, rest)
		}
	}
	if len(inside) > 0 {
		return fmt.Errorf("%s what? One of: %s", words[0], strings.Join(inside, ", "))
	}
	best, distance := "", 3
	for _, c := range table {
		first, _, _ := strings.Cut(c.Name, " ")
		for _, name := range append([]string{first}, c.Aliases...) {
			if d := levenshtein.ComputeDistance(words[0], name); len(name) > 1 && d < distance {
				best, distance = name, d
			}
		}
	}
	if best != "" {
		return fmt.Errorf("there is no command %q: did you mean %q?", words[0], best)
	}
	return fmt.Errorf("there is no command %q: help lists them", words[0])
}

// arguments is how many arguments the usage allows, -1 for any number.
func (c Command) arguments() int {
	if strings.Contains(c.Usage, "...") {
		return -1
	}
	return len(strings.Fields(c.Usage))
}

func (c Command) usageError() error {
	return fmt.Errorf("usage: %s", strings.TrimSpace(c.Name+" "+c.Usage))
}

func help(_ context.Context, _ Env, args []string) (string, error) {
	table := Table()
	if len(args) > 0 {
		c, _, err := find(args)
		if err != nil {
			return "", err
		}
		table = []Command{c}
	}
	width := 0
	for _, c := range table {
		width = max(width, len(c.Name)+1+len(c.Usage))
	}
	var b strings.Builder
	for _, c := range table {
		fmt.Fprintf(&b, "%-*s  %s", width, strings.TrimSpace(c.Name+" "+c.Usage), c.Help)
		if len(c.Aliases) > 0 {
			fmt.Fprintf(&b, " (also: %s)", strings.Join(c.Aliases, ", "))
		}
		b.WriteByte('\n')
	}
	return b.String(), nil
}

func quit(_ context.Context, env Env, _ []string) (string, error) {
	if env.Quit == nil {
		return "", fmt.Errorf("%s cannot end the program: close it where it was started", cmp.Or(env.Holder, "this monitor"))
	}
	env.Quit()
	return "", nil
}

func take(_ context.Context, env Env, _ []string) (string, error) {
	env.Session.Take(env.Holder)
	return "", nil
}

func release(_ context.Context, env Env, _ []string) (string, error) {
	env.Session.Release(env.Holder)
	return "", nil
}
