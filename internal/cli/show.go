package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"reprise/internal/store"
	"reprise/replay"
	"reprise/ui"
)

// canShow reports whether there is a terminal for the interface.
func canShow() bool { return isTerminal() }

// face is what the interface shows of a session: its character devices, and the
// source code of its programs.
type face struct {
	consoles []ui.Console
	screens  *ui.Screens
	source   ui.Source
}

// faceOf prepares the interface for a timeline that has not done a step yet:
// the screens of its consoles observe it from there on.
func faceOf(t *replay.Timeline, source ui.Source) face {
	f := face{source: source}
	for _, c := range t.Consoles() {
		shown := ui.Console{ID: c.ID, Name: c.Name}
		if typist, ok := c.Backend.(ui.Typist); ok && t.Live() {
			shown.Typist = typist
		}
		f.consoles = append(f.consoles, shown)
	}
	f.screens = ui.NewScreens(f.consoles)
	t.Observe(f.screens)
	return f
}

// show runs the interface until it is left, or a signal comes. What kept the
// machine from going on is said again then.
func (s *session) show(f face, paused bool, script ...ui.ScriptLine) error {
	a, err := configured()
	if err != nil {
		return err
	}
	lines, restore := s.notices.divert()
	defer restore()
	err = ui.Run(s.signals.Work, ui.Options{
		Session: ui.Of(s.debugger), Consoles: f.consoles, Screens: f.screens, Symbols: s.symbols, Debug: s.debug,
		Start: !paused, Look: a.look, NoMouse: a.noMouse, Layout: a.layout, Keys: a.keys, Notices: lines, Marks: s.marks, Source: f.source, Devices: s.devices,
		Layouts: store.Default(), Export: s.export, Script: script,
	})
	return joinQuiet(withStatus(HostFailure, err), s.debugger.Status().Err)
}

// start is what the program does without a command: the start screen until it
// is left, and without a terminal the help.
func start(cmd *cobra.Command) error {
	if !canShow() {
		if err := writeHelp(cmd.ErrOrStderr(), cmd); err != nil {
			return err
		}
		return silent(BadInput)
	}
	message := ""
	for {
		choice, err := choose(cmd, message)
		if err != nil || choice.Action == ui.Leave {
			return err
		}
		switch choice.Action {
		case ui.Demo:
			err = demo(cmd)
		case ui.Replay:
			p := player{file: choice.Path}
			err = p.run(cmd)
		case ui.Record:
			err = execute(append([]string{"record"}, choice.Arguments...))
		case ui.Leave:
		}
		if errors.Is(err, errSignal) {
			return err
		}
		if message = ""; err != nil {
			message = oneLine(err.Error())
		}
	}
}

// choose shows the start screen once.
func choose(cmd *cobra.Command, message string) (ui.Choice, error) {
	sig := catchSignals(cmd.Context())
	defer sig.stop()
	a, err := configured()
	if err != nil {
		return ui.Choice{}, err
	}
	choice, err := ui.Start(sig.Work, store.Default(), a.look, a.noMouse, message)
	return choice, joinQuiet(withStatus(HostFailure, err), sig.err())
}
