package ui

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCommandFile carries out a file of commands: actions and the monitor's, each once
// the one before is done.
func TestCommandFile(t *testing.T) {
	d := replayed(t)
	path := filepath.Join(t.TempDir(), "go.txt")
	run := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		d.press(":")
		d.write("source " + path)
		d.press("enter")
		d.until(func() bool { return d.m.script.last == "" && d.m.moving == "" })
		d.settle()
	}
	run("# to the second event, and two steps on\n\nnext-event\nnext-event\nrs\nstep\nstep\nlayout console | events\n")
	d.shows("step 101 of")
	if len(d.m.rects) != 2 {
		t.Errorf("the last command was not carried out:\n%s", d.frame())
	}
	run("step\nseek nowhere\nstep\n")
	d.shows("step 102 of", "go.txt:2: ")
	run("step-back\nstep-back\nseek 0\nstep-back\nstep\n")
	d.shows("step 0 of", "go.txt:4: already at the start")
	run("# nothing\n")
	d.press(":")
	d.write("source " + path + ".none")
	d.press("enter")
	d.until(func() bool { return d.m.failure })
	d.shows("no such file")
}

// TestScreenshot saves the screen as a picture and as text.
func TestScreenshot(t *testing.T) {
	d := replayed(t)
	dir := t.TempDir()
	for _, name := range []string{"a.svg", "a.txt", "a.png"} {
		d.press(":")
		d.write("screenshot " + filepath.Join(dir, name))
		d.press("enter")
		if name != "a.png" {
			d.until(func() bool { return strings.Contains(d.m.message, name) })
		}
	}
	d.shows("into which file?")
	picture, err := os.ReadFile(filepath.Join(dir, "a.svg"))
	if err != nil || !strings.Contains(string(picture), ">toy.reprise<") {
		t.Errorf("the picture: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "a.txt"))
	if err != nil || !strings.Contains(string(text), "▶ replay  toy.reprise  step 0 of 1,234") || strings.Contains(string(text), "screenshot") {
		t.Errorf("the text: %v\n%s", err, text)
	}
}

// TestExportCommand hands the name of the file on, and says what comes of it.
func TestExportCommand(t *testing.T) {
	d := replayed(t)
	command := func(line, wait string) {
		t.Helper()
		d.press(":")
		d.write(line)
		d.press("enter")
		d.until(func() bool { return strings.Contains(d.m.message, wait) })
	}
	command("export x.txt", "no recording file")
	var got []string
	d.m.options.Export = func(_ context.Context, path string) error {
		got = append(got, path)
		if path == "bad.txt" {
			return os.ErrPermission
		}
		return nil
	}
	command("export x.cast", "exported: x.cast")
	command("events x.csv", "exported: x.csv")
	command("export bad.txt", "permission denied")
	command("events x.txt", "into which file?")
	if strings.Join(got, " ") != "x.cast x.csv bad.txt" {
		t.Errorf("exported %q", got)
	}
}
