package cli

import (
	"bufio"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"reprise/internal/export"
	"reprise/replay/recording"
	"reprise/vm/state"
)

// dumpOptions choose what dump prints.
type dumpOptions struct {
	json     bool
	csv      bool
	kinds    []string
	from, to string
}

func newDump() *cobra.Command {
	var o dumpOptions
	cmd := &cobra.Command{
		Use:   "dump FILE",
		Short: "Print the events of a recording, one a line",
		Long: `Prints the events of a recording in their order, one a line: the step, the
kind, and what belongs to it. With --json each line is a JSON object, with --csv
the first line names the columns.

A log of QEMU's record/replay (rrfile=FILE) is printed too, with the number of
instructions in the place of the step.`,
		Example: `reprise dump boot.reprise
reprise dump --kind async/char_read,shutdown boot.reprise
reprise dump --from 1,000,000 --to 2,000,000 --json boot.reprise
reprise dump --kind interrupt --csv boot.reprise`,
		Args: exactArgs("a recording"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if l, err := openQEMULog(args[0]); err != nil {
				return err
			} else if l != nil && o.csv {
				return usagef("--csv is for recordings: --json shows a log of QEMU's")
			} else if l != nil {
				return dumpQEMULog(cmd, l, &o)
			}
			wanted, err := o.filter()
			if err != nil {
				return err
			}
			return withRecording(args[0], func(r *recording.Reader) error {
				return dump(cmd.OutOrStdout(), r, &o, wanted)
			})
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print a JSON object a line")
	cmd.Flags().BoolVar(&o.csv, "csv", false, "print comma-separated values (RFC 4180)")
	cmd.MarkFlagsMutuallyExclusive("json", "csv")
	cmd.Flags().StringSliceVar(&o.kinds, "kind", nil, "only events of these `KINDS`, separated by commas")
	cmd.Flags().StringVar(&o.from, "from", "", "begin at a `STEP`")
	cmd.Flags().StringVar(&o.to, "to", "", "end before a `STEP`")
	return cmd
}

// selection is which events are wanted.
type selection struct {
	kinds    map[recording.Kind]bool // nil for all
	from, to state.Step
}

// filter checks the words.
func (o *dumpOptions) filter() (selection, error) {
	var s selection
	var err error
	if s.from, s.to, err = o.steps(); err != nil {
		return s, err
	}
	for _, name := range o.kinds {
		kind, err := recording.ParseKind(name)
		if err != nil {
			return s, usagef("--kind: %w", err)
		}
		if s.kinds == nil {
			s.kinds = map[recording.Kind]bool{}
		}
		s.kinds[kind] = true
	}
	return s, nil
}

// steps are the first step that is wanted, and the one after the last.
func (o *dumpOptions) steps() (from, to state.Step, err error) {
	to = state.Never
	if o.from != "" {
		if from, err = parseStep("--from", o.from); err != nil {
			return from, to, err
		}
	}
	if o.to != "" {
		to, err = parseStep("--to", o.to)
	}
	return from, to, err
}

// parseStep reads the value of an option that is a step.
func parseStep(option, text string) (state.Step, error) {
	step, err := state.ParseStep(text)
	if err != nil {
		return 0, usagef("%s: %w", option, err)
	}
	return step, nil
}

// dump prints the selected events.
func dump(out io.Writer, r *recording.Reader, o *dumpOptions, s selection) error {
	w := bufio.NewWriterSize(out, 64<<10)
	show := o.printer(w)
	err := eachEvent(r, s.from, func(e *recording.Event) error {
		switch {
		case e.Step >= s.to:
			return io.EOF
		case s.kinds != nil && !s.kinds[e.Kind]:
			return nil
		}
		return show(e)
	})
	return joinQuiet(err, w.Flush())
}

// printer is what prints an event in the form that is asked for.
func (o *dumpOptions) printer(w *bufio.Writer) func(*recording.Event) error {
	switch {
	case o.json:
		return export.JSONEvents(w)
	case o.csv:
		return export.CSVEvents(w)
	}
	return func(e *recording.Event) error {
		_, err := fmt.Fprintln(w, e.String())
		return err
	}
}
