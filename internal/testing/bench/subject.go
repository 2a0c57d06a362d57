package main

import (
	"path/filepath"
	"slices"
)

// subject is a program in one way of running it.
type subject struct {
	name   string
	args   func(g *guest) []string // the command line, program first
	live   bool                    // the script's input is typed
	silent bool                    // nothing is printed by the guest
	peer   bool                    // qemu: a run that fails is left out
}

// The subjects' names, by which the ratios find them.
const (
	repriseRun    = "reprise run"
	repriseRecord = "reprise record"
	repriseReplay = "reprise replay"
	repriseVerify = "reprise verify"
	qemuPlain     = "qemu"
	qemuIcount    = "qemu -icount"
	qemuRecord    = "qemu rr=record"
	qemuReplay    = "qemu rr=replay"
)

// recording is where a guest's recording is, replaced in each round.
func (b *bench) recording(g *guest) string { return filepath.Join(b.dir, g.name+".reprise") }

// qemuRecording is where qemu's log is.
func (b *bench) qemuRecording(g *guest) string { return filepath.Join(b.dir, g.name+".qemu") }

// subjects lists them in the order in which a round runs them: Reprise and qemu
// by turns, and what replays after what records.
func (b *bench) subjects() []*subject {
	ours := func(words ...string) func(*guest) []string {
		return func(g *guest) []string { return slices.Concat([]string{b.reprise}, words, g.machine) }
	}
	run := &subject{name: repriseRun, live: true, args: ours("run", "--no-tui", "--icount", "shift=0,sleep=off")}
	record := &subject{name: repriseRecord, live: true, args: func(g *guest) []string {
		return ours("record", "--no-tui", "--force", "--icount", "shift=0,sleep=off", "-o", b.recording(g))(g)
	}}
	replay := &subject{name: repriseReplay, args: func(g *guest) []string {
		return []string{b.reprise, "replay", "--no-tui", b.recording(g)}
	}}
	verify := &subject{name: repriseVerify, silent: true, args: func(g *guest) []string {
		return []string{b.reprise, "verify", b.recording(g)}
	}}
	if b.qemu == "" {
		return []*subject{run, record, replay, verify}
	}
	theirs := func(mode string) func(g *guest) []string {
		return func(g *guest) []string {
			args := []string{b.qemu, "-M", "virt", "-display", "none", "-monitor", "none", "-serial", "stdio"}
			switch mode {
			case "":
			case "icount":
				args = append(args, "-icount", "shift=0,sleep=off")
			default: // with sleep=off it would never look for input while the guest is busy
				args = append(args, "-icount", "shift=0,rr="+mode+",rrfile="+b.qemuRecording(g))
			}
			return append(args, g.machine...)
		}
	}
	return []*subject{
		run,
		{name: qemuPlain, peer: true, live: true, args: theirs("")},
		record,
		{name: qemuIcount, peer: true, live: true, args: theirs("icount")},
		replay,
		{name: qemuRecord, peer: true, live: true, args: theirs("record")},
		verify,
		{name: qemuReplay, peer: true, args: theirs("replay")},
	}
}
