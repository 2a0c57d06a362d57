package replay

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"reprise/chardev"
	"reprise/replay/recording"
	"reprise/vm"
)

// Mode says where a session's nondeterminism comes from and goes to.
type Mode uint8

// The modes.
const (
	ModeNone   Mode = iota // from the host, kept nowhere
	ModeRecord             // from the host, and into a recording
	ModePlay               // from a recording
)

// String is the mode in QEMU's words.
func (m Mode) String() string {
	switch m {
	case ModeNone:
		return "none"
	case ModeRecord:
		return "record"
	case ModePlay:
		return "play"
	}
	return "unknown"
}

// Console is a character device of the machine and where its output goes.
type Console struct {
	ID      uint8
	Name    string
	Backend chardev.Backend // nil takes everything and says nothing
}

// Options are what a session needs beside its machine's configuration.
type Options struct {
	Consoles []Console
	Networks []Network
	// Sleep lets an idle wait last real time, and keeps virtual time from
	// running ahead of the host's. A replay never waits.
	Sleep bool
	// Notify is told what becomes of backends. It may be called from any
	// goroutine and returns soon. It may be nil.
	Notify func(chardev.Event)
	// Warn is told once of what is damaged and can be done without: a snapshot of
	// the recording. It may be called from any goroutine. It may be nil.
	Warn func(error)
	// Log is told what the session does by itself: snapshots, movements, errors.
	// It may be nil.
	Log *slog.Logger
	// Image opens an image of a recording that is not in it, and checks that it
	// is the same; nil if that cannot be done.
	Image func(recording.Image) (io.ReaderAt, error)
	// Engine executes the machine; nil stands for the interpreter.
	Engine Engine
	// Verify compares every digest of the recording on the way.
	Verify bool
	// Limits end a recording that is made.
	Limits Limits
	// Until ends a movement at the live end of a recording after the step that
	// records an event of which it is true; nil for none. It is called on the
	// session's goroutine, from power-on on, and keeps no data of the event.
	Until func(recording.Event) bool
	// SnapshotMemory bounds the memory of snapshots in bytes; 0 stands for
	// DefaultSnapshotMemory.
	SnapshotMemory int64
	// SnapshotDisk bounds what the snapshots that are saved with a recording add
	// to it, in bytes; 0 stands for a quarter of the file, at most
	// DefaultSnapshotDisk, and less than 0 for none.
	SnapshotDisk int64
}

// Observer watches the output of character devices, in the order of steps: as
// the machine writes it, and again when it is replayed. Its state is part of
// each snapshot, outside the digest.
type Observer interface {
	Output(device uint8, step vm.Step, p []byte)
	Save() any
	Restore(state any)
}

// console is a character device in use.
type console struct {
	Console
	queue   *queue
	sent    uint64 // output of events before this one has gone to the backend
	waiting []byte // output of a replay that the backend did not take yet
}

// Session is a machine, its log and one position.
type Session struct {
	machine *vm.Machine
	memory  *memory
	options Options

	mode      Mode
	log       *recording.Log    // nil in ModeNone
	schema    int               // of the snapshots in a recording that is replayed
	writer    *recording.Writer // nil if nothing is being recorded
	following bool              // the log says what happens next: a replay, or a live session's past
	cursor    *recording.Cursor // the next event, while following
	inputs    inputs
	requested recording.ShutdownCause // of a shutdown that was met in the log

	live        vm.Step // the live end, while a live session follows its own past
	liveVirtual uint64  // its virtual time

	consoles  []*console
	networks  []*network
	observers []Observer
	pace      pacer
	woken     chan struct{} // something is there for an idle machine

	traps   uint64                // that were taken, whatever the position
	trapped func(recording.Event) // told of each trap, if it is not nil
	until   uint64                // virtual time that no idle wait may pass; 0 for any
	entropy *rand.ChaCha8         // what the guest gets, while the session is live

	resumed time.Time     // when the live machine began to go on
	lived   time.Duration // how long it had gone on before
	met     bool          // Options.Until was true

	slice    vm.Step       // steps that take about a millisecond
	ran      time.Duration // host time that the machine has run
	flushed  time.Time
	digested vm.Step // next digest while recording
	digests  []recording.DigestMark
	checked  int // of digests: the next one
	verified int // digests that were compared
	lastGood vm.Step
	ended    bool // `end` is written, or reached
	err      error

	abandoned     bool                          // a panic has left the machine in the middle of a step
	saveSnapshots func(*recording.Writer) error // with the recording, when it ends; nil for none
}

// digestSpacing is the number of steps between two digests of a recording.
const digestSpacing = 1 << 28

// flushInterval is how much of a recording in host time can be lost, but for the
// slice that is being run: 250 ms together, with room for a host that is busy.
const flushInterval = 200 * time.Millisecond

// newSession makes a session whose machine is not in any state yet.
func newSession(config vm.Config, ram uint64, options Options) (*Session, error) {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Engine == nil {
		options.Engine = Interpreter
	}
	memory, err := newMemory(ram)
	if err != nil {
		return nil, fmt.Errorf("the machine's memory: %w", err)
	}
	s := &Session{memory: memory, options: options, woken: make(chan struct{}, 1), slice: minSlice, entropy: entropy(config.Seed)}
	s.machine, err = vm.New(config, memory.bytes, (*door)(s))
	if err != nil {
		memory.free()
		return nil, err
	}
	return s, nil
}

// entropy is the source of what looks random to the guest: all of it follows from
// the seed.
func entropy(seed uint64) *rand.ChaCha8 {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	return rand.NewChaCha8(key)
}

// start opens the backends. Input is discarded unless the session is live.
func (s *Session) start() error {
	for _, c := range s.options.Consoles {
		con := &console{Console: c, queue: newQueue(s.wake, s.options.Notify, s.mode == ModePlay)}
		con.queue.breakable = s.machine.TakesBreaks(c.ID)
		s.consoles = append(s.consoles, con)
		if c.Backend == nil {
			continue
		}
		if err := c.Backend.Start(con.queue); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	return s.startNetworks()
}

// wake lets an idle session look around. It may be called from any goroutine.
func (s *Session) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// console finds a character device.
func (s *Session) console(id uint8) *console {
	for _, c := range s.consoles {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// position is the number of the next step.
func (s *Session) position() vm.Step { return s.machine.Position() }

// last is the last step that can be reached: of the recording, or the live end.
func (s *Session) last() vm.Step {
	switch {
	case !s.following:
		return s.position()
	case s.mode == ModePlay:
		return s.log.Last()
	}
	return s.live
}

// ordinal is the number of events before the position.
func (s *Session) ordinal() uint64 {
	if s.following {
		return s.cursor.Ordinal()
	}
	return s.log.Len()
}

// recorded is the number of events in the log; 0 if there is none.
func (s *Session) recorded() uint64 {
	if s.log == nil {
		return 0
	}
	return s.log.Len()
}

// followPast makes what happened so far something to be followed.
func (s *Session) followPast() {
	s.live, s.liveVirtual, s.following = s.position(), s.machine.VirtualTime(), true
	s.cursor.SeekOrdinal(s.log.Len())
}

// becomeLive lets a session that has followed its past to the live end go on
// by itself. One whose recording is closed stays in the past.
func (s *Session) becomeLive() {
	if s.mode == ModeRecord && s.following && !s.ended && s.position() == s.live {
		s.following = false
	}
}

// fail keeps the first error, after which the session moves no more.
func (s *Session) fail(err error) {
	if s.err == nil {
		s.err = err
		s.options.Log.Error("the session cannot go on", "step", uint64(s.position()), "error", err)
	}
	s.machine.RequestStop()
}

// record appends an event to the recording, if there is one.
func (s *Session) record(e recording.Event) {
	if s.writer == nil {
		return
	}
	if err := s.writer.Append(e); err != nil {
		s.fail(err)
	}
	s.awaited(e)
}

// flush makes everything so far survive the end of this process.
func (s *Session) flush() {
	s.flushed = time.Now()
	if s.writer == nil || s.following || s.ended {
		return
	}
	if err := s.writer.Flush(s.position(), s.machine.VirtualTime()); err != nil {
		s.fail(err)
	}
}

// digest writes a digest of the machine here.
func (s *Session) digest() {
	if s.writer == nil || s.ended {
		return
	}
	if err := s.writer.Digest(s.position(), sums(s.machine.Digest())); err != nil {
		s.fail(err)
	}
}

func sums(d vm.Digest) []recording.ComponentDigest {
	list := make([]recording.ComponentDigest, len(d))
	for i, h := range d {
		list[i] = recording.ComponentDigest{Name: h.Name, Sum: h.Sum}
	}
	return list
}

// finish closes the recording at the live end.
func (s *Session) finish() error {
	if s.writer == nil || s.ended {
		return nil
	}
	if s.abandoned && !s.following {
		return s.finishAbandoned()
	}
	if !s.following {
		s.digest()
		s.followPast()
	}
	s.ended = true
	if err := s.writer.End(s.live, s.liveVirtual); err != nil {
		return err
	}
	s.options.Log.Info("the recording is closed", "step", uint64(s.live), "events", s.log.Len())
	if s.saveSnapshots != nil && !s.abandoned {
		if err := s.saveSnapshots(s.writer); err != nil {
			return err
		}
	}
	return s.writer.Finish(s.live, s.liveVirtual)
}

// close ends everything. The recording is closed where the live end is.
func (s *Session) close() error {
	var errs []error
	for _, c := range s.consoles {
		c.queue.close()
		if c.Backend != nil {
			errs = append(errs, c.Backend.Close())
		}
	}
	errs = append(errs, s.closeNetworks()...)
	if s.writer != nil {
		errs = append(errs, s.finish())
		errs = append(errs, s.writer.Close())
	}
	s.memory.free()
	return errors.Join(errs...)
}
