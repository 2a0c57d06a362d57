package gdbstub

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"reprise/vm/state"
)

// The program of the toy, as real instructions, and the addresses in the
// order in which each hart executes them, over and over. At ecall and mret the
// next address is one that a debugger cannot guess from the instruction.
var (
	toyCode = map[uint64]uint32{
		0x80000000: 0x00150513, // addi a0,a0,1
		0x80000004: 0x00000013, // nop
		0x80000008: 0x00000073, // ecall, to 0x80000100
		0x8000000c: 0xff5ff06f, // j 0x80000000
		0x80000100: 0x341022f3, // csrr t0,mepc
		0x80000104: 0x30200073, // mret, to 0x8000000c
	}
	toyRoute = []uint64{0x80000000, 0x80000004, 0x80000008, 0x80000100, 0x80000104, 0x8000000c}
)

const (
	toyRAM      = 0x80000000
	toyRAMSize  = 0x1000
	toySteps    = toyRAM + 0x800 // a word that holds the number of steps done
	toyRounds   = toyRAM + 0x808 // a word that holds the rounds of hart 0
	toyUnread   = 0x7c0          // a CSR that cannot be read
	toyMEPC     = 0x341
	toyMHartID  = 0xf14
	spinsToTell = 1000
)

// toy is a machine of which every state is a formula of the step: hart S % n
// does step S. It has no history to keep and can be moved to any step.
type toy struct {
	mu         sync.Mutex
	harts      int
	pos, end   state.Step
	generation uint64
	live       bool // writes are legal at the end
	stuck      bool // Detach fails

	breaks  map[uint64]bool
	watches map[toyWatch]bool
	memory  []toyWrite          // writes to RAM, oldest first
	values  map[toyValue]uint64 // writes to registers, of one state each
	calls   []string            // all but looks

	spinning chan struct{} // a word when a run has gone on for a while
	detached chan struct{} // a word at each Detach
	// run replaces the toy's own Run.
	run func(context.Context, Action) (Stop, error)
}

type (
	toyWatch struct {
		kind       Watch
		addr, size uint64
	}
	toyWrite struct {
		at   state.Step
		addr uint64
		data []byte
	}
	toyValue struct {
		at   state.Step
		hart int
		reg  Register
	}
)

func newToy(end state.Step) *toy {
	return &toy{
		harts: 2, end: end, breaks: map[uint64]bool{}, watches: map[toyWatch]bool{}, values: map[toyValue]uint64{},
		spinning: make(chan struct{}, 1), detached: make(chan struct{}, 16),
	}
}

// done is the number of steps hart h has done in the state before step s.
func (t *toy) done(s state.Step, h int) uint64 {
	n := uint64(t.harts)
	return (uint64(s) + n - 1 - uint64(h)) / n
}

func (t *toy) pc(s state.Step, h int) uint64 {
	return toyRoute[t.done(s, h)%uint64(len(toyRoute))]
}

func (t *toy) rounds(s state.Step, h int) uint64 {
	return (t.done(s, h) + uint64(len(toyRoute)) - 1) / uint64(len(toyRoute))
}

// turn is the hart that does step s.
func (t *toy) turn(s state.Step) int { return int(uint64(s) % uint64(t.harts)) }

// seek moves the toy behind gdb's back.
func (t *toy) seek(s state.Step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pos = s
	t.generation++
}

func (t *toy) log(format string, args ...any) {
	t.calls = append(t.calls, fmt.Sprintf(format, args...))
}

// called returns what has been called since it was last asked.
func (t *toy) called() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	calls := strings.Join(t.calls, " ")
	t.calls = nil
	return calls
}

func (t *toy) Attach() (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.log("attach")
	return t.turn(t.pos), nil
}

func (t *toy) Detach() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.log("detach")
	t.detached <- struct{}{}
	if t.stuck {
		return errors.New("the toy is stuck")
	}
	return nil
}

func (t *toy) Harts() int { return t.harts }

func (t *toy) CSRs() []CSR {
	return []CSR{{"fflags", 1}, {"frm", 2}, {"fcsr", 3}, {"mepc", toyMEPC}, {"secret", toyUnread}, {"mhartid", toyMHartID}}
}

func (t *toy) ReadRegister(hart int, r Register) (uint64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if v, written := t.values[toyValue{t.pos, hart, r}]; written {
		return v, nil
	}
	bank, i := r.Split()
	switch {
	case bank == BankPC:
		return t.pc(t.pos, hart), nil
	case bank == BankX && i == 0:
		return 0, nil
	case bank == BankX && i == 4: // tp
		return uint64(hart), nil
	case bank == BankX && i == 10: // a0
		return t.rounds(t.pos, hart), nil
	case bank == BankX:
		return uint64(i) * 0x1111, nil
	case bank == BankF:
		return math.Float64bits(float64(i) + 0.5), nil
	case bank == BankPrivilege:
		if t.pc(t.pos, hart) >= 0x80000100 {
			return 3, nil
		}
		return 0, nil
	case i == toyMEPC:
		if t.done(t.pos, hart) > 2 {
			return 0x80000008, nil
		}
		return 0, nil
	case i == toyMHartID:
		return uint64(hart), nil
	case i == toyUnread:
		return 0, errors.New("secret cannot be read")
	}
	return 0, nil
}

func (t *toy) WriteRegister(hart int, r Register, value uint64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.writable(); err != nil {
		return err
	}
	t.log("write(%d,%d,%#x)", hart, r, value)
	t.values[toyValue{t.pos, hart, r}] = value
	t.generation++
	return nil
}

func (t *toy) writable() error {
	if !t.live || t.pos != t.end {
		return errors.New("writes are possible at the live end only")
	}
	return nil
}

// ram returns all of the RAM before step s.
func (t *toy) ram(s state.Step) []byte {
	ram := make([]byte, toyRAMSize)
	for addr, word := range toyCode {
		binary.LittleEndian.PutUint32(ram[addr-toyRAM:], word)
	}
	binary.LittleEndian.PutUint64(ram[toySteps-toyRAM:], uint64(s))
	binary.LittleEndian.PutUint64(ram[toyRounds-toyRAM:], t.rounds(s, 0))
	for _, w := range t.memory {
		if w.at <= s {
			copy(ram[w.addr-toyRAM:], w.data)
		}
	}
	return ram
}

func (t *toy) ReadMemory(_ int, addr uint64, p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if addr < toyRAM || addr-toyRAM >= toyRAMSize {
		return 0, fmt.Errorf("no memory at %#x", addr)
	}
	return copy(p, t.ram(t.pos)[addr-toyRAM:]), nil
}

func (t *toy) WriteMemory(_ int, addr uint64, p []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.writable(); err != nil {
		return err
	}
	if addr < toyRAM || addr-toyRAM+uint64(len(p)) > toyRAMSize {
		return fmt.Errorf("no memory at %#x", addr)
	}
	t.log("store(%#x,%x)", addr, p)
	t.memory = append(t.memory, toyWrite{t.pos, addr, slices.Clone(p)})
	t.generation++
	return nil
}

func (t *toy) SetBreakpoint(addr uint64) error   { return t.toggle(addr, true) }
func (t *toy) ClearBreakpoint(addr uint64) error { return t.toggle(addr, false) }

func (t *toy) toggle(addr uint64, set bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.log("break(%#x,%v)", addr, set)
	if t.breaks[addr] == set {
		return fmt.Errorf("breakpoint %#x is %v already", addr, set)
	}
	if addr%2 != 0 {
		return fmt.Errorf("no instruction can begin at %#x", addr)
	}
	t.breaks[addr] = set
	return nil
}

func (t *toy) Position() (state.Step, uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.pos, t.generation
}

func (t *toy) Run(ctx context.Context, a Action) (Stop, error) {
	if t.run != nil {
		return t.run(ctx, a)
	}
	t.mu.Lock()
	stop, at := t.atBreakpoint()
	t.mu.Unlock()
	if at && !a.Reverse && stop.Hart != a.Seen {
		return stop, nil
	}
	for spins := 0; ; spins++ {
		if spins == spinsToTell {
			select {
			case t.spinning <- struct{}{}:
			default:
			}
		}
		if stop, stopped := t.advance(ctx, a); stopped {
			return stop, nil
		}
	}
}

// advance goes one step.
func (t *toy) advance(ctx context.Context, a Action) (Stop, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.generation++
	here := t.turn(t.pos)
	switch {
	case ctx.Err() != nil:
		return Stop{Reason: Interrupted, Hart: here}, true
	case a.Reverse && t.pos == 0:
		return Stop{Reason: HistoryBegin, Hart: here}, true
	case !a.Reverse && t.pos >= t.end:
		return Stop{Reason: HistoryEnd, Hart: here}, true
	}
	next, moved := t.pos+1, here
	if a.Reverse {
		next, moved = t.pos-1, t.turn(t.pos-1)
	}
	if w, hit := t.watched(next); hit {
		return Stop{Reason: Watchpoint, Hart: moved, Addr: w.addr, Watch: w.kind}, true
	}
	t.pos = next
	if a.Step && moved == a.Hart {
		return Stop{Reason: Stepped, Hart: moved}, true
	}
	return t.atBreakpoint()
}

// atBreakpoint looks under the hart whose turn it is.
func (t *toy) atBreakpoint() (Stop, bool) {
	hart := t.turn(t.pos)
	pc := t.pc(t.pos, hart)
	return Stop{Reason: Breakpoint, Hart: hart, Addr: pc}, t.breaks[pc]
}

// watched finds a watchpoint whose bytes differ in the state to go to.
func (t *toy) watched(next state.Step) (toyWatch, bool) {
	if len(t.watches) == 0 {
		return toyWatch{}, false
	}
	is, will := t.ram(t.pos), t.ram(next)
	for w := range t.watches {
		from, to := w.addr-toyRAM, w.addr-toyRAM+w.size
		if !bytes.Equal(is[from:to], will[from:to]) {
			return w, true
		}
	}
	return toyWatch{}, false
}

func (t *toy) Monitor(ctx context.Context, line string, say func(string)) error {
	verb, arg, _ := strings.Cut(line, " ")
	switch verb {
	case "info":
		s, _ := t.Position()
		say(fmt.Sprintf("replaying step %v of %v", s, t.end))
		return nil
	case "seek":
		s, err := state.ParseStep(arg)
		if err == nil {
			t.seek(s)
		}
		return err
	case "long":
		say(strings.Repeat("a line of forty characters, counting LF\n", 1000))
		return nil
	case "wait":
		say("waiting")
		t.spinning <- struct{}{}
		<-ctx.Done()
		return fmt.Errorf("wait: %w", ctx.Err())
	}
	return fmt.Errorf("no command %q: type help", verb)
}

// watchToy is a toy that has watchpoints.
type watchToy struct{ *toy }

func (t watchToy) SetWatchpoint(kind Watch, addr, size uint64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.log("%v(%#x,%d)", kind, addr, size)
	t.watches[toyWatch{kind, addr, size}] = true
	return nil
}

func (t watchToy) ClearWatchpoint(kind Watch, addr, size uint64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.log("clear-%v(%#x,%d)", kind, addr, size)
	delete(t.watches, toyWatch{kind, addr, size})
	return nil
}
