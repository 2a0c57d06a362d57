package vm

import (
	"fmt"

	"reprise/vm/state"
)

// Component is a part of the machine under the name that digests and
// divergences give it.
type Component struct {
	Name string
	state.Component
}

// listComponents fixes the order in which the state is saved.
func (m *Machine) listComponents() {
	m.parts = []Component{{"machine", &m.core}}
	for i, h := range m.harts {
		m.parts = append(m.parts, Component{fmt.Sprintf("hart%d", i), h})
	}
	for _, s := range m.slots {
		m.parts = append(m.parts, Component{s.name, s.device})
	}
	if m.semihost != nil {
		m.parts = append(m.parts, Component{"semihosting", m.semihost})
	}
}

// Components are the parts of the machine, without RAM, in the order in which
// they are saved.
func (m *Machine) Components() []Component { return m.parts }

// Save appends the state of everything but RAM and the content of disks to buf.
func (m *Machine) Save(buf []byte) []byte {
	for _, c := range m.parts {
		buf = state.Save(buf, c)
	}
	return buf
}

// Load replaces the state of everything but RAM and the content of disks, which
// the caller has restored with [riscv.RAM.SetPage] and [Machine.SetDiskStates].
// After an error the machine is in no state
// to be used. The error wraps [state.ErrCorrupt].
func (m *Machine) Load(buf []byte, schema int) error {
	rest := buf
	var err error
	for _, c := range m.parts {
		if rest, err = state.Load(rest, c, schema); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	if len(rest) != 0 {
		return fmt.Errorf("%w: %d bytes too many", state.ErrCorrupt, len(rest))
	}
	if int(m.core.current) >= len(m.harts) {
		return fmt.Errorf("%w: hart %d of %d", state.ErrCorrupt, m.core.current, len(m.harts))
	}
	m.stop = false
	for _, h := range m.harts {
		h.SetNow(m.core.step)
	}
	m.settle()
	m.forgetActed()
	return nil
}
