package cli

import (
	"bytes"
	"regexp"
	"testing"

	"reprise/assets"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/riscv"
)

// forgetful is an engine that loses what one step has written to a register.
type forgetful struct {
	at vm.Step
}

func (forgetful) String() string { return "forgetful engine" }

func (f forgetful) Run(m *vm.Machine, until vm.Step, over bool) vm.Stop {
	if m.Position() > f.at || until <= f.at {
		return replay.Interpreter.Run(m, until, over)
	}
	stop := replay.Interpreter.Run(m, f.at, over)
	if m.Position() < f.at {
		return stop
	}
	inst, _ := m.Hart(0).FetchAt(m.Hart(0).PC())
	before := m.Hart(0).X(int(inst.Rd))
	stop = replay.Interpreter.Run(m, f.at+1, over)
	m.Hart(0).SetX(int(inst.Rd), before)
	return stop
}

// TestBisectFindsTheStep verifies the demo on an engine that is wrong about one
// step, and reads what verify says of it.
func TestBisectFindsTheStep(t *testing.T) {
	data := assets.DemoRecording()
	r, err := recording.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	engine := &forgetful{at: auipc(t, r)}
	o := verification{bisect: true, engine: engine}
	v, err := o.check(t.Context(), r)
	if err == nil || v.Verified || v.Bisect == nil {
		t.Fatalf("verified by an engine that is wrong: %+v, %v", v, err)
	}
	if v.Bisect.Agree || v.Bisect.Step == nil || vm.Step(*v.Bisect.Step) != engine.at {
		t.Errorf("bisected to %+v, wrong is step %v", v.Bisect, engine.at)
	}
	for _, want := range []string{
		`(?m)^diverged at step [0-9,]+$`,
		`(?m)^bisected: steps 0 to [0-9,]+ on two engines, forgetful engine and plain loop$`,
		`(?m)^  they differ at step ` + engine.at.String() + `: `,
		`(?m)^  [a-z0-9]+ +forgetful engine: 0x[0-9a-f]+, plain loop: 0x8[0-9a-f]+$`,
		`(?m)^code at step ` + engine.at.String() + `: hart 0, .*\n  8[0-9a-f]+: auipc `,
		`it is a bug of reprise`,
	} {
		if text := v.Report + v.Bisect.Report; !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// auipc is a step that executes such an instruction, after the first interrupt
// of a recording.
func auipc(t *testing.T, r *recording.Reader) vm.Step {
	t.Helper()
	tl, err := replay.Play(r, replay.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tl.Close() }()
	isInterrupt := func(e *recording.Event) bool { return e.Kind == recording.Interrupt }
	if _, err := tl.NextEventOf(t.Context(), isInterrupt); err != nil {
		t.Fatal(err)
	}
	for {
		hart := tl.Machine().Hart(0)
		if inst, ok := hart.FetchAt(hart.PC()); ok && inst.Op == riscv.OpAUIPC && tl.Machine().Actor() == 0 {
			return tl.Position()
		}
		if _, err := tl.Step(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
}
