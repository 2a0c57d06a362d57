package replay

import (
	"fmt"
	"math"
	"time"

	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

// Run starts a machine that is not recorded. It cannot go back.
func Run(config vm.Config, ram uint64, options Options) (*Timeline, error) {
	return startLive(config, ram, nil, options)
}

// Record starts a machine and writes its recording. The writer's manifest says
// what the machine is, and its blobs are written. The session closes the
// writer, also after an error.
//
// With a backend that cannot be recorded the error is a *[BlockedError].
func Record(config vm.Config, ram uint64, w *recording.Writer, options Options) (*Timeline, error) {
	if err := blocked(options.Consoles); err != nil {
		_ = w.Close()
		return nil, err
	}
	t, err := startLive(config, ram, w, options)
	if err != nil {
		_ = w.Close()
	}
	return t, err
}

func startLive(config vm.Config, ram uint64, w *recording.Writer, options Options) (*Timeline, error) {
	s, err := newSession(config, ram, options)
	if err != nil {
		return nil, err
	}
	s.digested = digestSpacing
	if w != nil {
		s.mode, s.writer, s.log = ModeRecord, w, w.View()
		s.cursor = s.log.Cursor()
	}
	if err := s.start(); err != nil {
		_ = s.close()
		return nil, err
	}
	s.machine.PowerOn()
	s.flushed = time.Now() // the images are still being packed
	return newTimeline(s)
}

// Play opens a recording for replay, at power-on.
func Play(r *recording.Reader, options Options) (*Timeline, error) {
	m := r.Manifest()
	config, err := configOf(r, options.Image)
	if err != nil {
		return nil, err
	}
	s, err := newSession(config, m.Machine.RAM, options)
	if err != nil {
		return nil, err
	}
	s.mode, s.following, s.log, s.schema = ModePlay, true, r.View(), m.Schema
	s.cursor = s.log.Cursor()
	if options.Verify {
		s.digests = s.log.Digests()
	}
	if err := s.start(); err != nil {
		_ = s.close()
		return nil, err
	}
	s.machine.PowerOn()
	s.compareDigest()
	if s.err != nil {
		err := s.err
		_ = s.close()
		return nil, err
	}
	return newTimeline(s)
}

// configOf is the configuration of the machine that was recorded.
func configOf(r *recording.Reader, outside openImage) (vm.Config, error) {
	m := r.Manifest()
	switch {
	case m.Model != vm.Model:
		return vm.Config{}, fmt.Errorf("recorded with machine model %d (reprise %s); this is %d: use %s to replay",
			m.Model, m.Reprise, vm.Model, m.Reprise)
	case m.Schema < 1:
		return vm.Config{}, fmt.Errorf("the recording has state schema %d; they count from 1", m.Schema)
	case m.Schema > state.Schema:
		return vm.Config{}, fmt.Errorf("recorded with state schema %d (reprise %s); this is %d: use %s or a newer one to replay",
			m.Schema, m.Reprise, state.Schema, m.Reprise)
	case m.Machine.Board != Board:
		return vm.Config{}, fmt.Errorf("recorded on the board %q; this build has %s", m.Machine.Board, Board)
	case m.Machine.Shift > math.MaxUint8:
		return vm.Config{}, fmt.Errorf("the recording has icount shift %d", m.Machine.Shift)
	}
	isa, err := riscv.ParseISA(m.Machine.ISA)
	if err != nil {
		return vm.Config{}, err
	}
	config := vm.Config{
		Harts:    m.Machine.Harts,
		ISA:      isa,
		Quantum:  vm.Step(m.Machine.Quantum),
		Seed:     m.Machine.Seed,
		Chaos:    m.Machine.Chaos,
		Shift:    uint8(m.Machine.Shift),
		NoReboot: m.Machine.NoReboot,
		SeedAddr: m.Machine.SeedAddress,
	}
	if s := m.Machine.Semihosting; s != nil {
		config.Semihosting = &vm.Semihosting{User: s.User, CommandLine: s.CommandLine}
	}
	for _, seg := range m.Memory {
		part := boot.Segment{Name: seg.Name, Addr: seg.Address, Size: seg.Size}
		if !seg.Blob.IsZero() {
			if part.Data, err = r.Blob(seg.Blob); err != nil {
				return vm.Config{}, err
			}
		}
		if uint64(len(part.Data)) > part.Size {
			return vm.Config{}, fmt.Errorf("the recording's %s has %d bytes for %d of memory", seg.Name, len(part.Data), part.Size)
		}
		config.Segments = append(config.Segments, part)
	}
	return config, addVirtio(&config, r, outside)
}

// Board is the name of the only board there is.
const Board = "virt"

// Describe fills in what a manifest says of the machine: everything that
// configOf reads, but for the images of disks, whose hashes the caller knows. It
// returns the blobs that go with it.
func Describe(m *recording.Manifest, config vm.Config, ram uint64, sleep bool) (blobs []recording.Content) {
	m.Model, m.Schema = vm.Model, state.Schema
	m.Machine.Board = Board
	m.Machine.ISA = config.ISA.String()
	m.Machine.RAM = ram
	m.Machine.Harts = config.Harts
	m.Machine.Quantum = uint64(config.Quantum)
	m.Machine.Seed, m.Machine.Chaos = config.Seed, config.Chaos
	if s := config.Semihosting; s != nil {
		m.Machine.Semihosting = &recording.Semihosting{User: s.User, CommandLine: s.CommandLine}
	}
	m.Machine.Shift = uint(config.Shift)
	m.Machine.Sleep = sleep
	m.Machine.NoReboot = config.NoReboot
	m.Machine.SeedAddress = config.SeedAddr
	for _, seg := range config.Segments {
		part := recording.Segment{Name: seg.Name, Address: seg.Addr, Size: seg.Size}
		if len(seg.Data) > 0 {
			content := recording.ContentOf(seg.Data)
			part.Blob, blobs = content.Hash, append(blobs, content)
		}
		m.Memory = append(m.Memory, part)
	}
	describeVirtio(m, config)
	return blobs
}
