package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/riscv"
)

// Reason says why a movement ended.
type Reason uint8

// The reasons.
const (
	// AtTarget: the movement did what was asked.
	AtTarget Reason = iota
	// AtBreakpoint: Stop.Hart is about to execute Stop.Addr.
	AtBreakpoint
	// AtWatchpoint: Stop.Hart is about to do Stop.Access.
	AtWatchpoint
	// Interrupted: the context was cancelled. A seek and a search leave the
	// position where it was.
	Interrupted
	// AtStart: there is nothing before this step.
	AtStart
	// AtEnd: there is nothing after this step; in a live session, the live end
	// is reached, from which the next continue records.
	AtEnd
	// GuestShutdown: the guest has ended its machine. History can be travelled.
	GuestShutdown
	// Diverged: the replay does not do what was recorded; Timeline.Err says more.
	Diverged
)

// String names the reason, for people.
func (r Reason) String() string {
	switch r {
	case AtTarget:
		return "done"
	case AtBreakpoint:
		return "breakpoint"
	case AtWatchpoint:
		return "watchpoint"
	case Interrupted:
		return "interrupted"
	case AtStart:
		return "at the start"
	case AtEnd:
		return "at the end"
	case GuestShutdown:
		return "the guest has ended its machine"
	case Diverged:
		return "diverged"
	}
	return "unknown"
}

// Stop is how a movement ended.
type Stop struct {
	Reason Reason
	Step   vm.Step
	Hart   int    // whose turn it is
	Addr   uint64 // its pc
	// AtWatchpoint: what is about to be accessed, and for what watchpoint.
	Access riscv.Access
	Watch  riscv.Watch
}

// Timeline is a session with its snapshots: it moves in both directions. It
// belongs to one goroutine. Every movement is ended early by its context, and
// then says Interrupted.
type Timeline struct {
	session     *Session
	snapshots   *snapshots
	points      points       // those of the two lists below that are enabled
	breakpoints []Breakpoint // ascending
	watchpoints []Watchpoint // in the order in which they were set
	workers     []*worker
	generation  uint64  // changes with every movement
	named       []Named // by step
	replayBreak vm.Step // where a continue stops; 0 for nowhere
	stop        Stop
	progress    func(Progress)
	between     func()    // called between slices
	liveDigest  vm.Digest // of the live end, while away from it
}

// Progress is how far a movement has come.
type Progress struct {
	Active    bool
	What      string  // such as "seeking"
	Done      uint64  // steps
	Total     uint64  // steps; 0 if nobody knows
	PerSecond float64 // steps per second of the host
}

func newTimeline(s *Session) (*Timeline, error) {
	t := &Timeline{session: s, snapshots: newSnapshots(s)}
	t.snapshots.between = t.reportOutput
	if s.mode != ModeNone {
		if err := t.snapshots.keep(false, true); err != nil {
			_ = s.close()
			return nil, fmt.Errorf("the first snapshot: %w", err)
		}
	}
	switch {
	case s.mode == ModePlay && !s.options.Verify:
		t.snapshots.offer(s.log.Snapshots(), s.schema)
	case s.mode == ModeRecord:
		s.saveSnapshots = t.SaveSnapshots
	}
	t.stop = t.here(AtTarget)
	return t, nil
}

// SaveSnapshots adds the snapshots that there are to a recording of the same
// session that has ended, as far as Options.SnapshotDisk lets it: one here, and
// others on the way.
func (t *Timeline) SaveSnapshots(w *recording.Writer) error {
	if t.Position() == t.Last() {
		if err := t.snapshots.keep(false, true); err != nil {
			return err
		}
	}
	return t.snapshots.save(w)
}

// Machine is the machine, to be looked at.
func (t *Timeline) Machine() *vm.Machine { return t.session.machine }

// Log is what is recorded; nil if nothing is.
func (t *Timeline) Log() *recording.Log { return t.session.log }

// Mode is the session's mode.
func (t *Timeline) Mode() Mode { return t.session.mode }

// Position is the number of the next step.
func (t *Timeline) Position() vm.Step { return t.session.position() }

// Last is the last step that can be reached without recording anything.
func (t *Timeline) Last() vm.Step { return t.session.last() }

// Live reports whether the machine is (still) not a replay.
func (t *Timeline) Live() bool { return t.session.mode != ModePlay }

// AtLiveEnd reports whether going on makes something new happen.
func (t *Timeline) AtLiveEnd() bool { return !t.session.following }

// Err is the error that ended the session's ability to move, such as a
// *DivergenceError. Going back is still possible.
func (t *Timeline) Err() error { return t.session.err }

// Engine is what executes the machine.
func (t *Timeline) Engine() Engine { return t.session.options.Engine }

// Verified is the number of digests that were compared.
func (t *Timeline) Verified() int { return t.session.verified }

// Consoles are the machine's character devices.
func (t *Timeline) Consoles() []Console {
	var list []Console
	for _, c := range t.session.consoles {
		list = append(list, c.Console)
	}
	return list
}

// Observe adds an observer. It sees what is written from now on; snapshots made
// before it came do not know it.
func (t *Timeline) Observe(o Observer) {
	t.session.observers = append(t.session.observers, o)
	if first := t.snapshots.list; len(first) > 0 && t.Position() == first[0].step {
		first[0].observers = append(first[0].observers, o.Save())
	}
}

// here is a stop at the current position.
func (t *Timeline) here(r Reason) Stop {
	hart := t.session.machine.Current()
	stop := Stop{Reason: r, Step: t.Position(), Hart: hart, Addr: t.session.machine.Hart(hart).PC()}
	if r == AtWatchpoint {
		stop.Watch, stop.Access = t.session.machine.WatchHit()
	}
	return stop
}

// ended is how a movement returns.
func (t *Timeline) ended(r Reason) (Stop, error) {
	t.generation++
	t.stop = t.here(r)
	t.hit(t.stop)
	t.session.options.Log.Debug("stopped", "step", uint64(t.stop.Step), "reason", r.String())
	if t.session.err != nil {
		t.stop.Reason = Diverged
		var d *DivergenceError
		if !errors.As(t.session.err, &d) {
			return t.stop, t.session.err
		}
	}
	return t.stop, nil
}

// forward runs to a step, taking snapshots on the way, and says how it ended.
func (t *Timeline) forward(ctx context.Context, until vm.Step, p points, what string) Reason {
	s, asked := t.session, until
	if s.following && until > s.last() {
		until = max(s.last(), s.position())
		if s.position() == until {
			return t.atEnd()
		}
	} else if shut := s.machine.Shutdown(); shut.Cause != vm.StillRunning {
		return GuestShutdown
	}
	s.arm(p)
	begin, from := time.Now(), s.position()
	between := func() {
		if s.mode != ModeNone {
			if err := t.snapshots.due(); err != nil {
				s.fail(err)
			}
		}
		t.report(what, begin, from, asked)
		if t.between != nil {
			t.between()
		}
	}
	out := s.run(ctx, until, true, between)
	for out == broke && !p.stop(s.machine) {
		out = s.run(ctx, until, true, between)
	}
	switch {
	case out == broke:
		return AtBreakpoint
	case out == watched:
		return AtWatchpoint
	case out == guestEnded:
		s.flush()
		return GuestShutdown
	case out == met:
		return AtTarget
	case out == limited:
		if err := t.End(ctx, recording.ShutdownHostLimit); err != nil {
			s.fail(err)
			return Diverged
		}
		return t.atEnd()
	case out == failed:
		return Diverged
	case out == exhausted || s.following && s.position() == s.last():
		if end := t.atEnd(); s.position() != asked || end == Diverged {
			return end
		}
		return AtTarget
	case out == acted:
		return AtTarget
	case s.position() < until:
		return Interrupted
	}
	return AtTarget
}

// report tells how far a run has come.
func (t *Timeline) report(what string, begin time.Time, from, to vm.Step) {
	if t.progress == nil {
		return
	}
	p := Progress{Active: true, What: what, Done: uint64(t.Position() - from)}
	if to != vm.Never {
		p.Total = uint64(to - from)
	}
	if took := time.Since(begin).Seconds(); took > 0 {
		p.PerSecond = float64(p.Done) / took
	}
	t.progress(p)
}

// reportOutput tells how far going through output has come, and lets others have
// their turn.
func (t *Timeline) reportOutput(done, total uint64) {
	if t.progress != nil {
		t.progress(Progress{Active: true, What: "drawing the console", Done: done, Total: total})
	}
	if t.between != nil {
		t.between()
	}
}

// atEnd is the last step of the recording, or the live end, where the session
// stops following its past.
func (t *Timeline) atEnd() Reason {
	s := t.session
	if s.following {
		s.pending() // a request to shut down that ends the recording
	}
	if s.mode == ModeRecord && s.following && s.position() == s.live {
		if d := t.liveDigest.Difference(s.machine.Digest()); t.liveDigest != nil && d != "" {
			s.fail(&DivergenceError{Step: s.position(), Component: d, LastGood: s.lastGood})
			return Diverged
		}
		s.becomeLive()
	}
	if s.machine.Shutdown().Cause != vm.StillRunning {
		return GuestShutdown
	}
	return AtEnd
}

// leaveLiveEnd makes the past of a live session something to be followed.
func (t *Timeline) leaveLiveEnd() error {
	s := t.session
	if s.following {
		return nil
	}
	if s.mode == ModeNone {
		return ErrNoHistory
	}
	s.flush()
	if s.err != nil {
		return s.err
	}
	for _, shot := range t.snapshots.list[1:] {
		shot.pinned = false // an earlier live end
	}
	if err := t.snapshots.keep(false, true); err != nil {
		return err
	}
	t.liveDigest = s.machine.Digest()
	s.followPast()
	return nil
}

// Continue goes forward until a breakpoint, a watchpoint or the end. At the live end of a
// live session it goes on recording.
func (t *Timeline) Continue(ctx context.Context) (Stop, error) {
	until := t.continueUntil()
	reason := t.forward(ctx, until, t.points, "running")
	if t.Position() == t.replayBreak {
		t.replayBreak = 0
	}
	return t.ended(reason)
}

// ContinueFrom is Continue for gdb, which looks at the hart seen and knows what
// breakpoint that one stands at. A breakpoint under another hart, if it is that
// one's turn, stops at once, and so does an access to what is watched: gdb does
// that step itself, with nothing set.
func (t *Timeline) ContinueFrom(ctx context.Context, seen int) (Stop, error) {
	m := t.session.machine
	if t.session.err == nil && !t.points.none() {
		t.session.arm(t.points)
		hart := m.Current()
		switch {
		case hart != seen && contains(t.points.breaks, m.Hart(hart).PC()) && t.session.actor() == hart && t.points.stop(m):
			return t.ended(AtBreakpoint)
		case m.Foresee() && t.session.actor() == hart:
			return t.ended(AtWatchpoint)
		}
	}
	return t.Continue(ctx)
}

// Step goes forward n steps. Breakpoints do not end it.
func (t *Timeline) Step(ctx context.Context, n uint64) (Stop, error) {
	target := t.Position() + vm.Step(n)
	if target < t.Position() {
		target = vm.Never
	}
	return t.ended(t.forward(ctx, target, points{}, "stepping"))
}

// Seek goes to a step. If it is interrupted the position is what it was.
func (t *Timeline) Seek(ctx context.Context, step vm.Step) (Stop, error) {
	s := t.session
	if step == t.Position() {
		return t.ended(AtTarget)
	}
	if step > t.Position() && !s.following && s.mode != ModePlay {
		return t.stop, fmt.Errorf("step %v has not happened yet: this is the live end, step %v", step, t.Position())
	}
	if last := t.Last(); step > last {
		return t.stop, fmt.Errorf("there is no step %v: the last one is %v", step, last)
	}
	reason, err := t.travel(ctx, step)
	if err != nil {
		return t.stop, err
	}
	return t.ended(reason)
}

// travel goes to a step that exists.
func (t *Timeline) travel(ctx context.Context, step vm.Step) (Reason, error) {
	s := t.session
	if ctx.Err() != nil {
		return Interrupted, nil
	}
	if err := t.leaveLiveEnd(); err != nil {
		return 0, err
	}
	origin, err := t.snapshots.capture()
	if err != nil {
		return 0, err
	}
	defer t.snapshots.drop(origin)
	s.err = nil
	near := t.snapshots.nearest(step)
	if near == nil {
		return 0, errors.New("BUG: no snapshot of the first step")
	}
	if step < s.position() || near.step > s.position() {
		for err := t.snapshots.restore(ctx, near); err != nil; err = t.snapshots.restore(ctx, near) {
			if ctx.Err() != nil {
				return Interrupted, t.snapshots.restore(context.WithoutCancel(ctx), origin)
			}
			if near = t.snapshots.instead(near, err); near == nil {
				return 0, err
			}
		}
		t.snapshots.forgetDamaged()
	}
	if t.approach(ctx, step, step < origin.step) {
		s.handOver(ctx)
		s.becomeLive()
		return AtTarget, nil
	}
	if s.err != nil {
		return Diverged, nil
	}
	return Interrupted, t.snapshots.restore(context.WithoutCancel(ctx), origin)
}

// approach runs to a step that is ahead and reports whether it got there. On a
// way back it leaves snapshots behind at shrinking distances, so that the next
// step back finds one near.
func (t *Timeline) approach(ctx context.Context, step vm.Step, back bool) bool {
	s := t.session
	for back && step-s.position() > 2*denseSpacing {
		t.forward(ctx, s.position()+(step-s.position())/2, points{}, "seeking")
		if ctx.Err() != nil || s.err != nil {
			return false
		}
		if err := t.snapshots.keep(true, false); err != nil {
			s.fail(err)
			return false
		}
	}
	if s.position() < step {
		t.forward(ctx, step, points{}, "seeking")
	}
	return s.position() == step
}

// StepBack goes back n steps, or to the start.
func (t *Timeline) StepBack(ctx context.Context, n uint64) (Stop, error) {
	pos := t.Position()
	if pos == 0 {
		return t.ended(AtStart)
	}
	target := vm.Step(0)
	if vm.Step(n) < pos {
		target = pos - vm.Step(n)
	}
	stop, err := t.Seek(ctx, target)
	if err == nil && stop.Reason == AtTarget && vm.Step(n) > pos {
		return t.ended(AtStart)
	}
	return stop, err
}

// GoLive goes to the end: of the recording, or the live end.
func (t *Timeline) GoLive(ctx context.Context) (Stop, error) {
	stop, err := t.Seek(ctx, t.Last())
	if err == nil && stop.Reason == AtTarget {
		return t.ended(AtEnd)
	}
	return stop, err
}

// Events returns up to before events that come before a step and up to after
// that come at it or later.
func (t *Timeline) Events(around vm.Step, before, after int) ([]recording.Event, error) {
	if t.session.log == nil {
		return nil, nil
	}
	list, err := t.session.log.Before(around, before)
	if err != nil {
		return nil, err
	}
	list = slices.Clone(list)
	c := t.session.log.Cursor()
	c.SeekStep(around)
	for range after {
		e, ok := c.Next()
		if !ok {
			break
		}
		list = append(list, e)
	}
	return list, c.Err()
}

// End writes why a live session ends into its recording, and closes that. The
// timeline can still travel.
func (t *Timeline) End(ctx context.Context, cause recording.ShutdownCause) error {
	s := t.session
	if s.mode != ModeRecord || s.ended {
		return nil
	}
	if s.abandoned {
		return s.finish()
	}
	if s.following {
		if _, err := t.GoLive(ctx); err != nil {
			return err
		}
	}
	if cause != recording.ShutdownNone && s.machine.Shutdown().Cause == vm.StillRunning {
		s.record(recording.Event{Step: s.position(), Kind: recording.Shutdown, Shutdown: cause})
		s.requested = cause
	}
	return s.finish()
}

// Discard is Close for a recording that nobody wants: it is not closed, and
// remains for its maker to remove.
func (t *Timeline) Discard() error {
	t.session.ended = true
	return t.Close()
}

// Close ends the session, closes its recording and its backends.
func (t *Timeline) Close() error {
	err := t.session.finish() // which saves snapshots
	for _, w := range t.workers {
		w.free()
	}
	t.snapshots.free()
	return errors.Join(err, t.session.close())
}
