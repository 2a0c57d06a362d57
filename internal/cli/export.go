package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"reprise/internal/export"
	"reprise/internal/term"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/ui"
	"reprise/vm/state"
)

// exportKinds are what can be taken out, by the end of the file's name.
const exportKinds = ".txt (the console's text), .cast (the console as asciicast v2), .json or .csv (the events)"

func newExport() *cobra.Command {
	var console string
	cmd := &cobra.Command{
		Use:   "export RECORDING FILE",
		Short: "Take the console or the events out of a recording",
		Long: `Writes what is in a recording into a file for other programs; the end of its
name says what: ` + exportKinds + `.
The times of an asciicast are those of the machine's virtual time. An existing
file is not replaced.`,
		Example: `reprise export boot.reprise boot.cast
reprise export --console hvc0 boot.reprise hvc0.txt
reprise export boot.reprise events.csv`,
		Args: exactArgs("a recording", "a file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			sig := catchSignals(cmd.Context())
			defer sig.stop()
			return withRecording(args[0], func(r *recording.Reader) error {
				return joinQuiet(exportTo(sig.Work, r, console, args[1]), sig.err())
			})
		},
	}
	cmd.Flags().StringVar(&console, "console", "", "the character device by its `NAME`; without it the first")
	return cmd
}

// exportTo writes a new file; one that is not whole is removed again.
func exportTo(ctx context.Context, r *recording.Reader, console, path string) (err error) {
	write, err := exporter(r, console, path)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return withStatus(BadInput, err)
	}
	w := bufio.NewWriterSize(f, 64<<10)
	err = write(ctx, w)
	err = joinQuiet(joinQuiet(err, w.Flush()), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// exporter chooses what is written by the name of the file.
func exporter(r *recording.Reader, console, path string) (func(context.Context, io.Writer) error, error) {
	switch suffix := filepath.Ext(path); suffix {
	case ".json", ".csv":
		return func(_ context.Context, w io.Writer) error {
			one := export.JSONEvents(w)
			if suffix == ".csv" {
				one = export.CSVEvents(w)
			}
			return eachEvent(r, 0, one)
		}, nil
	case ".txt", ".cast":
		device, err := deviceNamed(r.Manifest(), console)
		if err != nil {
			return nil, err
		}
		if suffix == ".cast" {
			return func(ctx context.Context, w io.Writer) error { return exportCast(ctx, r, device, w) }, nil
		}
		return func(_ context.Context, w io.Writer) error { return exportText(r, device, w) }, nil
	}
	return nil, usagef("%s: the end of the name says what is wanted: %s", path, exportKinds)
}

// deviceNamed finds a character device of a recording; no name is the first.
func deviceNamed(m *recording.Manifest, name string) (uint8, error) {
	var names []string
	for _, d := range m.Machine.CharDevices {
		if name == "" || d.Name == name {
			return d.ID, nil
		}
		names = append(names, d.Name)
	}
	return 0, usagef("--console %s: the recording has %s", name, strings.Join(names, ", "))
}

// exportText writes all that a console showed, without its escape sequences.
func exportText(r *recording.Reader, device uint8, w io.Writer) error {
	const lines = 1 << 20
	screen := term.New(ui.ScreenWidth, ui.ScreenHeight, lines)
	err := eachEvent(r, 0, func(e *recording.Event) error {
		if e.Kind == recording.CharWrite && e.Device == device {
			screen.Write(uint64(e.Step), e.Data[:e.Result])
		}
		return nil
	})
	if err != nil {
		return err
	}
	columns, rows := screen.Size()
	_, err = fmt.Fprintln(w, strings.TrimRight(screen.TextBetween(0, -screen.History(), columns-1, rows-1), "\n"))
	return err
}

// film is an observer that writes what a console prints with its time.
type film struct {
	cast     *export.Cast
	device   uint8
	shift    uint
	timeline *replay.Timeline
}

// Output implements [replay.Observer]. The machine tells the time of the last
// place where it stood; since then every step has taken the same.
func (f *film) Output(device uint8, step state.Step, p []byte) {
	if device == f.device {
		m := f.timeline.Machine()
		f.cast.Output(m.VirtualTime()+uint64(step-m.Position())<<f.shift, p)
	}
}

func (f *film) Save() any   { return nil }
func (f *film) Restore(any) {}

// exportCast replays the recording and writes what a console prints.
func exportCast(ctx context.Context, r *recording.Reader, device uint8, w io.Writer) (err error) {
	t, err := replay.Play(r, replay.Options{Image: openPinned})
	if err != nil {
		return withStatus(statusOf(err), err)
	}
	defer func() { err = joinQuiet(err, t.Close()) }()
	f := &film{export.NewCast(w, ui.ScreenWidth, ui.ScreenHeight, r.Manifest().Name), device, r.Manifest().Machine.Shift, t}
	t.Observe(f)
	stop, err := t.Continue(ctx) // a seek would go by snapshots, without the time between them
	switch {
	case err != nil:
		return err
	case t.Err() != nil:
		return t.Err()
	case stop.Reason == replay.Interrupted:
		return context.Cause(ctx)
	}
	return f.cast.Close(t.Machine().VirtualTime())
}

// exporting is what the interface exports with: from the file itself, while the
// session stays where it is. Nil without a file.
func exporting(path string) func(ctx context.Context, to string) error {
	if path == "" {
		return nil
	}
	return func(ctx context.Context, to string) error {
		return withRecording(path, func(r *recording.Reader) error { return exportTo(ctx, r, "", to) })
	}
}
