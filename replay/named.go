package replay

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"reprise/vm"
)

// Named is a snapshot that somebody gave a name. It lives as long as the
// session.
type Named struct {
	Name    string
	Step    vm.Step
	Virtual uint64    // virtual time in ns
	Taken   time.Time // when it was named
}

// SaveAs keeps a snapshot of where the session stands under a name. One of the
// same name is forgotten.
func (t *Timeline) SaveAs(name string) error {
	if t.session.mode == ModeNone {
		return ErrNoHistory
	}
	if err := t.snapshots.keep(false, true); err != nil {
		return err
	}
	t.Forget(name)
	t.named = append(t.named, Named{name, t.Position(), t.session.machine.VirtualTime(), time.Now()})
	slices.SortStableFunc(t.named, func(a, b Named) int { return cmp.Compare(a.Step, b.Step) })
	return nil
}

// Forget gives a named snapshot up. It reports false if there is none.
func (t *Timeline) Forget(name string) bool {
	i := slices.IndexFunc(t.named, func(n Named) bool { return n.Name == name })
	if i < 0 {
		return false
	}
	t.named = slices.Delete(t.named, i, i+1)
	return true
}

// Named lists the named snapshots by step.
func (t *Timeline) Named() []Named { return slices.Clone(t.named) }

// LoadNamed goes to a named snapshot.
func (t *Timeline) LoadNamed(ctx context.Context, name string) (Stop, error) {
	for _, n := range t.named {
		if n.Name == name {
			return t.Seek(ctx, n.Step)
		}
	}
	return t.stop, fmt.Errorf("there is no snapshot %q: info snapshots lists them", name)
}

// SnapshotCount is the number of snapshots in memory, and their size in bytes.
func (t *Timeline) SnapshotCount() (count int, size int64) {
	return len(t.snapshots.list), t.snapshots.store.bytesUsed()
}

// Spent tells how much host time has gone into running the machine, and how much
// into making snapshots, since the session began.
func (t *Timeline) Spent() (running, snapshots time.Duration) {
	return t.session.ran, t.snapshots.spent
}

// SetReplayBreak lets a continue stop at a step, once; 0 removes it.
func (t *Timeline) SetReplayBreak(step vm.Step) error {
	if step != 0 && step <= t.Position() {
		return fmt.Errorf("step %v is not after here, step %v", step, t.Position())
	}
	t.replayBreak = step
	return nil
}

// continueUntil is where a continue stops at the latest.
func (t *Timeline) continueUntil() vm.Step {
	if t.replayBreak > t.Position() {
		return t.replayBreak
	}
	return vm.Never
}
