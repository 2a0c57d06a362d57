package gdbstub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"reprise/vm/state"
)

// forever is the end of a toy that does not stop by itself.
const forever = state.Never

func TestServeDetach(t *testing.T) {
	ty := newToy(600)
	c := dial(t, ty)
	c.want("Z0,80000100,4", "OK")
	c.want("Z1,80000004,4", "OK")
	ty.called()
	c.want("D", "OK")
	if err := c.closed(); err != nil {
		t.Errorf("Serve: %v", err)
	}
	got := strings.Fields(ty.called())
	if len(got) != 3 || got[2] != "detach" || !strings.Contains(strings.Join(got, " "), "break(0x80000100,false)") {
		t.Errorf("the end was %q, want two breakpoints cleared, then a detach", got)
	}
}

func TestServeEnds(t *testing.T) {
	cause := errors.New("the program ends")
	tests := []struct {
		name string
		do   func(c *client)
		want error
	}{
		{"kill", func(c *client) { c.packet("k") }, nil},
		{"vKill", func(c *client) { c.want("vKill;a410", "OK") }, nil},
		{"detach of a process", func(c *client) { c.want("D;1", "OK") }, nil},
		{"hang up", func(c *client) { _ = c.conn.Close() }, nil},
		{"hang up in a packet", func(c *client) { c.send("$m8"); _ = c.conn.Close() }, nil},
		{"cancel", func(c *client) { c.cancel(cause) }, cause},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ty := newToy(600)
			c := dial(t, ty)
			c.want("?", "T05thread:1;")
			test.do(c)
			if err := c.closed(); !errors.Is(err, test.want) {
				t.Errorf("Serve returned %v, want %v", err, test.want)
			}
			if got := ty.called(); got != "attach detach" {
				t.Errorf("calls were %q", got)
			}
		})
	}
}

// The same ends, while the machine runs.
func TestServeEndsRun(t *testing.T) {
	cause := errors.New("the program ends")
	tests := []struct {
		name string
		do   func(c *client)
		want error
	}{
		{"hang up", func(c *client) { _ = c.conn.Close() }, nil},
		{"cancel", func(c *client) { c.cancel(cause) }, cause},
		{"kill", func(c *client) { c.packet("k"); c.answer() }, nil},
		{"detach", func(c *client) { c.packet("D"); c.answer(); c.answer() }, nil},
		{"vKill", func(c *client) { c.packet("vKill;a410"); c.answer(); c.answer() }, nil},
		{"hang up with questions", func(c *client) { c.packet("c"); c.packet("c"); _ = c.conn.Close() }, nil},
	}
	for i := range 2 * len(tests) {
		test, noAck := tests[i/2], i%2 == 1
		t.Run(fmt.Sprintf("%s,noAck=%v", test.name, noAck), func(t *testing.T) {
			ty := newToy(forever)
			c := dial(t, ty)
			if noAck {
				c.want("QStartNoAckMode", "OK")
				c.noAck = true
			}
			c.packet("vCont;c")
			<-ty.spinning
			test.do(c)
			if err := c.closed(); !errors.Is(err, test.want) {
				t.Errorf("Serve returned %v, want %v", err, test.want)
			}
			if got := ty.called(); got != "attach detach" {
				t.Errorf("calls were %q", got)
			}
		})
	}
}

// A peer that is gone is not served any more, though it left questions and its
// connection still takes answers.
func TestServeNobody(t *testing.T) {
	ty := newToy(forever)
	runs := 0
	ty.run = func(ctx context.Context, _ Action) (Stop, error) {
		runs++
		<-ctx.Done()
		return Stop{Reason: Interrupted}, nil
	}
	if err := Serve(t.Context(), deafConn{strings.NewReader("$c#63$c#63$c#63")}, ty); err != nil || runs != 1 {
		t.Errorf("Serve returned %v after %d runs, want 1", err, runs)
	}
}

type deafConn struct{ io.Reader }

func (d deafConn) Write(p []byte) (int, error) { return len(p), nil }
func (d deafConn) Close() error                { return nil }

func TestServeTargetErrors(t *testing.T) {
	refused := errors.New("somebody else is attached")
	c := dial(t, refusing{newToy(600), refused})
	if err := c.closed(); !errors.Is(err, refused) {
		t.Errorf("Serve returned %v, want %v", err, refused)
	}

	ty := newToy(600)
	ty.stuck = true
	c = dial(t, ty)
	c.want("D", "E.the toy is stuck")
	if err := c.closed(); err != nil {
		t.Errorf("Serve returned %v; gdb has the error", err)
	}

	ty = newToy(600)
	ty.stuck = true
	c = dial(t, ty)
	c.packet("k")
	if err := c.closed(); err == nil || err.Error() != "the toy is stuck" {
		t.Errorf("Serve returned %v; nobody else had the error", err)
	}
}

type refusing struct {
	*toy
	err error
}

func (r refusing) Attach() (int, error) { return 0, r.err }

func TestServeOtherErrors(t *testing.T) {
	fail := errors.New("the line is noisy")
	err := Serve(t.Context(), brokenConn{fail}, newToy(600))
	if !errors.Is(err, fail) || !strings.Contains(err.Error(), "reading from gdb") {
		t.Errorf("Serve returned %v, want it to wrap %v", err, fail)
	}
	err = Serve(t.Context(), mutedConn{strings.NewReader("$?#3f"), fail}, newToy(600))
	if !errors.Is(err, fail) || !strings.Contains(err.Error(), "writing to gdb") {
		t.Errorf("Serve returned %v, want it to wrap %v", err, fail)
	}
}

type brokenConn struct{ err error }

func (b brokenConn) Read([]byte) (int, error)    { return 0, b.err }
func (b brokenConn) Write(p []byte) (int, error) { return len(p), nil }
func (b brokenConn) Close() error                { return nil }

type mutedConn struct {
	io.Reader
	err error
}

func (m mutedConn) Write([]byte) (int, error) { return 0, m.err }
func (m mutedConn) Close() error              { return nil }

func TestInterrupt(t *testing.T) {
	ty := newToy(forever)
	c := dial(t, ty)
	c.send("\x03") // nothing runs: no answer
	for _, run := range []string{"c", "vCont;c", "vCont;c:1", "C05"} {
		c.packet(run)
		<-ty.spinning
		c.send("\x03")
		if got := c.answer(); got != "T02thread:1;" && got != "T02thread:2;" {
			t.Errorf("%q interrupted gave %q", run, got)
		}
	}
	ty.seek(state.Never / 2)
	c.said("bc") // moved by somebody else
	c.packet("bc")
	<-ty.spinning
	c.send("\x03")
	if got := c.answer(); !strings.HasPrefix(got, "T02thread:") {
		t.Errorf("bc interrupted gave %q", got)
	}
	c.want("qAttached", "1")
}

func TestAcknowledgements(t *testing.T) {
	c := dial(t, newToy(600))
	c.send("$qC#00")
	if f := c.frame(); f.kind != frameNack {
		t.Errorf("a corrupt packet gave %v", f.kind)
	}
	c.send("$qC#b4")
	if f := c.frame(); f.kind != frameAck {
		t.Errorf("a packet gave %v", f.kind)
	}
	for range 3 {
		if f := c.frame(); f != (frame{framePacket, "QC1"}) {
			t.Errorf("the answer was %v %q", f.kind, f.payload)
		}
		c.send("-")
	}
	if got := c.answer(); got != "QC1" {
		t.Errorf("the answer sent again was %q", got)
	}
	c.want("QStartNoAckMode", "OK")
	c.noAck = true
	c.want("qC", "QC1")
	c.send("$qC#00") // checksums are not looked at now
	if got := c.answer(); got != "QC1" {
		t.Errorf("without acknowledgements the answer was %q", got)
	}
}

// Packets sent before the answer to a run has come are answered after it, in
// order, in both modes.
func TestEarlyPackets(t *testing.T) {
	for _, noAck := range []bool{false, true} {
		ty := newToy(forever)
		c := dial(t, ty)
		if noAck {
			c.want("QStartNoAckMode", "OK")
			c.noAck = true
		}
		c.packet("c")
		<-ty.spinning
		c.packet("qC")
		c.packet("qAttached")
		c.send("\x03")
		if got := c.answer(); !strings.HasPrefix(got, "T02") {
			t.Errorf("the run gave %q", got)
		}
		for _, want := range []string{"QC", "1"} {
			if got := c.answer(); !strings.HasPrefix(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		c.want("qAttached", "1")
	}
}

func TestFlood(t *testing.T) {
	ty := newToy(forever)
	c := dialQuietly(t, ty)
	c.packet("c")
	<-ty.spinning
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for range 2 * maxEarly {
			_, _ = io.WriteString(c.conn, "$qAttached#8f")
		}
	}()
	if got := c.answer(); !strings.HasPrefix(got, "T02") {
		t.Errorf("a flood of packets left the run going: %q", got)
	}
	for i := range 2 * maxEarly {
		if got := c.answer(); got != "1" {
			t.Fatalf("answer %d was %q", i, got)
		}
	}
	<-sent
}

func TestContextReachesRun(t *testing.T) {
	ty := newToy(600)
	seen := make(chan context.Context, 1)
	ty.run = func(ctx context.Context, _ Action) (Stop, error) {
		seen <- ctx
		return Stop{Reason: Stepped}, nil
	}
	c := dialQuietly(t, ty)
	c.want("vCont;s:1", "T05thread:1;")
	if ctx := <-seen; ctx.Err() == nil {
		t.Error("the context of a run outlives it")
	}
}
