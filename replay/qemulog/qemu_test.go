package qemulog

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"reprise/internal/testing/guests"
)

// rebuilt takes a log apart, checks that no byte is left over, and puts it
// together again.
func rebuilt(t testing.TB, data []byte) *Log {
	t.Helper()
	l, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if l.Torn != nil {
		t.Fatal(l.Torn)
	}
	again := l.Header()
	for e := range l.Events() {
		if e.Offset != int64(len(again)) {
			t.Fatalf("%v is said to be at offset %d and is at %d", e, e.Offset, len(again))
		}
		if again, err = l.Append(again, e); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(again, data) {
		t.Fatal("put together again, the log has other bytes")
	}
	var sum uint64
	for _, n := range l.Count().Bytes {
		sum += n
	}
	if sum+headerSize != uint64(len(data)) {
		t.Fatalf("%d bytes are counted by kind, of %d", sum, len(data)-headerSize)
	}
	return l
}

// monitor is QEMU's, on a socket.
type monitor struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func connect(t *testing.T, path string) *monitor {
	t.Helper()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	m := &monitor{t, conn, bufio.NewReader(conn)}
	m.answer()
	return m
}

// answer reads up to the prompt.
func (m *monitor) answer() string {
	m.t.Helper()
	const prompt = "(qemu) "
	var text []byte
	for !bytes.HasSuffix(text, []byte(prompt)) {
		b, err := m.in.ReadByte()
		if err != nil {
			m.t.Fatalf("QEMU's monitor: %v after %q", err, text)
		}
		text = append(text, b)
	}
	return string(text)
}

func (m *monitor) ask(line string) string {
	m.t.Helper()
	_, _ = fmt.Fprintf(m.conn, "%s\n", line)
	return m.answer()
}

// session is what QEMU has recorded, and what it says of it.
type session struct {
	machine      *guests.Reference
	monitor      *monitor
	path         string
	typed        string
	instructions uint64 // that QEMU counts
}

// record lets QEMU record a machine, with a monitor beside the console.
func record(t *testing.T, shift int, args ...string) *session {
	t.Helper()
	dir := t.TempDir()
	s := &session{path: filepath.Join(dir, "qemu.log")}
	socket := filepath.Join(dir, "monitor")
	s.machine = guests.StartReference(t, append(args, "-icount", fmt.Sprintf("shift=%d,rr=record,rrfile=%s", shift, s.path),
		"-monitor", "unix:"+socket+",server=on,wait=off")...)
	s.machine.WaitFor("OpenSBI")
	s.monitor = connect(t, socket)
	return s
}

// answer types when the machine has printed a text.
func (s *session) answer(wait, line string) {
	s.machine.WaitFor(wait)
	s.machine.Type(line)
	s.typed += line
}

// finish stops the machine, asks QEMU how many instructions it has recorded, and
// lets it end.
func (s *session) finish(t *testing.T) {
	t.Helper()
	s.monitor.ask("stop")
	said := regexp.MustCompile(`instruction count = (\d+)`).FindStringSubmatch(s.monitor.ask("info replay"))
	if said == nil {
		t.Fatal("QEMU does not say how many instructions it has recorded")
	}
	s.instructions, _ = strconv.ParseUint(said[1], 10, 64)
	_, _ = fmt.Fprintln(s.monitor.conn, "quit")
	s.machine.Wait()
}

// compare reads the log and compares it with what QEMU said, with what was typed
// and with what the machine has printed.
func (s *session) compare(t *testing.T) Count {
	t.Helper()
	data, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	l := rebuilt(t, data)
	c := l.Count()
	if l.Version != Release {
		t.Errorf("the version is %#x", uint32(l.Version))
	}
	if c.Instructions != s.instructions || c.Instructions == 0 {
		t.Errorf("the log has %d instructions, QEMU counts %d", c.Instructions, s.instructions)
	}
	var input []byte
	var written, events uint64
	for e := range l.Events() {
		events++
		switch e.Kind {
		case AsyncCharRead:
			input = append(input, e.Data...)
		case CharWrite:
			written += uint64(max(e.Result, 0))
		default:
		}
	}
	if string(input) != s.typed {
		t.Errorf("the log has the input %q, typed was %q", input, s.typed)
	}
	output := s.machine.Output()
	if want := uint64(len(output) - strings.Count(output, "Terminated")); written != want {
		t.Errorf("the log has %d bytes of output, QEMU printed %d", written, want)
	}
	sum := uint64(0)
	for _, n := range c.Events {
		sum += n
	}
	if sum != events || c.Events[End] != 1 || c.Events[Shutdown] == 0 || c.Events[Random] == 0 || c.Events[Exception] == 0 || c.Events[ClockHost] == 0 {
		t.Errorf("counts of %d events by kind: %v", events, c.Events)
	}
	t.Logf("%d bytes, %d events, %d instructions, %d bytes of output", len(data), events, c.Instructions, written)
	return c
}

// TestUBoot lets QEMU record a session with typed input, and compares the log
// with what QEMU says of it and with what was typed.
func TestUBoot(t *testing.T) {
	s := record(t, 5, "-m", "256M", "-bios", guests.OpenSBI(t), "-kernel", guests.UBoot(t))
	s.answer("Hit any key", "\r")
	for _, line := range []string{"version\r", "bdinfo\r", "setenv x 1\r"} {
		s.answer("=> ", line)
	}
	s.machine.WaitFor("=> ")
	s.finish(t)
	s.compare(t)
}

// TestLinux does the same with a boot of Debian's Linux to a shell, in which a
// command is typed.
func TestLinux(t *testing.T) {
	kernel, initramfs := guests.Linux(t)
	s := record(t, 5, "-m", "512M", "-bios", guests.OpenSBI(t), "-kernel", kernel, "-initrd", initramfs, "-append", "console=ttyS0")
	s.answer(guests.LinuxPrompt, "uname -m\r")
	s.machine.WaitFor("riscv64")
	s.machine.WaitFor(guests.LinuxPrompt)
	s.finish(t)
	c := s.compare(t)
	if c.Events[Interrupt] < 100 || c.Events[CheckpointClockVirtual] < 100 {
		t.Errorf("a boot of Linux without timers: %v", c.Events)
	}
}
