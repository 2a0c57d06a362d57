package vm_test

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"testing"

	"reprise/vm"
	"reprise/vm/state"
)

var engineSteps = flag.Uint64("enginesteps", 400_000, "steps of U-Boot's start after each of which the engines are compared")

// lockstep is two machines that should do the same, the second by the plain loop.
type lockstep struct {
	t           *testing.T
	fast, plain *vm.Machine
	consoles    [2]*eventful
	saved       [2][]byte
	events      int
	digested    vm.Step
}

// eventful is a console that counts what the machine announces.
type eventful struct {
	console
	events int
}

func (e *eventful) CharWrite(step vm.Step, device uint8, p []byte) int {
	e.events++
	return e.console.CharWrite(step, device, p)
}
func (e *eventful) Interrupted(vm.Step, int, uint64) { e.events++ }
func (e *eventful) Excepted(vm.Step, int, uint64)    { e.events++ }

func newLockstep(t *testing.T, memory uint64) *lockstep {
	l := &lockstep{t: t}
	for i, m := range []**vm.Machine{&l.fast, &l.plain} {
		template, _ := newUBoot(t, memory)
		l.consoles[i] = &eventful{}
		made, err := vm.New(template.Config(), make([]byte, memory), l.consoles[i])
		if err != nil {
			t.Fatal(err)
		}
		made.PowerOn()
		*m, l.consoles[i].machine = made, made
	}
	for i := range l.plain.Harts() {
		l.plain.Hart(i).SetPlain(true)
	}
	return l
}

// runTo brings both to a step and compares everything but memory there, and memory too if there
// was an event, and every 10,000 steps.
func (l *lockstep) runTo(step vm.Step) {
	l.t.Helper()
	for i, m := range []*vm.Machine{l.fast, l.plain} {
		for m.Position() < step {
			if m.Run(step, false) == vm.StopIdle {
				ns, never := m.Wake()
				if never {
					l.t.Fatalf("step %v: nothing will wake the machine", m.Position())
				}
				m.EndIdle(ns)
			}
		}
		l.saved[i] = m.Save(l.saved[i][:0])
	}
	if events := l.consoles[0].events; events != l.events || step >= l.digested+10_000 {
		l.events, l.digested = events, step
		if where := l.fast.Digest().Difference(l.plain.Digest()); where != "" {
			l.t.Fatalf("step %v: the digest of %s differs", step, where)
		}
	}
	if !bytes.Equal(l.saved[0], l.saved[1]) || l.consoles[0].events != l.consoles[1].events {
		l.t.Fatalf("step %v: the engines differ; pc %#x and %#x", step, l.fast.Hart(0).PC(), l.plain.Hart(0).PC())
	}
}

// TestEnginesAgreeOnFirmware boots OpenSBI and U-Boot to the prompt on both engines: first step by
// step, then in runs in which the interpreter follows its links.
func TestEnginesAgreeOnFirmware(t *testing.T) {
	l := newLockstep(t, 64<<20)
	step := vm.Step(0)
	for step < vm.Step(*engineSteps) {
		step++
		l.runTo(step)
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for !bytes.HasSuffix(l.consoles[0].out.Bytes(), []byte("=> ")) {
		step += 1 + state.Step(rnd.IntN(5000))
		l.runTo(step)
	}
	if a, b := l.consoles[0].out.String(), l.consoles[1].out.String(); a != b {
		t.Errorf("the consoles differ: %q and %q", a, b)
	}
	t.Logf("%v steps, %d events", step, l.events)
}
