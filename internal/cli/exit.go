package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"reprise/internal/guard"
	"reprise/replay"
)

// Status is the exit status of the program. Beyond the constants there are
// 128+n after signal n, and with --guest-status the guest's own code.
type Status int

// The exit statuses.
const (
	Success      Status = 0 // done, or the guest powered off
	Diverged     Status = 1 // a replay did not do what was recorded
	BadInput     Status = 2 // usage, or a file that is not what it should be
	HostFailure  Status = 3 // input or output of the host failed, or a bug of ours was met
	GuestFailure Status = 4 // the guest reported failure
	LimitReached Status = 5 // a limit ended a recording, or a hunt
)

// exitText describes the statuses in every command's help.
const exitText = `0      success, or the guest powered off
1      divergence: the replay did not do what was recorded
2      wrong usage or bad input
3      input or output of the host failed
4      the guest reported failure; its code is printed (--guest-status passes it through)
5      a limit was reached: --max-steps, --max-time, --max-size, or the runs of a hunt
128+n  ended by signal n`

// statusError is an error that knows its exit status. An empty text prints
// nothing: what had to be said is said.
type statusError struct {
	status Status
	err    error
}

func (e *statusError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// usagef is an error in what the user gave.
func usagef(format string, args ...any) error {
	return &statusError{BadInput, fmt.Errorf(format, args...)}
}

// withStatus gives an error its exit status, unless it has one.
func withStatus(status Status, err error) error {
	var has *statusError
	if err == nil || errors.As(err, &has) {
		return err
	}
	return &statusError{status, err}
}

// silent ends the program with a status and without a word.
func silent(status Status) error { return &statusError{status: status} }

// statusOf finds the exit status of an error. A file that is not there, or
// there already, is bad input; everything else that the host refuses is not.
func statusOf(err error) Status {
	var (
		known *statusError
		errno syscall.Errno
		path  *fs.PathError
		link  *os.LinkError
		call  *os.SyscallError
		op    *net.OpError
		div   *replay.DivergenceError
		bug   *guard.PanicError
	)
	switch {
	case err == nil:
		return Success
	case errors.As(err, &known):
		return known.status
	case errors.As(err, &div):
		return Diverged
	case errors.As(err, &bug):
		return HostFailure
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrExist), errors.Is(err, syscall.EISDIR):
		return BadInput
	case errors.As(err, &errno), errors.As(err, &path), errors.As(err, &link), errors.As(err, &call), errors.As(err, &op):
		return HostFailure
	}
	return BadInput
}

// oneLine makes a message one line without control characters, as errors are
// printed.
func oneLine(text string) string {
	fields := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	for i, f := range fields {
		fields[i] = strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return ' '
			}
			return r
		}, strings.TrimSpace(f))
	}
	return strings.Join(fields, "; ")
}
