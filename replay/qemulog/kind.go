package qemulog

import "strconv"

// Kind says what an event is, whatever the version of the log.
type Kind uint8

// The kinds of event. Where a recording of ours has the same, it has the same
// name.
const (
	Instruction      Kind = iota // instructions without an event (Value: how many)
	Interrupt                    // a processor took an interrupt
	Exception                    // a processor took an exception
	AsyncBH                      // deferred work ran (Value: its id)
	AsyncBHOneshot               // deferred work that is done once (Value: its id)
	AsyncInput                   // a report of an input device (Data: as it is in the log)
	AsyncInputSync               // the end of a group of input reports
	AsyncCharRead                // bytes from a character backend (Device, Data)
	AsyncBlock                   // a block request completed (Value: its id)
	AsyncNet                     // a packet (Device, Flags, Data)
	Shutdown                     // a request to shut down (Cause, where the version has it)
	CharWrite                    // a write to a character backend (Result, Position)
	CharReadAll                  // a synchronous read (Data)
	CharReadAllError             // one that failed (Result)
	AudioOut                     // samples played (Value: how many)
	AudioIn                      // samples recorded (Value: how many; Data: as it is in the log)
	Random                       // entropy for the guest (Result, Data)
	ClockHost                    // a reading of the host's clock (Value: ns)
	ClockVirtualRT               // a reading of the virtual clock that runs while idle (Value: ns)

	// The checkpoints, in the order of 0xe0200c.
	CheckpointClockWarpStart
	CheckpointClockWarpAccount
	CheckpointResetRequested
	CheckpointSuspendRequested
	CheckpointClockVirtual
	CheckpointClockHost
	CheckpointClockVirtualRT
	CheckpointInit
	CheckpointReset

	End // the log was closed

	// KindCount is the number of kinds.
	KindCount = int(End) + 1
)

var kindNames = [KindCount]string{
	"instruction", "interrupt", "exception",
	"async/bh", "async/bh_oneshot", "async/input", "async/input_sync", "async/char_read", "async/block", "async/net",
	"shutdown", "char_write", "char_read_all", "char_read_all_error", "audio_out", "audio_in", "random",
	"clock/host", "clock/virtual_rt",
	"checkpoint/clock_warp_start", "checkpoint/clock_warp_account", "checkpoint/reset_requested",
	"checkpoint/suspend_requested", "checkpoint/clock_virtual", "checkpoint/clock_host", "checkpoint/clock_virtual_rt",
	"checkpoint/init", "checkpoint/reset", "end",
}

// String is the kind's name, such as "async/char_read".
func (k Kind) String() string {
	if int(k) < KindCount {
		return kindNames[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// causeNames are the causes of a shutdown, in the order of 0xe0200c. Newer
// releases have more.
var causeNames = []string{
	"none", "host_error", "host_qmp_quit", "host_qmp_system_reset", "host_signal", "host_ui",
	"guest_shutdown", "guest_reset", "guest_panic", "subsystem_reset", "snapshot_load",
}

func causeName(cause uint8) string {
	if int(cause) < len(causeNames) {
		return causeNames[cause]
	}
	return strconv.Itoa(int(cause))
}
