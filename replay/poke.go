package replay

import (
	"fmt"

	"reprise/replay/recording"
	"reprise/vm"
)

// WriteMemory writes guest memory at a virtual address of a hart, for a
// debugger. It is possible in RAM and at the live end only, takes a step for
// each page, and is recorded.
func (t *Timeline) WriteMemory(hart int, addr uint64, p []byte) error {
	if !t.AtLiveEnd() {
		return ErrNotLive
	}
	s := t.session
	h := s.machine.Hart(hart)
	var parts []recording.Event
	for done := 0; done < len(p); {
		at := addr + uint64(done)
		pa, ok := h.PeekAddress(at)
		n := min(len(p)-done, 4096-int(at&4095))
		if !ok || !s.machine.RAM().Contains(pa, uint64(n)) {
			return fmt.Errorf("0x%x is not in RAM and cannot be written", at)
		}
		parts = append(parts, recording.Event{Kind: recording.DebugWrite, Hart: uint8(hart), Value: pa, Data: p[done : done+n]})
		done += n
	}
	for _, e := range parts {
		t.change(e)
	}
	return s.err
}

// WritePhysical is WriteMemory at a physical address.
func (t *Timeline) WritePhysical(pa uint64, p []byte) error {
	if !t.AtLiveEnd() {
		return ErrNotLive
	}
	if !t.session.machine.RAM().Contains(pa, uint64(len(p))) {
		return fmt.Errorf("0x%x is not in RAM and cannot be written", pa)
	}
	for len(p) > 0 {
		n := min(len(p), 4096-int(pa&4095))
		t.change(recording.Event{Kind: recording.DebugWrite, Value: pa, Data: p[:n]})
		p, pa = p[n:], pa+uint64(n)
	}
	return t.session.err
}

// WriteRegister sets a register of a hart, for a debugger. It is possible at
// the live end only, takes a step, and is recorded.
func (t *Timeline) WriteRegister(hart int, r vm.Register, value uint64) error {
	if !t.AtLiveEnd() {
		return ErrNotLive
	}
	if _, ok := t.session.machine.ReadRegister(hart, r); !ok {
		return fmt.Errorf("there is no register %d", r)
	}
	if !t.change(recording.Event{Kind: recording.DebugWrite, Hart: uint8(hart), Cause: uint64(r), Value: value}) {
		return fmt.Errorf("register %d cannot be written", r)
	}
	return t.session.err
}

// change does what a debugger asks for, as the next step, and records it.
func (t *Timeline) change(e recording.Event) bool {
	e.Step = t.Position()
	if !t.session.applyDebugWrite(&e) {
		return false
	}
	t.session.record(e)
	t.generation++
	t.stop = t.here(AtTarget)
	return true
}
