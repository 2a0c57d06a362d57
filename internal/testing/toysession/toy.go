package toysession

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"

	"reprise/internal/debuginfo"
	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

// The toy's addresses and the rhythm of its events.
const (
	Base  = 0x80000000 // _start
	Loop  = Base + 0x8
	Work  = Base + 0x20
	Every = 50 // steps from one event to the next
)

// program counts in a0 and mixes into a1 and a2, with a call in every round.
var program = []uint32{
	0x00008117, //  0 auipc sp,0x8
	0x00000513, //  4 li a0,0
	0x00150513, //  8 loop: addi a0,a0,1
	0x014000ef, //  c jal work
	0x00b13023, // 10 sd a1,0(sp)
	0xff5ff06f, // 14 j loop
	0x00000013, // 18 nop
	0x00000013, // 1c nop
	0x00a585b3, // 20 work: add a1,a1,a0
	0x00a5c633, // 24 xor a2,a1,a0
	0x00008067, // 28 ret
}

// Symbols are those of the toy's program.
func Symbols() *debuginfo.Symbols {
	return debuginfo.New(
		debuginfo.Symbol{Name: "_start", Addr: Base, Size: 8, Func: true},
		debuginfo.Symbol{Name: "loop", Addr: Loop, Size: 24},
		debuginfo.Symbol{Name: "work", Addr: Work, Size: 12, Func: true},
	)
}

// board is a board with nothing outside RAM.
type board struct{}

func (board) Load(uint64, int) (uint64, bool) { return 0, false }
func (board) Store(uint64, uint64, int) bool  { return false }
func (board) Peek(uint64, int) (uint64, bool) { return 0, false }
func (board) Time() uint64                    { return 0 }
func (board) Retimed()                        {}
func (board) Interrupted(int, uint64)         {}
func (board) Excepted(int, uint64)            {}

// Options make a toy.
type Options struct {
	Name     string
	Last     state.Step // the end of the recording, or the live end
	Live     bool       // still being recorded, and at its live end
	Observer replay.Observer
	// Output is what the character device writes at an event, the nth from 0;
	// nil for "line N".
	Output func(n int) string
}

// Toy is the session. It implements monitor.Session.
type Toy struct {
	options Options

	mu       sync.Mutex
	hart     *riscv.Hart
	ram      *riscv.RAM
	step     state.Step
	start    any // the observer's state at step 0
	breaks   []uint64
	disabled map[uint64]bool // of the breaks
	hits     map[uint64]int
	status   replay.Status
	holder   string
	cancel   context.CancelFunc // of the movement under way
	watchers map[int]func(replay.Status)
	watched  int
	stuck    bool
	idle     sync.WaitGroup
}

// New makes a toy: a replay at step 0, or a live machine at its end.
func New(o Options) *Toy {
	t := &Toy{options: o, watchers: map[int]func(replay.Status){}, disabled: map[uint64]bool{}, hits: map[uint64]int{}}
	if o.Observer != nil {
		t.start = o.Observer.Save()
	}
	t.powerOn()
	t.status.Name = o.Name
	t.status.Mode = replay.ModePlay
	if o.Live {
		t.status.Mode = replay.ModeRecord
		t.runTo(o.Last)
	}
	t.refresh(false)
	return t
}

// Stick makes every later Seek search for ever, until it is interrupted.
func (t *Toy) Stick() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stuck = true
}

// Wait returns when no movement is under way.
func (t *Toy) Wait() { t.idle.Wait() }

func (t *Toy) powerOn() {
	t.ram = riscv.NewRAM(Base, make([]byte, 16*riscv.PageSize))
	var code []byte
	for _, w := range program {
		code = binary.LittleEndian.AppendUint32(code, w)
	}
	t.ram.WriteAt(code, Base)
	t.hart = riscv.NewHart(0, riscv.RV64GC, t.ram, board{})
	t.hart.Reset(Base, 0)
	t.step = 0
	if t.options.Observer != nil {
		t.options.Observer.Restore(t.start)
	}
}

// event is the nth event of the recording.
func (t *Toy) event(n int) recording.Event {
	e := recording.Event{Step: state.Step((n + 1) * Every), Kind: recording.CharWrite}
	switch n % 3 {
	case 1:
		e.Kind, e.Cause = recording.Interrupt, 7
	case 2:
		e.Kind, e.Data = recording.AsyncCharRead, []byte("x")
		e.Checkpoint = recording.AtClockVirtual
	default:
		e.Data = []byte(fmt.Sprintf("line %d\r\n", n))
		if t.options.Output != nil {
			e.Data = []byte(t.options.Output(n))
		}
		e.Result = int32(len(e.Data))
	}
	return e
}

// next is the number of the first event at or after a step.
func next(step state.Step) int {
	if step <= Every {
		return 0
	}
	return int((step+Every-1)/Every) - 1
}

// runTo brings the machine to a step, by running again if it lies behind.
func (t *Toy) runTo(to state.Step) {
	if to < t.step {
		t.powerOn()
	}
	if t.options.Observer != nil {
		for n := next(t.step); ; n++ {
			e := t.event(n)
			if e.Step >= to {
				break
			}
			if e.Kind == recording.CharWrite {
				t.options.Observer.Output(0, e.Step, e.Data)
			}
		}
	}
	for t.step < to {
		t.step, _ = t.hart.Run(t.step, to, true)
	}
}

// refresh recomputes the published status.
func (t *Toy) refresh(running bool) {
	s := &t.status
	s.Position, s.Last = t.step, t.options.Last
	s.Live, s.AtLiveEnd = t.options.Live, t.options.Live && t.step == t.options.Last
	s.Running = running
	s.Virtual = uint64(t.step)
	s.Holder = t.holder
	s.Speed = 0
	if running {
		s.Speed = 200e6
	}
	s.Pending = t.event(next(t.step))
	s.HasPending = !s.AtLiveEnd
	if !s.Live && s.Pending.Step >= s.Last {
		s.Pending = recording.Event{Kind: recording.End, Step: s.Last}
	}
}

func (t *Toy) publish() {
	t.mu.Lock()
	status := t.status
	watchers := make([]func(replay.Status), 0, len(t.watchers))
	for _, fn := range t.watchers {
		watchers = append(watchers, fn)
	}
	t.mu.Unlock()
	for _, fn := range watchers {
		fn(status)
	}
}

// Status implements monitor.Session.
func (t *Toy) Status() replay.Status {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status
}

// Subscribe calls fn with every new status.
func (t *Toy) Subscribe(fn func(replay.Status)) (cancel func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.watched++
	id := t.watched
	t.watchers[id] = fn
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.watchers, id)
	}
}

// Inspect implements monitor.Session.
func (t *Toy) Inspect(fn func(monitor.Timeline)) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	fn(timeline{t})
	return true
}

// Move implements monitor.Session.
func (t *Toy) Move(ctx context.Context, holder string, fn monitor.Movement) (<-chan replay.Result, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cancel != nil {
		return nil, replay.ErrBusy
	}
	if t.holder != "" && t.holder != holder {
		return nil, replay.ErrHeld
	}
	ctx, cancel := context.WithCancel(ctx)
	t.cancel = cancel
	done := make(chan replay.Result, 1)
	t.idle.Add(1)
	go func() {
		defer t.idle.Done()
		stop, err := fn(ctx, timeline{t})
		cancel()
		t.mu.Lock()
		t.cancel = nil
		t.status.Stop, t.status.Err = stop, err
		t.status.Progress = replay.Progress{}
		t.status.Generation++
		t.refresh(false)
		t.mu.Unlock()
		t.publish()
		done <- replay.Result{Stop: stop, Err: err}
	}()
	return done, nil
}

// Take implements monitor.Session.
func (t *Toy) Take(holder string) { t.hold(holder) }

// Release implements monitor.Session.
func (t *Toy) Release(string) { t.hold("") }

func (t *Toy) hold(holder string) {
	t.mu.Lock()
	t.holder = holder
	t.status.Holder = holder
	t.mu.Unlock()
	t.publish()
}

// Interrupt implements monitor.Session.
func (t *Toy) Interrupt() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cancel != nil {
		t.cancel()
	}
}
