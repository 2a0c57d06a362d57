package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/chardev"
	"reprise/internal/guard"
	"reprise/replay"
	"reprise/replay/recording"
	"reprise/vm"
)

// newBackend makes the backend of a recorded character device. A test puts
// another one in its place.
var newBackend = chardev.New

// launch is a machine that is about to be started.
type launch struct {
	flags   machineFlags
	options MachineOptions

	symbols     symbolFiles
	sourceMaps  sourceMaps
	guest       guestLogFlags
	log         ownLog
	noTUI       bool
	guestStatus bool
	record      bool   // whether to record
	output      string // the recording; empty for a dated name
	force       bool

	noEmbed   bool
	snapshots snapshotFlags
	limits    limitFlags
	limit     replay.Limits
}

func newRun() *cobra.Command {
	l := new(launch)
	cmd := &cobra.Command{
		Use:   "run MACHINE",
		Short: "Run a machine without recording it",
		Long: `Runs a machine that is not recorded and cannot go back. On a terminal it is
shown in the interface, else, or with --no-tui, its serial port is on standard
input and output. Options may be spelt as qemu spells them, with one dash.`,
		Example: `reprise run -m 256M --kernel u-boot.elf
reprise run -bios firmware.elf -nographic
reprise run --bios none --kernel guest.elf --gdb tcp::1234 -S`,
		Args: noImages,
		RunE: func(cmd *cobra.Command, _ []string) error { return l.run(cmd) },
	}
	l.register(cmd)
	return cmd
}

func newRecord() *cobra.Command {
	l := &launch{record: true}
	cmd := &cobra.Command{
		Use:   "record [-o FILE] MACHINE",
		Short: "Run a machine and record it",
		Long: `Runs a machine and writes everything that came from outside into a recording,
from which the same machine can be replayed anywhere. On a terminal it is shown
in the interface, else, or with --no-tui, its serial port is on standard input
and output. Options may be spelt as qemu spells them, with one dash.

SIGINT, SIGTERM and SIGHUP end the machine and close the recording. A recorder
that is killed leaves a recording up to a quarter of a second before. A disk
that is full, and the limits --max-steps, --max-time and --max-size, end the
recording with what there is: it replays to the step that is said.

` + sensitive,
		Example: `reprise record -o boot.reprise -m 256M --kernel u-boot.elf
reprise record --no-tui --bios firmware.elf --serial tcp::4444,server=on
reprise record -bios firmware.elf -m 1G -smp 2 -nographic`,
		Args: noImages,
		RunE: func(cmd *cobra.Command, _ []string) error { return l.run(cmd) },
	}
	l.register(cmd)
	cmd.Flags().StringVarP(&l.output, "output", "o", "", "`FILE` to record into; without it a dated name in the current folder")
	cmd.Flags().BoolVar(&l.force, "force", false, "replace an existing file")
	cmd.Flags().BoolVar(&l.noEmbed, "no-embed", false, "leave the images of disks outside: a replay needs them as they are now")
	l.snapshots.registerMemory(cmd.Flags())
	l.snapshots.registerDisk(cmd.Flags())
	l.limits.register(cmd.Flags(), "the recording", "")
	return cmd
}

// noImages refuses arguments that qemu would take for a disk.
func noImages(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%q is not an option of a machine: a guest is given with --kernel or --bios, a disk with --drive and --device", args[0])
	}
	return nil
}

// markMachine marks all flags that there are as MACHINE options.
func markMachine(set *pflag.FlagSet) {
	set.VisitAll(func(f *pflag.Flag) {
		if err := set.SetAnnotation(f.Name, machineFlag, []string{""}); err != nil {
			panic("BUG: " + err.Error())
		}
	})
}

// register adds the flags.
func (l *launch) register(cmd *cobra.Command) {
	set := cmd.Flags()
	l.flags.register(set)
	markMachine(set)
	set.BoolVar(&l.guestStatus, "guest-status", false, "exit with the code of a guest that reports failure, instead of 4")
	l.symbols.register(set)
	l.sourceMaps.register(set)
	l.guest.register(set)
	l.log.register(set)
	set.BoolVar(&l.noTUI, "no-tui", false, "no interface, even on a terminal")
}

// run does what the command line says.
func (l *launch) run(cmd *cobra.Command) (err error) {
	if l.guest.asksHelp() {
		return listItems(cmd)
	}
	if l.options, err = l.flags.options(); err != nil {
		return err
	}
	if l.limit, err = l.limits.parse(); err != nil {
		return err
	}
	switch ic := l.options.Icount; {
	case ic.Mode == rrReplay:
		return l.replayInstead(cmd)
	case ic.Mode == rrRecord && l.output != "" && l.output != ic.File:
		return usagef("icount rrfile=%s and -o %s name different files: give one", ic.File, l.output)
	case ic.Mode == rrRecord:
		l.record, l.output = true, ic.File
	}
	interactive := canShow() && !l.noTUI && !l.options.Plain && !l.options.Char.takesTerminal() &&
		(l.options.Serial == nil || l.options.Serial.Kind != chardev.Stdio)
	if err := l.check(interactive); err != nil {
		return err
	}
	if err := l.options.Semihosting.checkConsole(l.serial(interactive)); err != nil {
		return err
	}
	a, err := assemble(l.options, l.serial(interactive))
	if err != nil {
		return err
	}
	defer func() { err = joinQuiet(err, a.closeDisks()) }()
	return l.start(cmd, a, interactive)
}

// serial is the backend of the serial port.
func (l *launch) serial(interactive bool) chardev.Spec {
	switch {
	case l.options.Serial != nil:
		return *l.options.Serial
	case interactive:
		return chardev.Spec{Kind: chardev.VirtualConsole}
	}
	return chardev.Spec{Kind: chardev.Stdio}
}

// check refuses what would leave nothing to do.
func (l *launch) check(interactive bool) error {
	o := l.options
	switch {
	case interactive && o.GDB != nil && o.GDB.Kind == chardev.Stdio:
		return usagef("--gdb stdio and the interface both want the terminal: add --no-tui and another --serial, or give --gdb another backend")
	case interactive:
		_, err := configured()
		return err
	case o.Paused && o.GDB == nil && len(o.Char.Monitors) == 0 && (o.Serial == nil || !o.Serial.Monitor):
		return usagef("-S stops the machine before its first step, and without the interface only gdb or a monitor could start it: add --gdb or --monitor")
	case o.Serial != nil && o.Serial.Kind == chardev.VirtualConsole:
		return usagef("--serial vc is a pane of the interface, which is not shown here: use --serial stdio")
	case o.GDB != nil && o.GDB.Kind == chardev.Stdio && (o.Serial == nil || o.Serial.Kind == chardev.Stdio):
		return usagef("--gdb stdio and the serial port both want standard input: give the serial port another --serial")
	}
	if serial := l.serial(false); o.Char.takesTerminal() && serial.Kind == chardev.Stdio && !serial.Mux {
		return usagef("--monitor stdio and the serial port both want standard input: give the serial port another --serial, or share it: --serial mon:stdio")
	}
	return nil
}

// start starts the machine and stays until it ends.
func (l *launch) start(cmd *cobra.Command, a *assembled, interactive bool) (err error) {
	guest, err := l.guest.open(cmd.ErrOrStderr(), interactive)
	if err != nil {
		return err
	}
	defer func() { err = joinQuiet(err, guest.close()) }()
	sig := catchSignals(cmd.Context())
	defer sig.stop()
	n, end, err := l.log.notices(cmd.ErrOrStderr(), l.name())
	if err != nil {
		return err
	}
	defer func() { err = end(err) }()
	var s *session
	board := newSwitchboard(chardev.Options{Notify: n.backend}, func() { s.quit() })
	board.machine = &a.Manifest
	gdb, err := board.listenGDB(l.options.GDB)
	if err != nil {
		return err
	}
	defer func() { err = joinQuiet(err, gdb.Close()) }()
	symbols, err := l.symbols.load(a.Manifest.Images, a.file)
	if err != nil {
		return err
	}
	options, err := l.equip(a, board, interactive, n)
	if err != nil {
		return err
	}
	// A server socket waits for its client in Start: a signal must end that.
	unblock := afterCancel(sig, options.Consoles)
	t, err := l.power(a, options)
	unblock()
	if err != nil {
		return joinQuiet(sig.err(), err)
	}
	debug := l.symbols.debug(a.Manifest.Images, a.file)
	var f face
	if interactive {
		f = faceOf(t, sourcesOf(debug, l.sourceMaps))
	}
	if l.options.Chaos && !l.record {
		n.say("chaos by seed %d", l.options.Seed)
	}
	guest.attach(t.Machine(), symbols)
	s = newSession(l.name(), t, symbols, debug, sig, n)
	s.debugger.Subscribe(func(replay.Status) { guest.flush() })
	s.devices = board
	defer s.closeOnPanic()
	if l.record {
		s.marks, s.export = bookmarksOf(l.output), exporting(l.output)
	}
	if err := s.attachMonitors(board, l.options.Char.Monitors); err != nil {
		return joinQuiet(err, s.close(recording.ShutdownHostError))
	}
	s.attachGDB(gdb, board)
	if l.record {
		defer func() { l.farewell(s, err) }()
	}
	if interactive {
		err = s.show(f, l.options.Paused)
	} else {
		err = s.headless(l.options.Paused)
	}
	s.sayDropped()
	st := s.debugger.Status()
	err = joinQuiet(joinQuiet(err, s.close(l.cause(s, interactive))), sig.err())
	if err == nil && limited(st) {
		return limitEnd(l.limits.reached(l.limit, st.Last, l.output))
	}
	return joinQuiet(err, guestEnd(st.Shutdown, l.guestStatus))
}

// equip makes the backends of a machine's devices, and says what else its session
// needs.
func (l *launch) equip(a *assembled, board *switchboard, interactive bool, n *notices) (o replay.Options, err error) {
	serial, err := board.open(serialName, l.serial(interactive))
	if err != nil {
		return o, err
	}
	consoles, err := a.openConsoles(board, l.serial(interactive))
	if err != nil {
		return o, err
	}
	hosted, err := l.options.Semihosting.consoles(interactive)
	if err != nil {
		return o, withStatus(BadInput, err)
	}
	o = replay.Options{
		Consoles: slices.Concat([]replay.Console{{ID: vm.SerialDevice, Name: serialName, Backend: serial}}, consoles, hosted),
		Networks: a.openNetworks(n),
		Sleep:    l.options.Icount.Sleep,
		Notify:   n.backend,
		Log:      n.logger(),
		Limits:   l.limit,
	}
	return o, l.snapshots.apply(&o)
}

// name is what people see of what is run.
func (l *launch) name() string {
	if l.record {
		return recordingName(l.output)
	}
	return "not recorded"
}

// cause is why a session ends that has not ended by itself.
func (l *launch) cause(s *session, interactive bool) recording.ShutdownCause {
	switch {
	case s.signals.came():
		return s.signals.cause()
	case s.wasAsked():
		return recording.ShutdownHostQuit
	case s.debugger.Status().Err != nil:
		return recording.ShutdownHostError
	case interactive:
		return recording.ShutdownHostUI
	}
	return recording.ShutdownNone
}

// afterCancel closes the backends when a signal comes, until it is told to leave
// them alone.
func afterCancel(sig *signals, consoles []replay.Console) (leave func()) {
	done := make(chan struct{})
	guard.Go(func() {
		select {
		case <-sig.Work.Done():
			for _, c := range consoles {
				_ = c.Backend.Close() // Start says what happened
			}
		case <-done:
		}
	})
	return func() { close(done) }
}

// power switches the machine on, after its recording was begun.
func (l *launch) power(a *assembled, options replay.Options) (*replay.Timeline, error) {
	if !l.record {
		t, err := replay.Run(a.Config, a.RAM, options)
		return t, withStatus(statusOf(err), err)
	}
	w, err := l.begin(a)
	if err != nil {
		return nil, withStatus(statusOf(err), err)
	}
	if size := uint64(w.Size()); l.limit.Size != 0 && w.Size() >= l.limit.Size {
		err := usagef("--max-size %s: what the machine is made of takes %s already", l.limits.size, bytesText(size))
		return nil, errors.Join(err, w.Close(), os.Remove(l.output))
	}
	t, err := replay.Record(a.Config, a.RAM, w, options)
	if err != nil {
		// Nothing has been recorded.
		return nil, withStatus(statusOf(err), errors.Join(err, os.Remove(l.output)))
	}
	remember(l.output)
	return t, nil
}

// begin creates the recording and writes what the machine is made of.
func (l *launch) begin(a *assembled) (*recording.Writer, error) {
	if l.noEmbed {
		a.leaveOutside()
	}
	dated := l.output == ""
	created := a.Manifest.Created.Local()
	for i := 1; ; i++ {
		if dated {
			l.output = datedName(created, i)
		}
		a.Manifest.Name = recordingName(l.output)
		w, err := recording.Create(l.output, a.Manifest, recording.CreateOptions{Force: l.force && !dated})
		if dated && errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, content := range a.Blobs {
			if err := w.Blob(content); err != nil {
				return nil, errors.Join(err, w.Close())
			}
		}
		if !l.noEmbed {
			if err := a.embedDisks(w); err != nil {
				return nil, errors.Join(err, w.Close())
			}
		}
		return w, nil
	}
}

// datedName is the name of a recording that was given none. Recordings of one
// second are numbered.
func datedName(created time.Time, i int) string {
	number := ""
	if i > 1 {
		number = fmt.Sprintf("-%d", i)
	}
	return "reprise-" + created.Format("20060102-150405") + number + recordingSuffix
}

// farewell says where the recording is.
func (l *launch) farewell(s *session, err error) {
	var bug *guard.PanicError
	if status := statusOf(err); (status == HostFailure || status == BadInput) && !errors.As(err, &bug) {
		return
	}
	st := s.debugger.Status()
	s.notices.say("recorded %s: %s steps, seed %d; to replay it: reprise replay %s",
		l.output, commas(uint64(st.Last)), l.options.Seed, shellQuoted(l.output))
}

// shellQuoted is a word as a shell takes it back.
func shellQuoted(word string) string {
	plain := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("-_./+,:=@%", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
