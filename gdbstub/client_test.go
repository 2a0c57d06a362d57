package gdbstub

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// client plays gdb, packet by packet, over a connection without a buffer.
type client struct {
	t      *testing.T
	conn   net.Conn
	d      *decoder
	noAck  bool
	cancel context.CancelCauseFunc
	served chan error // what Serve returned
}

// dial begins to serve a target to a client.
func dial(t *testing.T, target Target) *client {
	t.Helper()
	near, far := net.Pipe()
	if err := near.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	c := &client{t: t, conn: near, d: newDecoder(near), cancel: cancel, served: make(chan error, 1)}
	go func() { c.served <- Serve(ctx, far, target) }()
	t.Cleanup(func() {
		cancel(nil)
		_ = near.Close()
	})
	return c
}

// dialQuietly is dial, with acknowledgements switched off.
func dialQuietly(t *testing.T, target Target) *client {
	t.Helper()
	c := dial(t, target)
	c.want("QStartNoAckMode", "OK")
	c.noAck = true
	return c
}

// send writes raw bytes.
func (c *client) send(raw string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, raw); err != nil {
		c.t.Fatalf("sending %q: %v", raw, err)
	}
}

// packet writes a packet, with its '+' awaited where there is one.
func (c *client) packet(payload string) {
	c.t.Helper()
	c.send(string(appendPacket(nil, payload)))
	if !c.noAck {
		if f := c.frame(); f.kind != frameAck {
			c.t.Fatalf("%q was answered by %v, not by +", payload, f.kind)
		}
	}
}

func (c *client) frame() frame {
	c.t.Helper()
	f, err := c.d.next()
	if err != nil {
		c.t.Fatalf("reading a frame: %v", err)
	}
	return f
}

// answer reads a packet and acknowledges it.
func (c *client) answer() string {
	c.t.Helper()
	f := c.frame()
	if f.kind != framePacket {
		c.t.Fatalf("got a frame of the kind %v, want a packet", f.kind)
	}
	if !c.noAck {
		_, _ = io.WriteString(c.conn, "+") // after a goodbye nobody reads it
	}
	return f.payload
}

// ask sends a packet and returns the answer.
func (c *client) ask(payload string) string {
	c.t.Helper()
	c.packet(payload)
	return c.answer()
}

// want asks and compares.
func (c *client) want(payload, answer string) {
	c.t.Helper()
	if got := c.ask(payload); got != answer {
		c.t.Errorf("%q: got %q, want %q", payload, got, answer)
	}
}

// said returns the console output that comes, and the answer after it.
func (c *client) said(payload string) (console, answer string) {
	c.t.Helper()
	answer = c.ask(payload)
	for ; strings.HasPrefix(answer, "O") && answer != "OK"; answer = c.answer() {
		var text []byte
		if _, err := fmt.Sscanf(answer[1:], "%x", &text); err != nil {
			c.t.Fatalf("console output %q: %v", answer, err)
		}
		console += string(text)
	}
	return console, answer
}

// closed waits until Serve has returned and closed its end.
func (c *client) closed() error {
	c.t.Helper()
	err := <-c.served
	if f, readErr := c.d.next(); readErr == nil {
		c.t.Errorf("after the end came another frame, %v %q", f.kind, f.payload)
	}
	return err
}
