package replay

import (
	"context"
	"sync"
	"time"

	"reprise/internal/guard"
	"reprise/replay/recording"
	"reprise/vm"
)

// Status is what is always worth showing. It is a value of its own.
type Status struct {
	Mode       Mode
	Live       bool // the machine is no replay
	AtLiveEnd  bool // going on makes something new happen
	Running    bool // a movement is under way
	Name       string
	Position   vm.Step
	Last       vm.Step // the last step that can be reached without recording
	Virtual    uint64  // virtual time in ns
	Pending    recording.Event
	HasPending bool
	Speed      float64 // steps per second of the host, while running
	Holder     string  // who has the controls; empty for nobody
	Generation uint64  // changes with every movement
	Serial     uint64  // counts what a Debugger has published
	Stop       Stop    // how the last movement ended
	Shutdown   vm.Shutdown
	Requested  recording.ShutdownCause // of a shutdown that the recording asked for here
	Err        error
	Progress   Progress
}

// PendingAway is the number of steps before the pending event.
func (s *Status) PendingAway() vm.Step {
	if !s.HasPending || s.Pending.Step < s.Position {
		return 0
	}
	return s.Pending.Step - s.Position
}

// Status describes the session where it stands.
func (t *Timeline) Status() Status {
	s := t.session
	st := Status{
		Mode: s.mode, Live: t.Live(), AtLiveEnd: t.AtLiveEnd(),
		Position: s.position(), Last: s.last(), Virtual: s.machine.VirtualTime(),
		Generation: t.generation, Stop: t.stop, Shutdown: s.machine.Shutdown(), Requested: s.requested, Err: s.err,
	}
	if s.following {
		if e, ok := s.cursor.Peek(); ok {
			st.Pending, st.HasPending = *e, true
		}
	}
	return st
}

// publishInterval is the least time between two statuses of a running machine.
const publishInterval = time.Second / 120

// Movement is something that moves a timeline: one of its methods.
type Movement func(ctx context.Context, t *Timeline) (Stop, error)

// Debugger owns a timeline on a goroutine of its own. All its methods may be
// called from any goroutine.
type Debugger struct {
	timeline *Timeline
	name     string
	requests chan func()
	done     chan struct{} // closed when the goroutine has ended
	quit     chan struct{}
	quitOnce sync.Once
	closeErr error

	// Owned by the goroutine.
	published time.Time
	serial    uint64
	putOff    bool // a status was due too soon: the session is woken when it is not
	speed     meter
	progress  Progress
	running   bool

	mu        sync.Mutex
	status    Status
	holder    string
	moving    context.CancelFunc // cancels the movement under way; nil without one
	listeners map[int]func(Status)
	nextID    int
}

// NewDebugger takes over a timeline; the name is shown to people.
func NewDebugger(name string, t *Timeline) *Debugger {
	d := &Debugger{
		timeline: t, name: name, requests: make(chan func()),
		done: make(chan struct{}), quit: make(chan struct{}),
		listeners: map[int]func(Status){},
	}
	t.between = d.serve
	t.progress = func(p Progress) { d.progress = p }
	d.publish()
	guard.Go(d.loop)
	return d
}

// loop serves requests until the debugger is closed. What they have left of a
// recording that is not flushed is, soon after the last of them: a machine may be
// paused for long.
func (d *Debugger) loop() {
	defer close(d.done)
	var rest <-chan time.Time
	for {
		select {
		case fn := <-d.requests:
			fn()
			rest = time.After(flushInterval)
		case <-rest:
			rest = nil
			d.guard(d.timeline.session.flush)
		case <-d.quit:
			d.closeErr = d.timeline.Close()
			return
		}
	}
}

// serve looks after requests between two slices of a movement.
func (d *Debugger) serve() {
	switch wait := publishInterval - time.Since(d.published); {
	case wait <= 0:
		d.publish()
	case !d.putOff:
		// The machine may be about to wait for long, with something to show.
		d.putOff = true
		time.AfterFunc(wait, d.timeline.session.wake)
	}
	for {
		select {
		case fn := <-d.requests:
			fn()
		default:
			return
		}
	}
}

// do runs fn on the owner's goroutine and waits for it. It reports false if the
// debugger is closed.
func (d *Debugger) do(fn func()) bool {
	finished := make(chan struct{})
	request := func() {
		defer close(finished)
		d.guard(fn)
	}
	d.timeline.session.wake()
	for {
		select {
		case d.requests <- request:
			<-finished
			return true
		case <-d.done:
			return false
		case <-time.After(10 * time.Millisecond):
			d.timeline.session.wake() // it may have been used up by somebody else
		}
	}
}

// Inspect runs fn on the owner's goroutine, between two slices if the machine
// runs, and waits for it. fn may look at everything and set breakpoints; it
// must not move the timeline, and keeps nothing of it. It reports false if the
// debugger is closed.
func (d *Debugger) Inspect(fn func(t *Timeline)) bool {
	return d.do(func() { fn(d.timeline) })
}

// Change is Inspect for what changes the machine at the live end: it needs the
// controls and a machine at rest.
func (d *Debugger) Change(holder string, fn func(t *Timeline) error) error {
	err := error(nil)
	if !d.do(func() {
		if err = d.allowed(holder); err != nil {
			return
		}
		err = fn(d.timeline)
		d.publish()
	}) {
		return context.Canceled
	}
	return err
}

// allowed tells whether somebody may move the timeline now.
func (d *Debugger) allowed(holder string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.holder != "" && d.holder != holder:
		return ErrHeld
	case d.moving != nil:
		return ErrBusy
	}
	return nil
}

// Result is how a movement ended.
type Result struct {
	Stop Stop
	Err  error
}

// Move starts a movement and returns at once. Its result comes on the channel.
// The error is ErrBusy while another movement is under way, and ErrHeld if
// somebody else has the controls.
func (d *Debugger) Move(ctx context.Context, holder string, m Movement) (<-chan Result, error) {
	if err := d.allowed(holder); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	result := make(chan Result, 1)
	d.mu.Lock()
	if d.moving != nil {
		d.mu.Unlock()
		cancel()
		return nil, ErrBusy
	}
	d.moving = cancel
	d.mu.Unlock()
	request := func() {
		d.running, d.progress = true, Progress{}
		d.speed.start(d.timeline.Position())
		d.publish()
		var stop Stop
		var err error
		if !d.timeline.session.abandoned {
			d.guard(func() { stop, err = m(ctx, d.timeline) })
		}
		if d.timeline.session.abandoned {
			err = d.timeline.session.err
		}
		d.running, d.progress = false, Progress{}
		d.mu.Lock()
		d.moving = nil
		d.mu.Unlock()
		cancel()
		d.publish()
		result <- Result{stop, err}
	}
	guard.Go(func() {
		select {
		case d.requests <- request:
		case <-d.done:
			cancel()
			result <- Result{Err: context.Canceled}
		}
	})
	return result, nil
}

// MoveAndWait is Move followed by waiting for the result.
func (d *Debugger) MoveAndWait(ctx context.Context, holder string, m Movement) (Stop, error) {
	c, err := d.Move(ctx, holder, m)
	if err != nil {
		return d.Status().Stop, err
	}
	r := <-c
	return r.Stop, r.Err
}

// Interrupt ends the movement under way, if there is one. It does not wait.
func (d *Debugger) Interrupt() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.moving != nil {
		d.moving()
	}
}

// Take gives the controls to somebody. Whoever had them loses them: a movement
// of theirs is interrupted.
func (d *Debugger) Take(holder string) {
	d.mu.Lock()
	if d.moving != nil && d.holder != holder {
		d.moving()
	}
	d.holder = holder
	d.status.Holder = holder
	d.mu.Unlock()
}

// Release gives the controls up, if they are this holder's.
func (d *Debugger) Release(holder string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.holder == holder {
		d.holder, d.status.Holder = "", ""
	}
}

// Status is the last that was published. It never waits.
func (d *Debugger) Status() Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.status
}

// Subscribe calls fn with every status that is published: at most 120 a second
// while the machine runs, and at every stop. fn must not wait for anything, nor
// call the debugger.
func (d *Debugger) Subscribe(fn func(Status)) (cancel func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := d.nextID
	d.nextID++
	d.listeners[id] = fn
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.listeners, id)
	}
}

// publish makes the status known.
func (d *Debugger) publish() {
	d.published, d.putOff = time.Now(), false
	d.serial++
	st := d.timeline.Status()
	st.Name, st.Running, st.Progress, st.Serial = d.name, d.running, d.progress, d.serial
	if d.running {
		st.Speed = d.speed.at(st.Position)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	st.Holder = d.holder
	d.status = st
	for _, fn := range d.listeners {
		fn(st)
	}
}

// End closes the recording of a live session, for the given cause.
func (d *Debugger) End(cause recording.ShutdownCause) error {
	d.Interrupt()
	err := error(nil)
	if !d.do(func() { err = d.timeline.End(context.Background(), cause) }) {
		return nil
	}
	return err
}

// Close interrupts what is under way and ends the session.
func (d *Debugger) Close() error {
	d.Interrupt()
	d.quitOnce.Do(func() { close(d.quit) })
	<-d.done
	return d.closeErr
}

// meter measures speed over about the last half second.
type meter struct {
	time  time.Time
	step  vm.Step
	speed float64
}

const meterWindow = 500 * time.Millisecond

func (m *meter) start(step vm.Step) { *m = meter{time: time.Now(), step: step} }

func (m *meter) at(step vm.Step) float64 {
	took := time.Since(m.time)
	if took > 0 && m.speed == 0 || took > meterWindow {
		m.speed = (float64(step) - float64(m.step)) / took.Seconds()
		if took > meterWindow {
			m.time, m.step = time.Now(), step
		}
	}
	return max(m.speed, 0)
}
