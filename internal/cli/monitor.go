package cli

import (
	"context"

	"reprise/internal/monitor"
	"reprise/replay"
)

// Monitor implements [gdbstub.Target]: gdb's command monitor.
func (g *gdbTarget) Monitor(ctx context.Context, line string, say func(text string)) error {
	env := monitor.Env{
		Session: monitor.Of(g.debugger), Symbols: g.symbols, Debug: g.debug, Holder: gdbHolder, Marks: g.marks, Stream: say, Devices: g.devices,
	}
	g.debugger.Inspect(func(t *replay.Timeline) { env.Hart = t.Machine().Current() })
	output, err := monitor.Run(ctx, env, line)
	if output != "" {
		say(output)
	}
	return err
}
