package monitor_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"reprise/assets"
	"reprise/internal/debuginfo"
	"reprise/internal/monitor"
	"reprise/replay"
	"reprise/replay/recording"
)

// demo opens the bundled recording of the demo.
func demo(t *testing.T) monitor.Env {
	t.Helper()
	data := assets.DemoRecording()
	r, err := recording.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	tl, err := replay.Play(r, replay.Options{})
	if err != nil {
		t.Fatal(err)
	}
	symbols, err := debuginfo.Load("demo.elf", assets.Demo())
	if err != nil {
		t.Fatal(err)
	}
	d := replay.NewDebugger("demo", tl)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return monitor.Env{Session: monitor.Of(d), Symbols: symbols, Holder: "monitor"}
}

// TestDemosBug finds what makes the demo crash, by asking who wrote last.
func TestDemosBug(t *testing.T) {
	e := demo(t)
	step := regexp.MustCompile(`step ([0-9,]+)`)
	// to runs a command and goes to the step that it names first.
	to := func(line string, want ...string) {
		t.Helper()
		out := run(t, e, line)
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Fatalf("%q printed %q, want %q", line, out, w)
			}
		}
		run(t, e, "replay_seek "+step.FindStringSubmatch(out)[1])
	}
	run(t, e, "replay_seek 100%")
	to("last_passed crash", "<crash>")
	if out := run(t, e, "goto_write free_slots"); !strings.Contains(out, "<pool_take") {
		t.Fatalf("goto_write printed %q", out)
	}
	run(t, e, "replay_seek 100%")
	to("last_passed crash", "<crash>")
	to("last_write free_slots", "hart 0 at", "<pool_take", "0xeacdeebb9ff40780")
	to("last_write pool", "<jobs_sum", "0xeacdeebb9ff40780")
	to("last_write pool", "<pool_give", "0x80004188")
	run(t, e, "rfinish")
	if got := run(t, e, "info cpus"); !strings.Contains(got, "<remove") {
		t.Errorf("the slot was given back from\n%s", got)
	}
}

// TestPast goes through the other questions and movements, on the demo.
func TestPast(t *testing.T) {
	e := demo(t)
	for _, c := range []struct{ line, want string }{
		{"when delta", "step "},
		{"when no such text", `the console never printed "no such text"`},
		{"printed 0", "step "},
		{"printed 999999", ""},
		{"replay_seek 1s", "step "},
		{"replay_seek event 10", "step "},
		{"replay_seek pass jobs_add 1", "step "},
		{"info cpus", "<jobs_add>"},
		{"finish", "step "},
		{"rfinish", "step "},
		{"n", "step "},
		{"rn", "step "},
		{"last_write $a0", "writes 0x"},
		{"last_write $mepc", "hart 0 at"},
		{"last_read $sp", ""},
		{"last_read free_slots", "reads 8 bytes"},
		{"writes free_slots", "<jobs_init"},
		{"writes 0x80000000 4", "nothing wrote it"},
		{"diff +0 +1000", "memory: "},
		{"e irq7", "step "},
		{"re trap", "step "},
		{"e priv", "at the end"},
		{"re nonsense", ""},
		{"watch free_slots", "write of 0x"},
		{"awatch p:0x80000000 4", "access of p:0x80000000, 4 bytes"},
		{"info watchpoints", "access of p:"},
		{"unwatch p:0x80000000", "1 watchpoints removed"},
		{"replay_seek 0", "step 0"},
		{"c", "watchpoint: hart 0 at 0x"},
		{"unwatch all", "1 watchpoints removed"},
		{"info watchpoints", "no watchpoints"},
		{"unwatch 0x1234", ""},
		{"watch $a0", ""},
	} {
		got, err := monitor.Run(t.Context(), e, c.line)
		if c.want == "" {
			if err == nil {
				t.Errorf("%q printed %q, want an error", c.line, got)
			}
			continue
		}
		if err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%q printed %q, %v; want %q", c.line, got, err, c.want)
		}
	}
	// What a long command prints comes as it is found.
	var lines []string
	e.Stream = func(text string) { lines = append(lines, text) }
	if out := run(t, e, "writes free_slots 8 0 100%"); out != "" || len(lines) < 3 || !strings.HasPrefix(lines[0], "step ") {
		t.Errorf("streamed %q and returned %q", fmt.Sprint(lines), out)
	}
}

// TestBookmarks names places and goes back to them.
func TestBookmarks(t *testing.T) {
	e := demo(t)
	fails := func(line, want string) {
		t.Helper()
		if _, err := monitor.Run(t.Context(), e, line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
	fails("bookmark here", "not recorded")
	kept := &book{}
	e.Marks = kept
	run(t, e, "replay_seek 1000")
	if out := run(t, e, "bookmark early before all"); out != "bookmark early at step 1,000" {
		t.Errorf("bookmark printed %q", out)
	}
	fails("bookmark 50%", "reads like a step")
	fails("bookmark 123", "reads like a step")
	run(t, e, "replay_seek 100%")
	run(t, e, "replay_seek early")
	if out := run(t, e, "info replay"); !strings.Contains(out, "1,000") {
		t.Errorf("info replay printed %q", out)
	}
	if out := run(t, e, "info bookmarks"); out != "1,000  early  before all" {
		t.Errorf("info bookmarks printed %q", out)
	}
	run(t, e, "delete_bookmark early")
	fails("delete_bookmark early", "no bookmark")
	fails("replay_seek early", "early")
}

// book is a list of bookmarks in memory.
type book struct{ list []monitor.Bookmark }

func (b *book) List() ([]monitor.Bookmark, error) { return b.list, nil }
func (b *book) Set(mark monitor.Bookmark) error   { b.list = append(b.list, mark); return nil }
func (b *book) Delete(name string) (bool, error) {
	before := len(b.list)
	b.list = slices.DeleteFunc(b.list, func(m monitor.Bookmark) bool { return m.Name == name })
	return len(b.list) < before, nil
}
