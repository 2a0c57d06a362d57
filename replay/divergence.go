package replay

import (
	"errors"
	"fmt"

	"reprise/replay/recording"
	"reprise/vm"
)

// Errors that callers tell apart.
var (
	// ErrNotLive is returned for what is possible at the live end only.
	ErrNotLive = errors.New("this is history: only the live end of a machine that is being recorded can be changed")
	// ErrNoHistory is returned for going back in a machine that is not recorded.
	ErrNoHistory = errors.New("this machine is not recorded and cannot go back: start it with reprise record")
	// ErrBusy is returned while another movement is under way.
	ErrBusy = errors.New("another movement is under way: interrupt it first")
	// ErrPoweredOff is returned for what a machine that has ended cannot do.
	ErrPoweredOff = errors.New("the guest has ended its machine")
	// ErrNoReboot is returned for a reset of a machine that ends at one.
	ErrNoReboot = errors.New("this machine does not reboot (--no-reboot): quit ends it")
	// ErrHeld is returned to those who do not hold the controls.
	ErrHeld = errors.New("somebody else has the controls")
)

// DivergenceError says that a replay did not do what was recorded: the machine,
// its model or the recording has changed. The state is kept where it was seen.
type DivergenceError struct {
	Step      vm.Step          // where it was seen
	Expected  *recording.Event // what the recording has; nil if it has nothing here
	Met       *recording.Event // what the machine did; nil if it did nothing
	Component string           // the component whose digest differs, if it was a digest
	LastGood  vm.Step          // the last step at which a digest agreed
}

// Error is one line.
func (e *DivergenceError) Error() string {
	const at = "the replay diverges from the recording at step "
	good := fmt.Sprintf(" (last good digest: step %v)", e.LastGood)
	switch {
	case e.Component != "":
		return fmt.Sprintf("%s%v: the digest of %s differs%s", at, e.Step, e.Component, good)
	case e.Expected == nil && e.Met != nil:
		return fmt.Sprintf("%s%v: the recording has no event here, the machine did %v%s", at, e.Step, e.Met, good)
	case e.Expected != nil && e.Met == nil:
		return fmt.Sprintf("%s%v: the recording has %v, which did not happen%s", at, e.Step, e.Expected, good)
	case e.Expected != nil:
		return fmt.Sprintf("%s%v: the recording has %v, the machine did %v%s", at, e.Step, e.Expected, e.Met, good)
	}
	return fmt.Sprintf("%s%v%s", at, e.Step, good)
}
