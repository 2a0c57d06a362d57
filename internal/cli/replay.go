package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"reprise/chardev"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/ui"
	"reprise/vm"
	"reprise/vm/state"
)

// player is a recording that is about to be replayed.
type player struct {
	file       string
	noTUI      bool
	to         string
	gdb        string
	short      bool
	paused     bool
	serial     []string
	char       characterFlags
	symbols    symbolFiles
	sourceMaps sourceMaps
	guest      guestLogFlags
	log        ownLog
	exec       string // a file of commands
	script     []ui.ScriptLine

	snapshots snapshotFlags
}

func newReplay() *cobra.Command {
	var p player
	cmd := &cobra.Command{
		Use:   "replay FILE",
		Short: "Replay a recording",
		Long: `Replays a recording. On a terminal it is shown in the interface, at its first
step. Else, or with --no-tui, it runs to its end at full speed, and what the
guest wrote to its serial port is on standard output, byte for byte; it is then
a success whatever the guest did, unless it did not do what was recorded.

With --gdb and -S it stays at its first step, or at that of --to, and gdb moves
it in both directions. When gdb leaves it stays where it is for the next one.
With --monitor it stays, also at its end, until the monitor's quit.

With --exec it carries out commands of the monitor from a file, one a line, and
prints what they print instead of the console; lines that begin with # are
comments. The first command that fails ends it. In the interface the file may have
actions too, by the names that reprise config lists.

The character devices are those that were recorded, whatever their backends
were: --serial gives another to the serial port, and --chardev with the name of
a device as its id to that.`,
		Example: `reprise replay boot.reprise
reprise replay --no-tui --to 1,000,000 boot.reprise
reprise replay --no-tui --exec commands.txt boot.reprise
reprise replay --no-tui --gdb tcp::1234 -S boot.reprise
gdb-multiarch -ex 'target remote :1234' u-boot.elf`,
		Args: p.guest.orHelp(exactArgs("a recording")),
		RunE: func(cmd *cobra.Command, args []string) error {
			if p.guest.asksHelp() {
				return listItems(cmd)
			}
			p.file = args[0]
			return p.run(cmd)
		},
	}
	set := cmd.Flags()
	set.BoolVar(&p.noTUI, "no-tui", false, "no interface, even on a terminal")
	p.snapshots.registerMemory(set)
	set.StringVar(&p.to, "to", "", "go to a `STEP` instead of the end")
	set.StringVar(&p.gdb, "gdb", "", "wait for gdb at a `BACKEND`: tcp:HOST:PORT, unix:PATH, pty, chardev:ID")
	set.BoolVarP(&p.short, "gdb-default", "s", false, "the same as --gdb "+defaultGDB)
	set.BoolVarP(&p.paused, "stopped", "S", false, "stay there until the interface or gdb goes on")
	set.StringVar(&p.exec, "exec", "", "carry out the commands of a `FILE`, one a line; without the interface that is all")
	p.symbols.register(set)
	p.sourceMaps.register(set)
	p.guest.register(set)
	p.log.register(set)
	set.StringArrayVar(&p.serial, "serial", nil, "`BACKEND` for the output of the serial port")
	p.char.register(set)
	return cmd
}

// run does what the command line says.
func (p *player) run(cmd *cobra.Command) (err error) {
	target := state.Never
	if p.to != "" {
		if target, err = parseStep("--to", p.to); err != nil {
			return err
		}
	}
	var w playerWires
	if w.Char, err = p.char.parse(); err != nil {
		return err
	}
	if w.gdb, err = gdbSpec(p.gdb, p.short, &w.Char); err != nil {
		return err
	}
	if p.exec != "" {
		if p.script, err = readScript(p.exec); err != nil {
			return err
		}
	}
	interactive := canShow() && !p.noTUI && !w.Char.takesTerminal()
	w.serial, err = serialSpec(p.serial, &w.Char)
	switch {
	case err != nil:
		return err
	case !interactive && p.paused && w.gdb == nil && len(w.Char.Monitors) == 0:
		return usagef("-S stays at the first step, and without the interface only gdb or a monitor could go on: add --gdb or --monitor")
	case interactive && w.gdb != nil && w.gdb.Kind == chardev.Stdio:
		return usagef("--gdb stdio and the interface both want the terminal: add --no-tui and another --serial, or give --gdb another backend")
	case !interactive && w.serial == nil && w.gdb != nil && w.gdb.Kind == chardev.Stdio:
		return usagef("--gdb stdio and the serial port both want standard output: give the serial port another --serial")
	}
	if p.exec != "" && !interactive && w.serial == nil {
		w.serial = &chardev.Spec{Kind: chardev.Null}
	}
	if interactive {
		if _, err := configured(); err != nil {
			return err
		}
	}
	return withRecording(p.file, func(r *recording.Reader) error {
		if target != state.Never && target > r.Last() {
			return usagef("--to %v: the recording ends at step %v", target, r.Last())
		}
		return p.play(cmd, r, &w, target, interactive)
	})
}

// playerWires are the backends of a replay.
type playerWires struct {
	Char   characters
	serial *chardev.Spec // nil if none was given
	gdb    *chardev.Spec // nil for none
}

// play replays the recording until somebody or something ends it.
func (p *player) play(cmd *cobra.Command, r *recording.Reader, w *playerWires, target state.Step, interactive bool) (err error) {
	guest, err := p.guest.open(cmd.ErrOrStderr(), interactive)
	if err != nil {
		return err
	}
	defer func() { err = joinQuiet(err, guest.close()) }()
	sig := catchSignals(cmd.Context())
	defer sig.stop()
	n, end, err := p.log.notices(cmd.ErrOrStderr(), p.name())
	if err != nil {
		return err
	}
	defer func() { err = end(err) }()
	n.logger().Info("opened", "file", p.file, "steps", uint64(r.Last()), "events", r.Len(), "torn", tornText(r))
	if torn := tornText(r); torn != "" && !interactive {
		n.say("%s", torn)
	}
	var s *session
	board := newSwitchboard(chardev.Options{Notify: n.backend}, func() { s.quit() })
	board.machine = r.Manifest()
	gdb, err := board.listenGDB(w.gdb)
	if err != nil {
		return err
	}
	defer func() { err = joinQuiet(err, gdb.Close()) }()
	consoles, err := replayConsoles(r.Manifest(), w, board, interactive)
	if err != nil {
		return err
	}
	symbols, err := p.symbols.load(r.Manifest().Images, r.Blob)
	if err != nil {
		return err
	}
	debug := p.symbols.debug(r.Manifest().Images, r.Blob)
	options := replay.Options{Consoles: consoles, Notify: n.backend, Warn: n.warn, Image: openPinned, Log: n.logger()}
	if err := p.snapshots.apply(&options); err != nil {
		return err
	}
	t, err := replay.Play(r, options)
	if err != nil {
		return withStatus(statusOf(err), err)
	}
	if p.file != "" {
		remember(p.file)
	}
	var f face
	if interactive {
		f = faceOf(t, sourcesOf(debug, p.sourceMaps))
	}
	guest.attach(t.Machine(), symbols)
	s = newSession(p.name(), t, symbols, debug, sig, n)
	s.debugger.Subscribe(func(replay.Status) { guest.flush() })
	s.devices = board
	defer s.closeOnPanic()
	s.marks, s.export = bookmarksOf(p.file), exporting(p.file)
	arriving := make(chan struct{})
	s.admitGDB(gdb, board, arriving)
	err = s.goTo(target)
	close(arriving)
	if err == nil {
		err = s.attachMonitors(board, w.Char.Monitors)
	}
	if err == nil {
		s.announceGDB(gdb)
		switch {
		case interactive:
			err = s.show(f, true, p.script...)
		case p.exec != "":
			err = s.exec(sig.Work, p.script, cmd.OutOrStdout())
		case p.to != "" && w.gdb == nil && len(s.monitors) == 0:
		default:
			err = s.headless(p.paused || p.to != "")
		}
	}
	return joinQuiet(joinQuiet(err, s.close(recording.ShutdownNone)), sig.err())
}

// replayConsoles makes the character devices that were recorded, with backends
// of this time: for the interface a pane, else standard output.
func replayConsoles(m *recording.Manifest, w *playerWires, board *switchboard, interactive bool) ([]replay.Console, error) {
	var list []replay.Console
	for i, d := range m.Machine.CharDevices {
		c := replay.Console{ID: d.ID, Name: d.Name}
		spec, chosen := w.Char.find(d.Name)
		if i == 0 && w.serial != nil {
			spec, chosen = *w.serial, true
		}
		var err error
		switch {
		case chosen:
			c.Backend, err = board.open(d.Name, spec)
		case !interactive && d.ID == vm.SemihostingDevice:
			c.Backend, err = semihostingBackend(nil)
		case !interactive && i == 0 && !w.Char.takesTerminal():
			// A replay reads nothing, and leaves a terminal as it is.
			c.Backend, err = chardev.New(chardev.Spec{Kind: chardev.Stdio}, chardev.Options{Stdin: strings.NewReader("")})
		}
		if err != nil {
			return nil, withStatus(BadInput, err)
		}
		list = append(list, c)
	}
	return list, nil
}

// name is what people see of the recording.
func (p *player) name() string {
	if p.file == "" {
		return "demo"
	}
	return recordingName(p.file)
}

// goTo moves to a step before anything else happens.
func (s *session) goTo(target state.Step) error {
	if target == state.Never {
		return nil
	}
	_, err := s.debugger.MoveAndWait(s.signals.Work, "", func(ctx context.Context, t *replay.Timeline) (replay.Stop, error) {
		return t.Seek(ctx, target)
	})
	return joinQuiet(err, s.debugger.Status().Err)
}

// replayInstead is what qemu's rr=replay asks of run. The recording has the
// machine; what the command line says of it must not differ.
func (l *launch) replayInstead(cmd *cobra.Command) error {
	if l.record {
		return usagef("icount rr=replay: record cannot replay: use reprise replay %s", l.options.Icount.File)
	}
	o := l.options
	if err := withRecording(o.Icount.File, func(r *recording.Reader) error { return l.compare(r.Manifest()) }); err != nil {
		return err
	}
	p := player{
		file: o.Icount.File, noTUI: l.noTUI || o.Plain, gdb: l.flags.gdb, short: l.flags.gdbShort,
		paused: o.Paused, serial: l.flags.serial, char: l.flags.characters, symbols: l.symbols, sourceMaps: l.sourceMaps, guest: l.guest, log: l.log,
	}
	return p.run(cmd)
}

// compare refuses a machine that is not the recorded one.
func (l *launch) compare(m *recording.Manifest) (err error) {
	a, err := assemble(l.options, l.serial(false))
	if err != nil {
		return err
	}
	defer func() { err = joinQuiet(err, a.closeDisks()) }()
	got, want := a.Manifest.Machine, m.Machine
	different := func(option string, ours, recorded any) error {
		return usagef("%s: the command line gives %v, the recording has %v; reprise replay needs no machine options",
			option, ours, recorded)
	}
	switch {
	case got.RAM != want.RAM:
		return different("-m", bytesText(got.RAM), bytesText(want.RAM))
	case got.Harts != want.Harts:
		return different("--smp", got.Harts, want.Harts)
	case got.ISA != want.ISA:
		return different("--cpu", got.ISA, want.ISA)
	case got.Shift != want.Shift:
		return different("--icount shift", got.Shift, want.Shift)
	case l.options.SeedGiven && got.Seed != want.Seed:
		return different("--seed", got.Seed, want.Seed)
	case got.Chaos != want.Chaos:
		return different("--chaos", got.Chaos, want.Chaos)
	case got.NoReboot != want.NoReboot:
		return different("--no-reboot", got.NoReboot, want.NoReboot)
	case got.CommandLine != want.CommandLine:
		return different("--append", got.CommandLine, want.CommandLine)
	}
	if err := l.compareDevices(a, m); err != nil {
		return err
	}
	for _, role := range []string{"bios", "kernel", "initrd", "dtb"} {
		if ours, recorded := imageOf(&a.Manifest, role), imageOf(m, role); ours.SHA256 != recorded.SHA256 {
			return usagef("--%s: this is not the file of the recording (SHA-256 %v); reprise replay needs no machine options", role, recorded.SHA256)
		}
	}
	return nil
}

// imageOf finds an image by its role.
func imageOf(m *recording.Manifest, role string) recording.Image {
	for _, image := range m.Images {
		if image.Role == role {
			return image
		}
	}
	return recording.Image{}
}
