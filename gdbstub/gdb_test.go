package gdbstub

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// patience bounds a test that waits for something that never comes.
const patience = 60 * time.Second

// gdbBinary finds the real gdb.
func gdbBinary(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("gdb-multiarch")
	if err != nil {
		t.Fatal("gdb-multiarch is missing: install the Debian package gdb-multiarch")
	}
	return path
}

// listen serves one gdb after another on a port of the loopback interface,
// whose address it returns. Served receives what Serve returned.
func listen(t *testing.T, target Target) (addr string, served <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	results := make(chan error, 16)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			results <- Serve(ctx, conn, target)
		}
	}()
	t.Cleanup(func() {
		cancel()
		_ = l.Close()
		<-done
	})
	return l.Addr().String(), results
}

// script runs gdb in batch mode: it connects and executes the commands.
func script(t *testing.T, target Target, commands ...string) (output string) {
	t.Helper()
	addr, served := listen(t, target)
	output = batch(t, addr, append([]string{"target remote " + addr}, commands...)...)
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	return output
}

// batch runs gdb in batch mode to its end.
func batch(t *testing.T, addr string, commands ...string) (output string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	args := []string{"-nx", "-batch"}
	for _, c := range commands {
		args = append(args, "-ex", c)
	}
	out, err := exec.CommandContext(ctx, gdbBinary(t), args...).CombinedOutput()
	text := strings.ReplaceAll(string(out), addr, "ADDR")
	if ctx.Err() != nil {
		t.Fatalf("gdb did not end: %v\n%s", err, text)
	}
	return text
}

// inOrder holds output to lines that must appear in it, each after the one
// before.
func inOrder(t *testing.T, output string, lines ...string) {
	t.Helper()
	rest := output
	for _, line := range lines {
		_, after, found := strings.Cut(rest, line)
		if !found {
			t.Fatalf("%q is missing, or not in its place, in\n%s", line, output)
		}
		rest = after
	}
}

func TestGDBLooks(t *testing.T) {
	ty := newToy(600)
	ty.seek(6)
	out := script(t, ty, "info registers", "info registers float", "print $fa0", "print $fcsr", "print/x $mepc", "print $secret",
		"print $priv", "info threads", "x/4xw 0x80000000", "x/2i $pc", "x/xg 0x80000800", "x/x 0", "show osabi",
		"thread 2", "print $mhartid", "monitor info replay", "monitor jump")
	inOrder(t, out,
		"ra             0x1111", "fp             0x8888", "a0             0x1\t1", "t6             0x2110f", "pc             0x80000100",
		"ft11           {float = 0, double = 31.5}", "fflags         0x0", "fcsr           0x0",
		"$1 = {float = 0, double = 10.5}", "$2 = 0", "$3 = 0x80000008", "$4 = <unavailable>", "$5 = 3",
		"* 1    Thread 1 \"hart 0\" 0x0000000080000100", "  2    Thread 2 \"hart 1\" 0x0000000080000100",
		"0x80000000:\t0x00150513\t0x00000013\t0x00000073\t0xff5ff06f",
		"=> 0x80000100:\tcsrr\tt0,mepc", "0x80000104:\tmret",
		"0x80000800:\t0x0000000000000006",
		"Cannot access memory at address 0x0",
		`currently "none"`,
		"Switching to thread 2", "$6 = 1",
		"replaying step 6 of 600", `no command "jump": type help`)
}

// The handler behind ecall and mret cannot be guessed from the instructions:
// a gdb that steps by breakpoints at the next pc would run through it.
func TestGDBTravels(t *testing.T) {
	ty := newToy(600)
	ty.harts = 1
	out := script(t, ty, "hbreak *0x80000008", "continue", "stepi", "stepi", "stepi", "delete",
		"reverse-stepi", "reverse-stepi", "reverse-stepi", "reverse-stepi", "stepi", "monitor info replay",
		"break *0x80000100", "continue", "continue", "continue", "print $a0", "reverse-continue", "print $a0", "reverse-continue",
		"print $a0", "reverse-continue", "stepi", "reverse-stepi", "reverse-stepi", "delete", "continue", "stepi",
		"reverse-stepi", "monitor info replay", "reverse-continue", "detach")
	inOrder(t, out,
		"Breakpoint 1, 0x0000000080000008", // ecall
		"0x0000000080000100", "0x0000000080000104", "0x000000008000000c",
		"0x0000000080000104", "0x0000000080000100", "0x0000000080000008", "0x0000000080000004", "0x0000000080000008",
		"replaying step 2 of 600",
		"Breakpoint 2, 0x0000000080000100", "Breakpoint 2, ", "Breakpoint 2, ", "$1 = 3",
		"Breakpoint 2, ", "$2 = 2", "Breakpoint 2, ", "$3 = 1",
		"No more reverse-execution history", "0x0000000080000000", "0x0000000080000004",
		"0x0000000080000000", "No more reverse-execution history",
		"No more reverse-execution history", "No more reverse-execution history", "0x000000008000000c",
		"replaying step 599 of 600", "No more reverse-execution history", "0x0000000080000000", "detached]")
	if got := ty.called(); !strings.HasSuffix(got, " detach") || len(ty.breaks) == 0 {
		t.Errorf("calls were %q", got)
	}
	for addr, set := range ty.breaks {
		if set {
			t.Errorf("the breakpoint at %#x is left behind", addr)
		}
	}
}

func TestGDBSeveralHarts(t *testing.T) {
	out := script(t, newToy(600), "hbreak *0x80000104", "continue", "continue", "continue", "reverse-continue",
		"thread 2", "stepi", "print $tp", "reverse-stepi", "print $pc", "delete", "reverse-continue")
	inOrder(t, out,
		"Thread 1 \"hart 0\" hit Breakpoint 1, 0x0000000080000104", "Thread 2 \"hart 1\" hit Breakpoint 1, ", "Thread 1 \"hart 0\" hit Breakpoint 1, ",
		"Thread 2 \"hart 1\" hit Breakpoint 1, ", "Switching to thread 2", "0x000000008000000c", "$1 = (void *) 0x1", "$2 = (void (*)()) 0x80000104",
		"No more reverse-execution history", "0x0000000080000000")
}

// gdb 13 hangs on an end of history that it meets while it steps off a
// breakpoint.
func TestGDBEndsOffBreakpoint(t *testing.T) {
	ty := newToy(3)
	ty.harts = 1
	out := script(t, ty, "break *0x80000100", "continue", "continue", "stepi", "reverse-continue", "stepi", "monitor info replay")
	const note = "no more history in this direction"
	inOrder(t, out, "Breakpoint 1, 0x0000000080000100", note, "Program stopped", note, "Program stopped",
		"No more reverse-execution history", "0x0000000080000004", "replaying step 1 of 3")
}

func TestGDBWatches(t *testing.T) {
	commands := []string{"watch *(long*)0x80000808", "continue", "continue", "reverse-continue", "reverse-continue", "reverse-continue"}
	hits := []string{
		"Old value = 0", "New value = 1", "0x0000000080000004", "Old value = 1", "New value = 2", "0x0000000080000004",
		"Old value = 2", "New value = 1", "0x0000000080000000", "Old value = 1", "New value = 0", "0x0000000080000000",
		"No more reverse-execution history",
	}
	inOrder(t, script(t, watchToy{newToy(600)}, commands...), append([]string{"Hardware watchpoint 1"}, hits...)...)

	// Without watchpoints in the target gdb says so, or works by single steps.
	inOrder(t, script(t, newToy(600), commands[:2]...), "Could not insert hardware watchpoint 1")
	out := script(t, newToy(600), append([]string{"set can-use-hw-watchpoints 0"}, commands[:3]...)...)
	inOrder(t, out, append([]string{"Watchpoint 1"}, hits[:6]...)...)
}

func TestGDBWrites(t *testing.T) {
	ty := newToy(600)
	ty.live = true
	ty.seek(600)
	out := script(t, ty, "set var $a0 = 77", "print $a0", "set {int}0x80000900 = 0x1234", "x/xw 0x80000900",
		"reverse-stepi", "set var $a0 = 78", "set {int}0x80000900 = 5")
	inOrder(t, out, "$1 = 77", "0x80000900:\t0x00001234", "writes are possible at the live end only",
		"Cannot access memory at address 0x80000900")
}

// The target is moved while gdb stands still.
func TestGDBMoved(t *testing.T) {
	out := script(t, newToy(600), "monitor seek 100", "stepi", "print $pc", "stepi",
		"monitor seek 20", "maintenance flush register-cache", "print $a0", "stepi", "monitor info replay")
	inOrder(t, out, "now at step 100", "has not run now", "received signal SIGINT", "$1 = (void (*)()) 0x80000008",
		"0x0000000080000100", "now at step 20", "$2 = 2", "replaying step 21 of 600")
}

func TestGDBWithAcknowledgements(t *testing.T) {
	addr, served := listen(t, newToy(600))
	out := batch(t, addr, "set remote noack-packet off", "target remote "+addr, "monitor long", "stepi", "reverse-stepi", "reverse-stepi")
	inOrder(t, out, "a line of forty", "0x0000000080000004", "0x0000000080000000", "No more reverse-execution history")
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestGDBComesAgain(t *testing.T) {
	ty := newToy(600)
	addr, served := listen(t, ty)
	connect := "target remote " + addr
	for _, visit := range []struct {
		commands []string
		want     []string
	}{
		{[]string{connect, "break *0x80000100", "continue", "detach", connect, "print $pc"}, []string{"hit Breakpoint 1", "detached]", "$1 = (void (*)()) 0x80000100"}},
		{[]string{connect, "print $pc", "kill"}, []string{"$1 = (void (*)()) 0x80000100", "killed]"}},
		{[]string{connect, "print $pc", "disconnect"}, []string{"$1 = (void (*)()) 0x80000100"}},
	} {
		inOrder(t, batch(t, addr, visit.commands...), visit.want...)
	}
	for range 4 {
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		<-ty.detached
	}
}

// dialog is a gdb that is spoken to line by line.
type dialog struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	heard  strings.Builder
}

func startDialog(t *testing.T, addr string) *dialog {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	d := &dialog{t: t, cmd: exec.CommandContext(ctx, gdbBinary(t), "-nx", "-q", "-ex", "target remote "+addr)}
	stdin, inErr := d.cmd.StdinPipe()
	stdout, outErr := d.cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr, d.cmd.Start()); err != nil {
		cancel()
		t.Fatal(err)
	}
	d.stdin, d.stdout = stdin, bufio.NewReader(stdout)
	t.Cleanup(func() {
		cancel()
		_ = d.cmd.Wait()
	})
	return d
}

func (d *dialog) say(line string) {
	d.t.Helper()
	if _, err := io.WriteString(d.stdin, line+"\n"); err != nil {
		d.t.Fatal(err)
	}
}

// hear waits until gdb has printed a text.
func (d *dialog) hear(text string) {
	d.t.Helper()
	for d.heard.Reset(); !strings.HasSuffix(d.heard.String(), text); {
		b, err := d.stdout.ReadByte()
		if err != nil {
			d.t.Fatalf("waiting for %q: %v after\n%s", text, err, d.heard.String())
		}
		d.heard.WriteByte(b)
	}
}

func TestGDBInterrupts(t *testing.T) {
	ty := newToy(forever)
	addr, served := listen(t, ty)
	d := startDialog(t, addr)
	d.hear("0x0000000080000000")

	d.say("continue&")
	<-ty.spinning
	d.say("interrupt")
	d.hear("received signal SIGINT")

	d.say("continue") // in the foreground: now it takes a signal to gdb
	<-ty.spinning
	if err := d.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	d.hear("received signal SIGINT")

	d.say("print 6 * 7")
	d.hear("= 42")
	d.say("reverse-stepi")
	d.say("print 7 * 7")
	d.hear("= 49")
	d.say("continue&")
	<-ty.spinning
	d.say("quit") // while it runs
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	<-ty.detached
}

// A gdb that is killed leaves no breakpoints, and no error.
func TestGDBKilled(t *testing.T) {
	ty := newToy(forever)
	addr, served := listen(t, ty)
	d := startDialog(t, addr)
	d.hear("0x0000000080000000")
	d.say("break *0x90000000")
	d.say("continue")
	<-ty.spinning
	if err := d.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if got := ty.called(); !strings.HasSuffix(got, "break(0x90000000,true) break(0x90000000,false) detach") {
		t.Errorf("calls were %q", got)
	}
}
