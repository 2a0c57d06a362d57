package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"reprise/replay"
	"reprise/replay/recording"
)

// verdict is what verify prints.
type verdict struct {
	File     string     `json:"file"`
	Verified bool       `json:"verified"`
	Torn     bool       `json:"torn"`
	Dropped  int64      `json:"dropped_bytes"`
	Steps    uint64     `json:"steps"`
	Events   uint64     `json:"events"`
	Digests  int        `json:"digests"`
	Digest   string     `json:"digest"`
	Error    string     `json:"error,omitempty"`
	LastGood uint64     `json:"last_good_digest,omitempty"`
	Report   string     `json:"report,omitempty"` // of a divergence, in words
	Bisect   *bisection `json:"bisect,omitempty"`
}

// verification is what verify is asked to do.
type verification struct {
	json   bool
	bisect bool
	engine replay.Engine // that replays; nil stands for the interpreter
}

func newVerify() *cobra.Command {
	var o verification
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Replay a recording at full speed and check that it does the same",
		Long: `Replays a recording to its end without an interface, and compares everything
that was recorded for comparison: interrupts, exceptions, output and digests of
the whole state. The last line says what was verified, and the digest of the
last state; before it comes a line that begins with "torn:" if the recorder was
stopped before it could close the recording.

If the replay did something else than was recorded, it says where and what, with
the events and the code around, and what is usually behind it. With --bisect it
then runs the steps from the last digest that was good to there once more, on
the interpreter and on the plain loop that it is tested against: it shows the
first step that they do differently, or says that they agree, and then the
cause is not in how this program executes.`,
		Example: "reprise verify boot.reprise\nreprise verify --bisect boot.reprise\nreprise verify --json boot.reprise",
		Args:    exactArgs("a recording"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withRecording(args[0], func(r *recording.Reader) error {
				return verify(cmd, args[0], r, o)
			})
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().BoolVar(&o.bisect, "bisect", false, "after a divergence, find the first step that the two engines do differently")
	return cmd
}

// verify replays the recording and prints the verdict.
func verify(cmd *cobra.Command, path string, r *recording.Reader, o verification) error {
	sig := catchSignals(cmd.Context())
	defer sig.stop()
	out := cmd.OutOrStdout()
	if torn := tornText(r); torn != "" && !o.json {
		if _, err := fmt.Fprintln(out, torn); err != nil {
			return err
		}
	}
	v, err := o.check(sig.Work, r)
	v.File = path
	if sig.came() {
		return sig.err()
	}
	if o.json {
		if err != nil {
			v.Error = oneLine(err.Error())
		}
		return joinQuiet(err, writeJSON(out, v))
	}
	if v.Report != "" {
		_, failed := io.WriteString(out, v.Report+v.Bisect.text())
		err = joinQuiet(err, failed)
	}
	if err == nil {
		_, err = fmt.Fprintf(out, "verified: %s steps, %s events, %d digests, digest %s\n",
			commas(v.Steps), commas(v.Events), v.Digests, v.Digest)
	}
	return err
}

// check replays the recording. The verdict says how far it came, also beside
// an error.
func (o *verification) check(ctx context.Context, r *recording.Reader) (v verdict, err error) {
	_, v.Dropped, v.Torn = r.Torn()
	v.Events = r.Len()
	var consoles []replay.Console
	for _, d := range r.Manifest().Machine.CharDevices {
		consoles = append(consoles, replay.Console{ID: d.ID, Name: d.Name})
	}
	t, err := replay.Play(r, replay.Options{Consoles: consoles, Verify: true, Image: openPinned, Engine: o.engine})
	if err != nil {
		return v, withStatus(statusOf(err), err)
	}
	defer func() { err = joinQuiet(err, t.Close()) }()
	_, err = t.Continue(ctx)
	err = joinQuiet(err, t.Err())
	v.Steps, v.Digests = uint64(t.Position()), t.Verified()
	v.Digest = fmt.Sprintf("%016x", t.Machine().Digest().Sum())
	var divergence *replay.DivergenceError
	switch {
	case errors.As(err, &divergence):
		v.LastGood = uint64(divergence.LastGood)
		err = joinQuiet(err, v.explain(ctx, t, divergence, r, o.bisect))
	case err == nil && ctx.Err() == nil && t.Position() != r.Last():
		err = &statusError{Diverged, fmt.Errorf("the replay ends at step %v, the recording reaches step %v", t.Position(), r.Last())}
	case err == nil && ctx.Err() == nil && v.Digests != len(r.Digests()):
		err = &statusError{Diverged, fmt.Errorf("only %d of %d digests were met", v.Digests, len(r.Digests()))}
	}
	v.Verified = err == nil && ctx.Err() == nil
	return v, err
}

// explain says in words what the replay did that was not recorded.
func (v *verdict) explain(ctx context.Context, t *replay.Timeline, d *replay.DivergenceError, r *recording.Reader, bisect bool) error {
	symbols, err := symbolFiles(nil).load(r.Manifest().Images, r.Blob)
	if err != nil {
		return err
	}
	// What was missed was noticed later: the code around is that of the step.
	if _, err := t.Seek(ctx, d.Step); err != nil {
		return err
	}
	v.Report = describeDivergence(t, d, v.Digests, symbols)
	if bisect && ctx.Err() == nil {
		v.Bisect, err = bisectDivergence(ctx, t, d, symbols)
	}
	return err
}
