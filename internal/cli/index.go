package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/replay"
	"reprise/replay/recording"
)

// snapshotFlags say how much snapshots may take.
type snapshotFlags struct {
	memory, disk string
}

func (f *snapshotFlags) registerMemory(set *pflag.FlagSet) {
	set.StringVar(&f.memory, "snapshot-memory", "", "`SIZE` of the snapshots in memory that make going back fast (1G)")
}

func (f *snapshotFlags) registerDisk(set *pflag.FlagSet) {
	set.StringVar(&f.disk, "snapshot-disk", "", "`SIZE` of the snapshots saved with the recording, 0 for none (a quarter of the file or what its end takes, at most 64M)")
}

// apply reads the flags into the options of a session.
func (f *snapshotFlags) apply(o *replay.Options) error {
	if f.memory != "" {
		n, ok := parseSize(f.memory, 1)
		if !ok || n < 1<<20 {
			return usagef("--snapshot-memory %s: a size is at least 1M, such as 512M or 2G", f.memory)
		}
		o.SnapshotMemory = int64(n)
	}
	if f.disk != "" {
		n, ok := parseSize(f.disk, 1)
		if !ok || n > 1<<40 {
			return usagef("--snapshot-disk %s: a size is a number of bytes, or one with a suffix: 16M, 1G; 0 for none", f.disk)
		}
		if o.SnapshotDisk = int64(n); n == 0 {
			o.SnapshotDisk = -1
		}
	}
	return nil
}

func newIndex() *cobra.Command {
	var flags snapshotFlags
	cmd := &cobra.Command{
		Use:   "index FILE",
		Short: "Save snapshots with a recording, so that it opens anywhere at once",
		Long: `Replays a recording to its end and saves snapshots of the machine with it, in
place of those that it has. A new file is written and takes the place of the old
one when it is whole. A recording gets snapshots by itself when it ends; this is
for other sizes, and for recordings of other versions.`,
		Example: "reprise index boot.reprise\nreprise index --snapshot-disk 256M boot.reprise\nreprise index --snapshot-disk 0 boot.reprise",
		Args:    exactArgs("a recording"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var o replay.Options
			if err := flags.apply(&o); err != nil {
				return err
			}
			return index(cmd, args[0], o)
		},
	}
	flags.registerMemory(cmd.Flags())
	flags.registerDisk(cmd.Flags())
	return cmd
}

// index replays the recording and rewrites it.
func index(cmd *cobra.Command, path string, o replay.Options) (err error) {
	sig := catchSignals(cmd.Context())
	defer sig.stop()
	r, err := openRecording(path)
	if err != nil {
		return err
	}
	t, err := replayed(sig.Work, r, o)
	err = joinQuiet(err, r.Close()) // it is about to be replaced
	if t != nil {
		defer func() { err = joinQuiet(err, t.Close()) }()
	}
	if err == nil && !sig.came() {
		err = recording.Rewrite(path, t.SaveSnapshots)
	}
	if err != nil || sig.came() {
		return withStatus(statusOf(err), joinQuiet(err, sig.err()))
	}
	return withRecording(path, func(r *recording.Reader) error {
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: %d snapshots, %s in all\n", path, len(r.Snapshots()), bytesText(uint64(r.Size())))
		return err
	})
}

// replayed replays a recording to its end, and compares what there is to be
// compared.
func replayed(ctx context.Context, r *recording.Reader, o replay.Options) (*replay.Timeline, error) {
	if !r.Complete() {
		return nil, recording.ErrTorn
	}
	for _, d := range r.Manifest().Machine.CharDevices {
		o.Consoles = append(o.Consoles, replay.Console{ID: d.ID, Name: d.Name})
	}
	o.Verify = true
	t, err := replay.Play(r, o)
	if err != nil {
		return nil, err
	}
	_, err = t.Continue(ctx)
	return t, joinQuiet(err, t.Err())
}
