package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/vm/state"
)

// holder is the interface's name where the controls are concerned.
const holder = "interface"

// Session is what the interface drives. Its methods may be called from any
// goroutine; those that wait are called in commands only.
type Session interface {
	monitor.Session
	// Subscribe calls fn with every status that is published, at most 120 a
	// second while the machine runs. fn does not wait.
	Subscribe(fn func(replay.Status)) (cancel func())
}

// Of is a debugger as a session.
func Of(d *replay.Debugger) Session {
	return struct {
		monitor.Session
		subscriber
	}{monitor.Of(d), d}
}

type subscriber interface {
	Subscribe(fn func(replay.Status)) (cancel func())
}

// movement is a request to move, by the name that people read while it lasts.
type movement struct {
	name    string
	forward bool // goes on running until something happens: panes follow it
	short   bool // done at once: keys wait for its end
	scrub   bool // one of many on the way to where the mouse is dragged: panes follow it
	quiet   bool // not entered into the list of places visited
	run     monitor.Movement
}

// movedMsg is the end of a movement of the interface's own.
type movedMsg struct {
	movement movement
	stop     replay.Stop
	err      error
}

// statusMsg is the last status that the session published.
type statusMsg struct{ status replay.Status }

// feed carries statuses from the session to the interface: only the last one
// that was not fetched yet is kept, so that the session never waits.
type feed struct{ ready chan replay.Status }

func newFeed() feed { return feed{make(chan replay.Status, 1)} }

func (f feed) put(st replay.Status) {
	for {
		select {
		case f.ready <- st:
			return
		default:
		}
		select {
		case <-f.ready: // an older one, which nobody needs any more
		default:
		}
	}
}

// wait is the command that brings the next status.
func (f feed) wait() tea.Cmd {
	return func() tea.Msg { return statusMsg{<-f.ready} }
}

// move is the command that starts a movement and waits for its end.
func move(s Session, m movement) tea.Cmd {
	return func() tea.Msg {
		stop, err := monitor.Move(context.Background(), s, holder, m.run)
		return movedMsg{m, stop, err}
	}
}

func seekTo(step state.Step) movement {
	return movement{name: "seek", run: func(ctx context.Context, t monitor.Timeline) (replay.Stop, error) {
		return t.Seek(ctx, step)
	}}
}

// simple is a movement that is a method of the timeline.
func simple(name string, run func(monitor.Timeline, context.Context) (replay.Stop, error)) movement {
	return movement{name: name, run: func(ctx context.Context, t monitor.Timeline) (replay.Stop, error) { return run(t, ctx) }}
}

// stepping is a movement of one step.
func stepping(name string, run func(monitor.Timeline, context.Context, uint64) (replay.Stop, error)) movement {
	return movement{name: name, short: true, run: func(ctx context.Context, t monitor.Timeline) (replay.Stop, error) {
		return run(t, ctx, 1)
	}}
}

// past is a movement that needs more of a timeline than to move it.
func past(name string, run func(monitor.Past, context.Context) (replay.Stop, error)) movement {
	return movement{name: name, run: func(ctx context.Context, t monitor.Timeline) (replay.Stop, error) {
		p, err := monitor.PastOf(t)
		if err != nil {
			return replay.Stop{}, err
		}
		return run(p, ctx)
	}}
}
