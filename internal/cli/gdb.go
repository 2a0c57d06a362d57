package cli

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"reprise/chardev"
	"reprise/gdbstub"
	"reprise/internal/debuginfo"
	"reprise/internal/guard"
	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/vm"
	"reprise/vm/boot"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

// gdbHolder is who has the controls while gdb has them.
const gdbHolder = "gdb"

// gdbServer serves one gdb after another.
type gdbServer struct {
	listener *chardev.Listener
	target   *gdbTarget
	cancel   context.CancelFunc
	done     chan struct{}
}

// serveGDB begins to accept connections. left is called when a gdb has gone;
// failed is told what went wrong with one.
func serveGDB(l *chardev.Listener, target *gdbTarget, left func(), failed func(error)) *gdbServer {
	ctx, cancel := context.WithCancel(context.Background())
	s := &gdbServer{listener: l, target: target, cancel: cancel, done: make(chan struct{})}
	guard.Go(func() {
		defer close(s.done)
		for {
			conn, _, err := l.Accept()
			if err != nil {
				if !errors.Is(err, chardev.ErrClosed) {
					failed(err)
				}
				return
			}
			err = gdbstub.Serve(ctx, conn, target)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				failed(err)
			}
			left()
		}
	})
	return s
}

// close ends the connection that there is, and waits until it has ended.
func (s *gdbServer) close() error {
	s.target.ending.Store(true)
	s.cancel()
	err := s.listener.Close()
	<-s.done
	return err
}

// gdbTarget lets gdb drive a session. It implements [gdbstub.Target].
type gdbTarget struct {
	debugger *replay.Debugger
	symbols  *debuginfo.Symbols
	debug    func() *debuginfo.Info
	marks    monitor.Bookmarks // nil if nothing is recorded
	devices  monitor.Devices
	ending   atomic.Bool // the session is being closed

	arriving <-chan struct{} // closed when the session is where it is to begin; nil if it is
	patience time.Duration   // how long a gdb that comes before that is kept waiting
}

// gdbPatience is less than gdb waits for an answer before it asks again.
const gdbPatience = 1500 * time.Millisecond

// errSessionOver is what gdb gets when the program is about to end.
var errSessionOver = errors.New("the session is over")

// inspect looks at the machine.
func (g *gdbTarget) inspect(fn func(*replay.Timeline) error) error {
	err := errSessionOver
	g.debugger.Inspect(func(t *replay.Timeline) { err = fn(t) })
	return err
}

// Attach implements [gdbstub.Target]. A session that is still on its way to where
// it is to begin goes on.
func (g *gdbTarget) Attach() (hart int, err error) {
	if g.arrives(g.patience) {
		g.debugger.Take(gdbHolder)
		g.debugger.Interrupt()
	}
	err = g.inspect(func(t *replay.Timeline) error {
		hart = t.Machine().Current()
		return nil
	})
	return hart, err
}

// arrives waits until the session is where it is to begin.
func (g *gdbTarget) arrives(patience time.Duration) bool {
	if g.arriving == nil {
		return true
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-g.arriving:
	case <-timer.C:
	}
	select {
	case <-g.arriving:
		return true
	default:
		return false
	}
}

// arrive waits with the run of a gdb that came before the session was where it is
// to begin. It reports false if there was nothing to wait for.
func (g *gdbTarget) arrive(ctx context.Context) bool {
	if g.arrives(0) {
		return false
	}
	select {
	case <-g.arriving:
	case <-ctx.Done():
		g.debugger.Interrupt()
		<-g.arriving
	}
	g.debugger.Take(gdbHolder)
	return true
}

// Detach implements [gdbstub.Target]. A live machine that stands at its live
// end runs on, unless the session ends.
func (g *gdbTarget) Detach() error {
	g.debugger.Release(gdbHolder)
	if g.ending.Load() {
		return nil
	}
	if st := g.debugger.Status(); !st.Live || !st.AtLiveEnd || st.Shutdown.Cause != vm.StillRunning || st.Err != nil {
		return nil
	}
	_, err := g.debugger.Move(context.Background(), "", continueOn)
	if errors.Is(err, replay.ErrBusy) || errors.Is(err, replay.ErrHeld) {
		return nil // somebody else moves it already
	}
	return err
}

// Harts implements [gdbstub.Target].
func (g *gdbTarget) Harts() (n int) {
	g.debugger.Inspect(func(t *replay.Timeline) { n = t.Machine().Harts() })
	return max(n, 1)
}

// CSRs implements [gdbstub.Target]: those that exist and have a name.
func (g *gdbTarget) CSRs() []gdbstub.CSR {
	var list []gdbstub.CSR
	g.debugger.Inspect(func(t *replay.Timeline) {
		for n := range uint16(4096) {
			name := riscv.CSRName(n)
			if known, ok := riscv.CSRNumber(name); !ok || known != n {
				continue
			}
			if _, ok := t.Machine().ReadRegister(0, vm.RegCSR0+vm.Register(n)); ok {
				list = append(list, gdbstub.CSR{Name: name, Number: n})
			}
		}
	})
	return list
}

// register translates gdb's numbering. The privilege mode is no register.
func register(r gdbstub.Register) (vm.Register, bool) {
	switch bank, n := r.Split(); bank {
	case gdbstub.BankX:
		return vm.RegX0 + vm.Register(n), true
	case gdbstub.BankPC:
		return vm.RegPC, true
	case gdbstub.BankF:
		return vm.RegF0 + vm.Register(n), true
	case gdbstub.BankCSR:
		return vm.RegCSR0 + vm.Register(n), true
	case gdbstub.BankPrivilege:
	}
	return 0, false
}

// ReadRegister implements [gdbstub.Target].
func (g *gdbTarget) ReadRegister(hart int, r gdbstub.Register) (value uint64, err error) {
	err = g.inspect(func(t *replay.Timeline) (err error) {
		value, err = view{t.Machine()}.ReadRegister(hart, r)
		return err
	})
	return value, err
}

// WriteRegister implements [gdbstub.Target].
func (g *gdbTarget) WriteRegister(hart int, r gdbstub.Register, value uint64) error {
	number, ok := register(r)
	if !ok {
		return errors.New("the privilege mode cannot be written")
	}
	return g.debugger.Change(gdbHolder, func(t *replay.Timeline) error { return t.WriteRegister(hart, number, value) })
}

// ReadMemory implements [gdbstub.Target].
func (g *gdbTarget) ReadMemory(hart int, addr uint64, p []byte) (n int, err error) {
	err = g.inspect(func(t *replay.Timeline) (err error) {
		n, err = view{t.Machine()}.ReadMemory(hart, addr, p)
		return err
	})
	return n, err
}

// WriteMemory implements [gdbstub.Target].
func (g *gdbTarget) WriteMemory(hart int, addr uint64, p []byte) error {
	return g.debugger.Change(gdbHolder, func(t *replay.Timeline) error { return t.WriteMemory(hart, addr, p) })
}

// SetBreakpoint implements [gdbstub.Target].
func (g *gdbTarget) SetBreakpoint(addr uint64) error {
	return g.inspect(func(t *replay.Timeline) error { t.SetBreakpoint(addr); return nil })
}

// ClearBreakpoint implements [gdbstub.Target]. A session that is over has none.
func (g *gdbTarget) ClearBreakpoint(addr uint64) error {
	g.debugger.Inspect(func(t *replay.Timeline) { t.ClearBreakpoint(addr) })
	return nil
}

// view lets a condition look at a machine.
type view struct{ machine *vm.Machine }

// ReadRegister implements [gdbstub.View].
func (v view) ReadRegister(hart int, r gdbstub.Register) (uint64, error) {
	number, ok := register(r)
	if !ok {
		return uint64(v.machine.Hart(hart).Mode()), nil
	}
	value, ok := v.machine.ReadRegister(hart, number)
	if !ok {
		return 0, errors.New("this register does not exist")
	}
	return value, nil
}

// ReadMemory implements [gdbstub.View].
func (v view) ReadMemory(hart int, addr uint64, p []byte) (int, error) {
	n := v.machine.Hart(hart).PeekMemory(addr, p)
	if n == 0 && len(p) > 0 {
		return 0, fmt.Errorf("nothing can be read at 0x%x", addr)
	}
	return n, nil
}

// SetCondition implements [gdbstub.Conditional].
func (g *gdbTarget) SetCondition(addr uint64, c gdbstub.Condition) error {
	var holds replay.Condition
	if c != nil {
		holds = func(m *vm.Machine, hart int) bool { return c(view{m}, hart) }
	}
	return g.inspect(func(t *replay.Timeline) error { t.SetCondition(addr, "gdb's condition", holds); return nil })
}

// ReadPhysical implements [gdbstub.Physical].
func (g *gdbTarget) ReadPhysical(addr uint64, p []byte) (n int, err error) {
	err = g.inspect(func(t *replay.Timeline) error {
		if n = t.Machine().PeekPhysical(addr, p); n == 0 && len(p) > 0 {
			return fmt.Errorf("nothing can be read at the physical address 0x%x", addr)
		}
		return nil
	})
	return n, err
}

// WritePhysical implements [gdbstub.Physical].
func (g *gdbTarget) WritePhysical(addr uint64, p []byte) error {
	return g.debugger.Change(gdbHolder, func(t *replay.Timeline) error { return t.WritePhysical(addr, p) })
}

// MemoryMap implements [gdbstub.Physical].
func (g *gdbTarget) MemoryMap() []gdbstub.Region {
	var size uint64
	g.debugger.Inspect(func(t *replay.Timeline) { size = t.Machine().RAM().Size() })
	return []gdbstub.Region{
		{Start: boot.ROMBase, Size: boot.ROMSize, ROM: true},
		{Start: boot.RAMBase, Size: size},
	}
}

// Restart implements [gdbstub.Restarter]: it goes to power-on.
func (g *gdbTarget) Restart(ctx context.Context) (gdbstub.Stop, error) {
	stop, err := g.debugger.MoveAndWait(ctx, gdbHolder, func(ctx context.Context, t *replay.Timeline) (replay.Stop, error) {
		return t.Seek(ctx, 0)
	})
	if err != nil {
		return gdbstub.Stop{}, err
	}
	return g.stop(gdbstub.Action{}, stop), nil
}

// watch is a watchpoint of gdb's.
func watch(kind gdbstub.Watch, addr, size uint64) riscv.Watch {
	return riscv.Watch{
		What: riscv.VirtualMemory, Addr: addr, Size: size, Hart: riscv.AnyHart,
		Read: kind != gdbstub.WatchWrite, Write: kind != gdbstub.WatchRead,
	}
}

// gdbKind is the kind of access that gdb asked a watchpoint for.
func gdbKind(w riscv.Watch) gdbstub.Watch {
	switch {
	case !w.Read:
		return gdbstub.WatchWrite
	case !w.Write:
		return gdbstub.WatchRead
	}
	return gdbstub.WatchAccess
}

// SetWatchpoint implements [gdbstub.Watcher].
func (g *gdbTarget) SetWatchpoint(kind gdbstub.Watch, addr, size uint64) error {
	return g.inspect(func(t *replay.Timeline) error { t.SetWatchpoint(watch(kind, addr, size)); return nil })
}

// ClearWatchpoint implements [gdbstub.Watcher]. A session that is over has none.
func (g *gdbTarget) ClearWatchpoint(kind gdbstub.Watch, addr, size uint64) error {
	g.debugger.Inspect(func(t *replay.Timeline) { t.ClearWatchpoint(watch(kind, addr, size)) })
	return nil
}

// Run implements [gdbstub.Target].
func (g *gdbTarget) Run(ctx context.Context, a gdbstub.Action) (gdbstub.Stop, error) {
	if g.arrive(ctx) {
		st := g.debugger.Status()
		note := fmt.Sprintf("the machine has come to step %v and has not run now", st.Position)
		return gdbstub.Stop{Reason: gdbstub.Interrupted, Hart: st.Stop.Hart, Note: note}, nil
	}
	stop, err := g.debugger.MoveAndWait(ctx, gdbHolder, func(ctx context.Context, t *replay.Timeline) (replay.Stop, error) {
		switch {
		case a.Step && a.Reverse:
			return t.StepHartBack(ctx, a.Hart)
		case a.Step && a.Begin < a.End:
			return t.StepHartThrough(ctx, a.Hart, a.Begin, a.End)
		case a.Step:
			return t.StepHart(ctx, a.Hart)
		case a.Reverse:
			return t.ReverseContinueAfter(ctx)
		}
		return t.ContinueFrom(ctx, a.Seen)
	})
	switch {
	case errors.Is(err, replay.ErrHeld), errors.Is(err, replay.ErrBusy):
		return gdbstub.Stop{Reason: gdbstub.Interrupted, Hart: stop.Hart, Note: err.Error()}, nil
	case errors.Is(err, context.Canceled) && ctx.Err() == nil:
		return gdbstub.Stop{Reason: gdbstub.Exited}, nil
	case err != nil:
		return gdbstub.Stop{}, err
	}
	return g.stop(a, stop), nil
}

// stop translates how a movement ended.
func (g *gdbTarget) stop(a gdbstub.Action, s replay.Stop) gdbstub.Stop {
	stop := gdbstub.Stop{Hart: s.Hart, Addr: s.Addr}
	if a.Step {
		stop.Hart = a.Hart
	}
	switch s.Reason {
	case replay.AtTarget:
		stop.Reason = gdbstub.Stepped
	case replay.AtBreakpoint:
		stop.Reason = gdbstub.Breakpoint
	case replay.AtWatchpoint:
		stop.Reason, stop.Hart = gdbstub.Watchpoint, s.Access.Hart
		stop.Addr, stop.Watch = s.Watch.Addr, gdbKind(s.Watch)
	case replay.Interrupted:
		stop.Reason = gdbstub.Interrupted
	case replay.AtStart:
		stop.Reason = gdbstub.HistoryBegin
	case replay.AtEnd:
		stop.Reason = gdbstub.HistoryEnd
	case replay.GuestShutdown:
		stop.Reason = gdbstub.HistoryEnd
		stop.Note = "the guest has ended its machine: " + g.debugger.Status().Shutdown.Cause.String()
	case replay.Diverged:
		stop.Reason = gdbstub.HistoryEnd
		if err := g.debugger.Status().Err; err != nil {
			stop.Note = err.Error()
		}
	}
	return stop
}

// Position implements [gdbstub.Target].
func (g *gdbTarget) Position() (next state.Step, generation uint64) {
	st := g.debugger.Status()
	return st.Position, st.Generation
}
