package gdbstub

import (
	"fmt"
	"strings"
	"testing"
)

// le is a register on the wire.
func le(v uint64) string {
	var b strings.Builder
	for range 8 {
		fmt.Fprintf(&b, "%02x", byte(v))
		v >>= 8
	}
	return b.String()
}

func TestReadRegisters(t *testing.T) {
	ty := newToy(600)
	ty.seek(7) // hart 0 has done four steps, hart 1 three
	c := dialQuietly(t, ty)
	c.want("Hg1", "OK")
	g := c.ask("g")
	if len(g) != 33*16 {
		t.Fatalf("g gave %d characters, want 33 registers", len(g))
	}
	for r, want := range map[int]uint64{0: 0, 1: 0x1111, 4: 0, 10: 1, 31: 31 * 0x1111, 32: 0x80000104} {
		if got := g[16*r:][:16]; got != le(want) {
			t.Errorf("register %d is %s, want %s", r, got, le(want))
		}
	}
	c.want("p20", le(0x80000104))
	c.want("p21", le(0x3fe0000000000000))
	c.want(fmt.Sprintf("p%x", FirstCSR+toyMEPC), le(0x80000008))
	c.want(fmt.Sprintf("p%x", FirstCSR+toyUnread), unavailable)
	c.want("p1041", le(3)) // the privilege mode
	c.want("Hg2", "OK")
	c.want("p4", le(1))
	c.want(fmt.Sprintf("p%x", FirstCSR+0x300), "E01") // not described
	c.want("p1042", "E01")
	c.want("pffffffffffffffff", "E01")
	c.want("p", "E01")
	c.want("p-1", "E01")
}

func TestWriteRegisters(t *testing.T) {
	ty := newToy(600)
	ty.live = true
	c := dialQuietly(t, ty)
	ty.called()
	c.want("Pa="+le(7), "E.writes are possible at the live end only")
	ty.seek(600)
	c.want("Pa="+le(7), "OK")
	c.want("pa", le(7))
	c.want("Hg2", "OK")
	c.want("P21="+le(9), "OK")
	if got := ty.called(); got != "write(0,10,0x7) write(1,33,0x9)" {
		t.Errorf("wrote %q", got)
	}

	all := c.ask("g")
	c.want("G"+strings.Replace(all, le(0x1111), le(0x1234), 1), "OK")
	c.want("G"+le(0)+unavailable+le(0x4321), "OK")
	if got := ty.called(); got != "write(1,1,0x1234) write(1,2,0x4321)" {
		t.Errorf("G wrote %q, want what differs only", got)
	}
	for _, packet := range []string{"Pa", "Pa=", "Pa=01", "Pa=" + strings.Repeat("0", 15) + "g", "Pa=" + le(1) + "00", "G00", "G" + all + le(0)} {
		c.want(packet, "E.packet not understood")
	}
	c.want("P1042="+le(1), "E.no register of this number")
	if got := ty.called(); got != "" {
		t.Errorf("bad packets wrote %q", got)
	}
}

func TestReadMemory(t *testing.T) {
	c := dialQuietly(t, newToy(600))
	c.want("m80000000,8", "1305150013000000")
	c.want("m80000ffe,10", "0000") // cut at the end of memory
	c.want("m80001000,1", "E01")
	c.want("m80000000,0", "")
	c.want("m80000000", "E01")
	c.want("mx,1", "E01")
	c.want("m1ffffffffffffffff,1", "E01")
	if got := c.ask("m80000000,ffffffffffffffff"); len(got) != 2*toyRAMSize {
		t.Errorf("a read of everything gave %d characters, want %d", len(got), 2*toyRAMSize)
	}
}

// A target that reads nothing, without an error, must not look like a stub
// that does not know the packet.
func TestReadNothing(t *testing.T) {
	c := dialQuietly(t, blind{newToy(600)})
	c.want("m80000000,8", "E01")
	c.want("qSupported:error-message+", c.ask("qSupported:error-message+"))
	c.want("m80000000,8", "E.nothing to read here")
}

type blind struct{ *toy }

func (blind) ReadMemory(int, uint64, []byte) (int, error) { return 0, nil }

func TestWriteMemory(t *testing.T) {
	ty := newToy(600)
	ty.live = true
	c := dialQuietly(t, ty)
	ty.called()
	c.want("M80000900,2:1234", "E.writes are possible at the live end only")
	ty.seek(600)
	c.want("M80000900,2:1234", "OK")
	c.want("X80000904,5:#$}*:", "OK")
	c.want("m80000900,9", "1234000023247d2a3a")
	c.want("X80000900,0:", "OK")
	c.want("M80000900,0:", "OK")
	if got := ty.called(); got != "store(0x80000900,1234) store(0x80000904,23247d2a3a)" {
		t.Errorf("stored %q", got)
	}
	c.want("M80001000,1:00", "E.no memory at 0x80001000")
	for _, packet := range []string{"M80000900,2:12", "M80000900,2:123", "M80000900,2", "M80000900:12", "X80000900,2:a", "X80000900:a"} {
		c.want(packet, "E.packet not understood")
	}
	if got := ty.called(); got != "" {
		t.Errorf("bad packets stored %q", got)
	}
}

// An error text holds no character that gdb would take for framing.
func TestFailedText(t *testing.T) {
	s := &server{}
	if got := s.failed("a#b$c}d*e\nf\u00fc~"); got != "E.a?b?c?d?e?f?~" {
		t.Errorf("got %q", got)
	}
	if got := s.failed(strings.Repeat("x", 5000)); len(got) != 1002 {
		t.Errorf("a long text gave %d characters", len(got))
	}
}
