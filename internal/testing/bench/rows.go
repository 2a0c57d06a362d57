package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"reprise/replay/qemulog"
	"reprise/replay/recording"
)

// ratios are what is compared, and how the outcome reads: of two speeds, one by
// the other.
var ratios = []struct{ title, subject, base string }{
	{"run / qemu", repriseRun, qemuPlain},
	{"run / qemu -icount", repriseRun, qemuIcount},
	{"record / qemu rr=record", repriseRecord, qemuRecord},
	{"replay / qemu rr=replay", repriseReplay, qemuReplay},
	{"record / run", repriseRecord, repriseRun},
	{"verify / run", repriseVerify, repriseRun},
}

// printRows prints the rows of a guest: what each subject took, and how that
// compares.
func (b *bench) printRows(g *guest, list []*subject, results map[*subject][]*result) {
	heading := []string{""}
	for _, s := range list {
		heading = append(heading, s.name)
	}
	figures, compared := table{heading}, table{{"speed of"}}
	for _, r := range ratios {
		compared[0] = append(compared[0], r.title)
	}
	steps := results[list[0]][0].console // qemu counts otherwise where it does not count steps
	for i := range g.rows {
		row := &g.rows[i]
		medians := map[string]time.Duration{}
		count := row.count(steps)
		cells := []string{row.label(count)}
		for _, s := range list {
			if s.silent && row.inside() || len(results[s]) == 0 {
				cells = append(cells, "")
				continue
			}
			medians[s.name] = row.median(results[s])
			cells = append(cells, row.figure(medians[s.name], count))
		}
		figures.add(cells...)
		cells = []string{row.name}
		for _, r := range ratios {
			cells = append(cells, ratio(medians[r.base], medians[r.subject]))
		}
		compared.add(cells...)
	}
	cells := []string{"peak memory of the process"}
	for _, s := range list {
		most := int64(0)
		for _, r := range results[s] {
			most = max(most, r.memory)
		}
		cells = append(cells, mebibytes(most))
	}
	figures.add(cells...)
	figures.write(b.out)
	compared.write(b.out)
}

// inside reports whether the row needs marks that a silent subject lacks.
func (r *row) inside() bool { return r.from != 0 || r.to != end }

// median is the median time of the row's span.
func (r *row) median(results []*result) time.Duration {
	var times []time.Duration
	for _, run := range results {
		to := r.to
		if to == end {
			to = len(run.at) - 1
		}
		times = append(times, run.at[to]-run.at[r.from])
	}
	return median(times)
}

// count is the number of steps in the span, if the guest says it.
func (r *row) count(console string) uint64 {
	if r.steps == nil {
		return 0
	}
	found := r.steps.FindStringSubmatch(console)
	if found == nil {
		return 0
	}
	n, _ := strconv.ParseUint(found[1], 10, 64) // the pattern allows digits only
	return n
}

// label says what the row is.
func (r *row) label(steps uint64) string {
	if steps == 0 {
		return r.name
	}
	return fmt.Sprintf("%s (%s steps), M steps/s", r.name, thousands(steps))
}

// figure is a median as the row has it.
func (r *row) figure(d time.Duration, steps uint64) string {
	if steps == 0 {
		return seconds(d)
	}
	return digits(float64(steps) / d.Seconds() / 1e6)
}

// ratio is how fast the second is beside the first; empty if one is unknown.
func ratio(base, subject time.Duration) string {
	if base == 0 || subject == 0 {
		return ""
	}
	return digits(base.Seconds() / subject.Seconds())
}

// printRecording prints what the recordings of the last round consist of, ours
// and qemu's.
func (b *bench) printRecording(g *guest) error {
	r, err := recording.Open(b.recording(g))
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // it was only read
	kinds, bytes, err := r.Usage()
	if err != nil {
		return err
	}
	theirs, err := b.qemuLog(g)
	if err != nil {
		return err
	}
	t, total := table{{"recorded", "events", "bytes", "qemu: events", "bytes"}}, int64(0)
	cells := func(k qemulog.Kind) (events, bytes string) {
		if theirs == nil || theirs.Events[k] == 0 {
			return "", ""
		}
		return thousands(theirs.Events[k]), thousands(theirs.Bytes[k])
	}
	shown := map[string]bool{}
	for _, u := range kinds {
		name := u.Kind.String()
		row := []string{name, thousands(u.Events), thousands(uint64(u.Bytes)), "", ""}
		for k := range qemulog.Kind(qemulog.KindCount) {
			if k.String() == name {
				row[3], row[4] = cells(k)
			}
		}
		shown[name] = true
		t.add(row...)
		total += u.Bytes
	}
	var events, written uint64
	for k := range qemulog.Kind(qemulog.KindCount) {
		if n, size := cells(k); n != "" && !shown[k.String()] {
			t.add(k.String(), "", "", n, size)
		}
		if theirs != nil {
			events += theirs.Events[k]
			written += theirs.Bytes[k]
		}
	}
	all := []string{"all events", thousands(r.Len()), thousands(uint64(total)), "", ""}
	if theirs != nil {
		all[3], all[4] = thousands(events), thousands(written)
	}
	t.add(all...)
	t.add("all events, compressed", "", thousands(uint64(bytes)), "", "")
	t.add("the file, with images and snapshots", "", thousands(uint64(r.Size())), "", "")
	t.write(b.out)
	return nil
}

// qemuLog counts what qemu has recorded in the last round; nil if it did not.
func (b *bench) qemuLog(g *guest) (*qemulog.Count, error) {
	l, err := qemulog.Open(b.qemuRecording(g))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if l.Torn != nil {
		b.say("%s: qemu's log: %v", g.name, l.Torn)
	}
	c := l.Count()
	return &c, nil
}
