//go:build unix

package chardev

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// dialUnix connects to the Unix domain socket of a backend named so.
func dialUnix(t *testing.T, name string) net.Conn {
	t.Helper()
	c, err := net.Dial("unix", strings.TrimPrefix(name, "unix:"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// talk sends in both directions between a backend and its other side.
func talk(t *testing.T, b Backend, sink *recorder, other interface {
	Read([]byte) (int, error)
	Write([]byte) (int, error)
},
) {
	t.Helper()
	before := string(sink.input)
	send(t, other, "in\x00\xff")
	sink.waitInput(t, before+"in\x00\xff")
	if n := b.Write([]byte("out\x01")); n != 4 {
		t.Errorf("Write took %d bytes", n)
	}
	expect(t, other, "out\x01")
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	// What another program left behind is no obstacle.
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	_ = stale.Close()
	sink := newRecorder()
	b := start(t, Spec{Kind: Socket, Path: path, Server: true}, Options{}, sink)
	if b.Name() != "unix:"+path {
		t.Errorf("the name is %s", b.Name())
	}
	sink.waitEvent(t, Waiting, 1)
	c := dialUnix(t, b.Name())
	sink.waitEvent(t, Opened, 1)
	talk(t, b, sink, c)
	client := newRecorder()
	err = newSocket(Spec{Kind: Socket, Path: path, Server: true}).Start(client)
	if err == nil || !strings.Contains(err.Error(), "choose another path") {
		t.Errorf("a second server: %v", err)
	}
	if err := newSocket(Spec{Kind: Socket, Path: path + "x"}).Start(client); err == nil {
		t.Error("a client connects to nothing")
	}
}

func TestReconnect(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	sink := newRecorder()
	b := start(t, Spec{Kind: Socket, Path: path, Reconnect: 1}, Options{}, sink)
	if ev := sink.waitEvent(t, Gone, 1); ev.Err == nil {
		t.Error("that there is no server is not told")
	}
	for i := range 2 {
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		sink.waitEvent(t, Opened, i+1)
		talk(t, b, sink, c)
		_, _ = c.Close(), l.Close()
		sink.waitEvent(t, Gone, i+2)
	}
}

func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p")
	err := newPipe(Spec{Kind: Pipe, Path: path}).Start(newRecorder())
	if err == nil || !strings.Contains(err.Error(), "make them with mkfifo") {
		t.Errorf("without pipes: %v", err)
	}
	for _, name := range []string{path + ".in", path + ".out"} {
		if err := unix.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sink := newRecorder()
	b := start(t, Spec{Kind: Pipe, Path: path}, Options{}, sink)
	in, err := os.OpenFile(path+".in", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.OpenFile(path+".out", os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = in.Close(), out.Close() }()
	talk(t, b, sink, ends{out, in})
	// Nobody reads: the backend fills, refuses, and is ready again.
	full := 0
	for n := 1; n > 0; full += n {
		n = b.Write(make([]byte, 4096))
	}
	within(t, "reading", func() {
		got := make([]byte, full)
		for read := 0; read < full; {
			n, err := out.Read(got)
			if err != nil {
				t.Error(err)
				return
			}
			read += n
		}
	})
	sink.wait(t, "Ready", func() bool { return sink.ready == 1 })

	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := newPipe(Spec{Kind: Pipe, Path: file}).Start(newRecorder()); err == nil || !strings.Contains(err.Error(), "is none") {
		t.Errorf("on a file: %v", err)
	}
}

// ends are two files as one connection.
type ends struct{ r, w *os.File }

func (e ends) Read(p []byte) (int, error)  { return e.r.Read(p) }
func (e ends) Write(p []byte) (int, error) { return e.w.Write(p) }

func TestPty(t *testing.T) {
	sink := newRecorder()
	b := start(t, Spec{Kind: Pty}, Options{}, sink)
	sink.waitEvent(t, Waiting, 1)
	path := strings.TrimPrefix(b.Name(), "pty:")
	for i := range 2 {
		if n := b.Write(make([]byte, 2*outputBuffer)); n != 2*outputBuffer {
			t.Errorf("with nobody there Write took %d bytes", n)
		}
		tty, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
		if err != nil {
			t.Fatal(err)
		}
		sink.waitEvent(t, Opened, i+1)
		talk(t, b, sink, tty)
		_ = tty.Close()
		sink.waitEvent(t, Waiting, i+2)
	}
}

func TestPtyCarriesControl(t *testing.T) {
	l, err := Listen(Spec{Kind: Pty}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	tty, err := os.OpenFile(strings.TrimPrefix(l.Name(), "pty:"), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tty.Close() }()
	for range 2 {
		send(t, tty, "question")
		conn, _, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		expect(t, conn, "question")
		within(t, "answering", func() { send(t, conn, "answer") })
		expect(t, tty, "answer")
		_ = conn.Close()
	}
}

func TestSerial(t *testing.T) {
	_, tty := openTerminal(t)
	b := newSerial(Spec{Kind: Serial, Path: tty.Name()})
	if blocker, ok := b.(Blocker); !ok || !strings.Contains(blocker.Blocks(), "ioctl") {
		t.Error("a serial port of the host can be recorded")
	}
	sink := newRecorder()
	if err := b.Start(sink); err != nil {
		t.Fatal(err)
	}
	if m := modesOf(t, tty); m.Lflag&unix.ECHO != 0 || m.Oflag&unix.OPOST != 0 {
		t.Error("the port is not in raw mode")
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := newSerial(Spec{Kind: Serial, Path: "/dev/null"}).Start(sink); err == nil || !strings.Contains(err.Error(), "is none") {
		t.Errorf("/dev/null as a serial port: %v", err)
	}
}

func TestFileInput(t *testing.T) {
	dir := t.TempDir()
	source := filepath.Join(dir, "in")
	if err := os.WriteFile(source, []byte("typed"), 0o600); err != nil {
		t.Fatal(err)
	}
	sink := newRecorder()
	b := start(t, Spec{Kind: File, Path: filepath.Join(dir, "out"), Input: source}, Options{}, sink)
	sink.waitInput(t, "typed")
	sink.waitEvent(t, EndOfInput, 1)
	if n := b.Write([]byte("x")); n != 1 {
		t.Errorf("after the end of the input Write took %d bytes", n)
	}
	err := (&file{spec: Spec{Kind: File, Path: filepath.Join(dir, "out"), Input: dir + "/none"}}).Start(sink)
	if err == nil || !strings.Contains(err.Error(), "cannot read its input") {
		t.Errorf("an input that is not there: %v", err)
	}
}

func TestTelnet(t *testing.T) {
	sink := newRecorder()
	spec := loopbackServer(false)
	spec.Telnet = true
	b := start(t, spec, Options{}, sink)
	sink.waitEvent(t, Waiting, 1)
	c := connect(t, b.Name())
	sink.waitEvent(t, Opened, 1)
	expect(t, c, "\xff\xfb\x01\xff\xfb\x03\xff\xfb\x00\xff\xfd\x00")
	// A doubled IAC is data, an option, a subnegotiation and a command are not;
	// and each may come in pieces.
	for _, part := range []string{"a\xff", "\xff", "b\xff\xfd", "\x01c\xff\xfa\x18\x00xterm\xff", "\xf0d\xff\xf1e"} {
		send(t, c, part)
	}
	sink.waitInput(t, "a\xffbcde")
	b.Write([]byte("x\xff\xffy"))
	expect(t, c, "x\xff\xff\xff\xffy")
}
