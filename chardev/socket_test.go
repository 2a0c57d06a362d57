package chardev

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// narrow is the kernel's buffer on each side of a connection where a test
// wants a full one.
const narrow = 4 << 10

// loopbackServer is the spec of a server on any free port.
func loopbackServer(wait bool) Spec {
	return Spec{Kind: Socket, Host: loopback, Server: true, Wait: wait, NoDelay: true}
}

// connect connects to the server backend named name, such as
// socket:127.0.0.1:4444. Its receive buffer is narrow.
func connect(t *testing.T, name string) *net.TCPConn {
	t.Helper()
	d := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error { return narrowReceive(raw) }}
	c, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(name, "socket:"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c.(*net.TCPConn)
}

// serverFor listens for a client backend and returns the backend's spec.
func serverFor(t *testing.T) (*net.TCPListener, Spec) {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	tcp := l.(*net.TCPListener)
	return tcp, Spec{Kind: Socket, Host: loopback, Port: tcp.Addr().(*net.TCPAddr).Port}
}

func send(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, r io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	within(t, "reading "+want, func() {
		if n, err := io.ReadFull(r, got); err != nil || string(got) != want {
			t.Errorf("the peer got %q, %v; want %q", got[:n], err, want)
		}
	})
}

func TestSocketServerServesOneClientAfterAnother(t *testing.T) {
	sink := newRecorder()
	b := start(t, loopbackServer(false), Options{}, sink)
	if b.Name() == "socket:127.0.0.1:0" {
		t.Error("the name does not say which port was taken")
	}
	if n := b.Write(make([]byte, 2*outputBuffer)); n != 2*outputBuffer {
		t.Errorf("with nobody connected Write took %d bytes", n)
	}
	want := ""
	for i, text := range []string{"first\x00\xff", "second", "third"} {
		sink.waitEvent(t, Waiting, i+1)
		c := connect(t, b.Name())
		if ev := sink.waitEvent(t, Opened, i+1); ev.Peer != c.LocalAddr().String() {
			t.Errorf("connected to %s, want %s", ev.Peer, c.LocalAddr())
		}
		send(t, c, text)
		want += text
		sink.waitInput(t, want)
		b.Write([]byte("hello " + text))
		expect(t, c, "hello "+text)
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if ev := sink.waitEvent(t, Gone, i+1); ev.Peer != c.LocalAddr().String() {
			t.Errorf("%s is gone, want %s", ev.Peer, c.LocalAddr())
		}
	}
	mustClose(t, b)
	mustClose(t, b)
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if n := sink.count(Exposed); n != 0 {
		t.Errorf("a server on loopback was told %d times to be exposed", n)
	}
}

func TestSocketServerWaits(t *testing.T) {
	sink := newRecorder()
	b := newSocket(loopbackServer(true))
	started := make(chan error, 1)
	go func() { started <- b.Start(sink) }()
	sink.waitEvent(t, Waiting, 1)
	select {
	case err := <-started:
		t.Fatalf("Start did not wait: %v", err)
	default:
	}
	c := connect(t, b.Name())
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	b.Write([]byte("from the first byte"))
	expect(t, c, "from the first byte")
	mustClose(t, b)
}

func TestSocketCloseWhileStartWaits(t *testing.T) {
	sink := newRecorder()
	b := newSocket(loopbackServer(true))
	started := make(chan error, 1)
	go func() { started <- b.Start(sink) }()
	sink.waitEvent(t, Waiting, 1)
	mustClose(t, b)
	if err := <-started; !errors.Is(err, ErrClosed) {
		t.Errorf("Start: %v, want ErrClosed", err)
	}
}

func TestSocketClosedBeforeStart(t *testing.T) {
	_, client := serverFor(t)
	for _, spec := range []Spec{client, loopbackServer(true), loopbackServer(false)} {
		b := newSocket(spec)
		mustClose(t, b)
		if err := b.Start(newRecorder()); !errors.Is(err, ErrClosed) {
			t.Errorf("%v: Start after Close: %v", spec, err)
		}
	}
}

func TestSocketClient(t *testing.T) {
	l, spec := serverFor(t)
	sink := newRecorder()
	b := start(t, spec, Options{}, sink)
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	sink.waitEvent(t, Opened, 1)
	send(t, c, "to the guest")
	sink.waitInput(t, "to the guest")
	b.Write([]byte("from the guest"))
	expect(t, c, "from the guest")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	sink.waitEvent(t, Gone, 1)
	if n := b.Write(make([]byte, 2*outputBuffer)); n != 2*outputBuffer {
		t.Errorf("Write to a peer that is gone took %d bytes", n)
	}
	mustClose(t, b)
}

func TestSocketCloseEndsConnection(t *testing.T) {
	l, spec := serverFor(t)
	sink := newRecorder()
	b := start(t, spec, Options{}, sink)
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	b.Write([]byte("the last words"))
	mustClose(t, b)
	within(t, "reading to the end", func() {
		if got, err := io.ReadAll(c); err != nil || string(got) != "the last words" {
			t.Errorf("the peer got %q, %v", got, err)
		}
	})
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if n := sink.count(Gone); n != 0 {
		t.Errorf("our own Close was told %d times as the peer's leaving", n)
	}
}

// A peer that has said all it has to say still gets what was written to it.
func TestSocketHalfClose(t *testing.T) {
	sink := newRecorder()
	b := start(t, loopbackServer(false), Options{}, sink)
	c := connect(t, b.Name())
	sink.waitEvent(t, Opened, 1)
	narrowSend(t, b)
	want := fill(t, b)
	send(t, c, "bye")
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	sink.waitEvent(t, Gone, 1)
	within(t, "reading to the end", func() {
		if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, want) {
			t.Errorf("the peer got %d bytes, %v; want %d", len(got), err, len(want))
		}
	})
	sink.waitInput(t, "bye")
	sink.waitEvent(t, Waiting, 2)
	mustClose(t, b)
}

// narrowSend makes the kernel hold little of what the backend sends.
func narrowSend(t *testing.T, b Backend) {
	t.Helper()
	s := b.(*socket)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.peer.conn.(*net.TCPConn).SetWriteBuffer(narrow); err != nil {
		t.Fatal(err)
	}
}

// stuck is a server backend with a client that has not read anything, and
// that has refused bytes; and the bytes that it took.
func stuck(t *testing.T) (b Backend, sink *recorder, c *net.TCPConn, taken []byte) {
	t.Helper()
	sink = newRecorder()
	b = start(t, loopbackServer(false), Options{}, sink)
	c = connect(t, b.Name())
	sink.waitEvent(t, Opened, 1)
	narrowSend(t, b)
	return b, sink, c, fill(t, b)
}

func TestSocketReadyOncePerRefusal(t *testing.T) {
	b, sink, c, want := stuck(t)
	for run := 1; run <= 2; run++ {
		if n := b.Write([]byte("xy")); n == 2 {
			want = append(want, "xy"...) // a byte or two have gone meanwhile
		} else {
			want = append(want, "xy"[:n]...)
		}
		if n := sink.readies(); n != run-1 {
			t.Errorf("Ready was called %d times while nothing was read", n)
		}
		got := make([]byte, len(want))
		within(t, "reading the output", func() {
			if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, want) {
				t.Errorf("the peer got other bytes than were taken: %v", err)
			}
		})
		sink.wait(t, "Ready", func() bool { return sink.ready == run })
		if run == 1 {
			want = fill(t, b)
		}
	}
	mustClose(t, b)
	if n := sink.readies(); n != 2 {
		t.Errorf("Ready was called %d times for two refusals", n)
	}
}

func TestSocketCloseWaitsForSlowReader(t *testing.T) {
	b, _, c, want := stuck(t)
	closed := make(chan error, 1)
	go func() { closed <- b.Close() }()
	var got []byte
	chunk := make([]byte, 100)
	within(t, "reading to the end", func() {
		for {
			n, err := c.Read(chunk)
			got = append(got, chunk[:n]...)
			if err != nil {
				return
			}
		}
	})
	if err := <-closed; err != nil || !bytes.Equal(got, want) {
		t.Errorf("Close: %v; the peer got %d bytes of %d", err, len(got), len(want))
	}
}

func TestSocketCloseGivesUpPeerThatDoesNotRead(t *testing.T) {
	b, _, _, _ := stuck(t)
	within(t, "Close", func() {
		err := b.Close()
		if !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), "does not read") {
			t.Errorf("Close: %v, want what was not sent", err)
		}
	})
}

// A guest that was refused is told to go on when the peer goes away.
func TestSocketReadyWhenPeerLeaves(t *testing.T) {
	b, sink, c, _ := stuck(t)
	if err := c.SetLinger(0); err != nil { // a reset
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	// Why is known to the one of reader and writer that hears of the reset first;
	// to the other the connection has just ended.
	sink.waitEvent(t, Gone, 1)
	sink.wait(t, "Ready", func() bool { return sink.ready == 1 })
	sink.waitEvent(t, Waiting, 2)
	again := connect(t, b.Name())
	sink.waitEvent(t, Opened, 2)
	b.Write([]byte("new"))
	expect(t, again, "new") // and nothing of what the first was to get
	mustClose(t, b)
}

// What a peer that left did not get has been told with its leaving.
func TestSocketCloseAfterPeerLeft(t *testing.T) {
	b, sink, c, _ := stuck(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	sink.waitEvent(t, Waiting, 2)
	mustClose(t, b)
}

func TestSocketBackPressure(t *testing.T) {
	sink := newRecorder()
	sink.gate = make(chan struct{})
	b := start(t, loopbackServer(false), Options{}, sink)
	c := connect(t, b.Name())
	text := bytes.Repeat([]byte("0123456789abcdef"), 1<<20/16)
	written := make(chan error, 1)
	go func() {
		_, err := c.Write(text)
		written <- err
	}()
	sink.wait(t, "a delivery", func() bool { return sink.calls == 1 })
	b.Write([]byte("meanwhile")) // output is not held with the input
	expect(t, c, "meanwhile")
	if sink.calls != 1 {
		t.Errorf("the backend was read on: %d deliveries", sink.calls)
	}
	close(sink.gate)
	if err := <-written; err != nil {
		t.Error(err)
	}
	sink.wait(t, "everything", func() bool { return bytes.Equal(sink.input, text) })
	mustClose(t, b)
}

func TestSocketCloseWhileOwnerIsBusy(t *testing.T) {
	sink := newRecorder()
	sink.gate = make(chan struct{})
	b := start(t, loopbackServer(false), Options{}, sink)
	c := connect(t, b.Name())
	send(t, c, "a")
	sink.wait(t, "a delivery", func() bool { return sink.calls == 1 })
	mustClose(t, b)
	close(sink.gate)
}

// An owner that wants no input may still have output.
func TestSocketOwnerWantsNoMore(t *testing.T) {
	sink := newRecorder()
	sink.refuse = true
	b := start(t, loopbackServer(false), Options{}, sink)
	c := connect(t, b.Name())
	send(t, c, "a")
	sink.wait(t, "a delivery", func() bool { return sink.calls == 1 })
	b.Write([]byte("output"))
	expect(t, c, "output")
	mustClose(t, b)
}

func TestSocketExposed(t *testing.T) {
	sink := newRecorder()
	spec := loopbackServer(false)
	spec.Host = "0.0.0.0"
	b := start(t, spec, Options{}, sink)
	sink.waitEvent(t, Exposed, 1)
	mustClose(t, b)
	// A spec without a host listens on loopback.
	spec.Host = ""
	b = start(t, spec, Options{}, newRecorder())
	if !strings.HasPrefix(b.Name(), "socket:127.0.0.1:") {
		t.Errorf("without a host it listens on %s", b.Name())
	}
}

// oneLine checks an error for people.
func oneLine(t *testing.T, err error, want ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", want)
		return
	}
	for _, part := range append(want, "127.0.0.1") {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") || strings.Count(err.Error(), "127.0.0.1") != 1 {
		t.Errorf("not one plain line: %q", err)
	}
}

func TestSocketErrors(t *testing.T) {
	l, spec := serverFor(t)
	taken := spec
	taken.Server = true
	err := newSocket(taken).Start(newRecorder())
	oneLine(t, err, "127.0.0.1:"+strconv.Itoa(spec.Port), "another program has the port", "choose another port")
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("%v is not EADDRINUSE", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	err = newSocket(spec).Start(newRecorder())
	oneLine(t, err, "cannot connect", "refused", "add server=on")
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("%v is not ECONNREFUSED", err)
	}
	nowhere := Spec{Kind: Socket, Host: "no such.invalid", Port: 1}
	if err := newSocket(nowhere).Start(newRecorder()); err == nil || !strings.Contains(err.Error(), "check the spelling") {
		t.Errorf("an unknown host: %v", err)
	}
}

// Close cancels a connecting that the other side does not answer.
func TestSocketDialIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, spec := serverFor(t)
	if c, err := dial(ctx, spec); err == nil {
		t.Errorf("connected to %v although cancelled", c.RemoteAddr())
	} else if !errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "cancel") {
		t.Errorf("dial: %v", err)
	}
}

func TestListenerSockets(t *testing.T) {
	spec, err := ParseControl("tcp::0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := Listen(spec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if l.Exposed() {
		t.Error("a listener on loopback counts as exposed")
	}
	for range 2 {
		c := connect(t, l.Name())
		conn, peer, err := l.Accept()
		if err != nil || peer != c.LocalAddr().String() {
			t.Fatalf("accepted %s, %v", peer, err)
		}
		send(t, c, "question")
		expect(t, conn, "question")
		send(t, conn, "answer")
		expect(t, c, "answer")
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		within(t, "the end", func() {
			if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
				t.Errorf("after Close the peer got %d bytes, %v", n, err)
			}
		})
	}
	accepted := make(chan error, 1)
	go func() {
		_, _, err := l.Accept()
		accepted <- err
	}()
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-accepted; !errors.Is(err, ErrClosed) {
		t.Errorf("Accept after Close: %v", err)
	}
}

func TestListenerErrors(t *testing.T) {
	_, spec := serverFor(t)
	spec.Server = true
	_, err := Listen(spec, Options{})
	oneLine(t, err, "another program has the port")
	for _, spec := range []Spec{{Kind: Null}, {Kind: Socket, Host: loopback, Port: 1}} {
		if l, err := Listen(spec, Options{}); err == nil {
			t.Errorf("%v was opened as %s", spec, l.Name())
		}
	}
}

func TestListenerStdio(t *testing.T) {
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	l, err := Listen(Spec{Kind: Stdio}, Options{Stdin: inR, Stdout: outW})
	if err != nil {
		t.Fatal(err)
	}
	send(t, inW, "question") // nobody is there before something is sent
	conn, _, err := l.Accept()
	if err != nil || l.Name() != "stdio" || l.Exposed() {
		t.Fatalf("accepted on %s: %v", l.Name(), err)
	}
	expect(t, conn, "question")
	send(t, conn, "answer")
	expect(t, outR, "answer")

	read := make(chan error, 1)
	go func() {
		_, err := conn.Read(make([]byte, 1))
		read <- err
	}()
	for range 2 {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-read; !errors.Is(err, ErrClosed) {
		t.Errorf("Read when closed: %v", err)
	}
	accepted := make(chan error, 1)
	go func() {
		_, _, err := l.Accept()
		accepted <- err
	}()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-accepted; !errors.Is(err, ErrClosed) {
		t.Errorf("a second Accept: %v", err)
	}
}
