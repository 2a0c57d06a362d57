package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"reprise/assets"
	"reprise/gdbstub"
	"reprise/internal/testing/guests"
	"reprise/replay"
	"reprise/replay/recording"
)

// demoRecording is the bundled recording, as a file.
func demoRecording(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "demo.reprise")
	if err := os.WriteFile(path, assets.DemoRecording(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// travel runs gdb on a recording and its program.
func travel(t testing.TB, path, program string, commands ...string) map[string]string {
	t.Helper()
	d := startDebuggee(t, "replay", "--no-tui", "--gdb", "tcp:127.0.0.1:0", "-S", path)
	return d.gdb(t, append([]string{"file " + program}, commands...)...)
}

// TestGDBDemo finds the demo's bug backwards, as its README tells.
func TestGDBDemo(t *testing.T) {
	printed := travel(t, demoRecording(t), guests.Demo(t),
		"#crash", "break crash", "continue", "backtrace", "delete",
		"#head", "watch -l free_slots", "reverse-continue", "backtrace 2", "delete",
		"#link", "watch -l pool[0].next", "reverse-continue", "backtrace 1", "#given", "reverse-continue", "backtrace 3", "delete",
		"#asked", "monitor replay_seek 100%", "monitor last_write free_slots",
	)
	wants(t, printed, [][2]string{
		{"crash", "Breakpoint 1, crash … trap … signal handler called … pool_take () … jobs_add (name=name@entry= … \"delta\")"},
		{"head", "Old value = (union slot *) 0xeacdeebb9ff40780 … New value = (union slot *) 0x … pool_take () … jobs_add … \"gamma\")"},
		{"link", "Old value = (union slot *) 0xeacdeebb9ff40780 … New value = (union slot *) 0x … jobs_sum ()"},
		{"given", "New value = (union slot *) 0xeacdeebb9ff40780 … pool_give (job= … remove … jobs_tick ()"},
		{"asked", "<pool_take+ … writes 8 bytes … 0xeacdeebb9ff40780"},
	})
}

// TestGDBSource moves by lines and functions, in both directions.
func TestGDBSource(t *testing.T) {
	printed := travel(t, demoRecording(t), guests.Demo(t),
		"#condition", "break jobs_add if name[0] == 'g'", "continue",
		"#next", "next", "next", "#step", "step", "#finish", "finish", "delete",
		"#rfinish", "reverse-step", "reverse-finish", "#rnext", "reverse-next", "#until", "until", "#advance", "advance shell", "delete",
		"#evaluated", "break jobs_sum if usage.expired == 0", "reverse-continue", "reverse-continue", "reverse-continue", "delete",
		"#restart", "tbreak main", "continue", "info threads",
	)
	wants(t, printed, [][2]string{
		{"condition", "Breakpoint 1, jobs_add (name=name@entry=0x … \"gamma\")"},
		{"next", "jobs.c … jobs.c"},
		{"finish", "Value returned is … = true"},
		{"rfinish", "add (name=name@entry= … \"gamma\") at demo/shell.c"},
		{"rnext", "shell.c"},
		{"until", "demo/shell.c"},
		{"evaluated", "Breakpoint 2, jobs_sum () … Breakpoint 2, jobs_sum () … No more reverse-execution history"},
		{"restart", "main () at demo/main.c … Thread 1 \"hart 0\" main ()"},
	})
}

// TestGDBMemory reads, looks for and refuses to write memory.
func TestGDBMemory(t *testing.T) {
	printed := travel(t, demoRecording(t), guests.Demo(t),
		"break crash", "continue",
		"#physical", "maintenance packet qqemu.PhyMemMode", "maintenance packet Qqemu.PhyMemMode:1", "x/1xw 0x1000", "maintenance packet qqemu.PhyMemMode",
		"#find", "find 0x80000000, +0x2000, 'd', 'e', 'm', 'o', '>'",
		"#map", "info mem", "#write", "set var usage.expired = 7", "set var $a0 = 5", "detach",
	)
	wants(t, printed, [][2]string{
		{"physical", `received: "0" … received: "OK" … 0x1000:	0x00000297 … received: "1"`},
		{"find", "0x80000 … 1 pattern found"},
		{"map", "0x0000000000001000 0x0000000000010000 ro … 0x8000000000000000 0x10000000000000000 rw"},
		{"write", "Cannot access memory at address … this is history"},
	})
}

// walkRecording records testdata/gdb/walk.S on four harts.
func walkRecording(t testing.TB) (path, program string) {
	t.Helper()
	const compiler = "riscv64-unknown-elf-gcc"
	if _, err := exec.LookPath(compiler); err != nil {
		t.Fatalf("%v: install the Debian package gcc-riscv64-unknown-elf", err)
	}
	dir := t.TempDir()
	program = filepath.Join(dir, "walk.elf")
	out, err := exec.CommandContext(t.Context(), compiler, "-march=rv64imac_zicsr", "-mabi=lp64", "-mcmodel=medany", "-nostdlib",
		"-Wl,--nmagic,-Ttext=0x80000000", "-o", program, filepath.Join("testdata", "gdb", "walk.S")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	talk := filepath.Join(dir, "talk")
	if err := os.WriteFile(talk, []byte("wait \">\"\nsend \"k\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "walk.reprise")
	out, err = exec.CommandContext(t.Context(), "drive", talk, "reprise", "record", "--no-tui", "-o", path, "-m", "16M", "-smp", "4", "--bios", program).CombinedOutput()
	if err != nil {
		t.Fatalf("recording: %v\n%s", err, out)
	}
	return path, program
}

// TestGDBWalks steps over reservations, calls, interrupts and waits, and back,
// on four harts.
func TestGDBWalks(t *testing.T) {
	path, program := walkRecording(t)
	var commands []string
	// there steps n times forwards and back from a label.
	there := func(label string, n int) {
		commands = append(commands, "tbreak "+label, "continue", "#"+label+" before", "info registers")
		for _, step := range []string{"stepi", "reverse-stepi"} {
			commands = append(commands, "#"+label+" "+step)
			for range n {
				commands = append(commands, step)
			}
		}
		commands = append(commands, "#"+label+" after", "info registers")
	}
	there("reserve", 30)
	there("call", 3)
	there("sleep", 3)
	there("input", 3)
	commands = append(commands,
		"#threads", "info threads", "thread 3", "stepi", "reverse-stepi", "thread 1",
		"#watch", "delete", "watch *(long*)&letter", "continue", "rwatch *(long*)&letter", "continue", "info registers s4",
		"#back", "reverse-continue", "reverse-continue", "delete",
		"#access", "awatch *(long*)&letter", "continue", "continue", "delete", "#end", "continue", "reverse-stepi", "stepi",
		"#start", "reverse-continue", "stepi", "reverse-stepi", "reverse-stepi",
	)
	printed := travel(t, path, program, commands...)
	for _, label := range []string{"reserve", "call", "sleep", "input"} {
		same(t, printed, label+" before", label+" after")
	}
	wants(t, printed, [][2]string{
		{"call stepi", "in handler () … in handler ()"},
		{"call reverse-stepi", "in handler () … in reserved ()"},
		{"sleep stepi", "in handler ()"},
		{"sleep reverse-stepi", "in sleep ()"},
		{"input stepi", "in typed ()"},
		{"threads", "Thread 4 \"hart 3\" … Switching to thread 3 … Switching to thread 1"},
		{"watch", "Hardware watchpoint … Old value = 0 … New value = 107 … Hardware read watchpoint … Value = 107 … 0x6b"},
		{"back", "Hardware read watchpoint … Value = 107 … Old value = 107 … New value = 0"},
		{"access", "Hardware access (read/write) watchpoint … Old value = 0 … New value = 107 … Value = 107"},
		{"end", "guest shutdown … No more reverse-execution history"},
		{"start", "No more reverse-execution history … 0x0000000000001000 … No more reverse-execution history"},
	})
}

// TestGDBRunsAgain starts the program again in extended mode.
func TestGDBRunsAgain(t *testing.T) {
	d := startDebuggee(t, "replay", "--no-tui", "--gdb", "tcp:127.0.0.1:0", "-S", demoRecording(t))
	printed := d.gdb(t, "disconnect", "file "+guests.Demo(t), "target extended-remote "+d.addr,
		"break main", "continue", "#again", "run", "#killed", "kill", "run", "detach")
	wants(t, printed, [][2]string{
		{"again", "Breakpoint 1, main ()"},
		{"killed", "killed] … Breakpoint 1, main () … detached]"},
	})
}

// TestGDBComesEarly attaches while the session still goes to where it is to
// begin: gdb is answered, its first run waits for the arrival, and an interrupt
// ends the way.
func TestGDBComesEarly(t *testing.T) {
	for name, impatient := range map[string]bool{"waits": false, "interrupts": true} {
		t.Run(name, func(t *testing.T) {
			r, err := recording.Open(demoRecording(t))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = r.Close() }()
			tl, err := replay.Play(r, replay.Options{})
			if err != nil {
				t.Fatal(err)
			}
			d := replay.NewDebugger("demo", tl)
			defer func() { _ = d.Close() }()
			// The way there takes as long as the test wants.
			const there = 1000
			arriving, reached := make(chan struct{}), make(chan struct{})
			result, err := d.Move(t.Context(), "", func(ctx context.Context, tl *replay.Timeline) (replay.Stop, error) {
				select {
				case <-reached:
				case <-ctx.Done():
				}
				return tl.Seek(ctx, there)
			})
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				<-result
				close(arriving)
			}()
			target := &gdbTarget{debugger: d, arriving: arriving}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if impatient {
				cancel()
			} else {
				close(reached)
			}
			stop, err := target.Run(ctx, gdbstub.Action{Step: true})
			if want := map[bool]string{false: "step 1,000 ", true: "step 0 "}[impatient]; err != nil || stop.Reason != gdbstub.Interrupted || !strings.Contains(stop.Note, want) {
				t.Errorf("%+v, %v; want %q", stop, err, want)
			}
			if holder := d.Status().Holder; holder != gdbHolder {
				t.Errorf("%q has the controls", holder)
			}
			if stop, err := target.Run(t.Context(), gdbstub.Action{Step: true}); err != nil || stop.Reason != gdbstub.Stepped {
				t.Errorf("the next run: %+v, %v", stop, err)
			}
		})
	}
}

// TestGDBLooksAtDevices reads all of the devices' addresses through gdb and the
// monitor, by physical and by virtual addresses, and changes nothing.
func TestGDBLooksAtDevices(t *testing.T) {
	path := ubootRecording(t)
	d := startDebuggee(t, "replay", "--no-tui", "--gdb", "tcp:127.0.0.1:0", "-S", "--to", "10000000", path)
	commands := []string{"#before", "monitor info digest"}
	look := func() {
		commands = append(commands, "#uart", "x/8xb 0x10000000", "#rest", "x/2xw 0x100000", "x/16xw 0x101000", "x/4xg 0x2004000", "x/2xg 0x200bff8")
		for slot := range 8 {
			commands = append(commands, fmt.Sprintf("x/64xw %#x", 0x10001000+slot*0x1000), fmt.Sprintf("x/16xb %#x", 0x10001100+slot*0x1000))
		}
		// The whole of the interrupt controllers, and of what lies between.
		commands = append(commands, "find /w 0x02000000, +0x10000, 0x12345678", "find /w 0x0c000000, +0x4000, 0x12345678",
			"x/4xw 0x0c200000", "x/4xw 0x0c201000", "find /w 0x10000000, +0x9000, 0x12345678", "find /w 0x20000000, +0x10000, 0x12345678")
	}
	look()
	commands = append(commands, "maintenance packet Qqemu.PhyMemMode:1", "maintenance flush dcache")
	look()
	for _, at := range []string{"0x100000", "0x101000", "0x2004000", "0x200bff8", "0xc000000", "0xc200004", "0x10000000", "0x10001000", "0x20000000"} {
		commands = append(commands, "monitor xp /8xw "+at, "monitor x /8xw "+at, "monitor xp /8xb "+at)
	}
	printed := d.gdb(t, append(commands, "#monitor", "monitor xp /8xb 0x10000000", "#after", "monitor info digest")...)
	same(t, printed, "before", "after")
	wants(t, printed, [][2]string{
		{"before", "digest "},
		{"uart", "0x10000000:\t0x … 0x60"}, // the transmitter is empty
		{"monitor", "10000000: 0x"},
	})
}
