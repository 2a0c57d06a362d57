package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reprise/assets"
)

// TestHostileGuest lets a guest print every escape sequence it can think of
// inside the interface: the frame stays, and so does the terminal.
func TestHostileGuest(t *testing.T) {
	p := newPerson(t, 120, 40)
	before := p.Modes()
	p.guest("hostile.elf", assets.Hostile())
	p.Command("reprise record -o hostile.reprise -m 16M --bios hostile.elf")
	screen := p.Wait("the guest has ended its machine", "hostile: done")
	lines := strings.Split(strings.TrimRight(screen, "\n"), "\n")
	if !strings.HasPrefix(lines[0], "● live  hostile  step ") {
		t.Errorf("the first line is %q", lines[0])
	}
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "? help  : command") {
		t.Errorf("the last line is %q", last)
	}
	if !strings.Contains(screen, "[ Console serial0 ]") || !strings.Contains(screen, "─  Disassembly") {
		t.Errorf("the frame is broken:\n%s", screen)
	}
	p.Keys("q")
	p.Wait("recorded hostile.reprise")
	p.sameModes(before)
}

// TestTerminals shows the demo on the usual terminals, and leaves each as it was.
func TestTerminals(t *testing.T) {
	p := newPerson(t, 100, 30)
	before := p.Modes()
	for _, env := range []string{"TERM=xterm", "TERM=screen", "TERM=tmux-256color", "TERM=linux", "TERM=vt100", "TERM=vt100 LC_ALL=C LANG=C", "NO_COLOR=1"} {
		p.Command("clear; " + env + " reprise demo")
		screen := p.Wait("step 0 of", "? help")
		if strings.Contains(env, "LANG=C") && strings.IndexFunc(screen, func(r rune) bool { return r > 0x7e }) >= 0 {
			t.Errorf("%s is not ASCII:\n%s", env, screen)
		}
		p.Keys("e")
		p.Wait("(0.")
		p.Keys("q")
		p.WaitForPrompt()
		p.sameModes(before)
	}
}

// TestConfigured takes keys, borders and a layout from the user's file, and names
// the line of what is wrong in it.
func TestConfigured(t *testing.T) {
	p := newPerson(t, 120, 30)
	path := filepath.Join(p.dir, ".config", "reprise", "config.toml")
	write := func(text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string]string{
		"theme = \"dark\"\n\ntheme2 = 1\n": "config.toml:3: there is no setting \"theme2\"",
		"theme = \"pink\"":                 "config.toml:1: there is no theme \"pink\"",
		"layout = \"a | b\"":               "config.toml:1: the layout \"a | b\": there is no pane \"a\"",
		"borders = \"round\"":              "config.toml:1: there are no borders \"round\"",
		"[keys]\n\nstep = \"n\"\n":         "config.toml:3: n is the key of step and of next",
		"[keys]\nstep = \"nope\"":          "config.toml:2: \"nope\" is not a key",
		"[keys]\nfly = \"f\"":              "config.toml:2: there is no action \"fly\"",
	} {
		write(text)
		p.Command("clear; reprise demo; echo status $?")
		p.Wait(want, "status 2")
	}
	write("borders = \"ascii\"\nlayout = \"console | registers\"\n[keys]\nstep = \"x\"\nclose-pane = [\"ctrl+x\"]\n")
	p.Command("clear; reprise demo")
	screen := p.Wait("x step", "Registers", "[ Console")
	if strings.ContainsAny(screen, "─│") || strings.Contains(screen, "Events") {
		t.Errorf("the file was not followed:\n%s", screen)
	}
	p.Keys("x")
	p.Wait("step 1 of")
	p.Keys("q")
	p.WaitForPrompt()
	p.Command("clear; reprise config > .config/reprise/config.toml && reprise demo")
	p.Wait("s step", "Events")
	p.Keys("q")
	p.WaitForPrompt()
}
