package vm

// Host is the machine's one door to the outside. Its methods are called on the
// goroutine that runs the machine, during the step that needs them, and must
// not call the machine back except for [Machine.RequestStop].
type Host interface {
	// CharWrite offers the guest's output to a character device and returns how
	// many bytes were taken, 0 to len(p). It never blocks. After fewer than
	// all, [Machine.CharReady] says when to try again.
	CharWrite(step Step, device uint8, p []byte) int
	// NetSend sends a frame from a network card, which the host must not keep.
	// It never blocks: a network loses what it cannot take.
	NetSend(step Step, device uint8, frame []byte)
	// CharWriteAll writes to a character device, which takes all of it. It
	// does not block either: what its backend does not take waits outside the
	// machine.
	CharWriteAll(step Step, device uint8, p []byte)
	// CharReadAll reads from a character device into p and returns how many
	// bytes came, 1 to len(p), or 0 at the end of the input. ok is false if
	// nothing is there yet.
	CharReadAll(step Step, device uint8, p []byte) (n int, ok bool)
	// HostClock is the host's time in ns since 1970.
	HostClock(step Step) uint64
	// Random fills p with entropy.
	Random(step Step, p []byte)
	// DiskFailed says that the image of a disk cannot be read. The machine is
	// not to run any further.
	DiskFailed(step Step, err error)

	// Interrupted announces an interrupt that a hart took.
	Interrupted(step Step, hart int, cause uint64)
	// Excepted announces a synchronous trap that a hart took.
	Excepted(step Step, hart int, cause uint64)
	// ResetDone announces that the machine was reset.
	ResetDone(step Step)
	// ShutDown announces that the guest ended the machine.
	ShutDown(step Step, s Shutdown)
}

// Shutdown is how a guest ended its machine. The zero value means that it has
// not.
type Shutdown struct {
	Cause ShutdownCause
	Code  uint16 // the guest's status, for GuestFailure
}

// ShutdownCause says who ended the machine and how.
type ShutdownCause uint8

// The causes of a shutdown.
const (
	StillRunning  ShutdownCause = iota
	GuestShutdown               // the guest switched the machine off
	GuestFailure                // the guest reported failure
	GuestReset                  // the guest asked for a reset, and the machine does not reboot
)

// String names the cause.
func (c ShutdownCause) String() string {
	switch c {
	case StillRunning:
		return "running"
	case GuestShutdown:
		return "guest shutdown"
	case GuestFailure:
		return "guest failure"
	case GuestReset:
		return "guest reset"
	}
	return "unknown"
}
