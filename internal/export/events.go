package export

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"reprise/replay/recording"
)

// JSONEvents writes events as JSON, an object a line. The function that it returns
// writes one.
func JSONEvents(w io.Writer) func(*recording.Event) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return func(e *recording.Event) error { return enc.Encode(describe(e)) }
}

// csvColumns are the columns of CSVEvents.
var csvColumns = []string{"step", "kind", "checkpoint", "shutdown", "device", "hart", "cause", "value", "result", "text", "data"}

// CSVEvents writes events as CSV (RFC 4180) with a line of names. data is in
// base64. The function that it returns writes one event.
func CSVEvents(w io.Writer) func(*recording.Event) error {
	out := csv.NewWriter(w)
	_ = out.Write(csvColumns) // an error comes again below
	out.Flush()
	return func(e *recording.Event) error {
		l := describe(e)
		_ = out.Write([]string{
			strconv.FormatUint(l.Step, 10), l.Kind, l.Checkpoint, l.Shutdown, optional(l.Device), optional(l.Hart), optional(l.Cause),
			strconv.FormatUint(l.Value, 10), optional(l.Result), l.Text, base64.StdEncoding.EncodeToString(l.Data),
		})
		out.Flush()
		return out.Error()
	}
}

// optional is a number that may be missing.
func optional[T uint8 | uint64 | int32](n *T) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}

// eventLine is an event as JSON. What a kind does not use is left out.
type eventLine struct {
	Step       uint64  `json:"step"`
	Kind       string  `json:"kind"`
	Checkpoint string  `json:"checkpoint,omitempty"`
	Shutdown   string  `json:"shutdown,omitempty"`
	Device     *uint8  `json:"device,omitempty"`
	Hart       *uint8  `json:"hart,omitempty"`
	Cause      *uint64 `json:"cause,omitempty"`
	Value      uint64  `json:"value,omitempty"`
	Result     *int32  `json:"result,omitempty"`
	Text       string  `json:"text,omitempty"` // of data that is valid UTF-8
	Data       []byte  `json:"data,omitempty"` // base64, of all other data
}

func describe(e *recording.Event) eventLine {
	l := eventLine{Step: uint64(e.Step), Kind: e.Kind.String(), Value: e.Value}
	if e.Checkpoint != recording.AtNone {
		l.Checkpoint = e.Checkpoint.String()
	}
	if e.Shutdown != recording.ShutdownNone {
		l.Shutdown = e.Shutdown.String()
	}
	if e.Kind.IsCrossCheck() || e.Kind == recording.DebugWrite {
		l.Hart, l.Cause = &e.Hart, &e.Cause
	}
	name := e.Kind.String()
	if strings.Contains(name, "char_") || e.Kind == recording.AsyncNet || e.Kind == recording.AsyncInput {
		l.Device = &e.Device
	}
	if e.Kind == recording.CharWrite || e.Kind == recording.CharReadAllError || e.Result != 0 {
		l.Result = &e.Result
	}
	if utf8.Valid(e.Data) {
		l.Text = string(e.Data)
	} else {
		l.Data = e.Data
	}
	return l
}
