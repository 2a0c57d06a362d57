package ui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// ownCommand is a command of the interface's that takes an argument. What takes
// none is a binding.
type ownCommand struct {
	name, usage, help string
	run               func(m *root, argument string) tea.Cmd
}

// ownCommands are all of them, by name.
func ownCommands() []ownCommand {
	return []ownCommand{
		{"watch-expr", "EXPRESSION", "show what an expression gives in the pane of values, at every stop", addWatch},
		{"as", "TYPE", "show the memory as a type of the program, such as struct job", showAs},
		{"diff", "STEP [STEP]", "compare two moments, or one with here: steps, distances such as -100, percentages, bookmarks", compareWith},
		{"layout", "NAME", "arrange the panes: " + presetNames() + ", or a tree such as (console | events) / timeline", layoutNamed},
		{"screenshot", "FILE", "save this screen as a picture (FILE.svg) or as text (FILE.txt)", screenshot},
		{"export", "FILE", "save the console (FILE.txt, FILE.cast) or the events (FILE.json, FILE.csv) of the whole recording", exportTo},
		{"events", "FILE", "save all events as FILE.csv or FILE.json", exportEvents},
		{"source", "FILE", "carry out the commands of a file, one a line", source},
		{"theme", "NAME", "change the colours: " + themeNames(), setTheme},
		{"yank", "FILE", "write what the console shows into a file", yank},
	}
}

// ownCommandOf finds the command that a line begins with, and its argument.
func ownCommandOf(line string) (c ownCommand, argument string, ok bool) {
	word, argument, _ := strings.Cut(line, " ")
	list := ownCommands()
	i := slices.IndexFunc(list, func(c ownCommand) bool { return c.name == word })
	if i < 0 {
		return ownCommand{}, "", false
	}
	return list[i], strings.TrimSpace(argument), true
}

// setTheme is the command :theme.
func setTheme(m *root, name string) tea.Cmd {
	if err := CheckTheme(name); err != nil {
		m.fail(err.Error())
		return nil
	}
	m.options.Look.Theme = name
	m.styles = newStyles(m.options.Look)
	m.say("theme " + name + ": to keep it, write theme = \"" + name + "\" into config.toml")
	return nil
}
