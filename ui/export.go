package ui

import (
	"context"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"reprise/internal/export"
)

// screenshot is the command :screenshot: the frame without the command line.
func screenshot(m *root, path string) tea.Cmd {
	frame := m.View()
	switch filepath.Ext(path) {
	case ".svg":
		return m.writeNew(path, "the picture", export.SVG(export.Screen([]byte(frame), m.width, m.height), "Reprise: "+m.status.Name))
	case ".txt":
		var text strings.Builder
		for line := range strings.SplitSeq(ansi.Strip(frame), "\n") {
			text.WriteString(strings.TrimRight(line, " ") + "\n")
		}
		return m.writeNew(path, "the screen", []byte(text.String()))
	}
	m.fail("into which file? :screenshot FILE.svg or FILE.txt")
	return nil
}

// exportTo is the command :export.
func exportTo(m *root, path string) tea.Cmd {
	write := m.options.Export
	switch {
	case write == nil:
		m.fail("there is no recording file here to export from")
		return nil
	case path == "":
		m.fail("into which file? :export FILE.txt, .cast, .json or .csv")
		return nil
	}
	m.say("exporting to " + path)
	return func() tea.Msg {
		if err := write(context.Background(), path); err != nil {
			return noticeMsg{firstLine(err.Error()), true}
		}
		return noticeMsg{text: "exported: " + path}
	}
}

// exportEvents is the command :events with a file.
func exportEvents(m *root, path string) tea.Cmd {
	switch filepath.Ext(path) {
	case ".csv", ".json":
		return exportTo(m, path)
	}
	m.fail("into which file? :events FILE.csv or FILE.json; :events alone goes to the pane")
	return nil
}
