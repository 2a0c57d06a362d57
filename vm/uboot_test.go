package vm_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

// console is a host that keeps the output and looks for a text in it.
type console struct {
	out     bytes.Buffer
	other   bytes.Buffer // of a second character device
	until   string
	machine *vm.Machine
	ended   vm.Shutdown
	frames  [][]byte // that were sent
}

func (c *console) CharWrite(_ vm.Step, device uint8, p []byte) int {
	if device != vm.SerialDevice {
		c.other.Write(p)
		return len(p)
	}
	c.out.Write(p)
	if c.until != "" && strings.HasSuffix(c.out.String(), c.until) {
		c.machine.RequestStop()
	}
	return len(p)
}
func (c *console) CharWriteAll(_ vm.Step, _ uint8, p []byte)           { c.out.Write(p) }
func (c *console) CharReadAll(vm.Step, uint8, []byte) (n int, ok bool) { return 0, true }
func (c *console) HostClock(vm.Step) uint64                            { return 1_700_000_000_000_000_000 }

func (c *console) Random(_ vm.Step, p []byte) {
	for i := range p {
		p[i] = byte(i)
	}
}

func (c *console) NetSend(_ vm.Step, _ uint8, frame []byte) {
	c.frames = append(c.frames, bytes.Clone(frame))
}
func (c *console) DiskFailed(_ vm.Step, err error)   { panic(err) }
func (c *console) Interrupted(vm.Step, int, uint64)  {}
func (c *console) Excepted(vm.Step, int, uint64)     {}
func (c *console) ResetDone(vm.Step)                 {}
func (c *console) ShutDown(_ vm.Step, s vm.Shutdown) { c.ended = s }

func read(t testing.TB, path, pkg string) *boot.File {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: install the Debian package %s", err, pkg)
	}
	return &boot.File{Name: path, Data: data}
}

// newUBoot makes a machine with Debian's firmware that stands at power-on. Its
// steps take 32 ns, so that U-Boot's countdown passes quickly.
func newUBoot(t testing.TB, memory uint64) (*vm.Machine, *console) {
	t.Helper()
	return newUBootWith(t, memory, func(*vm.Config) {})
}

// newUBootWith is newUBoot with changes to the configuration.
func newUBootWith(t testing.TB, memory uint64, change func(*vm.Config)) (*vm.Machine, *console) {
	t.Helper()
	plan, err := boot.Place(boot.Config{
		Board:    boot.Board{Memory: memory, Harts: 1, ISA: riscv.ISAAll.String(), MMU: boot.MMUType, Virtio: 8},
		Firmware: read(t, "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf", "opensbi"),
		Kernel:   read(t, "/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf", "u-boot-qemu"),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &console{}
	config := vm.Config{Harts: 1, ISA: riscv.ISAAll, Shift: 5, Segments: plan.Segments, SeedAddr: plan.SeedAddr}
	change(&config)
	m, err := vm.New(config, make([]byte, memory), c)
	if err != nil {
		t.Fatal(err)
	}
	c.machine = m
	m.PowerOn()
	return m, c
}

// toPrompt runs to U-Boot's prompt.
func toPrompt(t testing.TB, m *vm.Machine, c *console) {
	t.Helper()
	c.until = "=> "
	if stop := m.Run(1_000_000_000, false); stop != vm.StopRequested {
		t.Fatalf("no prompt: %v at step %v\n%s", stop, m.Position(), c.out.String())
	}
}

// command types a line at the prompt and returns what is printed up to the
// next prompt.
func command(t testing.TB, m *vm.Machine, c *console, line string) string {
	t.Helper()
	c.out.Reset()
	for _, b := range []byte(line + "\r") {
		for m.CanReceive(vm.SerialDevice) == 0 {
			m.Run(m.Position()+1000, true)
		}
		m.CharRead(vm.SerialDevice, []byte{b})
	}
	m.Run(m.Position()+1_000_000_000, true)
	return c.out.String()
}

func TestUBoot(t *testing.T) {
	m, c := newUBoot(t, 256<<20)
	toPrompt(t, m, c)
	for _, want := range []string{"OpenSBI v", "DRAM:  256 MiB", "Flash: 32 MiB", "Hit any key to stop autoboot"} {
		if !strings.Contains(c.out.String(), want) {
			t.Errorf("the console lacks %q", want)
		}
	}
	if out := command(t, m, c, "version"); !strings.Contains(out, "U-Boot 20") {
		t.Errorf("version: %q", out)
	}
	if out := command(t, m, c, "reset"); !strings.Contains(out, "OpenSBI v") {
		t.Errorf("reset: %q", out)
	}
	c.until = ""
	command(t, m, c, "poweroff")
	if c.ended.Cause != vm.GuestShutdown || m.Shutdown() != c.ended {
		t.Errorf("poweroff: %v", c.ended)
	}
}

// TestDivision compares a straight run with one that is cut into pieces of
// random length and looked at in between.
func TestDivision(t *testing.T) {
	const end = 20_000_000
	straight, sc := newUBoot(t, 64<<20)
	pieces, pc := newUBoot(t, 64<<20)
	random := rand.New(rand.NewPCG(1, 2))
	for at := vm.Step(0); at < end; {
		at = min(end, at+vm.Step(random.IntN(1_500_000)))
		straight.Run(at, true)
		for pieces.Position() < at {
			n := vm.Step(1)
			switch random.IntN(3) {
			case 0:
				n = vm.Step(1 + random.IntN(100))
			case 1:
				n = vm.Step(1 + random.IntN(500_000))
			}
			pieces.Run(min(at, pieces.Position()+n), true)
			var p [16]byte
			pieces.Hart(0).PeekMemory(pieces.Hart(0).PC(), p[:])
			pieces.PeekPhysical(boot.UARTBase, p[:8])
		}
		if d := straight.Digest().Difference(pieces.Digest()); d != "" {
			t.Fatalf("%s differs at step %v", d, at)
		}
	}
	if sc.out.String() != pc.out.String() {
		t.Error("the consoles differ")
	}
}

// TestRestore saves the state at several steps, restores it into new machines,
// and compares how they go on.
func TestRestore(t *testing.T) {
	const memory = 64 << 20
	m, _ := newUBoot(t, memory)
	for _, at := range []vm.Step{0, 1, 1000, 777_777, 5_000_000, 15_000_000} {
		m.Run(at, true)
		saved := m.Save(nil)
		other, err := vm.New(m.Config(), make([]byte, memory), &console{})
		if err != nil {
			t.Fatal(err)
		}
		for n := range m.RAM().Pages() {
			other.RAM().SetPage(n, m.RAM().Page(n))
		}
		if err := other.Load(saved, state.Schema); err != nil {
			t.Fatal(err)
		}
		if d := m.Digest().Difference(other.Digest()); d != "" {
			t.Fatalf("restored at %v: %s differs", at, d)
		}
		m.Run(at+300_000, true)
		other.Run(at+300_000, true)
		if d := m.Digest().Difference(other.Digest()); d != "" {
			t.Fatalf("gone on from %v: %s differs", at, d)
		}
	}
}

// TestDigestNotices breaks a machine in small ways, each of which must change
// its digest and name the component.
func TestDigestNotices(t *testing.T) {
	const at = 3_000_000
	whole := func() *vm.Machine {
		m, _ := newUBoot(t, 64<<20)
		m.Run(at, true)
		return m
	}
	want := whole().Digest()
	for name, test := range map[string]struct {
		harm  func(m *vm.Machine)
		names string
	}{
		"one byte of RAM": {func(m *vm.Machine) { m.RAM().WriteAt([]byte{1}, boot.RAMBase+32<<20+5) }, "ram+32M"},
		"one register":    {func(m *vm.Machine) { m.Hart(0).SetX(27, m.Hart(0).X(27)^1) }, "hart0"},
		"one step less": {func(m *vm.Machine) {
			m2, _ := newUBoot(t, 64<<20)
			m2.Run(at-1, true)
			*m = *m2
		}, "machine"},
		"one instruction skipped": {func(m *vm.Machine) {
			inst, _ := m.Hart(0).FetchAt(m.Hart(0).PC())
			m.Hart(0).SetPC(m.Hart(0).PC() + uint64(inst.Size))
		}, "hart0"},
		"input": {func(m *vm.Machine) { m.CharRead(vm.SerialDevice, []byte{1}) }, "machine"},
	} {
		m := whole()
		if d := want.Difference(m.Digest()); d != "" {
			t.Fatalf("two straight runs differ in %s", d)
		}
		test.harm(m)
		if d := want.Difference(m.Digest()); d != test.names {
			t.Errorf("%s: the digest names %q, want %q", name, d, test.names)
		}
		if want.Sum() == m.Digest().Sum() {
			t.Errorf("%s: the sum is the same", name)
		}
	}
}
