package monitor_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"reprise/internal/monitor"
	"reprise/internal/testing/toysession"
	"reprise/replay"
)

func env(o toysession.Options) (monitor.Env, *toysession.Toy) {
	toy := toysession.New(o)
	return monitor.Env{Session: toy, Symbols: toysession.Symbols(), Holder: "monitor"}, toy
}

func replayed() (monitor.Env, *toysession.Toy) {
	return env(toysession.Options{Name: "toy.reprise", Last: 1234})
}

func run(t *testing.T, e monitor.Env, line string) string {
	t.Helper()
	out, err := monitor.Run(t.Context(), e, line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return out
}

// TestConversation drives one session through commands that build on each
// other; of each answer the words that matter are compared.
func TestConversation(t *testing.T) {
	e, _ := replayed()
	for _, c := range []struct{ line, want string }{
		{"info replay", "mode:    replay\nfile:    toy.reprise\nstep:    0 of 1,234\ntime:    0s\npending: char_write in 50"},
		{"s", "step 1"},
		{"s 9", "step 10"},
		{"rs 4", "step 6"},
		{"rs 100", "step 0: at the start"},
		{"e", "step 50"},
		{"e", "step 100"},
		{"re", "step 50"},
		{"replay_seek 50%", "step 617"},
		{"replay_seek end", "step 1,234"},
		{"replay_seek start", "step 0"},
		{"replay_seek 617", "step 617"},
		{"replay_seek +3", "step 620"},
		{"seek -20", "step 600"},
		{"g 1,000", "step 1,000"},
		{"rc", "step 0: at the start"},
		{"info breakpoints", "no breakpoints"},
		{"b work", "breakpoint at 0x0000000080000020 <work>"},
		{"info breakpoints", "0x0000000080000020 <work>"},
		{"c", "step 4: breakpoint at 0x0000000080000020 <work>"},
		{"c", "step 11: breakpoint at 0x0000000080000020 <work>"},
		{"rc", "step 4: breakpoint"},
		{"print $pc", "0x80000020 = 2147483680 <work>"},
		{"p $sp+0x10", "0x80008010"},
		{"delete work", ""},
		{"c", "step 1,234: at the end"},
		{"info status", "VM status: paused (at the end) at step 1,234"},
		{"info digest", "step 1,234, digest "},
		{"info cpus", "* CPU #0: mode M pc 0x"},
		{"info symbol 0x80000024", "<work+0x4>"},
		{"b $pc", "breakpoint at 0x"},
		{"delete all", "1 breakpoints removed"},
		{"", ""},
	} {
		if got := run(t, e, c.line); !strings.Contains(got, c.want) {
			t.Errorf("%q printed %q, want %q", c.line, got, c.want)
		}
	}
}

func TestExamine(t *testing.T) {
	e, _ := replayed()
	for _, c := range []struct{ line, want string }{
		{"x 0x80000000", "0000000080000000: 0x00008117"},
		{"x /2xw _start", "0000000080000000: 0x00008117 0x00000513"},
		{"x/5xw _start", "0000000080000000: 0x00008117 0x00000513 0x00150513 0x014000ef\n0000000080000010: 0x00b13023"},
		{"x/1xg _start", "0000000080000000: 0x0000051300008117"},
		{"x/2db loop", "0000000080000008: 19 5"},
		{"x/1xh loop+2", "000000008000000a: 0x0015"},
		{"x/1tb loop", "0000000080000008: 00010011"},
		{"x/1uw loop", "0000000080000008: 1377555"},
		{"x/2i loop", "0000000080000008: addi a0,a0,1    <loop>\n000000008000000c: jal 80000020 <work>    <loop+0x4>"},
		{"x/s 0x80000001", `0000000080000001: "\x81"`},
		{"x/1c 0x80000000", `0000000080000000: '\x17'`},
		{"xp/1xw 0x80000020", "0000000080000020: 0x00a585b3"},
	} {
		if got := run(t, e, c.line); got != c.want {
			t.Errorf("%q printed\n%s\nwant\n%s", c.line, got, c.want)
		}
	}
}

func TestRegisters(t *testing.T) {
	e, _ := replayed()
	run(t, e, "s 3")
	got := run(t, e, "info registers")
	for _, want := range []string{"hart 0, mode M", "pc       000000008000000c", "x10/a0   0000000000000001", "x2/sp    0000000080008000", "mstatus  "} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if all := run(t, e, "info registers -a"); strings.Contains(got, "fa0") || !strings.Contains(all, "f10/fa0  0000") {
		t.Errorf("floating point registers in the wrong one of\n%s\n%s", got, all)
	}
}

func TestEvents(t *testing.T) {
	e, _ := replayed()
	run(t, e, "replay_seek 100")
	want := `  50 char_write device=0 result=8 "line 0\r\n"
> 100 here
  100 interrupt hart=0 cause=7`
	if got := run(t, e, "info events 1"); got != want {
		t.Errorf("printed\n%s\nwant\n%s", got, want)
	}
}

func TestErrors(t *testing.T) {
	e, _ := replayed()
	for _, c := range []struct{ line, want string }{
		{"info", "info what? One of: block, bookmarks, breakpoints, chardev, cpus, digest, events"},
		{"inof registers", `did you mean "info"`},
		{"contt", `did you mean "cont"`},
		{"xyzzy", "help lists them"},
		{"s 0", "give a number from 1"},
		{"s one", "give a number from 1"},
		{"s 1 2", "usage: s [N]"},
		{"x", "usage: x"},
		{"x /9z $pc", "is no format"},
		{"x /9999999 $pc", "the count goes from"},
		{"x 0", "no memory can be read at 0x0"},
		{"x $nothing", "there is no register"},
		{"x lop", "neither a number"},
		{"x wor", "there is no symbol \"wor\": there are work"},
		{"x work+z", "is not a number"},
		{"b", "usage: b ADDRESS"},
		{"delete 5", "there is no breakpoint at 0x5"},
		{"replay_seek", "usage: replay_seek STEP"},
		{"replay_seek 2000", "after the end: the last step is 1,234"},
		{"replay_seek 101%", "not a percentage"},
		{"replay_seek NaN%", "not a percentage"},
		{"replay_seek soon", "is not a step"},
		{"quit", "cannot end the program"},
		{"info registers now", "usage: info registers"},
	} {
		if out, err := monitor.Run(t.Context(), e, c.line); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q gave %q, %v; want %q", c.line, out, err, c.want)
		}
	}
}

func TestControls(t *testing.T) {
	e, toy := replayed()
	toy.Take("gdb")
	if _, err := monitor.Run(t.Context(), e, "s"); !errors.Is(err, replay.ErrHeld) {
		t.Errorf("a step while gdb has the controls: %v", err)
	}
	run(t, e, "take")
	run(t, e, "s")
	if got := run(t, e, "info replay"); !strings.Contains(got, "held by: monitor") {
		t.Error(got)
	}
	run(t, e, "release")
	if holder := toy.Status().Holder; holder != "" {
		t.Errorf("still held by %q", holder)
	}
}

// TestInterrupt cancels the context of a command that would never end.
func TestInterrupt(t *testing.T) {
	e, toy := replayed()
	run(t, e, "s 7")
	toy.Stick()
	searching := make(chan struct{}, 1)
	toy.Subscribe(func(st replay.Status) {
		if st.Progress.Active {
			searching <- struct{}{}
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-searching
		cancel()
	}()
	if got, err := monitor.Run(ctx, e, "replay_seek 1000"); err != nil || got != "step 7: interrupted" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestLive(t *testing.T) {
	e, toy := env(toysession.Options{Name: "new.reprise", Last: 500, Live: true})
	if got := run(t, e, "info replay"); !strings.Contains(got, "mode:    record\n") || strings.Contains(got, "pending") {
		t.Error(got)
	}
	run(t, e, "rs 10")
	if got := run(t, e, "info replay"); !strings.Contains(got, "mode:    record, in the past\n") {
		t.Error(got)
	}
	if got := run(t, e, "live"); got != "step 500: at the end" {
		t.Error(got)
	}
	running := make(chan struct{}, 1)
	toy.Subscribe(func(st replay.Status) {
		if st.Running {
			running <- struct{}{}
		}
	})
	go func() {
		<-running
		toy.Interrupt()
	}()
	if got := run(t, e, "c"); got != "step 600: interrupted" {
		t.Error(got)
	}
}

func TestHelp(t *testing.T) {
	e, _ := replayed()
	all := run(t, e, "help")
	seen := map[string]bool{}
	for _, c := range monitor.Table() {
		for _, name := range append([]string{c.Name}, c.Aliases...) {
			if seen[name] {
				t.Errorf("%q names two commands", name)
			}
			seen[name] = true
		}
		if !strings.Contains(all, c.Help) || c.Help == "" {
			t.Errorf("help does not explain %s", c.Name)
		}
		if one := run(t, e, "help "+c.Name); !strings.HasPrefix(one, c.Name) || strings.Contains(one, "\n") {
			t.Errorf("help %s printed %q", c.Name, one)
		}
	}
}

func TestQuit(t *testing.T) {
	e, _ := replayed()
	ended := false
	e.Quit = func() { ended = true }
	run(t, e, "q")
	if !ended {
		t.Error("quit did not")
	}
}
