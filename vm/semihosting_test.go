package vm_test

import (
	"testing"

	"reprise/assets"
	"reprise/vm"
)

// asker is a host whose console has input only once it is given some.
type asker struct {
	console
	input []byte
}

func (a *asker) CharReadAll(_ vm.Step, _ uint8, p []byte) (n int, ok bool) {
	n = copy(p, a.input)
	a.input = a.input[n:]
	return n, n > 0
}

// TestBlockedReadChangesNothing lets a guest wait for input. Trying again and
// again leaves the state as it is; with input it goes on like a machine that had
// it at once.
func TestBlockedReadChangesNothing(t *testing.T) {
	machine := func(input string) (*vm.Machine, *asker) {
		like, _ := newMachine(t, assets.Semihost(), vm.Config{Harts: 1, Semihosting: &vm.Semihosting{CommandLine: "x"}})
		host := &asker{input: []byte(input)}
		m, err := vm.New(like.Config(), make([]byte, smallMemory), host)
		if err != nil {
			t.Fatal(err)
		}
		host.machine = m
		m.PowerOn()
		return m, host
	}
	const input = "abcdefq"
	m, host := machine("")
	if stop := m.Run(raceEnd, false); stop != vm.StopBlocked {
		t.Fatalf("%v at step %v", stop, m.Position())
	}
	at, before := m.Position(), m.Digest()
	straight, _ := machine(input)
	straight.Run(at, false)
	if d := before.Difference(straight.Digest()); d != "" {
		t.Errorf("a read that waits changed %s", d)
	}
	for range 3 {
		if stop := m.Run(raceEnd, true); stop != vm.StopBlocked || m.Position() != at {
			t.Errorf("%v at step %v", stop, m.Position())
		}
	}
	if d := before.Difference(m.Digest()); d != "" {
		t.Errorf("trying again changed %s", d)
	}
	for _, c := range []string{"abcd", "e", "f", "q"} {
		host.input = []byte(c)
		m.Run(raceEnd, false)
	}
	straight.Run(raceEnd, false)
	if want := (vm.Shutdown{Cause: vm.GuestFailure, Code: 42}); host.ended != want {
		t.Fatalf("it ended with %v\n%s", host.ended, host.out.String())
	}
	if d := straight.Digest().Difference(m.Digest()); d != "" {
		t.Errorf("at the end %s differs", d)
	}
}
