package vm

import (
	"fmt"

	"reprise/vm/boot"
	"reprise/vm/device"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

// Step counts the changes of a machine's state since power-on.
type Step = state.Step

// Never is the step that does not come.
const Never = state.Never

// Model is the version of what a guest sees: it is raised by every change after
// which a recording made before would not replay.
const Model = 1

// Limits of a configuration.
const (
	MinMemory  = 1 << 20       // bytes
	MaxMemory  = 1 << 40       // bytes
	MaxHarts   = boot.MaxHarts // as the board
	MinQuantum = 64            // steps
	MaxShift   = 10            // qemu's limit of icount's shift
)

// Config is everything that makes one machine different from another.
type Config struct {
	Harts    int
	ISA      riscv.ISA
	Quantum  Step   // steps of a hart's turn, when there are several
	Seed     uint64 // what entropy and chaos follow from
	Chaos    bool   // turns and timers vary, as functions of the seed
	Shift    uint8  // a step takes 1<<Shift ns of virtual time
	NoReboot bool   // a reset that the guest asks for ends the machine

	// Segments are written at power-on and at every reset; see [boot.Plan].
	Segments []boot.Segment
	// SeedAddr is where entropy for the guest is put at power-on and at every
	// reset, in boot.SeedSize bytes of RAM; 0 for nowhere.
	SeedAddr uint64

	Virtio       [boot.VirtioSlots]Virtio // what is in the virtio slots
	VirtioLegacy bool                     // they have the legacy interface, version 1

	Semihosting *Semihosting // nil without
}

func (c *Config) check(ram int) error {
	switch {
	case c.Harts < 1 || c.Harts > MaxHarts:
		return fmt.Errorf("%d harts: the board takes 1 to %d", c.Harts, MaxHarts)
	case ram < MinMemory || ram > MaxMemory || ram%riscv.PageSize != 0:
		return fmt.Errorf("%d bytes of memory: the board takes whole pages, %d to %d bytes", ram, MinMemory, MaxMemory)
	case c.Shift > MaxShift:
		return fmt.Errorf("icount shift %d: it goes from 0 to %d", c.Shift, MaxShift)
	case c.Harts > 1 && c.Quantum < MinQuantum:
		return fmt.Errorf("a quantum of %d steps: at least %d", c.Quantum, MinQuantum)
	}
	for i, v := range c.Virtio {
		if err := v.check(); err != nil {
			return fmt.Errorf("virtio slot %d: %w", i, err)
		}
	}
	return nil
}

// Machine is a board with everything on it.
type Machine struct {
	config Config
	host   Host
	ram    *riscv.RAM
	rom    []byte
	harts  []*riscv.Hart
	core   core
	slots  []slot // in ascending order of address

	uart     *device.UART
	aclint   *device.ACLINT
	plic     *device.PLIC
	rtc      *device.RTC
	finisher *device.Finisher
	semihost *semihost // nil without semihosting
	timed    []timed
	disks    []disk // in the order of their slots
	chars    []charDevice
	nets     []netDevice
	parts    []Component

	running  *riscv.Hart // the hart that executes now, which knows the step
	deadline Step        // the first step at which time alone changes something
	retimed  bool        // the deadline has to be computed again
	stop     bool        // RequestStop was called
	observer Observer

	stopAfter int    // StopAfter
	acted     []Step // Acted
	digests   digestCache
}

// core is the state of the machine that belongs to no hart and no device.
type core struct {
	step    Step
	warp    uint64 // ns that idle waits have added to the virtual time
	current uint32 // the hart whose turn it is
	left    Step   // what is left of its turn; unused with a single hart
	reset   bool   // the next step is a reset
	cause   uint8  // a ShutdownCause
	code    uint16
}

// Visit implements state.Component.
func (c *core) Visit(v *state.Visitor) {
	v.Step(&c.step)
	v.Uint64(&c.warp)
	v.Uint32(&c.current)
	v.Step(&c.left)
	v.Bool(&c.reset)
	v.Uint8(&c.cause)
	v.Uint16(&c.code)
}

// New makes a machine on the given memory, which must be zero. It is neither
// powered on nor in any state to run: [Machine.PowerOn] or [Machine.Load]
// follows.
func New(config Config, ram []byte, host Host) (*Machine, error) {
	if err := config.check(len(ram)); err != nil {
		return nil, err
	}
	m := &Machine{config: config, host: host, ram: riscv.NewRAM(boot.RAMBase, ram), rom: make([]byte, boot.ROMSize), stopAfter: riscv.AnyHart}
	for i := range config.Harts {
		m.harts = append(m.harts, riscv.NewHart(i, config.ISA, m.ram, (*board)(m)))
	}
	m.acted = make([]Step, config.Harts)
	m.forgetActed()
	m.addDevices()
	for _, s := range config.Segments {
		if at := s.Addr - boot.ROMBase; at < boot.ROMSize && s.Size <= boot.ROMSize-at {
			copy(m.rom[at:], s.Data)
		} else if !m.ram.Contains(s.Addr, s.Size) {
			return nil, fmt.Errorf("%s (0x%x to 0x%x) lies outside the memory: use a larger -m", s.Name, s.Addr, s.End())
		}
	}
	if at := config.SeedAddr; at != 0 && !m.ram.Contains(at, boot.SeedSize) {
		return nil, fmt.Errorf("the place of the entropy, 0x%x, lies outside the memory", at)
	}
	return m, nil
}

// PowerOn brings the machine to State(0). It asks the host for the time and for
// entropy.
func (m *Machine) PowerOn() {
	m.initialise()
	m.settle()
}

// initialise puts everything into the state after reset, at the current step.
func (m *Machine) initialise() {
	for _, s := range m.config.Segments {
		if m.ram.Contains(s.Addr, s.Size) {
			m.ram.WriteAt(s.Data, s.Addr)
			m.ram.Clear(s.Addr+uint64(len(s.Data)), s.Size-uint64(len(s.Data)))
		}
	}
	if m.config.SeedAddr != 0 {
		var seed [boot.SeedSize]byte
		m.host.Random(m.core.step, seed[:])
		m.ram.WriteAt(seed[:], m.config.SeedAddr)
	}
	for _, h := range m.harts {
		h.Reset(boot.ROMBase, m.core.step)
	}
	for i := range m.slots {
		m.slots[i].device.Reset()
	}
	if m.semihost != nil {
		m.semihost.errno = 0
	}
	m.core.current, m.core.left, m.core.reset = uint32(len(m.harts)-1), 0, false // hart 0 comes next
}

// Config is what the machine was made from.
func (m *Machine) Config() Config { return m.config }

// Position is the number of the next step.
func (m *Machine) Position() Step { return m.core.step }

// Harts is the number of harts.
func (m *Machine) Harts() int { return len(m.harts) }

// Hart is hart number i, to be looked at.
func (m *Machine) Hart(i int) *riscv.Hart { return m.harts[i] }

// RAM is the main memory, to be looked at, copied and restored.
func (m *Machine) RAM() *riscv.RAM { return m.ram }

// Shutdown tells whether and how the guest has ended the machine.
func (m *Machine) Shutdown() Shutdown {
	return Shutdown{Cause: ShutdownCause(m.core.cause), Code: m.core.code}
}

// RequestStop lets Run return after the step it is in. It is the only method
// that a Host may call.
func (m *Machine) RequestStop() {
	m.stop = true
	if m.running != nil {
		m.running.Attend()
	}
}
