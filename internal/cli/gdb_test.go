package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"reprise/internal/testing/guests"
	"reprise/replay/recording"
)

// ubootTalk is what is said to U-Boot while it is recorded. Of its commands,
// sbi is the one that calls the firmware.
const ubootTalk = `wait "Hit any key to stop autoboot"
send "\r"
wait "=> "
send "version\r"
wait "=> "
send "sbi\r"
wait "=> "
send "poweroff\r"
`

// ubootMachine is the command line's part that describes the machine.
func ubootMachine(t testing.TB) []string {
	return []string{"-m", "256M", "--bios", guests.OpenSBI(t), "--kernel", guests.UBoot(t)}
}

var ubootRecorded struct {
	sync.Mutex
	file []byte
}

// ubootRecording is a recording of OpenSBI and U-Boot that is made once.
func ubootRecording(t testing.TB) (path string) {
	t.Helper()
	ubootRecorded.Lock()
	defer ubootRecorded.Unlock()
	path = filepath.Join(t.TempDir(), "u.reprise")
	if ubootRecorded.file == nil {
		talk := filepath.Join(t.TempDir(), "talk")
		if err := os.WriteFile(talk, []byte(ubootTalk), 0o600); err != nil {
			t.Fatal(err)
		}
		args := append([]string{talk, "reprise", "record", "--no-tui", "-o", path}, ubootMachine(t)...)
		if out, err := exec.CommandContext(t.Context(), "drive", args...).CombinedOutput(); err != nil {
			t.Fatalf("recording: %v\n%s", err, out)
		}
		var err error
		if ubootRecorded.file, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if err := os.WriteFile(path, ubootRecorded.file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// reprise runs a command to its end and returns what it writes.
func reprise(t testing.TB, args ...string) (stdout string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "reprise", args...)
	var errText strings.Builder
	cmd.Stderr = &errText
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("reprise %v: %v\n%s%s", args, err, out, errText.String())
	}
	return string(out)
}

// debuggee is a command that gdb can connect to.
type debuggee struct {
	cmd     *exec.Cmd
	addr    string
	stdin   io.WriteCloser
	drained chan struct{} // closed when it has ended
}

// startDebuggee runs a command with --gdb until it says where gdb finds it.
func startDebuggee(t testing.TB, args ...string) *debuggee {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	d := &debuggee{cmd: exec.CommandContext(ctx, "reprise", args...)}
	stderr, err := d.cmd.StderrPipe()
	if err == nil {
		d.stdin, err = d.cmd.StdinPipe()
	}
	if err = errors.Join(err, d.cmd.Start()); err != nil {
		cancel()
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	for d.addr == "" && lines.Scan() {
		_, d.addr, _ = strings.Cut(lines.Text(), "target remote ")
	}
	d.addr = strings.TrimSpace(d.addr)
	d.drained = make(chan struct{})
	go func() {
		defer close(d.drained)
		_, _ = io.Copy(io.Discard, stderr)
	}()
	t.Cleanup(func() {
		cancel()
		<-d.drained
		_ = d.cmd.Wait() // it was killed, or has ended before
	})
	if d.addr == "" {
		t.Fatal("the command ended without a word of gdb")
	}
	return d
}

// gdb runs the real one against the command, and returns what the commands
// print, by the name of the mark before them: a command "#NAME" is a mark. gdb
// knows the program that U-Boot is.
func (d *debuggee) gdb(t testing.TB, commands ...string) map[string]string {
	t.Helper()
	return d.gdbWith(t, "file "+guests.UBoot(t), commands...)
}

// gdbWith is gdb after a command that comes before it connects.
func (d *debuggee) gdbWith(t testing.TB, first string, commands ...string) map[string]string {
	t.Helper()
	args := []string{"-nx", "-batch", "-ex", first, "-ex", "target remote " + d.addr}
	for _, c := range commands {
		if name, ok := strings.CutPrefix(c, "#"); ok {
			c = `echo \n##` + name + `\n` // a backtrace has lines that begin with one
		}
		args = append(args, "-ex", c)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, guests.GDB(t), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("gdb: %v\n%s", err, out)
	}
	printed := map[string]string{}
	for _, part := range strings.Split(string(out), "\n##")[1:] {
		name, text, _ := strings.Cut(part, "\n")
		printed[name] = strings.TrimSpace(text)
	}
	return printed
}

// wants compares what was printed after marks: it contains, in order, the
// words.
func wants(t testing.TB, printed map[string]string, list [][2]string) {
	t.Helper()
	for _, want := range list {
		rest := printed[want[0]]
		for _, word := range strings.Split(want[1], " … ") {
			_, after, found := strings.Cut(rest, word)
			if !found {
				t.Errorf("%s: %q is missing, or not in its place, in:\n%s", want[0], word, printed[want[0]])
				break
			}
			rest = after
		}
	}
}

// same compares what was printed after two marks.
func same(t testing.TB, printed map[string]string, a, b string) {
	t.Helper()
	if printed[a] == "" {
		t.Errorf("%s: nothing was printed", a)
	}
	lines := strings.Split(printed[b], "\n")
	for i, line := range strings.Split(printed[a], "\n") {
		if i >= len(lines) || lines[i] != line {
			t.Errorf("%s has %q, %s has %q", a, line, b, lines[min(i, len(lines)-1)])
		}
	}
}

// The causes of an ecall, by the mode that it comes from.
const (
	fromUser       = 8
	fromSupervisor = 9
)

// environmentCall finds the last ecall from S-mode in a recording.
func environmentCall(t testing.TB, path string) recording.Step {
	t.Helper()
	calls := exceptions(t, path, fromSupervisor)
	return calls[len(calls)-1]
}

// exceptions finds the steps at which an exception was taken; there is one at
// least.
func exceptions(t testing.TB, path string, cause uint64) (steps []recording.Step) {
	t.Helper()
	r, err := recording.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	err = eachEvent(r, 0, func(e *recording.Event) error {
		if e.Kind == recording.Exception && e.Cause == cause {
			steps = append(steps, e.Step)
		}
		return nil
	})
	if err != nil || len(steps) == 0 {
		t.Fatalf("there is no exception %d in the recording (%v)", cause, err)
	}
	return steps
}

// TestGDBOnReplay walks through U-Boot in both directions.
func TestGDBOnReplay(t *testing.T) {
	path := ubootRecording(t)
	call := environmentCall(t, path)
	d := startDebuggee(t, "replay", "--no-tui", "--gdb", "tcp:127.0.0.1:0", "-S", path)
	const registers = "info all-registers"
	printed := d.gdb(t,
		"#start", "print $pc",
		"break board_init_f", "#break", "continue",
		"#memory", "x/2xw 0x80200000", "x/2i $pc",
		"#before", registers, "#steps", "stepi", "stepi", "stepi", "#back", "reverse-stepi", "reverse-stepi", "reverse-stepi", "#after", registers,
		// After U-Boot has moved to the end of RAM.
		"hbreak *(board_init_r+0xfd57000)", "#relocated", "continue",
		// An environment call, into the firmware and back.
		fmt.Sprintf("monitor replay_seek %d", call), "maintenance flush register-cache", "maintenance flush dcache",
		"#ecall", "x/i $pc", "print $priv", "#ecall before", registers, "#handler", "stepi", "print $priv", "print/x $mcause", "print $mepc == $pc",
		"print $pc == $mtvec", "#returned", "reverse-stepi", "#ecall after", registers,
		"#earlier", "reverse-continue", "#earliest", "reverse-continue", "#begin", "reverse-continue", "#begin again", "reverse-continue",
		"print $pc", "delete", "#end", "continue", "monitor info digest", "kill",
	)
	wants(t, printed, [][2]string{
		{"start", "= (void (*)()) 0x1000"},
		{"break", "Breakpoint 1, … in board_init_f ()"},
		{"memory", "0x80200000 … \t0x … => 0x … <board_init_f+"},
		{"before", "zero           0x0 … pc             0x8021 … mcycle … priv           0x1"},
		{"steps", "in board_init_f () … in board_init_f () … in board_init_f ()"},
		{"relocated", "Breakpoint 2, 0x000000008ff"},
		{"ecall", ":\tecall … $2 = 1"},
		{"handler", "= 3 … = 0x9 … = 0 … = 1"},
		{"earlier", "Breakpoint 2, 0x000000008ff"},
		{"earliest", "Breakpoint 1 … in board_init_f ()"},
		{"begin", "No more reverse-execution history … 0x0000000000001000"},
		{"begin again", "No more reverse-execution history … 0x1000"},
		{"end", "guest shutdown … No more reverse-execution history"},
	})
	same(t, printed, "before", "after")
	same(t, printed, "ecall before", "ecall after")
	_, digest, _ := strings.Cut(printed["end"], "digest ")
	digest, _, _ = strings.Cut(digest, "\n")
	if verdict := reprise(t, "verify", path); digest == "" || !strings.HasSuffix(verdict, "digest "+digest+"\n") {
		t.Errorf("the end has digest %q; %s", digest, verdict)
	}
}

// TestGDBOnLiveMachine attaches to a machine that is being recorded, goes back
// in it, changes it at the live end, and lets it run on.
func TestGDBOnLiveMachine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "live.reprise")
	d := startDebuggee(t, append([]string{"record", "--no-tui", "--gdb", "tcp:127.0.0.1:0", "-S", "-o", path}, ubootMachine(t)...)...)
	const registers = "info all-registers"
	printed := d.gdb(t,
		"#start", "print $pc",
		"break board_init_f", "#break", "continue", "#live", registers, "monitor info digest",
		"#ahead", "stepi 100", "reverse-stepi 99", "#back", "reverse-stepi", "reverse-stepi", "reverse-stepi", "stepi", "stepi", "#again", registers, "monitor info digest",
		"#past", "reverse-stepi", "set var $t6 = 5", "#begin", "reverse-continue",
		"#forward", "continue", "#end", "continue", "monitor info replay",
		"#write", "set var $t6 = 77", "print $t6", "set {int}0x8f000000 = 0x1234", "x/xw 0x8f000000",
		"#on", "stepi", "delete", "hbreak *(board_init_r+0xfd57000)", "continue", "delete", "detach",
	)
	wants(t, printed, [][2]string{
		{"start", "= (void (*)()) 0x1000"},
		{"break", "Breakpoint 1, … in board_init_f ()"},
		{"back", "in board_init_f () … in board_init_f ()"},
		{"ahead", "0x000000008 … in board_init_f ()"},
		{"past", "only the live end of a machine that is being recorded can be changed"},
		{"begin", "No more reverse-execution history … 0x0000000000001000"},
		{"forward", "Breakpoint 1, … in board_init_f ()"},
		{"end", "No more reverse-execution history … mode:    record"},
		{"write", "= 77 … 0x8f000000:\t0x00001234"},
		{"on", "0x000000008 … Breakpoint 2, 0x000000008ff … detached]"},
	})
	same(t, printed, "live", "again")
	d.end(t, syscall.SIGTERM)
	if verdict := reprise(t, "verify", path); !strings.HasPrefix(verdict, "verified: ") {
		t.Error(verdict)
	}
	if dump := reprise(t, "dump", "--kind", "debug_write", path); strings.Count(dump, "debug_write") != 2 {
		t.Errorf("the recording has these writes, want 2:\n%s", dump)
	}
}

// end sends a signal and waits until the command has ended by it in good order.
func (d *debuggee) end(t testing.TB, sig syscall.Signal) {
	t.Helper()
	if err := d.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	<-d.drained
	_ = d.cmd.Wait() // the status says it
	if status := d.cmd.ProcessState.ExitCode(); status != 128+int(sig) {
		t.Errorf("exit status %d after %v", status, sig)
	}
}
