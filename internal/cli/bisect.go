package cli

import (
	"context"
	"fmt"
	"strings"

	"reprise/internal/debuginfo"
	"reprise/replay"
)

// bisection is what came of running both engines over the steps in which a
// replay went another way.
type bisection struct {
	From   uint64  `json:"from"` // the last good digest, or power-on
	To     uint64  `json:"to"`   // where the replay is known to be wrong
	Agree  bool    `json:"agree"`
	Step   *uint64 `json:"step,omitempty"` // the first that the engines do differently
	Report string  `json:"report"`
}

// text is the report, or nothing.
func (b *bisection) text() string {
	if b == nil {
		return ""
	}
	return b.Report
}

// bisectDivergence runs both engines from the last good digest to a divergence.
// The timeline is then at the step that they do differently, if there is one.
func bisectDivergence(ctx context.Context, t *replay.Timeline, d *replay.DivergenceError, symbols *debuginfo.Symbols) (*bisection, error) {
	engines := [2]replay.Engine{t.Engine(), replay.PlainLoop}
	found, err := t.CompareEngines(ctx, d.LastGood, d.Step+1, engines)
	if err != nil {
		return nil, err
	}
	b := &bisection{From: uint64(d.LastGood), To: uint64(d.Step), Agree: found == nil}
	var w strings.Builder
	fmt.Fprintf(&w, "bisected: steps %v to %v on two engines, %v and %v\n", d.LastGood, d.Step, engines[0], engines[1])
	if found == nil {
		fmt.Fprint(&w, agreement)
		b.Report = w.String()
		return b, nil
	}
	if _, err := t.Seek(ctx, found.Step); err != nil {
		return nil, err
	}
	step := uint64(found.Step)
	b.Step = &step
	fmt.Fprintf(&w, "  they differ at step %v: the state before it is the same, and after it\n", found.Step)
	writeDifference(&w, found, engines)
	writeCode(&w, t, symbols)
	fmt.Fprint(&w, "one of the engines is wrong about this: it is a bug of reprise, and the recording may well be right\n")
	b.Report = w.String()
	return b, nil
}

// agreement is what it means that the engines do the same.
const agreement = `  they agree at every step: this reprise does what the inputs make it do, and that is not what was recorded
  so the cause is in the recording (an input, an image or a digest is not what it was) or in the build that recorded it
`

// writeDifference lists what differs after a step.
func writeDifference(w *strings.Builder, found *replay.Difference, engines [2]replay.Engine) {
	row := func(what, a, b string) {
		fmt.Fprintf(w, "  %-12s %v: %s, %v: %s\n", what, engines[0], a, engines[1], b)
	}
	for _, r := range found.Registers {
		name := fmt.Sprint(r.Register)
		if r.Hart != 0 {
			name = fmt.Sprintf("%d:%v", r.Hart, r.Register)
		}
		row(name, fmt.Sprintf("0x%x", r.Old), fmt.Sprintf("0x%x", r.New))
	}
	for _, m := range found.Memory {
		const most = 16
		row(fmt.Sprintf("0x%x", m.Addr), fmt.Sprintf("%x", m.Old[:min(most, len(m.Old))]), fmt.Sprintf("%x", m.New[:min(most, len(m.New))]))
	}
	if len(found.Devices) > 0 {
		fmt.Fprintf(w, "  %-12s %s\n", "state of", strings.Join(found.Devices, ", "))
	}
	if found.Errs != [2]error{} {
		row("recording", against(found.Errs[0]), against(found.Errs[1]))
	}
}

// against says how an engine stands to the recording.
func against(err error) string {
	if err == nil {
		return "as recorded"
	}
	return err.Error()
}
