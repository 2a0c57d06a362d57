package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"reprise/internal/debuginfo"
	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm/state"
)

// tracer is a recording whose steps are about to be printed.
type tracer struct {
	from, to  string
	registers bool
	memory    bool
	symbols   symbolFiles
}

func newTrace() *cobra.Command {
	var o tracer
	cmd := &cobra.Command{
		Use:   "trace FILE",
		Short: "Print the steps of a recording, one a line",
		Long: `Replays a part of a recording and prints what each step does: the step, the
hart, the address with its symbol, and the instruction. An interrupt, an
exception, the end of an idle wait, input and a reset have lines of their own; an
instruction that ends in an exception has its line and, after it, the
exception's.

A place in time is a step (1,500,000), a share of the recording (50%), a virtual
time (12ms), a bookmark, start, end, "event N", or "pass ADDRESS N" for the N-th
time that an address is executed. With --to, +N counts from the first step. The
step of --to is not printed.`,
		Example: `reprise trace boot.reprise
reprise trace --from 50% --to +1000 --regs --mem boot.reprise
reprise trace --from 12ms --to end --symbols vmlinux boot.reprise`,
		Args: exactArgs("a recording"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withRecording(args[0], func(r *recording.Reader) error { return o.run(cmd, args[0], r) })
		},
	}
	cmd.Flags().StringVar(&o.from, "from", "start", "begin at a `PLACE` in time")
	cmd.Flags().StringVar(&o.to, "to", "end", "end before a `PLACE` in time")
	cmd.Flags().BoolVar(&o.registers, "regs", false, "print the registers that each step changes")
	cmd.Flags().BoolVar(&o.memory, "mem", false, "print the loads and stores of each step: width, address, value")
	o.symbols.register(cmd.Flags())
	return cmd
}

// run replays the recording at a debugger, which understands places in time.
func (o *tracer) run(cmd *cobra.Command, path string, r *recording.Reader) (err error) {
	sig := catchSignals(cmd.Context())
	defer sig.stop()
	symbols, err := o.symbols.load(r.Manifest().Images, r.Blob)
	if err != nil {
		return err
	}
	var consoles []replay.Console
	for _, d := range r.Manifest().Machine.CharDevices {
		consoles = append(consoles, replay.Console{ID: d.ID, Name: d.Name})
	}
	t, err := replay.Play(r, replay.Options{Consoles: consoles, Image: openPinned})
	if err != nil {
		return withStatus(statusOf(err), err)
	}
	d := replay.NewDebugger(recordingName(path), t)
	defer func() { err = joinQuiet(err, d.Close()) }()
	from, to, err := o.span(sig.Work, d, monitor.Env{Session: monitor.Of(d), Symbols: symbols, Hart: -1, Marks: bookmarksOf(path)})
	if err != nil {
		return joinQuiet(sig.err(), err)
	}
	w := bufio.NewWriterSize(cmd.OutOrStdout(), 64<<10)
	_, err = d.MoveAndWait(sig.Work, "", func(ctx context.Context, t *replay.Timeline) (replay.Stop, error) {
		if stop, err := t.Seek(ctx, from); err != nil || stop.Reason != replay.AtTarget {
			return stop, err
		}
		return o.trace(ctx, t, to, symbols, w)
	})
	return joinQuiet(joinQuiet(joinQuiet(err, d.Status().Err), w.Flush()), sig.err())
}

// span finds the first step and the one after the last.
func (o *tracer) span(ctx context.Context, d *replay.Debugger, env monitor.Env) (from, to state.Step, err error) {
	if from, err = env.Locate(ctx, o.from); err != nil {
		return from, to, usagef("--from %s: %w", o.from, err)
	}
	// What is relative in --to counts from there.
	if _, err = d.MoveAndWait(ctx, "", func(ctx context.Context, t *replay.Timeline) (replay.Stop, error) { return t.Seek(ctx, from) }); err != nil {
		return from, to, err
	}
	if to, err = env.Locate(ctx, o.to); err != nil {
		return from, to, usagef("--to %s: %w", o.to, err)
	}
	if to < from {
		return from, to, usagef("--to %s is step %v, before --from %s, which is step %v", o.to, to, o.from, from)
	}
	return from, to, nil
}

// trace prints the steps from here to before another.
func (o *tracer) trace(ctx context.Context, t *replay.Timeline, to state.Step, symbols *debuginfo.Symbols, w *bufio.Writer) (replay.Stop, error) {
	p := newTracePrinter(o, t.Machine(), symbols)
	stop, err := t.Walk(ctx, to, p.before, func(next replay.Next) error {
		p.after(next)
		_, err := w.Write(p.line)
		return err
	})
	if err == nil && stop.Reason == replay.GuestShutdown {
		_, err = fmt.Fprintf(w, "%v - %v\n", stop.Step, stop.Reason)
	}
	var divergence *replay.DivergenceError
	if errors.As(t.Err(), &divergence) {
		return stop, joinQuiet(w.Flush(), t.Err())
	}
	return stop, err
}
