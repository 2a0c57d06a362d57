package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"reprise/chardev"
	"reprise/internal/store"
)

// hunt records run after run of a machine, each with a seed of its own, until one
// shows what is looked for.
type hunt struct {
	launch
	signFlags signFlags
	signs     signs
	runs      uint64 // 0 for no end
	jobs      int
	all       bool
	after     string
	afterStep uint64 // how far a run goes on after a sign

	machine *assembled
	folder  string // for recordings that are being made
	notices *notices
}

// defaultRunTime ends a run that hangs, if nothing else is asked for.
const defaultRunTime = "1m"

func newHunt() *cobra.Command {
	h := &hunt{launch: launch{record: true}}
	cmd := &cobra.Command{
		Use:   "hunt [-n RUNS] --until-... MACHINE",
		Short: "Record a machine under one seed after the other until something happens",
		Long: `Records run after run of a machine, each with another seed, on all processors,
until one of them shows what is looked for. The recording of that run is kept,
with a bookmark where it happens, and the others are deleted: the bug that
comes once in a thousand boots is caught, and can be replayed as often as you
like.

With --chaos a seed also varies the turns of harts and delays timers, which
makes bugs of timing show; without it only the guest's entropy differs. The
seeds count up from --seed, which is random by default, so that a hunt can be
repeated.

Nobody watches a run: the serial port is on null unless --serial says otherwise,
idle time is not waited for unless --icount sleep=on says so, and --max-time
(1m), --max-steps and --max-size end a run that hangs.`,
		Example: `reprise hunt --until-exit 1 --chaos -m 4M --smp 2 --bios race.elf
reprise hunt -n 1000 --until-console panic --chaos --smp 4 --kernel Image --initrd initramfs.cpio
reprise hunt --until-trap load_page_fault --seed 1 --bios firmware.elf`,
		Args: noImages,
		RunE: func(cmd *cobra.Command, _ []string) error { return h.run(cmd) },
	}
	h.flags.register(cmd.Flags())
	markMachine(cmd.Flags())
	set := cmd.Flags()
	set.Uint64VarP(&h.runs, "runs", "n", 1000, "`N` runs at most; 0 for no end")
	h.signFlags.register(set)
	set.BoolVar(&h.all, "all", false, "go on after a hit, and keep the recordings of all")
	set.StringVar(&h.after, "after", "1,000,000", "go on for so many `STEPS` after a hit, as far as the guest does")
	set.IntVarP(&h.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "`N` runs at a time")
	set.StringVarP(&h.output, "output", "o", "", "`FILE` to record into (hunt-SEED.reprise); with --all the seed is added to its name")
	set.BoolVar(&h.force, "force", false, "replace an existing file")
	set.BoolVar(&h.noEmbed, "no-embed", false, "leave the images of disks outside: a replay needs them as they are now")
	h.limits.register(set, "a run", defaultRunTime)
	h.snapshots.registerDisk(set)
	return cmd
}

// run does what the command line says.
func (h *hunt) run(cmd *cobra.Command) (err error) {
	if err := h.parse(cmd); err != nil {
		return err
	}
	if h.machine, err = assemble(h.options, h.serial(false)); err != nil {
		return err
	}
	defer func() { err = joinQuiet(err, h.machine.closeDisks()) }()
	if h.folder, err = os.MkdirTemp(filepath.Dir(h.output), ".reprise-hunt-"); err != nil {
		return withStatus(statusOf(err), err)
	}
	defer func() { err = joinQuiet(err, os.RemoveAll(h.folder)) }()
	sig := catchSignals(cmd.Context())
	defer sig.stop()
	h.notices = &notices{w: cmd.ErrOrStderr()}
	return h.search(cmd, sig)
}

// parse reads the words, and refuses what needs somebody who watches.
func (h *hunt) parse(cmd *cobra.Command) (err error) {
	if h.signs, err = h.signFlags.parse(); err != nil {
		return err
	}
	if h.limit, err = h.limits.parse(); err != nil {
		return err
	}
	after, err := parseStep("--after", h.after)
	if err != nil {
		return err
	}
	h.afterStep = uint64(after)
	if h.jobs < 1 {
		return usagef("-j %d: at least one run at a time", h.jobs)
	}
	if h.options, err = h.flags.options(); err != nil {
		return err
	}
	o := &h.options
	if !h.flags.set.Changed("icount") {
		o.Icount.Sleep = false
	}
	if o.Serial == nil || h.flags.noGraphic && len(h.flags.serial) == 0 {
		o.Serial = &chardev.Spec{Kind: chardev.Null}
	}
	if s := o.Semihosting; s != nil && s.Backend == nil {
		s.Backend = &chardev.Spec{Kind: chardev.Null}
	}
	switch {
	case o.GDB != nil, len(o.Char.Monitors) > 0, o.Serial.Monitor, o.Paused:
		return usagef("nobody watches the runs of a hunt: leave --gdb, --monitor and -S to the replay of what it finds")
	case o.Icount.Mode != rrNone:
		return usagef("a hunt makes its recordings itself: leave rr= out of --icount")
	case o.Serial.Kind == chardev.Stdio, o.Serial.Kind == chardev.VirtualConsole:
		return usagef("--serial %v: the runs of a hunt cannot share the terminal: give null, or file:path=/dev/null,input-path=FILE for input", o.Serial)
	}
	if h.shares() {
		if cmd.Flags().Changed("jobs") && h.jobs > 1 {
			return usagef("--serial %v: runs at the same time cannot share it: give -j 1", o.Serial)
		}
		h.jobs = 1
	}
	if h.output != "" && !h.all && !h.force {
		if _, err := os.Lstat(h.output); err == nil {
			return usagef("recording %s: file already exists: choose another name, or replace it with --force", h.output)
		}
	}
	return nil
}

// shares reports whether the serial port's backend can be used by one run at a
// time only.
func (h *hunt) shares() bool {
	switch h.options.Serial.Kind {
	case chardev.Null, chardev.File, chardev.RingBuffer:
		return false
	default:
		return true
	}
}

// name is where the recording of a seed goes.
func (h *hunt) name(seed uint64) string {
	stem := strings.TrimSuffix(h.output, recordingSuffix)
	switch {
	case h.output != "" && !h.all:
		return h.output
	case h.output == "":
		stem = "hunt"
	}
	name := fmt.Sprintf("%s-%d", stem, seed)
	path := name + recordingSuffix
	for i := 2; !h.force; i++ {
		if _, err := os.Lstat(path); err != nil {
			break
		}
		path = fmt.Sprintf("%s-%d%s", name, i, recordingSuffix)
	}
	return path
}

// keep gives the recording of a hit its place and its bookmark, and says what was
// found, and how to see it.
func (h *hunt) keep(cmd *cobra.Command, r *huntRun) error {
	path := h.name(r.seed)
	if err := os.Rename(r.path, path); err != nil {
		return withStatus(statusOf(err), err)
	}
	remember(path)
	mark := store.Bookmark{Name: "hit", Step: uint64(r.hit.step), Note: r.hit.what + ", seed " + strconv.FormatUint(r.seed, 10)}
	err := store.BookmarksOf(path).Set(mark)
	_, failed := fmt.Fprintf(cmd.OutOrStdout(), "found: run %s, seed %d, step %v: %s\nrecorded: %s, %s, bookmark hit\nreplay it: reprise replay --to %d %s\n",
		commas(r.number), r.seed, r.hit.step, r.hit.what, path, plural(uint64(r.last), "step"), r.hit.step, shellQuoted(path))
	return joinQuiet(err, failed)
}

// search makes the runs, and tells of what comes of them. Of several hits the one
// with the lowest number counts, whatever came first, so that a hunt can be
// repeated.
func (h *hunt) search(cmd *cobra.Command, sig *signals) (err error) {
	ended, cut := h.start(sig.Work)
	p := newProgress(cmd.ErrOrStderr(), "hunting", "run", h.runs)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var tally tally
	var best *huntRun
	for more := true; more; {
		var r *huntRun
		select {
		case <-tick.C:
			p.set(tally.runs)
			continue
		case r, more = <-ended:
		}
		switch {
		case !more:
			continue
		case r.err != nil:
			err = joinQuiet(err, r.err)
			cut(0)
		case r.hit != nil && h.all && err == nil:
			p.clear()
			if err = h.keep(cmd, r); err != nil {
				cut(0)
			}
		case r.hit != nil && (best == nil || r.number < best.number):
			best = r
			cut(r.number)
		}
		tally.add(r)
		p.set(tally.runs)
	}
	p.clear()
	switch {
	case err != nil:
		return err
	case best != nil:
		return h.keep(cmd, best)
	case sig.came():
		h.notices.say("%s", tally.text(p))
		return sig.err()
	}
	if _, err := fmt.Fprintln(cmd.OutOrStdout(), tally.text(p)); err != nil {
		return err
	}
	if tally.hits == 0 {
		return silent(LimitReached)
	}
	return nil
}

// tally counts runs.
type tally struct {
	runs, hits, limited uint64
}

func (t *tally) add(r *huntRun) {
	if r.interrupted || r.err != nil {
		return
	}
	t.runs++
	if r.hit != nil {
		t.hits++
	}
	if r.limited {
		t.limited++
	}
}

// text says what all runs together have brought.
func (t *tally) text(p *progress) string {
	took := p.now().Sub(p.begin)
	found := "not found"
	if t.hits > 0 {
		found = "found " + plural(t.hits, "time")
	}
	text := fmt.Sprintf("%s in %s, %v, %s", found, plural(t.runs, "run"), took.Round(10*time.Millisecond), rateText(t.runs, took))
	if t.limited > 0 {
		text += fmt.Sprintf("; a limit ended %s", plural(t.limited, "run"))
	}
	return text
}
