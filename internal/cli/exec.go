package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"reprise/internal/monitor"
	"reprise/ui"
)

// readScript reads a file of commands.
func readScript(path string) ([]ui.ScriptLine, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, withStatus(BadInput, err)
	}
	return ui.ParseScript(path, string(data)), nil
}

// exec carries out commands of the monitor one after the other and prints what
// they print. The first that fails ends it, and is named with its place.
func (s *session) exec(ctx context.Context, script []ui.ScriptLine, out io.Writer) (err error) {
	w := bufio.NewWriter(out)
	defer func() { err = joinQuiet(err, w.Flush()) }()
	ended := false
	env := monitor.Env{
		Session: monitor.Of(s.debugger), Symbols: s.symbols, Debug: s.debug, Holder: "script", Hart: -1, Marks: s.marks,
		Quit: func() { ended = true },
	}
	for _, line := range script {
		text, err := monitor.Run(ctx, env, line.Text)
		switch {
		case s.signals.came():
			return nil // the signal says why
		case err != nil:
			return withStatus(BadInput, fmt.Errorf("%s: %w", line.Place, err))
		}
		if text = strings.TrimRight(text, "\n"); text != "" {
			if _, err := fmt.Fprintln(w, text); err != nil {
				return err
			}
		}
		if ended {
			return nil
		}
	}
	return nil
}
