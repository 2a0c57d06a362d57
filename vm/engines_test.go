package vm_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"reprise/internal/testing/guests"
	"reprise/internal/testing/torture"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
)

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

func newLockstep(t *testing.T, config vm.Config, memory uint64) *lockstep {
	t.Helper()
	l := &lockstep{t: t}
	for i, m := range []**vm.Machine{&l.fast, &l.plain} {
		l.consoles[i] = &eventful{}
		made, err := vm.New(config, make([]byte, memory), l.consoles[i])
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

// run compares after each of the first steps, then after runs of many, in which the interpreter
// follows its links, until the console has printed a text.
func (l *lockstep) run(steps int, text string) {
	l.t.Helper()
	step := vm.Step(0)
	for step < vm.Step(steps) {
		step++
		l.runTo(step)
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for !bytes.Contains(l.consoles[0].out.Bytes(), []byte(text)) {
		step += 1 + vm.Step(rnd.IntN(5000))
		l.runTo(step)
	}
	if a, b := l.consoles[0].out.String(), l.consoles[1].out.String(); a != b {
		l.t.Errorf("the consoles differ: %q and %q", a, b)
	}
	l.t.Logf("%v steps, the first %d one by one; %d events", step, steps, l.events)
}

// TestEnginesAgreeOnFirmware boots OpenSBI and U-Boot on both engines.
func TestEnginesAgreeOnFirmware(t *testing.T) {
	const memory = 64 << 20
	m, _ := newUBoot(t, memory)
	newLockstep(t, m.Config(), memory).run(torture.Count(t, 200_000, 10_000_000), "DRAM:")
}

// TestEnginesAgreeOnLinux boots Debian's Linux on both engines, as far as the kernel's first lines.
func TestEnginesAgreeOnLinux(t *testing.T) {
	const memory = 256 << 20
	kernel, initramfs := guests.Linux(t)
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: memory, Harts: 1, ISA: riscv.ISAAll.String(), MMU: boot.MMUType, Virtio: boot.VirtioSlots},
		Firmware: read(t, guests.OpenSBI(t), "opensbi"),
		Kernel:   read(t, kernel, "linux-image-riscv64"),
		Initrd:   read(t, initramfs, "busybox-static"),
		Append:   "console=ttyS0 earlycon",
	})
	if err != nil {
		t.Fatal(err)
	}
	config := vm.Config{Harts: 1, ISA: riscv.ISAAll, Segments: plan.Segments, SeedAddr: plan.SeedAddr}
	newLockstep(t, config, memory).run(torture.Count(t, 500_000, 50_000_000), "Linux version ")
}
