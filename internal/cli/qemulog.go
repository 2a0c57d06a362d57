package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"reprise/replay/qemulog"
	"reprise/vm/state"
)

// openQEMULog opens a log of QEMU's record/replay. It returns nil if the file is
// something else, which is then for others to say.
func openQEMULog(path string) (*qemulog.Log, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil //nolint:nilerr // opening it as a recording says it better
	}
	head := make([]byte, 16)
	n, err := io.ReadFull(f, head)
	_ = f.Close() // it was only read
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) || !qemulog.IsLog(head[:n]) {
		return nil, nil
	}
	l, err := qemulog.Open(path)
	return l, withStatus(statusOf(err), err)
}

// qemuLogInfo is what info prints of a log of QEMU's.
type qemuLogInfo struct {
	File         string          `json:"file"`
	Version      uint32          `json:"qemu_version"`
	Bytes        uint64          `json:"bytes"`
	Complete     bool            `json:"complete"`
	Instructions uint64          `json:"instructions"`
	Events       uint64          `json:"events"`
	ByKind       []qemuKindCount `json:"events_by_kind"`
	Torn         string          `json:"torn,omitempty"`
}

type qemuKindCount struct {
	Kind  string `json:"kind"`
	Count uint64 `json:"count"`
	Bytes uint64 `json:"bytes"`
}

// infoQEMULog counts what a log of QEMU's holds, and prints it.
func infoQEMULog(out io.Writer, path string, l *qemulog.Log, asJSON bool) error {
	c := l.Count()
	i := qemuLogInfo{
		File: path, Version: uint32(l.Version), Complete: l.Torn == nil, Instructions: c.Instructions,
		Bytes: uint64(len(l.Header())), ByKind: []qemuKindCount{},
	}
	for k, n := range c.Events {
		if n > 0 {
			i.ByKind = append(i.ByKind, qemuKindCount{qemulog.Kind(k).String(), n, c.Bytes[k]})
		}
		i.Events += n
		i.Bytes += c.Bytes[k]
	}
	if l.Torn != nil {
		i.Torn = oneLine(l.Torn.Error())
	}
	if asJSON {
		return writeJSON(out, i)
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "file\t%s, %s\n", i.File, bytesText(i.Bytes))
	fmt.Fprintf(w, "format\ta log of QEMU's record/replay, version 0x%x\n", i.Version)
	fmt.Fprintf(w, "length\t%s instructions\n", commas(i.Instructions))
	fmt.Fprintf(w, "events\t%s\n", commas(i.Events))
	for _, k := range i.ByKind {
		fmt.Fprintf(w, "\t%s\t%s\t%s bytes\n", k.Kind, commas(k.Count), commas(k.Bytes))
	}
	if i.Complete {
		fmt.Fprintln(w, "state\tcomplete")
	} else {
		fmt.Fprintf(w, "torn\t%s\n", i.Torn)
	}
	fmt.Fprintln(w, "note\tit names no machine: qemu replays it, with the command line that recorded it")
	return w.Flush()
}

// qemuEventLine is an event of QEMU's as JSON.
type qemuEventLine struct {
	Instructions uint64 `json:"instructions"`
	Kind         string `json:"kind"`
	Offset       int64  `json:"offset"`
	Checkpoint   uint8  `json:"checkpoint,omitempty"`
	Cause        uint8  `json:"cause,omitempty"`
	Device       uint8  `json:"device,omitempty"`
	Flags        uint32 `json:"flags,omitempty"`
	Result       int32  `json:"result,omitempty"`
	Position     int32  `json:"position,omitempty"`
	Value        uint64 `json:"value,omitempty"`
	Text         string `json:"text,omitempty"` // of data that is valid UTF-8
	Data         []byte `json:"data,omitempty"` // base64, of all other data
}

// dumpQEMULog prints the events of a log of QEMU's.
func dumpQEMULog(cmd *cobra.Command, l *qemulog.Log, o *dumpOptions) error {
	kinds := map[string]bool{}
	for _, name := range o.kinds {
		if !isQEMUKind(name) {
			return usagef("--kind: QEMU has no event of kind %q: the kinds that are in the log are in reprise info", name)
		}
		kinds[name] = true
	}
	from, to, err := o.steps()
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(cmd.OutOrStdout(), 64<<10)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for e := range l.Events() {
		at := state.Step(e.Instructions)
		if at < from || len(kinds) > 0 && !kinds[e.Kind.String()] {
			continue
		}
		if at >= to || err != nil {
			break
		}
		if o.json {
			err = enc.Encode(describeQEMUEvent(&e))
		} else {
			_, err = fmt.Fprintln(w, e.String())
		}
	}
	if err == nil && l.Torn != nil && !o.json {
		_, err = fmt.Fprintf(w, "torn: %s\n", oneLine(l.Torn.Error()))
	}
	return joinQuiet(err, w.Flush())
}

func isQEMUKind(name string) bool {
	for k := range qemulog.KindCount {
		if qemulog.Kind(k).String() == name {
			return true
		}
	}
	return false
}

func describeQEMUEvent(e *qemulog.Event) qemuEventLine {
	l := qemuEventLine{
		Instructions: e.Instructions, Kind: e.Kind.String(), Offset: e.Offset, Checkpoint: e.Checkpoint, Cause: e.Cause,
		Device: e.Device, Flags: e.Flags, Result: e.Result, Position: e.Position, Value: e.Value,
	}
	if utf8.Valid(e.Data) {
		l.Text = string(e.Data)
	} else {
		l.Data = e.Data
	}
	return l
}
