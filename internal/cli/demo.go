package cli

import (
	"github.com/spf13/cobra"
)

func newDemo() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Open the bundled recording in the interface",
		Long: `Opens a recording that comes with the program: a small firmware that crashes
long after what made it crash. The tutorial walks through it.`,
		Example: "reprise demo",
		Args:    exactArgs(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return demo(cmd) },
	}
}

// demo opens the bundled recording.
func demo(*cobra.Command) error {
	return usagef("demo needs a terminal")
}
