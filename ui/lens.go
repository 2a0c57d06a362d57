package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"reprise/internal/debuginfo"
)

// lens is what the machine is looked at through: what is known of its programs
// and its screens. It is copied into the commands that look.
type lens struct {
	screens *Screens
	symbols *debuginfo.Symbols
	debug   *debuginfo.Info // nil until it has been read
	source  Source
}

// debugMsg brings the debugging information.
type debugMsg struct{ info *debuginfo.Info }

// readDebug is the command that reads it, which can take long.
func (m *root) readDebug() tea.Cmd {
	read := m.options.Debug
	if read == nil {
		return nil
	}
	return func() tea.Msg { return debugMsg{read()} }
}

// lens is how to look now.
func (m *root) lens() lens {
	return lens{screens: m.options.Screens, symbols: m.options.Symbols, debug: m.debug, source: m.options.Source}
}
