package device

import (
	"slices"
	"strings"
	"testing"

	"reprise/internal/testing/statecheck"
	"reprise/vm/state"
)

// uartBench is a UART on a backend that takes up to room bytes.
type uartBench struct {
	*UART
	room    int
	taken   string   // by the backend
	offered []string // one for each write
	level   bool     // of the interrupt line
}

func newUARTBench(room int) *uartBench {
	b := &uartBench{room: room}
	b.UART = NewUART(
		func(level bool) { b.level = level },
		func(p []byte) int {
			b.offered = append(b.offered, string(p))
			n := min(b.room, len(p))
			b.room -= n
			b.taken += string(p[:n])
			return n
		})
	return b
}

func (b *uartBench) write(t *testing.T, reg uint64, values ...byte) {
	t.Helper()
	for _, v := range values {
		put(t, b, reg, uint64(v), 1)
	}
}

func (b *uartBench) expect(t *testing.T, what string, reg, want uint64) {
	t.Helper()
	if got := get(t, b, reg, 1); got != want {
		t.Errorf("%s: register %d is %#x, want %#x", what, reg, got, want)
	}
}

const empty = lsrTHRE | lsrTEMT

func TestUARTVisitsItsState(t *testing.T) {
	statecheck.Check(t, newUARTBench(0).UART)
	b := newUARTBench(0)
	b.write(t, uartIIR, fcrEnable)
	b.write(t, uartData, []byte("out")...)
	b.Receive([]byte("in"))
	statecheck.Check(t, b.UART)
}

func TestUARTSendsAtOnce(t *testing.T) {
	b := newUARTBench(100)
	for _, fcr := range []byte{0, fcrEnable} {
		b.write(t, uartIIR, fcr)
		for _, c := range []byte("hello") {
			b.write(t, uartData, c)
			b.expect(t, "after a byte", uartLSR, empty)
		}
	}
	if want := strings.Split("hellohello", ""); !slices.Equal(b.offered, want) {
		t.Errorf("offered %q, want a write for each byte", b.offered)
	}
}

func TestUARTKeepsARefusedByte(t *testing.T) {
	b := newUARTBench(1)
	b.write(t, uartIIR, fcrEnable)
	b.write(t, uartIER, ierTransmit)
	b.expect(t, "empty from the start", uartIIR, iirFIFOs|iirTransmit)
	b.write(t, uartData, 'a')
	b.expect(t, "taken", uartIIR, iirFIFOs|iirTransmit)
	b.write(t, uartData, 'b')
	b.expect(t, "refused", uartLSR, 0)
	b.expect(t, "refused", uartIIR, iirFIFOs|iirNone)
	if b.level || !b.Refused() {
		t.Errorf("interrupt %v, refused %v after a refusal", b.level, b.Refused())
	}
	b.write(t, uartData, []byte("cd")...) // waits behind it, without being offered
	b.expect(t, "still refused", uartLSR, 0)

	b.Ready() // still no room
	b.expect(t, "refused again", uartLSR, 0)
	b.room = 2
	b.Ready() // in parts
	b.expect(t, "one byte left", uartLSR, 0)
	if !b.Refused() || b.level {
		t.Errorf("interrupt %v, refused %v with a byte left", b.level, b.Refused())
	}
	b.room = 10
	b.Ready()
	if b.Refused() || !b.level {
		t.Errorf("interrupt %v, refused %v with all sent", b.level, b.Refused())
	}
	b.expect(t, "all sent", uartLSR, empty)
	b.expect(t, "all sent", uartIIR, iirFIFOs|iirTransmit)
	b.expect(t, "reading IIR takes it back", uartIIR, iirFIFOs|iirNone)
	b.Ready() // nothing to retry
	if want := []string{"a", "b", "bcd", "bcd", "d"}; !slices.Equal(b.offered, want) {
		t.Errorf("offered %q, want %q", b.offered, want)
	}
	if b.taken != "abcd" {
		t.Errorf("sent %q", b.taken)
	}
}

func TestUARTLosesWhatFindsNoRoom(t *testing.T) {
	b := newUARTBench(0)
	b.write(t, uartData, []byte("ab")...)
	b.room = 100
	b.Ready()
	b.room = 0
	b.write(t, uartIIR, fcrEnable)
	b.write(t, uartData, []byte("0123456789abcdefXY")...)
	b.room = 100
	b.Ready()
	if want := "a0123456789abcdef"; b.taken != want {
		t.Errorf("sent %q, want %q", b.taken, want)
	}
}

func TestUARTResetOfTheFIFOKeepsTheByteBeingSent(t *testing.T) {
	b := newUARTBench(0)
	b.write(t, uartIIR, fcrEnable)
	b.write(t, uartData, []byte("abc")...)
	b.write(t, uartIIR, fcrEnable|fcrResetTransmit)
	b.expect(t, "one byte left", uartLSR, 0)
	b.room = 100
	b.Ready()
	if b.taken != "a" {
		t.Errorf("sent %q, want a", b.taken)
	}
}

func TestUARTCanReceive(t *testing.T) {
	b := newUARTBench(0)
	check := func(what string, want int) {
		t.Helper()
		if got := b.CanReceive(); got != want {
			t.Errorf("%s: room for %d, want %d", what, got, want)
		}
	}
	check("without FIFO", 1)
	b.Receive([]byte("a"))
	check("without FIFO, full", 0)
	b.expect(t, "first", uartData, 'a')
	check("without FIFO, read", 1)
	b.write(t, uartIIR, fcrEnable)
	check("empty FIFO", 16)
	b.Receive([]byte("0123456789"))
	check("FIFO with 10", 6)
	b.Receive([]byte("abcdef"))
	check("full FIFO", 0)
	b.expect(t, "no overrun", uartLSR, empty|lsrData)
	for _, c := range "0123456789abcdef" {
		b.expect(t, "in order", uartData, uint64(c))
	}
	b.write(t, uartMCR, mcrLoop)
	check("loopback", 0)
	b.write(t, uartMCR, 0)
	check("no loopback", 16)
}

func TestUARTOverrun(t *testing.T) {
	b := newUARTBench(0)
	b.write(t, uartIER, ierLine)
	b.Receive([]byte("ab"))
	b.expect(t, "without FIFO", uartIIR, iirLine)
	b.expect(t, "without FIFO", uartLSR, empty|lsrData|lsrOverrun)
	b.expect(t, "read", uartLSR, empty|lsrData)
	b.expect(t, "the later", uartData, 'b')
	b.write(t, uartIIR, fcrEnable)
	b.Receive([]byte("0123456789abcdefX"))
	b.expect(t, "FIFO", uartLSR, empty|lsrData|lsrOverrun)
	for _, c := range "0123456789abcdef" {
		b.expect(t, "the earlier", uartData, uint64(c))
	}
	b.expect(t, "nothing left", uartLSR, empty)
}

func TestUARTInterruptsBelowTheTriggerLevel(t *testing.T) {
	b := newUARTBench(0)
	b.write(t, uartIIR, fcrEnable|1<<6) // 4 bytes
	b.write(t, uartIER, ierReceive)
	b.Receive([]byte("abc"))
	b.expect(t, "3 of 4", uartIIR, iirFIFOs|iirTimeout)
	b.Receive([]byte("d"))
	b.expect(t, "4 of 4", uartIIR, iirFIFOs|iirReceive)
	for range 3 {
		get(t, b, uartData, 1)
	}
	b.expect(t, "a byte is left", uartIIR, iirFIFOs|iirTimeout)
	if !b.level {
		t.Error("no interrupt though a byte is left")
	}
	get(t, b, uartData, 1)
	b.expect(t, "all read", uartIIR, iirFIFOs|iirNone)
	if b.level {
		t.Error("interrupt with nothing to read")
	}
}

func TestUARTPeekChangesNothing(t *testing.T) {
	b := newUARTBench(0)
	b.write(t, uartIIR, fcrEnable)
	b.Receive([]byte("0123456789abcdefX")) // overrun
	b.write(t, uartIER, ierTransmit)
	before := state.Save(nil, b)
	for _, want := range []struct{ reg, value uint64 }{
		{uartData, '0'}, {uartIIR, iirFIFOs | iirTransmit}, {uartLSR, empty | lsrData | lsrOverrun}, {uartMSR, 0xb0},
	} {
		if got, ok := b.Peek(want.reg, 1); got != want.value || !ok {
			t.Errorf("register %d peeks as %#x, %v, want %#x", want.reg, got, ok, want.value)
		}
	}
	if !slices.Equal(state.Save(nil, b), before) {
		t.Error("Peek changed the state")
	}
}

func TestUARTReset(t *testing.T) {
	b, fresh := newUARTBench(0), newUARTBench(0)
	b.write(t, uartIIR, fcrEnable)
	b.write(t, uartIER, ierReceive)
	b.write(t, uartData, []byte("ab")...)
	b.Receive([]byte("c"))
	b.Reset()
	if b.level {
		t.Error("interrupt after a reset")
	}
	if !slices.Equal(state.Save(nil, b), state.Save(nil, fresh)) {
		t.Error("the state after a reset is not that of power-on")
	}
	b.room = 10
	b.Ready()
	if b.taken != "" {
		t.Errorf("sent %q after a reset", b.taken)
	}
}
