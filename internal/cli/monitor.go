package cli

import (
	"context"
	"fmt"

	"reprise/internal/debuginfo"
	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/replay/recording"
)

// Monitor implements [gdbstub.Target]: gdb's command monitor.
func (g *gdbTarget) Monitor(ctx context.Context, line string, say func(text string)) error {
	env := monitor.Env{
		Session: monitor.Of(g.debugger), Symbols: g.symbols, Holder: gdbHolder, Marks: g.marks, Stream: say, Devices: g.devices,
	}
	g.debugger.Inspect(func(t *replay.Timeline) { env.Hart = t.Machine().Current() })
	output, err := monitor.Run(ctx, env, line)
	if output != "" {
		say(output)
	}
	return err
}

// loadSymbols gathers the symbols of a machine's programs. One without any, such
// as a flat image, is none the worse for it.
func loadSymbols(images []recording.Image, blob func(recording.Hash) ([]byte, error)) (*debuginfo.Symbols, error) {
	var tables []*debuginfo.Symbols
	for _, image := range images {
		if image.Role != "bios" && image.Role != "kernel" || image.Outside {
			continue
		}
		data, err := blob(image.SHA256)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", image.File, err)
		}
		if table, err := debuginfo.Load(image.File, data); err == nil {
			tables = append(tables, table)
		}
	}
	return debuginfo.Merge(tables...), nil
}
