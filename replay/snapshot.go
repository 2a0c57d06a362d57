package replay

import (
	"context"
	"slices"
	"sort"
	"sync"
	"time"

	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/riscv"
	"reprise/vm/state"
)

// DefaultSnapshotMemory is how much memory snapshots take in bytes, if nothing
// else is asked for.
const DefaultSnapshotMemory = 1 << 30

const (
	snapshotSpacing = 1 << 20               // steps between snapshots, at least, at first
	shortRun        = 10 * time.Millisecond // that the machine runs between snapshots, at least
	longRun         = 25 * time.Millisecond // after which one is made if there is credit
	denseSpacing    = 2 << 10               // steps between the last snapshots before a step back
	maxDense        = 64                    // snapshots that ease stepping back
	// snapshotShare is how many times longer than a snapshot takes the machine
	// runs before the next, so that all of them take less than 5% of the time:
	// beside the copying, each costs the stores after it their fast path.
	snapshotShare = 30
	// snapshotCredit is what they may take beyond that, so that a phase in which
	// much of memory changes has them as near to each other as any other.
	snapshotCredit = 40 * time.Millisecond
)

// snapshot is a session at one step. It holds nothing of who looks at it:
// breakpoints are not part of it.
type snapshot struct {
	step      vm.Step
	virtual   uint64 // ns
	ordinal   uint64
	machine   []byte // nil for one of the recording that is not read yet
	schema    int    // of machine
	image     image
	requested recording.ShutdownCause
	disks     []vm.DiskState
	observers []any
	dense     bool                    // made to ease stepping back; the first to go
	pinned    bool                    // step 0 and the live end: never goes
	mark      *recording.SnapshotMark // where the recording has it; nil if it does not
	damage    error                   // why it cannot be read
}

// snapshots are those of a session, by rising step.
type snapshots struct {
	session *Session
	store   *pageStore
	tracker *tracker
	list    []*snapshot
	states  int64 // bytes that those in the list take beside their pages
	limit   int64
	workers int64                    // machines that search
	between func(done, total uint64) // called while output is gone through; may be nil

	loading sync.Mutex                 // guards reading snapshots of the recording
	pages   map[recording.PageID]*node // that were read
	warned  bool                       // of a damaged one
	spacing vm.Step
	cost    time.Duration // of the last regular one
	behind  vm.Step       // step of the last snapshot that was made, passed or restored
	after   time.Duration // the session's running time then
	regular time.Duration // what all regular ones took
	spent   time.Duration // on all that were made
}

func newSnapshots(s *Session) *snapshots {
	sn := &snapshots{session: s, spacing: snapshotSpacing, limit: s.options.SnapshotMemory}
	if sn.limit == 0 {
		sn.limit = DefaultSnapshotMemory
	}
	sn.store = newPageStore(s.machine.RAM().Pages())
	sn.tracker = newTracker(sn.store, s.machine.RAM())
	return sn
}

// capture makes a snapshot of the session where it stands. It is not in the
// list.
func (sn *snapshots) capture() (*snapshot, error) { return sn.session.capture(sn.tracker) }

// capture makes a snapshot of the session, whose memory has this tracker.
func (s *Session) capture(tr *tracker) (*snapshot, error) {
	im, err := tr.capture()
	if err != nil {
		return nil, err
	}
	shot := &snapshot{step: s.position(), virtual: s.machine.VirtualTime(), machine: s.machine.Save(nil), schema: state.Schema, image: im, disks: s.machine.DiskStates()}
	if s.log != nil {
		shot.ordinal, shot.requested = s.ordinal(), s.requested
	}
	for _, o := range s.observers {
		shot.observers = append(shot.observers, o.Save())
	}
	return shot, nil
}

// restore puts the session where the snapshot was made.
func (sn *snapshots) restore(ctx context.Context, shot *snapshot) error {
	s := sn.session
	if err := sn.load(shot); err != nil {
		return err
	}
	if err := sn.complete(ctx, shot); err != nil {
		return err
	}
	if s.log != nil && shot.step > s.position() {
		if err := sn.catchUp(ctx, shot); err != nil {
			return err
		}
	}
	sn.behind, sn.after = shot.step, s.ran
	return s.restore(sn.tracker, shot)
}

// restore puts the session, whose memory has this tracker, where the snapshot
// was made.
func (s *Session) restore(tr *tracker, shot *snapshot) error {
	s.err = nil
	tr.restore(shot.image)
	s.machine.SetDiskStates(shot.disks)
	if err := s.machine.Load(shot.machine, shot.schema); err != nil {
		return err
	}
	if s.cursor != nil {
		s.cursor.SeekOrdinal(shot.ordinal)
		s.requested = shot.requested
	}
	for i, o := range s.observers {
		if i < len(shot.observers) {
			o.Restore(shot.observers[i])
		}
	}
	return nil
}

// drop gives up a snapshot that is in no list.
func (sn *snapshots) drop(shot *snapshot) { sn.store.drop(shot.image) }

// following is the index of the first snapshot after a step.
func (sn *snapshots) following(step vm.Step) int {
	return sort.Search(len(sn.list), func(i int) bool { return sn.list[i].step > step })
}

// nearest is the last snapshot not after a step; nil if there is none.
func (sn *snapshots) nearest(step vm.Step) *snapshot {
	if i := sn.following(step); i > 0 {
		return sn.list[i-1]
	}
	return nil
}

// keep makes a snapshot here and puts it into the list.
func (sn *snapshots) keep(dense, pinned bool) error {
	begin := time.Now()
	defer func() { sn.spent += time.Since(begin) }()
	step := sn.session.position()
	if near := sn.nearest(step); near != nil && near.step == step && near.machine != nil {
		near.dense = near.dense && dense
		near.pinned = near.pinned || pinned
		return nil
	}
	shot, err := sn.capture()
	if err != nil {
		return err
	}
	shot.dense, shot.pinned = dense, pinned
	at := sn.following(step)
	if at > 0 && sn.list[at-1].step == step { // one of the recording that was never read
		sn.recount(at-1, func() { sn.list[at-1] = shot })
	} else {
		sn.insert(at, shot)
	}
	count := len(sn.list)
	sn.thin()
	sn.session.options.Log.Debug("snapshot", "step", uint64(step), "took", time.Since(begin), "dense", dense,
		"given up", count-len(sn.list), "kept", len(sn.list), "bytes", sn.store.bytesUsed()+sn.states)
	return nil
}

// due makes a regular snapshot if the session has come far enough and run for
// long enough.
func (sn *snapshots) due() error {
	step, ran := sn.session.position(), sn.session.ran
	if near := sn.nearest(step); near != nil {
		if near.step != sn.behind { // passed since
			sn.behind, sn.after = near.step, ran
		}
		away, since := step-near.step, ran-sn.after
		paid := since >= snapshotShare*sn.cost
		credit := since >= longRun && snapshotShare*sn.regular <= ran+snapshotShare*snapshotCredit
		if away < sn.spacing || since < shortRun || !paid && !credit {
			return nil
		}
	}
	begin := time.Now()
	err := sn.keep(false, false)
	sn.cost, sn.behind, sn.after = time.Since(begin), step, ran
	sn.regular += sn.cost
	return err
}

// full reports whether the snapshots, and the memory of the workers that
// search, take more than they may.
func (sn *snapshots) full() bool {
	each := int64(sn.session.machine.RAM().Touched()) * riscv.PageSize
	return sn.store.bytesUsed()+sn.states+sn.workers*each > sn.limit
}

// thin removes snapshots until they fit: the dense ones far from here, then
// every second one, evenly.
func (sn *snapshots) thin() {
	here := sn.session.position()
	for {
		dense, far := 0, -1
		for i, shot := range sn.list {
			if shot.dense && !shot.pinned {
				dense++
				if far < 0 || distance(shot.step, here) > distance(sn.list[far].step, here) {
					far = i
				}
			}
		}
		if dense == 0 || dense <= maxDense && !sn.full() {
			break
		}
		sn.remove(far)
	}
	if sn.full() {
		sn.forgetPages()
	}
	for sn.full() && sn.spacing < vm.Never/2 {
		sn.spacing *= 2
		last := vm.Step(0)
		for i := 1; i < len(sn.list); {
			if shot := sn.list[i]; shot.machine != nil && !shot.pinned && shot.step-last < sn.spacing && i < len(sn.list)-1 {
				sn.remove(i)
				continue
			}
			last = sn.list[i].step
			i++
		}
	}
}

// insert puts a snapshot into the list. What the next one takes depends on the
// one before it.
func (sn *snapshots) insert(i int, shot *snapshot) {
	sn.states -= sn.weight(i)
	sn.list = slices.Insert(sn.list, i, shot)
	sn.states += sn.weight(i) + sn.weight(i+1)
}

// recount counts again what a snapshot and the one after it take, once fn has
// changed it.
func (sn *snapshots) recount(i int, fn func()) {
	sn.states -= sn.weight(i) + sn.weight(i+1)
	fn()
	sn.states += sn.weight(i) + sn.weight(i+1)
}

// remove gives up a snapshot. One that the recording has stays in the list, to
// be read again.
func (sn *snapshots) remove(i int) {
	if sn.list[i].mark != nil {
		sn.unload(sn.list[i])
		return
	}
	sn.states -= sn.weight(i) + sn.weight(i+1)
	sn.drop(sn.list[i])
	sn.list = slices.Delete(sn.list, i, i+1)
	sn.states += sn.weight(i)
}

// weight is how many bytes a snapshot takes beside its pages of RAM: of what was
// written to disks, that which the snapshot before it has not.
func (sn *snapshots) weight(i int) int64 {
	if i >= len(sn.list) {
		return 0
	}
	shot := sn.list[i]
	bytes := len(shot.machine)
	for disk, state := range shot.disks {
		var before vm.DiskState
		if i > 0 && disk < len(sn.list[i-1].disks) {
			before = sn.list[i-1].disks[disk]
		}
		bytes += state.Added(before) * vm.DiskBlock
	}
	return int64(bytes)
}

func distance(a, b vm.Step) vm.Step {
	if a > b {
		return a - b
	}
	return b - a
}

// free gives everything back.
func (sn *snapshots) free() {
	sn.list = nil
	sn.store.free()
}
