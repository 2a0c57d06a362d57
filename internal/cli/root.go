package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/internal/guard"
)

// Main runs the program with the process's arguments and returns its exit
// status. An error is one line on stderr.
func Main() int {
	err := execute(os.Args[1:])
	complain(err)
	return int(statusOf(err))
}

// complain prints an error, if there is one and it has something to say.
func complain(err error) {
	if err == nil {
		return
	}
	if text := oneLine(err.Error()); text != "" {
		fmt.Fprintln(os.Stderr, "reprise: "+text)
	}
	var bug *guard.PanicError
	if errors.As(err, &bug) {
		fmt.Fprintf(os.Stderr, "please report it with what follows:\n%s", bug.Stack)
	}
}

// execute runs one command line.
func execute(args []string) error {
	root := newRoot()
	args, err := prepare(root, args)
	if err != nil {
		return err
	}
	root.SetArgs(args)
	return root.Execute()
}

// newRoot makes the command tree.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "reprise",
		Short: "A time-travel debugger for whole RISC-V machines",
		Long: `Reprise records a live session of a RISC-V computer, replays it exactly, and
lets you walk through it in both directions, in a terminal or from gdb.

Without a command it opens its start screen. Options of a machine may be
spelt as qemu spells them, with one dash: a qemu command line carries over.

` + sensitive,
		Example: `reprise demo
reprise record -o boot.reprise -m 256M --kernel u-boot.elf
reprise replay boot.reprise
reprise verify boot.reprise`,
		Args:          exactArgs(),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return start(cmd) },
	}
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		// A help text that nobody reads to its end is no failure.
		_ = writeHelp(cmd.OutOrStdout(), cmd)
	})
	root.SetHelpCommand(newHelp())
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newDemo(), newRun(), newRecord(), newHunt(), newReplay(), newVerify(), newIndex(), newInfo(), newDump(), newTrace(), newExport(), newExtract(), newRepair(), newStrip(), newConfig(), newVersion(), newMan())
	root.DisableFlagsInUseLine = true
	for _, cmd := range root.Commands() {
		cmd.DisableFlagsInUseLine = true
	}
	return root
}

// newHelp makes the command help, which knows when it is asked for something
// that is not there.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Show the help of a command",
		Example: "reprise help record",
		RunE: func(cmd *cobra.Command, args []string) error {
			about := cmd.Root()
			for _, name := range args {
				sub := subcommand(about, name)
				if sub == nil {
					return unknownCommand(cmd.Root(), name)
				}
				about = sub
			}
			return writeHelp(cmd.OutOrStdout(), about)
		},
	}
}

// subcommand finds a command by its name.
func subcommand(of *cobra.Command, name string) *cobra.Command {
	for _, c := range of.Commands() {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

// ownCommands are made by cobra when it runs.
var ownCommands = []string{"help", "completion", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}

// prepare finds the command and brings its options into the spelling that
// cobra reads.
func prepare(root *cobra.Command, args []string) ([]string, error) {
	if len(args) == 0 || slices.Contains(ownCommands, args[0]) {
		return args, nil
	}
	first := args[0]
	if strings.HasPrefix(first, "-") {
		switch first {
		case "-version", "--version":
			return []string{"version"}, nil
		case "-h", "-help", "--help":
			return []string{"--help"}, nil
		}
		if isMachineOption(first) {
			return nil, usagef("%s needs a command before it: reprise run %s, or reprise record %s to record it",
				first, strings.Join(args, " "), strings.Join(args, " "))
		}
		return args, nil
	}
	cmd := subcommand(root, first)
	if cmd == nil {
		return nil, unknownCommand(root, first)
	}
	cmd.InitDefaultHelpFlag()
	n := normaliser{flags: cmd.Flags(), qemu: cmd.Flags().Lookup(machineFlag) != nil}
	rest, err := n.normalise(args[1:])
	if err != nil {
		return nil, err
	}
	return append([]string{first}, rest...), nil
}

// isMachineOption reports whether a word is an option that belongs to run and
// record.
func isMachineOption(word string) bool {
	name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
	if _, ok := lackedOption(name); ok {
		return true
	}
	set := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(machineFlags).register(set)
	return set.Lookup(name) != nil || len(name) == 1 && set.ShorthandLookup(name) != nil
}

// unknownCommand is the error for a command that does not exist.
func unknownCommand(root *cobra.Command, name string) error {
	if _, err := os.Stat(name); err == nil {
		return usagef("unknown command %q: to replay this file: reprise replay %s", name, name)
	}
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return usagef("unknown command %q%s: there are %s", name, didYouMean(name, names), strings.Join(names, ", "))
}

// flagError words what is wrong with an option.
func flagError(cmd *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		value   *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
	)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return err
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		return normaliser{flags: cmd.Flags()}.unknown("--"+name, name)
	case errors.As(err, &value):
		return usagef("option --%s needs a value: see reprise %s --help", value.GetFlag().Name, cmd.Name())
	case errors.As(err, &invalid):
		return usagef("option --%s: %q is not what it takes: see reprise %s --help", invalid.GetFlag().Name, invalid.GetValue(), cmd.Name())
	}
	return withStatus(BadInput, err)
}

// exactArgs wants one argument for each name, such as "a recording".
func exactArgs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) > len(names):
			return usagef("%q is one argument too many: see %s --help", args[len(names)], cmd.CommandPath())
		case len(args) < len(names):
			return usagef("%s needs %s: %s", cmd.CommandPath(), names[len(args)], cmd.UseLine())
		}
		return nil
	}
}
