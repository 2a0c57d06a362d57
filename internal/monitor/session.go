package monitor

import (
	"context"

	"reprise/internal/debuginfo"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

// Machine is what can be looked at without changing anything.
type Machine interface {
	Harts() int
	Current() int // the hart whose turn it is
	Hart(i int) *riscv.Hart
	VirtualTime() uint64 // ns
	PeekPhysical(pa uint64, p []byte) int
	Digest() vm.Digest
}

// Timeline is a machine in time. It is used on its owner's goroutine only,
// inside the functions that [Session.Inspect] and [Session.Move] run.
type Timeline interface {
	Machine() Machine
	Status() replay.Status

	Seek(ctx context.Context, step state.Step) (replay.Stop, error)
	Step(ctx context.Context, n uint64) (replay.Stop, error)
	StepBack(ctx context.Context, n uint64) (replay.Stop, error)
	Continue(ctx context.Context) (replay.Stop, error)
	ReverseContinue(ctx context.Context) (replay.Stop, error)
	NextEvent(ctx context.Context) (replay.Stop, error)
	PreviousEvent(ctx context.Context) (replay.Stop, error)
	GoLive(ctx context.Context) (replay.Stop, error)

	SetBreakpoint(addr uint64)
	ClearBreakpoint(addr uint64)
	EnableBreakpoint(addr uint64, enabled bool)
	Breakpoints() []uint64
	BreakpointList() []replay.Breakpoint
	Events(around state.Step, before, after int) ([]recording.Event, error)
}

// Movement moves a timeline until it is done or its context is cancelled.
type Movement func(ctx context.Context, t Timeline) (replay.Stop, error)

// Session is a timeline on a goroutine of its own. All methods may be called
// from any goroutine.
type Session interface {
	// Status is what was last published; it never blocks.
	Status() replay.Status
	// Inspect runs fn on the owner's goroutine and waits for it. fn looks, and
	// sets breakpoints; it never moves. It reports false if the session is
	// closed.
	Inspect(fn func(Timeline)) bool
	// Move starts a movement, whose result comes on the channel. It fails with
	// [replay.ErrBusy] or [replay.ErrHeld]. Cancelling ctx interrupts it.
	Move(ctx context.Context, holder string, fn Movement) (<-chan replay.Result, error)
	// Take and Release are for those who want the controls for longer than a
	// movement.
	Take(holder string)
	Release(holder string)
	// Interrupt cancels the movement under way; it returns at once.
	Interrupt()
}

// Env is what a command works on.
type Env struct {
	Session Session
	Symbols *debuginfo.Symbols     // nil if there are none
	Debug   func() *debuginfo.Info // the rest of what is known of the programs, which may have to be read first; nil for nothing
	Holder  string                 // who gives the command: "interface", "gdb", "monitor"
	Hart    int                    // the hart that registers and addresses are of
	Quit    func()                 // ends the program; nil where that is not possible
	Marks   Bookmarks              // nil where there are none
	Later   func(text string)      // takes how a continue ended, which is then not waited for; nil to wait
	Devices Devices                // nil if nothing is known of the backends
	Stream  func(text string)      // takes what a long command prints as it comes; nil to get it all at the end
}

// Move carries out a movement and waits for its end. Cancelling ctx interrupts
// it; the stop says so.
func Move(ctx context.Context, s Session, holder string, fn Movement) (replay.Stop, error) {
	result, err := s.Move(ctx, holder, fn)
	if err != nil {
		return replay.Stop{}, err
	}
	r := <-result
	return r.Stop, r.Err
}
