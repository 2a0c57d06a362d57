package ui

import (
	"fmt"
	"os"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// ScriptLine is a command of a file.
type ScriptLine struct {
	Place string // "FILE:LINE"
	Text  string
}

// ParseScript takes a file of commands apart: one a line; empty lines and those
// that begin with # are left out.
func ParseScript(path, text string) []ScriptLine {
	var list []ScriptLine
	n := 0
	for line := range strings.Lines(text) {
		n++
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			list = append(list, ScriptLine{fmt.Sprintf("%s:%d", path, n), line})
		}
	}
	return list
}

// script is a file of commands that is under way.
type script struct {
	lines   []ScriptLine // that are left
	last    string       // the place of the one under way; empty before the first
	started int          // how many there were
}

// scriptMsg brings the commands of a file.
type scriptMsg struct{ lines []ScriptLine }

// source is the command :source.
func source(m *root, path string) tea.Cmd {
	if path == "" {
		m.fail("which file? :source FILE carries out its commands, one a line")
		return nil
	}
	return func() tea.Msg {
		data, err := os.ReadFile(path)
		if err != nil {
			return noticeMsg{firstLine(err.Error()), true}
		}
		return scriptMsg{ParseScript(path, string(data))}
	}
}

// runScript begins with commands. Those of a script that is under way and has
// asked for this one come after them.
func (m *root) runScript(lines []ScriptLine) tea.Cmd {
	m.script.lines = append(lines, m.script.lines...)
	m.script.started = len(m.script.lines)
	return m.nextLine()
}

// nextLine goes on with the script once the line before is done. One that failed
// ends it.
func (m *root) nextLine() tea.Cmd {
	s := &m.script
	var commands []tea.Cmd
	for m.moving == "" && m.commands == 0 && (len(s.lines) > 0 || s.last != "") {
		if m.failure && s.last != "" {
			m.fail(s.last + ": " + m.message)
			*s = script{}
			break
		}
		if len(s.lines) == 0 {
			*s = script{}
			break
		}
		line := s.lines[0]
		s.lines, s.last = s.lines[1:], line.Place
		m.say("")
		m.overlay = nil
		commands = append(commands, m.execute(line.Text))
	}
	return tea.Batch(commands...)
}
