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

// TestUBoot lets QEMU record a session with typed input, and compares the log
// with what QEMU says of it and with what was typed.
func TestUBoot(t *testing.T) {
	dir := t.TempDir()
	path, socket := filepath.Join(dir, "u.log"), filepath.Join(dir, "monitor")
	machine := guests.StartReference(t, "-m", "256M", "-bios", guests.OpenSBI(t), "-kernel", guests.UBoot(t),
		"-icount", "shift=5,rr=record,rrfile="+path, "-monitor", "unix:"+socket+",server=on,wait=off")
	machine.WaitFor("Hit any key")
	typed := "\r"
	machine.Type("\r")
	for _, line := range []string{"version\r", "bdinfo\r", "setenv x 1\r"} {
		machine.WaitFor("=> ")
		machine.Type(line)
		typed += line
	}
	machine.WaitFor("=> ")
	m := connect(t, socket)
	m.ask("stop")
	said := regexp.MustCompile(`instruction count = (\d+)`).FindStringSubmatch(m.ask("info replay"))
	if said == nil {
		t.Fatal("QEMU does not say how many instructions it has recorded")
	}
	_, _ = fmt.Fprintln(m.conn, "quit")
	machine.Wait()
	output := uint64(len(machine.Output()) - strings.Count(machine.Output(), "Terminated"))

	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	l := rebuilt(t, data)
	c := l.Count()
	if l.Version != Release {
		t.Errorf("the version is %#x", uint32(l.Version))
	}
	if want, _ := strconv.ParseUint(said[1], 10, 64); c.Instructions != want || want == 0 {
		t.Errorf("the log has %d instructions, QEMU counts %d", c.Instructions, want)
	}
	var input []byte
	var written uint64
	for e := range l.Events() {
		switch e.Kind {
		case AsyncCharRead:
			input = append(input, e.Data...)
		case CharWrite:
			written += uint64(max(e.Result, 0))
		default:
		}
	}
	if string(input) != typed {
		t.Errorf("the log has the input %q, typed was %q", input, typed)
	}
	if written != output {
		t.Errorf("the log has %d bytes of output, QEMU printed %d", written, output)
	}
	if c.Events[End] != 1 || c.Events[Shutdown] == 0 || c.Events[Random] == 0 || c.Events[Exception] == 0 || c.Events[ClockHost] == 0 {
		t.Errorf("counts by kind: %v", c.Events)
	}
}
