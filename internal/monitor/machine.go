package monitor

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"reprise/replay"
	"reprise/vm"
	"reprise/vm/state"
)

// Keeper is a timeline that keeps named snapshots and steps to stop at, and
// whose machine can be reset; see [replay.Timeline], which is one.
type Keeper interface {
	SaveAs(name string) error
	Forget(name string) bool
	Named() []replay.Named
	LoadNamed(ctx context.Context, name string) (replay.Stop, error)
	SnapshotCount() (count int, bytes int64)
	SetReplayBreak(step vm.Step) error
	Reset() error
	Consoles() []replay.Console
}

// Mapped is a machine that knows its address space.
type Mapped interface {
	Regions() []vm.Region
}

// Devices are the backends that belong to the program rather than to the
// machine.
type Devices interface {
	// List names those that are open, and what each is for.
	List() []Backend
	// Ring finds a ringbuf by its id.
	Ring(id string) (Ring, bool)
	// Peripherals are the machine's disks and network cards.
	Peripherals() []Peripheral
}

// Peripheral is a disk or a network card of the machine.
type Peripheral struct {
	Name string // such as "disk7"
	Disk bool   // else a network card
	Text string // what it is and what is behind it
}

// Backend is a line of info chardev.
type Backend struct {
	ID    string // as --chardev named it, or what it is for
	Name  string // of the backend
	Class string // "recorded" or "control"
}

// Ring is the memory of a ringbuf.
type Ring interface {
	Take(n int) []byte
	Write(p []byte) int
}

var machineCommands = []Command{
	{Name: "info snapshots", Help: "list the snapshots that have a name", run: infoSnapshots},
	{Name: "info chardev", Help: "list the character devices and their backends", run: infoBackends},
	{Name: "info block", Help: "list the disks and their images", run: infoPeripherals(true, "no disk: --drive and --device virtio-blk-device make one")},
	{Name: "info network", Help: "list the network cards and what is behind them", run: infoPeripherals(false, "no network card: --netdev and --device virtio-net-device make one")},
	{Name: "info mtree", Help: "show what is where in the address space", run: infoRegions},
	{Name: "savevm", Usage: "NAME", Help: "keep a snapshot of here under a name, as long as the session lasts", run: saveNamed},
	{Name: "loadvm", Usage: "NAME", Help: "go to the snapshot of that name", run: loadNamed},
	{Name: "delvm", Usage: "NAME", Help: "give up the snapshot of that name", run: forgetNamed},
	{Name: "replay_break", Usage: "STEP", Help: "let the next continue stop at a step", run: setReplayBreak},
	{Name: "replay_delete_break", Help: "remove the step at which a continue stops", run: clearReplayBreak},
	{Name: "system_reset", Help: "reset the machine; at the live end only", run: systemReset},
	{Name: "system_powerdown", Help: "press the power button, which this board does not have", run: systemPowerdown},
	{Name: "ringbuf_read", Usage: "ID N", Help: "take the N oldest bytes of a ringbuf", run: ringRead},
	{Name: "ringbuf_write", Usage: "ID TEXT...", Help: "put a text into a ringbuf", run: ringWrite},
}

// errNotKept is the answer of a timeline that is not a [Keeper].
var errNotKept = errors.New("this session keeps no snapshots and cannot be reset")

// keep looks at the timeline, or changes what it keeps.
func (env Env) keep(fn func(Keeper) error) error {
	err := errNotKept
	env.Session.Inspect(func(t Timeline) {
		if k, ok := t.(Keeper); ok {
			err = fn(k)
		}
	})
	return err
}

func infoSnapshots(_ context.Context, env Env, _ []string) (string, error) {
	var b strings.Builder
	err := env.keep(func(k Keeper) error {
		w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
		for _, n := range k.Named() {
			fmt.Fprintf(w, "%s\tstep %v\t%v\ttaken %s\n", n.Name, n.Step, time.Duration(n.Virtual), n.Taken.Format(time.TimeOnly))
		}
		_ = w.Flush() // a Builder does not fail
		if b.Len() == 0 {
			b.WriteString("no snapshot has a name: savevm NAME gives one to where you are\n")
		}
		count, size := k.SnapshotCount()
		fmt.Fprintf(&b, "%d snapshots in all, in %d KiB", count, size>>10)
		return nil
	})
	return b.String(), err
}

func infoBackends(_ context.Context, env Env, _ []string) (string, error) {
	var list []Backend
	err := env.keep(func(k Keeper) error {
		for _, c := range k.Consoles() {
			name := "none"
			if c.Backend != nil {
				name = c.Backend.Name()
			}
			list = append(list, Backend{ID: c.Name, Name: name, Class: "recorded"})
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if env.Devices != nil {
		list = append(list, env.Devices.List()...)
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	for _, d := range list {
		fmt.Fprintf(w, "%s:\t%s\t%s\n", d.ID, d.Name, d.Class)
	}
	_ = w.Flush() // a Builder does not fail
	return b.String(), nil
}

// infoPeripherals lists the disks or the network cards.
func infoPeripherals(disks bool, none string) func(context.Context, Env, []string) (string, error) {
	return func(_ context.Context, env Env, _ []string) (string, error) {
		if env.Devices == nil {
			return "", errors.New("nothing is known here of the machine's devices")
		}
		var lines []string
		for _, p := range env.Devices.Peripherals() {
			if p.Disk == disks {
				lines = append(lines, p.Name+": "+p.Text)
			}
		}
		if len(lines) == 0 {
			return none, nil
		}
		return strings.Join(lines, "\n"), nil
	}
}

func infoRegions(_ context.Context, env Env, _ []string) (string, error) {
	var b strings.Builder
	err := errors.New("this machine does not tell its address space")
	env.Session.Inspect(func(t Timeline) {
		if m, ok := t.Machine().(Mapped); ok {
			err = nil
			for _, r := range m.Regions() {
				fmt.Fprintf(&b, "%016x-%016x: %s\n", r.Base, r.Base+r.Size-1, r.Name)
			}
		}
	})
	return b.String(), err
}

func saveNamed(_ context.Context, env Env, args []string) (string, error) {
	if len(args) != 1 {
		return "", fmt.Errorf("usage: savevm NAME")
	}
	return "", env.keep(func(k Keeper) error { return k.SaveAs(args[0]) })
}

func loadNamed(ctx context.Context, env Env, args []string) (string, error) {
	if len(args) != 1 {
		return "", fmt.Errorf("usage: loadvm NAME")
	}
	return env.move(ctx, func(ctx context.Context, t Timeline) (replay.Stop, error) {
		k, ok := t.(Keeper)
		if !ok {
			return replay.Stop{}, errNotKept
		}
		return k.LoadNamed(ctx, args[0])
	})
}

func forgetNamed(_ context.Context, env Env, args []string) (string, error) {
	if len(args) != 1 {
		return "", fmt.Errorf("usage: delvm NAME")
	}
	return "", env.keep(func(k Keeper) error {
		if !k.Forget(args[0]) {
			return fmt.Errorf("there is no snapshot %q: info snapshots lists them", args[0])
		}
		return nil
	})
}

func setReplayBreak(_ context.Context, env Env, args []string) (string, error) {
	if len(args) != 1 {
		return "", fmt.Errorf("usage: replay_break STEP")
	}
	step, err := state.ParseStep(args[0])
	if err != nil {
		return "", err
	}
	return "", env.keep(func(k Keeper) error { return k.SetReplayBreak(step) })
}

func clearReplayBreak(_ context.Context, env Env, _ []string) (string, error) {
	return "", env.keep(func(k Keeper) error { return k.SetReplayBreak(0) })
}

func systemReset(_ context.Context, env Env, _ []string) (string, error) {
	if st := env.Session.Status(); st.Holder != "" && st.Holder != env.Holder {
		return "", replay.ErrHeld
	}
	return "", env.keep(Keeper.Reset)
}

func systemPowerdown(context.Context, Env, []string) (string, error) {
	return "", errors.New("the board has no power button, so the guest would notice nothing: switch it off from inside, or end the program with quit")
}

// ring finds the ringbuf that a command names.
func (env Env) ring(id string) (Ring, error) {
	if env.Devices != nil {
		if r, ok := env.Devices.Ring(id); ok {
			return r, nil
		}
	}
	return nil, fmt.Errorf("there is no ringbuf %q: --chardev ringbuf,id=%s makes one", id, id)
}

func ringRead(_ context.Context, env Env, args []string) (string, error) {
	if len(args) != 2 {
		return "", fmt.Errorf("usage: ringbuf_read ID N")
	}
	n, err := strconv.Atoi(args[1])
	if err != nil || n < 1 {
		return "", fmt.Errorf("%q is not a number of bytes", args[1])
	}
	r, err := env.ring(args[0])
	if err != nil {
		return "", err
	}
	return printable(r.Take(n)), nil
}

// printable is text with what a terminal would obey made visible.
func printable(p []byte) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(p), "?"))
}

func ringWrite(_ context.Context, env Env, args []string) (string, error) {
	if len(args) < 2 {
		return "", fmt.Errorf("usage: ringbuf_write ID TEXT")
	}
	r, err := env.ring(args[0])
	if err == nil {
		r.Write([]byte(strings.Join(args[1:], " ")))
	}
	return "", err
}
