package vm_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zeebo/xxh3"

	"reprise/internal/testing/torture"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
)

// tortureMemory is the RAM of a torture guest in bytes.
const tortureMemory = 4 << 20

// tortureGuest is a guest of testdata/torture: one that does what caches could get wrong.
type tortureGuest struct {
	t      *testing.T
	config vm.Config
}

func newTortureGuest(t *testing.T, source string) *tortureGuest {
	t.Helper()
	elf := filepath.Join(t.TempDir(), "guest.elf")
	compiler, err := exec.LookPath("riscv64-unknown-elf-gcc")
	if err != nil {
		t.Fatal("riscv64-unknown-elf-gcc is missing: install the Debian package gcc-riscv64-unknown-elf")
	}
	out, err := exec.Command(compiler, "-nostdlib", "-static", "-march=rv64gc", "-mabi=lp64d", "-mcmodel=medany",
		"-Wl,-N,-Ttext=0x80000000", "-Wl,--no-warn-rwx-segments", "-o", elf, source).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", source, err, out)
	}
	data, err := os.ReadFile(elf)
	if err != nil {
		t.Fatal(err)
	}
	harts := 1
	if strings.HasPrefix(filepath.Base(source), "harts") {
		harts = 2
	}
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: tortureMemory, Harts: harts, ISA: riscv.ISAAll.String(), MMU: boot.MMUType},
		Firmware: &boot.File{Name: source, Data: data},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &tortureGuest{t, vm.Config{
		Harts: harts, ISA: riscv.ISAAll, Quantum: vm.MinQuantum, Shift: 5, Segments: plan.Segments, SeedAddr: plan.SeedAddr,
	}}
}

func (g *tortureGuest) machine(plain bool) *vm.Machine {
	g.t.Helper()
	m, err := vm.New(g.config, make([]byte, tortureMemory), &console{})
	if err != nil {
		g.t.Fatal(err)
	}
	for i := range g.config.Harts {
		m.Hart(i).SetPlain(plain)
	}
	m.PowerOn()
	return m
}

// advance does steps up to one, or to the end of the machine.
func (g *tortureGuest) advance(m *vm.Machine, until vm.Step) {
	g.t.Helper()
	for m.Position() < until && m.Shutdown() == (vm.Shutdown{}) {
		if m.Run(until, false) != vm.StopIdle {
			continue
		}
		ns, never := m.Wake()
		if never {
			g.t.Fatalf("step %v: nothing will wake the guest", m.Position())
		}
		m.EndIdle(ns)
	}
}

// sum is a hash over everything but memory, and one over the memory that the guests use.
func sum(m *vm.Machine, buf []byte) (hash uint64, saved []byte) {
	saved = m.Save(buf[:0])
	return xxh3.Hash(saved), saved
}

// TestTorture runs the guests of testdata/torture on both engines, compared after every step, and
// goes on from a snapshot of every step as from the step itself.
func TestTorture(t *testing.T) {
	sources, err := filepath.Glob("testdata/torture/*.S")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no guests: %v", err)
	}
	for _, source := range sources {
		t.Run(filepath.Base(source), func(t *testing.T) {
			g := newTortureGuest(t, source)
			sums := g.straight()
			g.restored(sums)
		})
	}
}

// straight runs both engines to the end and returns the hash of the state before each step.
func (g *tortureGuest) straight() []uint64 {
	g.t.Helper()
	fast, plain := g.machine(false), g.machine(true)
	var sums []uint64
	var a, b []byte
	for fast.Shutdown() == (vm.Shutdown{}) {
		if len(sums) > 200_000 {
			g.t.Fatalf("the guest does not end; pc %#x", fast.Hart(0).PC())
		}
		var one, other uint64
		one, a = sum(fast, a)
		other, b = sum(plain, b)
		if one != other {
			g.t.Fatalf("step %v: the engines differ; pc %#x and %#x", fast.Position(), fast.Hart(0).PC(), plain.Hart(0).PC())
		}
		sums = append(sums, one)
		step := fast.Position() + 1
		g.advance(fast, step)
		g.advance(plain, step)
	}
	if s := fast.Shutdown(); s.Cause != vm.GuestShutdown || plain.Shutdown() != s {
		g.t.Fatalf("the guest ends with %v, check in line %d; with the plain loop %v", s.Cause, s.Code, plain.Shutdown())
	}
	if where := fast.Digest().Difference(plain.Digest()); where != "" {
		g.t.Fatalf("the engines differ at the end in %s", where)
	}
	one, _ := sum(fast, a)
	return append(sums, one)
}

// restored takes a snapshot of steps all along and lets another machine go on from each. That
// machine is always the same, so that what it remembers from before is there to be forgotten.
func (g *tortureGuest) restored(sums []uint64) {
	g.t.Helper()
	source, target := g.machine(false), g.machine(false)
	every := max(1, len(sums)/torture.Count(g.t, 300, len(sums)))
	var buf []byte
	for at := 0; at < len(sums)-1; at += every {
		g.advance(source, vm.Step(at))
		buf = source.Save(buf[:0])
		for n := range source.RAM().Pages() {
			if content := source.RAM().Page(n); !bytes.Equal(content, target.RAM().Page(n)) {
				target.RAM().SetPage(n, content)
			}
		}
		if err := target.Load(buf, 1); err != nil {
			g.t.Fatal(err)
		}
		// Close by, each step; then as far as the end in one go.
		for step := at; step < min(at+20, len(sums)-1); step++ {
			if got, _ := sum(target, nil); got != sums[step] {
				g.t.Fatalf("restored at step %d, the state differs at step %d; pc %#x", at, step, target.Hart(0).PC())
			}
			g.advance(target, vm.Step(step+1))
		}
		g.advance(target, vm.Step(len(sums)-1))
		if got, _ := sum(target, nil); got != sums[len(sums)-1] {
			g.t.Fatalf("restored at step %d, the end differs: %s", at, fmt.Sprint(target.Shutdown()))
		}
	}
}
