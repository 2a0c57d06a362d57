package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// Run shows the session until the user leaves or ctx is cancelled, which is no
// error. The terminal is as it was when Run returns, after a panic too. The
// session stays as it is: closing it is up to the caller.
func Run(ctx context.Context, o Options) error {
	m := newRoot(o)
	out := &terminal{File: os.Stdout}
	m.clipboard = clipboard{out, os.Getenv("TMUX") != ""}
	cancel := o.Session.Subscribe(m.feed.put)
	defer cancel()
	return run(ctx, m, out, o.NoMouse)
}

// run runs a model on the terminal.
func run(ctx context.Context, m tea.Model, out *terminal, noMouse bool) error {
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithFPS(120), tea.WithAltScreen(), tea.WithoutSignalHandler(), tea.WithOutput(out)}
	if !noMouse {
		options = append(options, tea.WithMouseCellMotion())
	}
	p := tea.NewProgram(m, options...)
	_, err := p.Run()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, tea.ErrProgramPanic):
		return fmt.Errorf("the interface failed, which is a bug: %w", err)
	case ctx.Err() != nil:
		return nil
	}
	return fmt.Errorf("the terminal: %w", err)
}

// terminal is where frames and copied text are written to by different
// goroutines: each write is one piece.
type terminal struct {
	*os.File
	mu sync.Mutex
}

// Write implements io.Writer.
func (t *terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.File.Write(p)
}

// clipboard is the user's, reached through the terminal.
type clipboard struct {
	out  io.Writer // nil for none
	tmux bool      // the terminal is tmux, which forwards only what is wrapped
}

// copy is the command that puts a text there (OSC 52).
func (c clipboard) copy(text string) tea.Cmd {
	return func() tea.Msg {
		if c.out == nil {
			return noticeMsg{"there is no terminal to copy with", true}
		}
		sequence := ansi.SetSystemClipboard(text)
		if c.tmux {
			sequence += ansi.TmuxPassthrough(sequence)
		}
		if _, err := io.WriteString(c.out, sequence); err != nil {
			return noticeMsg{"nothing was copied: " + err.Error(), true}
		}
		return noticeMsg{text: fmt.Sprintf("copied %d characters, if the terminal allows it (OSC 52)", len([]rune(text)))}
	}
}
