package recording

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"reprise/vm/state"
)

// Step is the unit of the time axis.
type Step = state.Step

// Kind says what an event is. The values are part of the file format.
type Kind uint8

// The kinds of event.
const (
	// Instruction stands for steps that have no event. It is what a session
	// waits for while steps remain before the next event, and is never stored:
	// events carry absolute steps.
	Instruction Kind = 0

	Interrupt Kind = 1 // cross-check: a hart took an interrupt (Hart, Cause)
	Exception Kind = 2 // cross-check: a step ended in a synchronous trap (Hart, Cause)

	AsyncBH        Kind = 3 // deferred work ran (Checkpoint, Value: its id)
	AsyncInput     Kind = 4 // input that is no byte (Checkpoint, Device, Data: "break" of a character device's line)
	AsyncInputSync Kind = 5 // the end of a group of input reports (Checkpoint, Device)
	AsyncCharRead  Kind = 6 // bytes from a character backend (Checkpoint, Device, Data)
	AsyncCharReady Kind = 7 // a backend that refused bytes can take more (Checkpoint, Device)
	AsyncBlock     Kind = 8 // a block request completed (Checkpoint, Value: its id)
	AsyncNet       Kind = 9 // a packet from the network (Checkpoint, Device, Data)

	// Shutdown asks the machine to stop or to reset (Shutdown, Value: the
	// guest's exit code where it gave one).
	Shutdown Kind = 10

	CharWrite        Kind = 11 // bytes offered to a character backend (Device, Data, Result: bytes taken)
	CharReadAll      Kind = 12 // bytes read synchronously (Device, Data)
	CharReadAllError Kind = 13 // a synchronous read that failed (Device, Result)
	Random           Kind = 14 // entropy given to the guest (Data, Result)

	ClockHost      Kind = 15 // a reading of the host's clock (Value: ns since 1970)
	ClockVirtualRT Kind = 16 // an idle wait that input ended (Value: virtual ns reached)

	// The checkpoints: points at which queued asynchronous events are
	// delivered. Checkpoint holds the same as the kind.
	CheckpointClockWarp        Kind = 17 // before virtual time is warped
	CheckpointResetRequested   Kind = 18 // a reset was asked for
	CheckpointSuspendRequested Kind = 19 // a suspend was asked for
	CheckpointClockVirtual     Kind = 20 // timers on virtual time
	CheckpointClockHost        Kind = 21 // timers on the host's clock
	CheckpointClockVirtualRT   Kind = 22 // timers on virtual time that runs while idle
	CheckpointInit             Kind = 23 // the machine is about to start
	CheckpointReset            Kind = 24 // the machine was reset

	End        Kind = 25 // the recording was closed here (Value: virtual ns)
	DebugWrite Kind = 26 // a debugger wrote at the live end (Hart, Cause, Value, Data; the session gives them meaning)

	Digest   Kind = 27 // a digest of the machine: a frame of its own, never in the log
	Progress Kind = 28 // the step a flush reached: part of each events frame, never in the log

	kindCount = 29
)

var kindNames = [kindCount]string{
	"instruction", "interrupt", "exception",
	"async/bh", "async/input", "async/input_sync", "async/char_read", "async/char_ready", "async/block", "async/net",
	"shutdown", "char_write", "char_read_all", "char_read_all_error", "random",
	"clock/host", "clock/virtual_rt",
	"checkpoint/clock_warp", "checkpoint/reset_requested", "checkpoint/suspend_requested", "checkpoint/clock_virtual",
	"checkpoint/clock_host", "checkpoint/clock_virtual_rt", "checkpoint/init", "checkpoint/reset",
	"end", "debug_write", "digest", "progress",
}

// String is the kind's name, such as "async/char_read".
func (k Kind) String() string {
	if k < kindCount {
		return kindNames[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// ParseKind finds the kind with the given name.
func ParseKind(name string) (Kind, error) {
	for k, n := range kindNames {
		if n == name {
			return Kind(k), nil
		}
	}
	return 0, fmt.Errorf("there is no event kind %q: the kinds are %s", name, strings.Join(kindNames[:], ", "))
}

// IsAsync reports whether the event is delivered at a checkpoint.
func (k Kind) IsAsync() bool { return k >= AsyncBH && k <= AsyncNet }

// IsClock reports whether the event is a reading of a clock.
func (k Kind) IsClock() bool { return k == ClockHost || k == ClockVirtualRT }

// IsCheckpoint reports whether the event is a checkpoint.
func (k Kind) IsCheckpoint() bool { return k >= CheckpointClockWarp && k <= CheckpointReset }

// IsCrossCheck reports whether the event gives the machine nothing, and is
// there to be compared: an interrupt or an exception.
func (k Kind) IsCrossCheck() bool { return k == Interrupt || k == Exception }

// Checkpoint is the checkpoint that the kind announces, AtNone for all others.
func (k Kind) Checkpoint() CheckpointID {
	if !k.IsCheckpoint() {
		return AtNone
	}
	return CheckpointID(k-CheckpointClockWarp) + AtClockWarp
}

// storable reports whether an event of this kind may stand in an events frame.
func (k Kind) storable() bool {
	return k > Instruction && k < kindCount && k != End && k != Digest && k != Progress
}

// CheckpointID names a checkpoint: in an asynchronous event, the one that
// delivered it. The values are part of the file format.
type CheckpointID uint8

// The checkpoints; see the kinds of the same name.
const (
	AtNone CheckpointID = iota
	AtClockWarp
	AtResetRequested
	AtSuspendRequested
	AtClockVirtual
	AtClockHost
	AtClockVirtualRT
	AtInit
	AtReset

	checkpointCount
)

// Kind is the kind of the event that announces the checkpoint, Instruction
// for AtNone.
func (id CheckpointID) Kind() Kind {
	if id == AtNone || id >= checkpointCount {
		return Instruction
	}
	return Kind(id-AtClockWarp) + CheckpointClockWarp
}

// String is the checkpoint's name, such as "clock_virtual".
func (id CheckpointID) String() string {
	switch {
	case id == AtNone:
		return "none"
	case id >= checkpointCount:
		return "checkpoint " + strconv.Itoa(int(id))
	}
	return strings.TrimPrefix(id.Kind().String(), "checkpoint/")
}

// ShutdownCause says who asked for a shutdown or reset, and why. The values
// are part of the file format.
type ShutdownCause uint8

// The causes of a shutdown.
const (
	ShutdownNone           ShutdownCause = iota // not a shutdown
	ShutdownHostError                           // the host failed
	ShutdownHostQuit                            // quit, from a monitor
	ShutdownHostReset                           // system_reset, from a monitor
	ShutdownHostSignal                          // a signal to the process
	ShutdownHostUI                              // the interface was closed
	ShutdownGuestShutdown                       // the guest powered off
	ShutdownGuestReset                          // the guest asked for a reset
	ShutdownGuestPanic                          // the guest reported failure
	ShutdownSubsystemReset                      // a part of the machine asked for a reset
	ShutdownHostLimit                           // a limit of the recording was reached

	shutdownCount
)

var shutdownNames = [shutdownCount]string{
	"none", "host_error", "host_quit", "host_reset", "host_signal", "host_ui",
	"guest_shutdown", "guest_reset", "guest_panic", "subsystem_reset", "host_limit",
}

// String is the cause's name, such as "host_signal".
func (c ShutdownCause) String() string {
	if c < shutdownCount {
		return shutdownNames[c]
	}
	return "cause " + strconv.Itoa(int(c))
}

// Event is an entry of a recording. An event stamped S is what step S does,
// reads or announces. Which fields a kind uses is said at the kind; the others
// are zero, though all of them are kept by the file whatever the kind.
type Event struct {
	Step       Step
	Kind       Kind
	Checkpoint CheckpointID  // the checkpoint announced, or the one that delivered this
	Shutdown   ShutdownCause // of a shutdown
	Device     uint8         // character or other device, by the manifest's id
	Hart       uint8         // of an interrupt, exception or debugger's write
	Result     int32         // bytes taken, or a negative error
	Cause      uint64        // mcause or scause, without the interrupt bit
	Value      uint64        // clock reading or virtual time, in ns
	Data       []byte        // at most MaxEventData; belongs to the log, not to be changed
}

// String is the event on one line, as dump prints it.
func (e Event) String() string {
	var b strings.Builder
	b.WriteString(e.Step.String())
	b.WriteByte(' ')
	b.WriteString(e.Kind.String())
	field := func(name, value string) { b.WriteString(" " + name + "=" + value) }
	if e.Checkpoint != AtNone && !e.Kind.IsCheckpoint() {
		field("checkpoint", e.Checkpoint.String())
	}
	if e.Shutdown != ShutdownNone {
		field("cause", e.Shutdown.String())
	}
	if e.Kind.IsCrossCheck() || e.Hart != 0 {
		field("hart", strconv.Itoa(int(e.Hart)))
	}
	if e.Kind.IsCrossCheck() || e.Cause != 0 {
		field("cause", strconv.FormatUint(e.Cause, 10))
	}
	if e.hasDevice() {
		field("device", strconv.Itoa(int(e.Device)))
	}
	if e.Kind.IsClock() || e.Value != 0 {
		field("value", e.valueText())
	}
	if e.Kind == CharWrite || e.Kind == CharReadAllError || e.Result != 0 {
		field("result", strconv.Itoa(int(e.Result)))
	}
	if len(e.Data) > 0 {
		b.WriteString(" " + dataText(e.Data))
	}
	return b.String()
}

func (e Event) hasDevice() bool {
	if e.Device != 0 {
		return true
	}
	return e.Kind.IsAsync() && e.Kind != AsyncBH && e.Kind != AsyncBlock ||
		e.Kind >= CharWrite && e.Kind <= CharReadAllError
}

func (e Event) valueText() string {
	switch {
	case e.Kind.IsClock() || e.Kind == End:
		return Step(e.Value).String() + "ns"
	case e.Kind == DebugWrite:
		return "0x" + strconv.FormatUint(e.Value, 16)
	}
	return strconv.FormatUint(e.Value, 10)
}

// shownData is how much of an event's data its line shows.
const shownData = 256

// dataText shows text quoted and anything else in hexadecimal.
func dataText(data []byte) string {
	shown, rest := data, ""
	if len(shown) > shownData {
		shown = shown[:shownData]
		rest = fmt.Sprintf("... (%d bytes)", len(data))
	}
	if isText(shown) {
		return strconv.Quote(string(shown)) + rest
	}
	return fmt.Sprintf("%x", shown) + rest
}

// isText reports whether most of data is printable. A character cut off at
// either end does not count against it.
func isText(data []byte) bool {
	odd, all := 0, 0
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		data = data[n:]
		all++
		if !unicode.IsPrint(r) && !unicode.IsSpace(r) && r != '\x1b' && r != '\b' && r != '\a' || r == utf8.RuneError {
			odd++
		}
	}
	return odd == 0 || odd*8 < all || all == 1
}
