package cli

import (
	"github.com/spf13/cobra"
)

// canShow reports whether there is an interface and a terminal for it.
func canShow() bool { return false && isTerminal() }

// show runs the interface until it is left.
func (s *session) show(paused bool) error { return s.headless(paused) }

// start is what the program does without a command: the start screen, and
// without a terminal the help.
func start(cmd *cobra.Command) error {
	if err := writeHelp(cmd.ErrOrStderr(), cmd); err != nil {
		return err
	}
	return silent(BadInput)
}

// demo opens the bundled recording.
func demo(*cobra.Command) error {
	return usagef("demo needs a terminal")
}
