package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"reprise/internal/store"
	"reprise/ui"
)

func newConfig() *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "Print a configuration file with the defaults",
		Long: `Prints a configuration file in which every setting of the interface has its
default and is commented out: theme, borders, mouse, layout, and the keys of each
action. The file that is read is config.toml in the folder reprise of
$XDG_CONFIG_HOME (~/.config). What is wrong in it is named with its line.`,
		Example: "reprise config",
		Args:    exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return writeConfig(cmd.OutOrStdout())
		},
	}
}

// writeConfig prints the defaults as comments.
func writeConfig(w io.Writer) error {
	d := store.Defaults()
	var b strings.Builder
	fmt.Fprintf(&b, `# Reprise: %s
# A line without its # takes effect.

# Colours: auto (those of the terminal's own theme), dark, light, high-contrast.
# theme = %q

# Lines and marks: auto (as the locale says), unicode, ascii.
# borders = %q

# Whether the interface uses the mouse; M frees it for the terminal's selection.
# mouse = %v

# default, firmware, kernel, console, or a tree: (console |60 events) / timeline
# layout = %q

# Keys of actions, one or a list, such as "s", "ctrl+r", "alt+x", "f5", "space";
# [] for none. Two actions of a pane cannot share a key.
[keys]
`, store.ConfigPath(), d.Theme, d.Borders, d.Mouse, d.Layout)
	pane := ""
	for _, a := range ui.Bindings() {
		if a.Pane != pane {
			pane = a.Pane
			where := "everywhere"
			if pane != "" {
				where = "in the pane " + pane
			}
			fmt.Fprintf(&b, "\n# %s\n", where)
		}
		var keys []string
		for _, key := range a.Keys {
			keys = append(keys, fmt.Sprintf("%q", key))
		}
		fmt.Fprintf(&b, "# %s = [%s] # %s\n", a.Name, strings.Join(keys, ", "), a.Help)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// appearance is how the interface draws and what it obeys to, as configured and
// as the terminal allows.
type appearance struct {
	look    ui.Look
	noMouse bool
	layout  string
	keys    map[string][]string
}

// configured reads the user's configuration.
func configured() (appearance, error) {
	c, err := store.ReadConfig(store.ConfigPath())
	if err != nil {
		return appearance{}, withStatus(BadInput, err)
	}
	a := appearance{look: ui.DetectLook(os.Getenv), noMouse: !c.Mouse, layout: c.Layout, keys: c.Keys}
	a.look.Theme = c.Theme
	if err := ui.CheckTheme(c.Theme); err != nil {
		return a, withStatus(BadInput, c.Wrong("theme", err))
	}
	if err := ui.CheckLayout(c.Layout); err != nil {
		return a, withStatus(BadInput, c.Wrong("layout", err))
	}
	if action, err := ui.CheckKeys(c.Keys); err != nil {
		return a, withStatus(BadInput, c.Wrong("keys."+action, err))
	}
	switch c.Borders {
	case "auto":
	case "ascii":
		a.look.PlainBorders = true
	case "unicode":
		a.look.ASCII = false
	default:
		return a, withStatus(BadInput, c.Wrong("borders", fmt.Errorf("there are no borders %q: they are auto, unicode, ascii", c.Borders)))
	}
	return a, nil
}
