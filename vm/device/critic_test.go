package device

import (
	"bytes"
	"strings"
	"testing"

	"reprise/vm/state"
)

// TestCriticise asks what accesses ask for in vain. An empty answer is an access
// as drivers make it.
func TestCriticise(t *testing.T) {
	uart := newUARTBench(1).UART
	plic := NewPLIC(2, func(int, bool, bool) {})
	aclint := NewACLINT(2, func() uint64 { return 0 }, ACLINTLines{SetMSIP: func(int, bool) {}, Changed: func() {}})
	rtc := newClockBench().rtc
	finisher := NewFinisher(func(FinisherKind, uint16) {})
	disk, _ := newTestDisk(newGuestRAM(1<<16), false)
	for _, c := range []struct {
		device        Critic
		off, value    uint64
		size          int
		write         bool
		want          string // part of the answer
		unimplemented bool
	}{
		{uart, uartData, 'x', 1, true, "", false},
		{uart, uartIER, 0x0f, 1, true, "", false},
		{uart, uartIER, 0x1f, 1, true, "bits 0x10 of IER are ignored", false},
		{uart, uartIIR, 0xc7, 1, true, "", false},
		{uart, uartIIR, 0x20, 1, true, "bits 0x20 of FCR", false},
		{uart, uartLCR, 0x83, 1, true, "", false},
		{uart, uartLCR, 0x43, 1, true, "break", true},
		{uart, uartMCR, 0x2b, 1, true, "bits 0x20 of MCR", false},
		{uart, uartMSR, 0, 1, true, "MSR is read-only", false},
		{uart, uartLSR, 0, 1, false, "", false},
		{uart, uartScratch, 0x1ff, 4, true, "bits 0x100 of SCR", false},
		{plic, 4, 7, 4, true, "", false},
		{plic, 0, 1, 4, true, "no register", false},
		{plic, plicPending, 1, 4, true, "read-only", false},
		{plic, plicPending, 0, 4, false, "", false},
		{plic, plicEnable + 3*plicEnableStride, 1, 4, true, "", false},
		{plic, plicEnable + 4*plicEnableStride, 1, 4, true, "no register", false},
		{plic, plicContext, 8, 4, true, "bits 0x8 of the threshold", false},
		{plic, plicContext + 4, 0, 4, false, "", false},
		{plic, plicContext + 4, 96, 4, true, "does not exist", false},
		{plic, plicContext + 8, 0, 4, false, "no register", false},
		{aclint, 4, 1, 4, true, "", false},
		{aclint, 4, 3, 4, true, "bits 0x2 of msip", false},
		{aclint, 8, 1, 4, true, "no register", false},
		{aclint, aclintTimer + 8, 1, 8, true, "", false},
		{aclint, aclintTimer + 16, 1, 8, true, "no register", false},
		{aclint, aclintTime, 1, 8, true, "", false},
		{rtc, rtcAlarmStatus, 0, 4, false, "", false},
		{rtc, rtcAlarmStatus, 0, 4, true, "read-only", true},
		{rtc, rtcClearAlarm, 0, 4, false, "write-only", true},
		{rtc, rtcIRQEnabled, 3, 4, true, "bits 0x2", false},
		{rtc, 0x20, 0, 4, false, "no register", true},
		{finisher, 0, 0x5555, 4, true, "", false},
		{finisher, 0, 0x1234, 4, true, "asks for nothing", false},
		{finisher, 4, 0x5555, 4, true, "no register", false},
		{NewFlash(), 0, flashQuery, 1, true, "", false},
		{NewFlash(), 0, 0xf0, 1, true, "command 0xf0", true},
		{EmptyVirtio{}, virtioDeviceID, 0, 4, false, "", false},
		{EmptyVirtio{}, virtioStatus, 0, 4, true, "no device", false},
		{disk, virtioStatus, 1, 4, true, "", false},
		{disk, virtioQueueNum, 8, 4, true, "", false},
		{disk, virtioQueueSel, 1, 4, true, "does not have the queue", false},
		{disk, virtioDeviceID, 1, 4, true, "read-only", false},
		{disk, virtioQueuePFN, 1, 4, true, "legacy interface", false},
		{disk, virtioStatus, 1, 1, true, "4 bytes wide", false},
		{disk, virtioConfig + 0xf00, 0, 4, false, "configuration space", false},
		{disk, 0x0cc, 0, 4, true, "no register", false},
	} {
		before := state.Save(nil, c.device.(Device))
		text, unimplemented := c.device.Criticise(c.off, c.value, c.size, c.write)
		if text == "" != (c.want == "") || !strings.Contains(text, c.want) || unimplemented != c.unimplemented {
			t.Errorf("%T: %d bytes at %#x, write %v, value %#x: %q, unimplemented %v; want %q, %v",
				c.device, c.size, c.off, c.write, c.value, text, unimplemented, c.want, c.unimplemented)
		}
		if !bytes.Equal(state.Save(nil, c.device.(Device)), before) {
			t.Errorf("%T changes as it is asked about %#x", c.device, c.off)
		}
	}
}
