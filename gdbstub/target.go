package gdbstub

import (
	"context"

	"reprise/vm/state"
)

// Target is the machine as gdb sees it: stopped at a position of a history,
// able to run from there in both directions.
//
// Serve calls one method at a time, never two at once, though not always from
// the same goroutine. Run and Monitor may take long; they are stopped by their
// context, which is the only thing that changes while they work.
//
// From the return of Attach or Run to the next Run the machine stands still
// for gdb. A target that lets others move it meanwhile says so by the
// generation that Position returns.
type Target interface {
	// Attach pauses the machine and returns the hart that gdb looks at first.
	Attach() (hart int, err error)
	// Detach gives the controls back: a replay stays paused, a live machine
	// runs on. It is called exactly once after an Attach that succeeded, after
	// all breakpoints have been cleared.
	Detach() error

	// Harts returns the number of harts, at least 1. It does not change.
	Harts() int
	// CSRs returns the registers that gdb is told about. It does not change.
	CSRs() []CSR
	// ReadRegister reads without side effects. A register that cannot be read
	// gives an error; gdb shows it as unavailable.
	ReadRegister(hart int, r Register) (uint64, error)
	// WriteRegister is legal at the live end of a session only.
	WriteRegister(hart int, r Register, value uint64) error
	// ReadMemory reads at a virtual address of the hart, without side effects.
	// It may read less than asked, with or without an error, where the address
	// space ends.
	ReadMemory(hart int, addr uint64, p []byte) (n int, err error)
	// WriteMemory is legal at the live end of a session only.
	WriteMemory(hart int, addr uint64, p []byte) error

	// SetBreakpoint stops every hart before it executes at the virtual address.
	// The memory that the guest sees does not change. It is not called twice
	// for one address without a ClearBreakpoint between.
	SetBreakpoint(addr uint64) error
	ClearBreakpoint(addr uint64) error

	// Run moves the machine and returns why it stopped. It moves at least one
	// step, unless history ends here or Action.Seen says otherwise. A cancelled
	// context makes it stop with Interrupted, not with an error.
	Run(ctx context.Context, a Action) (Stop, error)
	// Position returns the next step and the generation, a number that changes
	// whenever anything moves the target or writes to it. A change that comes
	// of Run, WriteRegister or WriteMemory is one that gdb knows of.
	Position() (next state.Step, generation uint64)

	// Monitor carries out a line of the monitor and hands what it prints to say,
	// as it comes, on any goroutine but until it returns.
	Monitor(ctx context.Context, line string, say func(text string)) error
}

// Conditional is implemented by targets that evaluate conditions of breakpoints
// themselves, without which gdb does it, at every hit.
type Conditional interface {
	// SetCondition lets a breakpoint that is set stop only where the condition
	// holds; nil lets it stop always.
	SetCondition(addr uint64, c Condition) error
}

// Physical is implemented by targets whose physical memory can be looked at.
type Physical interface {
	// ReadPhysical is ReadMemory at a physical address.
	ReadPhysical(addr uint64, p []byte) (n int, err error)
	// WritePhysical is WriteMemory at a physical address.
	WritePhysical(addr uint64, p []byte) error
	// MemoryMap returns what the address space has, in ascending order.
	MemoryMap() []Region
}

// Region is a part of the physical address space. What lies in none is as
// writable as what lies in RAM, since a virtual address may be anywhere.
type Region struct {
	Start, Size uint64
	ROM         bool
}

// Restarter is implemented by targets that can go to the start of history.
type Restarter interface {
	Restart(ctx context.Context) (Stop, error)
}

// Watcher is implemented by targets that have watchpoints. Without it gdb says
// that it could not insert a hardware watchpoint; after its command
// `set can-use-hw-watchpoints 0` it does the work by single steps, which is
// slow but right.
type Watcher interface {
	// SetWatchpoint stops a run before the step that accesses any of the size
	// bytes at the virtual address; going backwards, after the step that did.
	// In both directions the access is the next step ahead: gdb expects that of
	// RISC-V, takes the watchpoint away, goes the step and looks. So it counts
	// at once where a run begins, which then does not move.
	SetWatchpoint(kind Watch, addr, size uint64) error
	ClearWatchpoint(kind Watch, addr, size uint64) error
}

// Watch is the kind of access a watchpoint waits for. The values are those of
// the Z packet.
type Watch uint8

// The kinds of access.
const (
	WatchWrite  Watch = 2 // Z2, watch
	WatchRead   Watch = 3 // Z3, rwatch
	WatchAccess Watch = 4 // Z4, awatch
)

// String returns the word of gdb's stop reply.
func (w Watch) String() string {
	switch w {
	case WatchRead:
		return "rwatch"
	case WatchAccess:
		return "awatch"
	case WatchWrite:
	}
	return "watch"
}

// NoHart is the number of no hart.
const NoHart = -1

// Action is a request to run.
type Action struct {
	// Step runs until Hart has done one step, or back to before its last one;
	// other harts are not held still. Without Step the run has no such end.
	Step bool
	// Reverse runs towards the begin of history.
	Reverse bool
	// Hart is the hart to step; without Step it means nothing.
	Hart int
	// Seen is the hart at whose place gdb looks, or NoHart. Going forwards, if
	// it is the turn of another hart and that one stands at a breakpoint, the
	// run stops there at once, without moving. The breakpoint under Seen is one
	// that gdb knows to be here: if it is the turn of Seen, the run moves.
	//
	// gdb steps off a breakpoint by itself, with none inserted, and continues
	// from the next step. With one hart nothing is missed by that; with several
	// the next one may stand at a breakpoint there.
	Seen int
	// Begin and End, with Step forwards, are a range of virtual addresses: after
	// its step the hart goes on until it is about to execute outside of it, or
	// at a breakpoint. Without a range both are 0.
	Begin, End uint64
}

// Reason says why a run stopped.
type Reason uint8

// The reasons.
const (
	// Stepped: the step asked for is done.
	Stepped Reason = iota
	// Breakpoint: Stop.Hart is about to execute at Stop.Addr, where a
	// breakpoint is set.
	Breakpoint
	// Watchpoint: Stop.Hart is about to access Stop.Addr, or to undo it; the
	// watchpoint is of the kind Stop.Watch.
	Watchpoint
	// Interrupted: the context was cancelled, or somebody else took over.
	Interrupted
	// HistoryBegin: going backwards, power-on or the first step known.
	HistoryBegin
	// HistoryEnd: going forwards, the end of a recording, the live end where
	// the machine cannot go on by itself, or a guest that switched itself off.
	// The machine is still there to be looked at, and to go back in.
	HistoryEnd
	// Exited: the session is over, nothing can be looked at any more.
	Exited
)

// Stop is the end of a run.
type Stop struct {
	Reason Reason
	Hart   int    // the hart gdb looks at next
	Addr   uint64 // Breakpoint: the pc; Watchpoint: the address watched
	Watch  Watch  // Watchpoint: the kind of the watchpoint that was hit
	Status uint8  // Exited: the exit status
	Note   string // said on gdb's console before it stops, if not empty
}
