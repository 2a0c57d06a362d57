package cli

import (
	"bytes"

	"github.com/spf13/cobra"

	"reprise/assets"
	"reprise/replay/recording"
	"reprise/vm/state"
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
func demo(cmd *cobra.Command) error {
	if !canShow() {
		return usagef("the demo is shown in the interface, which needs a terminal: see docs/tutorial.md")
	}
	data := assets.DemoRecording()
	r, err := recording.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	var p player
	return joinQuiet(p.play(cmd, r, new(playerWires), state.Never, true), r.Close())
}
