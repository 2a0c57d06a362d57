package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/term"

	"reprise/chardev"
	"reprise/internal/debuginfo"
	"reprise/internal/guard"
	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
)

// session is a debugger with what belongs to it on this side: signals, gdb and
// the notices that people get.
type session struct {
	debugger *replay.Debugger
	symbols  *debuginfo.Symbols
	debug    func() *debuginfo.Info // may take its time the first time
	signals  *signals
	gdb      *gdbServer // nil without
	monitors []*monitorServer
	asked    chan struct{} // closed when somebody has asked for the end
	quit     func()        // closes asked
	changed  chan struct{}
	notices  *notices
	marks    monitor.Bookmarks // nil if nothing is recorded
	devices  monitor.Devices
	export   func(ctx context.Context, path string) error // nil if nothing is recorded
}

// newSession takes over a timeline.
func newSession(name string, t *replay.Timeline, symbols *debuginfo.Symbols, debug func() *debuginfo.Info, sig *signals, n *notices) *session {
	s := &session{debugger: replay.NewDebugger(name, t), symbols: symbols, debug: debug, signals: sig, changed: make(chan struct{}, 1), notices: n, asked: make(chan struct{})}
	s.quit = sync.OnceFunc(func() { close(s.asked) })
	s.debugger.Subscribe(func(replay.Status) { s.wake() })
	return s
}

// wake lets watch look again.
func (s *session) wake() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// attachGDB serves gdb at a listener, which may be nil, and says so.
func (s *session) attachGDB(l *chardev.Listener, devices monitor.Devices) {
	s.admitGDB(l, devices, nil)
	s.announceGDB(l)
}

// admitGDB serves gdb at a listener, which may be nil. Until arriving, if it is
// not nil, is closed, the session moves to where it is to begin.
func (s *session) admitGDB(l *chardev.Listener, devices monitor.Devices, arriving <-chan struct{}) {
	if l == nil {
		return
	}
	target := &gdbTarget{
		debugger: s.debugger, symbols: s.symbols, debug: s.debug, marks: s.marks, devices: devices,
		arriving: arriving, patience: gdbPatience,
	}
	s.gdb = serveGDB(l, target, s.wake, func(err error) { s.notices.say("gdb: %v", err) })
}

// announceGDB says where gdb can connect.
func (s *session) announceGDB(l *chardev.Listener) {
	if l == nil {
		return
	}
	if l.Exposed() {
		s.notices.say("%v", chardev.Event{Kind: chardev.Exposed, Backend: l.Name()})
	}
	s.notices.say("gdb can connect: target remote %s", gdbAddress(l.Name()))
}

// gdbAddress is what gdb is told to connect to.
func gdbAddress(name string) string {
	for _, kind := range []string{"socket:", "unix:", "pty:"} {
		if address, ok := strings.CutPrefix(name, kind); ok {
			return address
		}
	}
	return name
}

// continueOn is the movement that goes on.
func continueOn(ctx context.Context, t *replay.Timeline) (replay.Stop, error) {
	return t.Continue(ctx)
}

// watch waits until the session stands at an end while nobody has its controls,
// or a signal comes.
func (s *session) watch() error {
	for {
		st := s.debugger.Status()
		var bug *guard.PanicError
		switch {
		case s.signals.came() || s.wasAsked():
			return nil
		case errors.As(st.Err, &bug):
			return st.Err
		case !st.Live && s.attended():
			// It can be looked at, also at its end and where it has diverged.
		case st.Err != nil && !st.Running && st.Holder == "":
			return st.Err
		case !st.Running && st.Holder == "" && over(st):
			return nil
		}
		select {
		case <-s.changed:
		case <-s.asked:
		case <-s.signals.Work.Done():
		}
	}
}

// wasAsked reports whether somebody has asked for the end.
func (s *session) wasAsked() bool {
	select {
	case <-s.asked:
		return true
	default:
		return false
	}
}

// attended reports whether somebody at a monitor can still give commands.
func (s *session) attended() bool {
	return slices.ContainsFunc(s.monitors, (*monitorServer).attended)
}

// over reports whether a session has nowhere to go.
func over(st replay.Status) bool {
	return st.Stop.Reason == replay.GuestShutdown || st.Stop.Reason == replay.AtEnd && (!st.Live || limited(st))
}

// limited reports whether a limit has ended a recording.
func limited(st replay.Status) bool { return st.Requested == recording.ShutdownHostLimit }

// headless runs the session to its end without an interface. A paused one waits
// for gdb.
func (s *session) headless(paused bool) error {
	if !paused {
		// A gdb may have been faster, and then has the controls.
		if _, err := s.debugger.Move(context.Background(), "", continueOn); err != nil && !errors.Is(err, replay.ErrHeld) {
			return err
		}
	}
	return s.watch()
}

// close ends everything in order: gdb, the recording, the backends. The error
// that came first is the one that counts.
func (s *session) close(cause recording.ShutdownCause) error {
	var err error
	if s.gdb != nil {
		err = s.gdb.close()
	}
	for _, m := range s.monitors {
		err = joinQuiet(err, m.close())
	}
	err = joinQuiet(s.debugger.End(cause), err)
	return joinQuiet(err, s.debugger.Close())
}

// closeOnPanic is deferred by whoever runs a session: a bug on this side of it
// closes the recording and restores the terminal as well.
func (s *session) closeOnPanic() {
	if bug := recover(); bug != nil {
		_ = s.close(recording.ShutdownHostError) // the panic says more
		panic(bug)
	}
}

// isTerminal reports whether a person is at both ends.
func isTerminal() bool {
	return term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd()))
}

// guestEnd is what the guest's end means for the program.
func guestEnd(end vm.Shutdown, pass bool) error {
	if end.Cause != vm.GuestFailure {
		return nil
	}
	status := GuestFailure
	if pass && end.Code != 0 {
		status = Status(min(end.Code, 255))
	}
	return &statusError{status, fmt.Errorf("the guest reported failure: code %d", end.Code)}
}

// attachMonitors serves the monitors that the command line asks for, and those
// behind a frontend's backend.
func (s *session) attachMonitors(b *switchboard, specs []chardev.Spec) error {
	for _, port := range b.behind {
		l, err := b.listenOn(monitorHolder, port)
		if err != nil {
			return err
		}
		s.attachMonitor(l, true, b)
	}
	for _, spec := range specs {
		l, err := b.listen(monitorHolder, spec)
		if err != nil {
			return err
		}
		if spec.Kind != chardev.Stdio {
			s.notices.say("the monitor is at %s", l.Name())
		}
		s.attachMonitor(l, editsLines(spec), b)
	}
	return nil
}
