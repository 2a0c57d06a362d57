package replay

import (
	"bytes"
	"context"

	"reprise/vm"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

// RegisterChange is a register that differs between two states.
type RegisterChange struct {
	Hart     int
	Register vm.Register
	Old, New uint64
}

// MemoryChange is a run of bytes of RAM that differ between two states.
type MemoryChange struct {
	Addr     uint64 // physical
	Old, New []byte
}

// Changes is what differs between two states.
type Changes struct {
	From, To  vm.Step
	Registers []RegisterChange // counters and timers left out
	Devices   []string         // whose state differs
	Pages     int              // that differ
	Bytes     uint64           // that differ
	Memory    []MemoryChange   // the first of them, by rising address
}

// moment is a state as far as it is compared.
type moment struct {
	registers []map[vm.Register]uint64 // by hart
	parts     map[string][]byte
	image     image
}

// Compare tells what changed between two steps, with up to limit runs of bytes.
// The timeline stays where it is.
func (t *Timeline) Compare(ctx context.Context, from, to vm.Step, limit int) (*Changes, error) {
	if t.session.mode == ModeNone {
		return nil, ErrNoHistory
	}
	workers, err := t.crew(1)
	if err != nil {
		return nil, err
	}
	w, store := workers[0], t.snapshots.store
	w.done.Store(0)
	before, err := t.moment(ctx, w, from)
	if err != nil {
		return nil, err
	}
	defer store.drop(before.image)
	after, err := t.moment(ctx, w, to)
	if err != nil {
		return nil, err
	}
	defer store.drop(after.image)
	c := t.changes(before, after, limit, counts)
	c.From, c.To = from, to
	return c, nil
}

// changes compares two moments, but for the registers that skip says.
func (t *Timeline) changes(before, after moment, limit int, skip func(vm.Register) bool) *Changes {
	c := &Changes{}
	for hart, registers := range before.registers {
		for r := range vm.RegCSR0 + 4096 {
			old, had := registers[r]
			if now := after.registers[hart][r]; had && old != now && !skip(r) {
				c.Registers = append(c.Registers, RegisterChange{hart, r, old, now})
			}
		}
	}
	for _, part := range t.session.machine.Components() {
		if !bytes.Equal(before.parts[part.Name], after.parts[part.Name]) {
			c.Devices = append(c.Devices, part.Name)
		}
	}
	base := t.session.machine.RAM().Base()
	t.snapshots.store.differences(before.image, after.image, func(n int, in, to []byte) {
		in, to = orZeroes(in), orZeroes(to)
		if !bytes.Equal(in, to) {
			c.Pages++
			c.page(base+uint64(n)*riscv.PageSize, in, to, limit)
		}
	})
	return c
}

// page adds the runs of bytes that differ in a page.
func (c *Changes) page(addr uint64, old, now []byte, limit int) {
	for i := 0; i < len(old); i++ {
		if old[i] == now[i] {
			continue
		}
		j := i + 1
		for j < len(old) && old[j] != now[j] {
			j++
		}
		c.Bytes += uint64(j - i)
		if len(c.Memory) < limit {
			c.Memory = append(c.Memory, MemoryChange{addr + uint64(i), bytes.Clone(old[i:j]), bytes.Clone(now[i:j])})
		}
		i = j
	}
}

// moment goes to a step with a worker and takes down what is there. Its image
// is to be dropped.
func (t *Timeline) moment(ctx context.Context, w *worker, step vm.Step) (moment, error) {
	near := t.snapshots.nearest(step)
	if err := w.enter(ctx, segment{near, step, step}); err != nil {
		return moment{}, err
	}
	return w.moment()
}

// moment takes down what is here. Its image is to be dropped.
func (w *worker) moment() (moment, error) {
	m := w.session.machine
	im, err := w.tracker.capture()
	if err != nil {
		return moment{}, err
	}
	found := moment{image: im, parts: map[string][]byte{}}
	for hart := range m.Harts() {
		registers := map[vm.Register]uint64{}
		for r := range vm.RegCSR0 + 4096 {
			if value, ok := m.ReadRegister(hart, r); ok {
				registers[r] = value
			}
		}
		found.registers = append(found.registers, registers)
	}
	for _, part := range m.Components() {
		found.parts[part.Name] = state.Save(nil, part)
	}
	return found, nil
}

// counts reports whether a register changes with every step or with time.
func counts(r vm.Register) bool {
	const mcycle, cycle, each = vm.RegCSR0 + 0xb00, vm.RegCSR0 + 0xc00, 32
	return r >= mcycle && r < mcycle+each || r >= cycle && r < cycle+each
}
