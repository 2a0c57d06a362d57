package replay

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"reprise/replay/recording"
	"reprise/vm"
	"reprise/vm/riscv"
)

// DefaultSnapshotDisk is how much a recording may grow by the snapshots that
// are saved with it, in bytes, if nothing else is asked for. It is a quarter of
// the file if that is less, but as much as it takes to save the end.
const DefaultSnapshotDisk = 64 << 20

// diskBudget is how much snapshots may add to a file of that size, and how much
// that of the end may if it takes more than all of that.
func diskBudget(asked, size int64) (all, end int64) {
	switch {
	case asked < 0:
		return 0, 0
	case asked > 0:
		return asked, asked
	}
	return min(size/4, DefaultSnapshotDisk), DefaultSnapshotDisk
}

// saver writes snapshots into a recording.
type saver struct {
	snapshots *snapshots
	w         *recording.Writer
	begin     int64 // size of the file before the first snapshot
	limit     int64 // size of the file that is not to be passed
	known     map[*node]recording.PageID
	blocks    map[*[vm.DiskBlock]byte]recording.PageID
}

// save writes as many snapshots as the budget allows: the last one, so that the
// end opens at once, then those that halve what lies between.
func (sn *snapshots) save(w *recording.Writer) error {
	size := w.Size()
	all, end := diskBudget(sn.session.options.SnapshotDisk, size)
	if limit := sn.session.options.Limits.Size; limit != 0 {
		all, end = min(all, limit-size), min(end, limit-size)
	}
	if all <= 0 {
		return nil
	}
	s := &saver{
		snapshots: sn, w: w, begin: size, limit: size + end,
		known: map[*node]recording.PageID{}, blocks: map[*[vm.DiskBlock]byte]recording.PageID{},
	}
	for _, shot := range sn.spread() {
		if err := s.save(shot); err != nil {
			return err
		}
		if s.limit = size + all; s.full() {
			break
		}
	}
	return nil
}

// spread lists the snapshots in memory, without that of the start and the dense
// ones, each in the middle of the widest gap that those before it leave, as far
// as there is one.
func (sn *snapshots) spread() []*snapshot {
	var list []*snapshot
	for _, shot := range sn.list[1:] {
		if shot.machine != nil && !shot.dense {
			list = append(list, shot)
		}
	}
	if len(list) == 0 {
		return nil
	}
	type gap struct{ first, last int }
	order, gaps := []*snapshot{list[len(list)-1]}, []gap{{0, len(list) - 1}}
	for len(gaps) > 0 {
		g := gaps[0]
		gaps = gaps[1:]
		if g.first >= g.last {
			continue
		}
		middle := (g.first + g.last - 1) / 2
		order = append(order, list[middle])
		gaps = append(gaps, gap{g.first, middle}, gap{middle + 1, g.last})
	}
	return order
}

// save writes a snapshot, unless it would take too much.
func (s *saver) save(shot *snapshot) error {
	sn := s.snapshots
	var pages []recording.PageRef
	var fresh []*node
	first := sn.session.machine.RAM().Base() / riscv.PageSize
	sn.store.nodes(sn.list[0].image, shot.image, func(n int, page *node) {
		if _, ok := s.known[page]; !ok {
			fresh = append(fresh, page)
		}
		pages = append(pages, recording.PageRef{Number: first + uint64(n)})
	})
	if s.w.Size()+s.estimate(fresh)+int64(len(shot.machine)) > s.limit {
		return nil
	}
	for i, page := range fresh {
		id, err := s.w.SnapshotPage(orZeroes(page.bytes()))
		if err != nil {
			return err
		}
		s.known[page] = id
		if i%lookEvery == 0 && s.full() {
			return nil // it was a bad guess
		}
	}
	i := 0
	sn.store.nodes(sn.list[0].image, shot.image, func(_ int, page *node) {
		pages[i].Page = s.known[page]
		i++
	})
	disks, err := s.saveDisks(shot.disks)
	if err != nil || s.full() {
		return err
	}
	return s.w.Snapshot(&recording.Snapshot{
		Step: shot.step, Virtual: shot.virtual, Ordinal: shot.ordinal, State: shot.machine, Pages: pages, Disks: disks,
	})
}

// lookEvery is after how many pages the file's size is looked at. Pages are
// packed on all cores until then.
const lookEvery = 4096

// full reports whether the file has become larger than it may.
func (s *saver) full() bool { return s.w.Size() > s.limit }

// estimate is about how many bytes of the file pages take: by those that were
// written before, or for the first ones by a few of them.
func (s *saver) estimate(pages []*node) int64 {
	const few = 64
	if written := int64(len(s.known)); written > 0 {
		return (s.w.Size() - s.begin) * int64(len(pages)) / written
	}
	n := min(len(pages), few)
	if n == 0 {
		return 0
	}
	var sample []byte
	for i := range n {
		sample = append(sample, orZeroes(pages[i*len(pages)/n].bytes())...)
	}
	return recording.PackedSize(sample) * int64(len(pages)) / int64(n)
}

// saveDisks writes what had been written to the disks.
func (s *saver) saveDisks(states []vm.DiskState) (disks [][]recording.PageRef, err error) {
	for _, state := range states {
		var refs []recording.PageRef
		state.Blocks(func(number uint64, content *[vm.DiskBlock]byte) bool {
			id, ok := s.blocks[content]
			if !ok {
				if id, err = s.w.SnapshotPage(content[:]); err != nil {
					return false
				}
				s.blocks[content] = id
			}
			refs = append(refs, recording.PageRef{Number: number, Page: id})
			return len(refs)%lookEvery != 0 || !s.full()
		})
		disks = append(disks, refs)
	}
	return disks, err
}

// offer adds the snapshots that a recording holds. They are read when they are
// needed.
func (sn *snapshots) offer(marks []recording.SnapshotMark, schema int) {
	last := vm.Step(0)
	for _, mark := range marks {
		if mark.Step > last && mark.Step <= sn.session.log.Last() {
			sn.list = append(sn.list, &snapshot{step: mark.Step, ordinal: mark.Ordinal, mark: &mark, schema: schema})
			last = mark.Step
		}
	}
	sn.pages = map[recording.PageID]*node{}
}

// load reads a snapshot of the recording into memory, if it is not there. Any
// goroutine may call it.
func (sn *snapshots) load(shot *snapshot) error {
	sn.loading.Lock()
	defer sn.loading.Unlock()
	if shot.machine != nil || shot.damage != nil {
		return shot.damage
	}
	var err error
	sn.recount(sn.index(shot), func() { err = sn.read(shot) })
	if err != nil {
		err = fmt.Errorf("the recording's snapshot of step %v cannot be used; reprise index makes new ones: %w", shot.step, err)
	}
	return err
}

// instead is the snapshot before one of the recording that cannot be used, which
// is said once; nil for one that the recording does not have. Any goroutine may
// call it.
func (sn *snapshots) instead(shot *snapshot, damage error) *snapshot {
	sn.loading.Lock()
	defer sn.loading.Unlock()
	if shot.mark == nil {
		return nil
	}
	shot.damage = damage
	if !sn.warned && sn.session.options.Warn != nil {
		sn.session.options.Warn(damage)
	}
	sn.warned = true
	return sn.list[sn.index(shot)-1] // the first one is not of the recording
}

// index is the place in the list of a snapshot of the recording.
func (sn *snapshots) index(shot *snapshot) int { return sn.following(shot.step) - 1 }

// read reads a snapshot.
func (sn *snapshots) read(shot *snapshot) error {
	saved, err := sn.session.log.Snapshot(*shot.mark)
	if err != nil {
		return err
	}
	disks, err := sn.readDisks(saved)
	if err != nil {
		return err
	}
	im, err := sn.readImage(saved)
	if err != nil {
		sn.store.drop(im)
		return err
	}
	shot.virtual, shot.machine, shot.image, shot.disks = saved.Virtual, saved.State, im, disks
	return nil
}

// readImage reads the pages of a snapshot. It returns what it has beside an
// error.
func (sn *snapshots) readImage(saved *recording.Snapshot) (image, error) {
	ram := sn.session.machine.RAM()
	im := sn.store.share(sn.list[0].image)
	first := ram.Base() / riscv.PageSize
	for _, ref := range saved.Pages {
		if ref.Number < first || ref.Number-first >= uint64(ram.Pages()) {
			return im, fmt.Errorf("it has page %d, which is not in RAM", ref.Number)
		}
		page, ok := sn.pages[ref.Page]
		if !ok {
			content, err := sn.session.log.Page(ref.Page)
			if err != nil {
				return im, err
			}
			if page, err = sn.store.newPage(content); err != nil {
				return im, err
			}
			sn.pages[ref.Page] = page
		}
		im = sn.store.replace(im, int(ref.Number-first), sn.store.share(page))
	}
	return im, nil
}

// readDisks reads what had been written to the disks.
func (sn *snapshots) readDisks(saved *recording.Snapshot) ([]vm.DiskState, error) {
	m := sn.session.machine
	if len(saved.Disks) != m.Disks() {
		return nil, fmt.Errorf("it has %d disks, the machine %d", len(saved.Disks), m.Disks())
	}
	var states []vm.DiskState
	for disk, refs := range saved.Disks {
		blocks := map[uint64]*[vm.DiskBlock]byte{}
		for _, ref := range refs {
			content, err := sn.session.log.Page(ref.Page)
			if err != nil {
				return nil, err
			}
			blocks[ref.Number] = (*[vm.DiskBlock]byte)(bytes.Clone(content))
		}
		state, err := m.NewDiskState(disk, blocks)
		if err != nil {
			return nil, err
		}
		states = append(states, state)
	}
	return states, nil
}

// unload forgets what was read of a snapshot of the recording.
func (sn *snapshots) unload(shot *snapshot) {
	sn.recount(sn.index(shot), func() {
		sn.store.drop(shot.image)
		shot.image, shot.machine, shot.disks, shot.observers = nil, nil, nil, nil
	})
}

// forgetDamaged takes the snapshots that were found damaged out of the list.
func (sn *snapshots) forgetDamaged() {
	for _, shot := range slices.Clone(sn.list) {
		if shot.damage != nil {
			sn.unload(shot)
			sn.list = slices.DeleteFunc(sn.list, func(other *snapshot) bool { return other == shot })
		}
	}
}

// forgetPages gives up the pages that were read for snapshots of the recording
// and are only kept for others.
func (sn *snapshots) forgetPages() {
	for id, page := range sn.pages {
		sn.store.drop(page)
		delete(sn.pages, id)
	}
}

// complete gives a snapshot of the recording the observers' state, which it
// lacks, from the output in the log.
func (sn *snapshots) complete(ctx context.Context, shot *snapshot) error {
	s := sn.session
	if len(shot.observers) >= len(s.observers) {
		return nil
	}
	var base *snapshot
	for _, other := range sn.list[:sn.following(shot.step)] {
		if other != shot && len(other.observers) >= len(s.observers) {
			base = other
		}
	}
	if base == nil {
		return nil // they came later than any snapshot
	}
	for i, o := range s.observers {
		o.Restore(base.observers[i])
	}
	err := sn.output(ctx, base.ordinal, shot.ordinal, func(_ uint64, e *recording.Event, p []byte) {
		s.observe(e.Step, e.Device, p)
	})
	if err != nil {
		return err
	}
	shot.observers = nil
	for _, o := range s.observers {
		shot.observers = append(shot.observers, o.Save())
	}
	return nil
}

// outputTick is how many events are looked at before output says how far it is.
const outputTick = 1 << 16

// output tells of the output that is recorded from one event to before another,
// all of it or until the context ends.
func (sn *snapshots) output(ctx context.Context, from, to uint64, tell func(ordinal uint64, e *recording.Event, p []byte)) error {
	at := from
	err := sn.session.log.Each(from, to, func(e *recording.Event) bool {
		if e.Kind == recording.CharWrite && e.Result > 0 {
			tell(at, e, e.Data[:min(int(e.Result), len(e.Data))])
		}
		if at++; (at-from)%outputTick == 0 && sn.between != nil {
			sn.between(at-from, to-from)
		}
		return (at-from)%outputTick != 0 || ctx.Err() == nil
	})
	return firstError(ctx, err)
}

// catchUp hands to the backends the output before a snapshot that is jumped to,
// as far as they have not had it.
func (sn *snapshots) catchUp(ctx context.Context, shot *snapshot) error {
	s, behind := sn.session, shot.ordinal
	for _, c := range s.consoles {
		if c.Backend != nil {
			behind = min(behind, c.sent)
		}
	}
	err := sn.output(ctx, behind, shot.ordinal, func(at uint64, e *recording.Event, p []byte) {
		if c := s.console(e.Device); c != nil && c.Backend != nil && at >= c.sent {
			c.waiting = append(c.waiting, p...)
			c.sent = at + 1
		}
	})
	if err != nil {
		return err
	}
	for _, c := range s.consoles {
		c.sent = max(c.sent, shot.ordinal)
	}
	return nil
}
