package gdbstub

import (
	"fmt"
	"strings"
	"testing"
)

func TestSupported(t *testing.T) {
	const ours = "PacketSize=4000;QStartNoAckMode+;qXfer:features:read+;qXfer:threads:read+;vContSupported+;" +
		"ReverseStep+;ReverseContinue+;swbreak+;hwbreak+;binary-upload+"
	c := dialQuietly(t, newToy(600))
	c.want("qSupported", ours)
	c.want("qSupported:multiprocess+;swbreak-;xmlRegisters=i386", ours)
	c.want("m0,8", "E01")
	c.want("qSupported:error-message+", ours+";error-message+")
	c.want("m0,8", "E.no memory at 0x0")
}

func TestUnknownPackets(t *testing.T) {
	c := dialQuietly(t, newToy(600))
	for _, packet := range []string{
		"", "vMustReplyEmpty", "vRun;61", "vAttach;1", "vCtrlC", "QNonStop:1", "qSymbol::", "qTStatus", "qOffsets",
		"qCRC:80000000,4", "qSupportedX", "qXfer:memory-map:read::0,100", "qXfer:features:write:target.xml:0:x", "b9600", "i", "Z5,0,4",
	} {
		want := ""
		if packet == "Z5,0,4" {
			want = "E.packet not understood"
		}
		c.want(packet, want)
	}
	c.send("$" + strings.Repeat("a", maxPacket+1) + "#00")
	if got := c.answer(); got != "" {
		t.Errorf("a packet too long gave %q", got)
	}
}

// large is a toy with a description of several packets.
type large struct{ *toy }

func (l large) CSRs() []CSR {
	csrs := l.toy.CSRs()
	for n := range 300 {
		csrs = append(csrs, CSR{fmt.Sprintf("a*#%d", n), uint16(0x400 + n)})
	}
	return csrs
}

func TestTransfer(t *testing.T) {
	ty := large{newToy(600)}
	want := description(ty.CSRs())
	c := dialQuietly(t, ty)
	for _, size := range []int{1, 1000, 4096, 0x4000, 0x40000000} {
		var got strings.Builder
		for {
			part := c.ask(fmt.Sprintf("qXfer:features:read:target.xml:%x,%x", got.Len(), size))
			if len(part) > size+1 || len(part) > maxPacket/2 {
				t.Fatalf("asked for %d characters, got %d", size, len(part)-1)
			}
			got.WriteString(part[1:])
			if part[0] == 'l' {
				break
			}
			if part[0] != 'm' || len(part) == 1 {
				t.Fatalf("part of size %d: %q", size, part)
			}
		}
		if got.String() != want {
			t.Errorf("in parts of %d it is\n%s\nwant\n%s", size, &got, want)
		}
		if size == 1 {
			continue
		}
		c.want(fmt.Sprintf("qXfer:features:read:target.xml:%x,%x", len(want), size), "l")
	}
	c.want("qXfer:features:read:target.xml:ffffffffffffffff,ffffffffffffffff", "l")
	c.want("qXfer:features:read:other.xml:0,100", "E00")
	c.want("qXfer:features:read:target.xml:0", "E00")
}

func TestMonitor(t *testing.T) {
	ty := newToy(600)
	c := dial(t, ty)
	monitor := func(line, wantConsole string) {
		t.Helper()
		console, answer := c.said(fmt.Sprintf("qRcmd,%x", line))
		if console != wantConsole || answer != "OK" {
			t.Errorf("monitor %s said %q and answered %q, want %q and OK", line, console, answer, wantConsole)
		}
	}
	monitor("info replay", "replaying step 0 of 600\n")
	monitor("jump", "no command \"jump\": type help\n")
	monitor("long", strings.Repeat("a line of forty characters, counting LF\n", 1000))
	c.want("qRcmd,6", "E.the monitor's line is not hexadecimal")

	c.packet(fmt.Sprintf("qRcmd,%x", "wait"))
	<-ty.spinning
	c.send("\x03")
	if got, want := c.answer(), fmt.Sprintf("O%x", "waiting\n"); got != want {
		t.Errorf("a monitor command that waits said %q, want %q", got, want)
	}
	if got, want := c.answer(), fmt.Sprintf("O%x", "wait: context canceled\n"); got != want {
		t.Errorf("a monitor command interrupted gave %q, want %q", got, want)
	}
	if got := c.answer(); got != "OK" {
		t.Errorf("and then %q, want OK", got)
	}
}

func TestThreads(t *testing.T) {
	ty := newToy(600)
	ty.harts = 12
	c := dialQuietly(t, ty)
	c.want("qfThreadInfo", "m1,2,3,4,5,6,7,8,9,a,b,c")
	c.want("qsThreadInfo", "l")
	c.want("qThreadExtraInfo,c", fmt.Sprintf("%x", "hart 11"))
	c.want("qThreadExtraInfo,d", "E01")
	c.want("qThreadExtraInfo,0", "E01")
	c.want("qC", "QC1")
	c.want("Tc", "OK")
	c.want("Td", "E01")
	c.want("T-1", "E01")
	c.want("Hg3", "OK")
	c.want("qC", "QC3")
	c.want("p4", "0200000000000000") // tp is the hart's number
	c.want("Hg0", "OK")
	c.want("p4", "0200000000000000")
	c.want("Hg-1", "OK")
	c.want("Hgd", "E01")
	c.want("Hgp1.1", "E01")
	c.want("Hx1", "")
	c.want("H", "E01")
	c.want("Hc2", "OK")
	c.want("s", "T05thread:2;")
	c.want("p4", "0100000000000000") // the hart of a stop is the general one
	c.want("Hc-1", "OK")
	c.want("Hg5", "OK")
	c.want("s", "T05thread:5;")
}
