package cli

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"reprise/replay/recording"
)

// recordingInfo is what info prints.
type recordingInfo struct {
	File      string                  `json:"file"`
	Bytes     int64                   `json:"bytes"`
	Complete  bool                    `json:"complete"`
	Dropped   int64                   `json:"dropped_bytes"`
	Steps     uint64                  `json:"steps"`
	VirtualNS uint64                  `json:"virtual_ns"`
	Events    uint64                  `json:"events"`
	ByKind    []kindCount             `json:"events_by_kind"`
	Consoles  []consoleCount          `json:"character_devices"`
	Digests   int                     `json:"digests"`
	Snapshots int                     `json:"snapshots"`
	Manifest  *recording.Manifest     `json:"manifest"`
	shutdown  recording.ShutdownCause // the last one
}

// kindCount is the number of events of a kind.
type kindCount struct {
	Kind  string `json:"kind"`
	Count uint64 `json:"count"`
}

// consoleCount is what went through a character device.
type consoleCount struct {
	Name    string `json:"name"`
	Backend string `json:"backend"`
	Input   uint64 `json:"input_bytes"`
	Output  uint64 `json:"output_bytes"`
}

func newInfo() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "info FILE",
		Short: "Show what a recording holds",
		Long: `Shows the machine, its images, the length, the events by kind, what went
through the character devices, and whether the recording is complete or torn.
Of a log of QEMU's record/replay (rrfile=FILE) it shows what that holds.

` + sensitive,
		Example: "reprise info boot.reprise\nreprise info --json boot.reprise",
		Args:    exactArgs("a recording"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if l, err := openQEMULog(args[0]); err != nil {
				return err
			} else if l != nil {
				return infoQEMULog(cmd.OutOrStdout(), args[0], l, asJSON)
			}
			return withRecording(args[0], func(r *recording.Reader) error {
				i, err := inspect(args[0], r)
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), i)
				}
				if err := i.write(cmd.OutOrStdout()); err != nil {
					return err
				}
				if torn := tornText(r); torn != "" {
					_, err = fmt.Fprintln(cmd.OutOrStdout(), torn)
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// inspect counts what a recording holds.
func inspect(path string, r *recording.Reader) (*recordingInfo, error) {
	m := r.Manifest()
	_, dropped, torn := r.Torn()
	i := &recordingInfo{
		File: path, Bytes: r.Size(), Complete: !torn, Dropped: dropped, Steps: uint64(r.Last()), VirtualNS: r.Virtual(),
		Events: r.Len(), Digests: len(r.Digests()), Snapshots: len(r.Snapshots()), Manifest: m,
		ByKind: []kindCount{}, Consoles: []consoleCount{},
	}
	totals, err := r.Totals()
	if err != nil {
		return nil, err
	}
	for k, n := range totals.Kinds {
		if n > 0 {
			i.ByKind = append(i.ByKind, kindCount{recording.Kind(k).String(), n})
		}
	}
	for _, d := range m.Machine.CharDevices {
		n := totals.Devices[d.ID]
		i.Consoles = append(i.Consoles, consoleCount{Name: d.Name, Backend: d.Backend, Input: n.In, Output: n.Out})
	}
	i.shutdown = totals.Shutdown
	return i, nil
}

// write prints the text for people.
func (i *recordingInfo) write(out io.Writer) error {
	m := i.Manifest
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(w, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	row("file", "%s, %s, format %d", i.File, bytesText(uint64(i.Bytes)), m.Format)
	row("recorded", "%s by reprise %s, machine model %d, state schema %d", m.Created.Format(time.RFC3339), m.Reprise, m.Model, m.Schema)
	row("machine", "%s, %s, %s of RAM, %s", m.Machine.Board, m.Machine.ISA, bytesText(m.Machine.RAM), plural(uint64(m.Machine.Harts), "hart"))
	row("icount", "shift=%d, sleep=%s", m.Machine.Shift, onOff(m.Machine.Sleep))
	if m.Machine.Harts > 1 {
		row("quantum", "%d steps", m.Machine.Quantum)
	}
	chaos := ""
	if m.Machine.Chaos {
		chaos = ", which chaos follows"
	}
	row("seed", "%d%s", m.Machine.Seed, chaos)
	if m.Machine.CommandLine != "" {
		row("append", "%q", m.Machine.CommandLine)
	}
	for _, image := range m.Images {
		kept := ""
		if image.Outside {
			kept = ", not in the recording"
		}
		at := ""
		if image.Address != 0 {
			at = fmt.Sprintf(" at 0x%x", image.Address)
		}
		row(image.Role, "%s, %s%s, SHA-256 %v%s", image.File, bytesText(image.Size), at, image.SHA256, kept)
	}
	for _, d := range m.Machine.Virtio {
		row(d.Name, "%s", virtioText(m, d))
	}
	for _, c := range i.Consoles {
		row(c.Name, "%s: %s bytes in, %s bytes out", c.Backend, commas(c.Input), commas(c.Output))
	}
	row("length", "%s steps, %v of virtual time", commas(i.Steps), time.Duration(i.VirtualNS))
	row("events", "%s", commas(i.Events))
	for _, k := range i.ByKind {
		row("", "%s\t%s", k.Kind, commas(k.Count))
	}
	row("digests", "%d", i.Digests)
	row("snapshots", "%d", i.Snapshots)
	if i.shutdown != recording.ShutdownNone {
		row("ended by", "%v", i.shutdown)
	}
	if i.Complete {
		row("state", "complete")
	}
	row("note", "it holds what was typed and the guest's memory: share it with care")
	return w.Flush()
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// plural is a count with its noun.
func plural(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return commas(n) + " " + noun + "s"
}
