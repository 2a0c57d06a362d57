package device

import (
	"math"
	"slices"
	"testing"

	"reprise/internal/testing/statecheck"
	"reprise/vm/state"
)

// clockBench is the devices that follow the time.
type clockBench struct {
	now, host          uint64
	changed, hostAsked int
	irq                bool
	msip               []bool
	aclint             *ACLINT
	rtc                *RTC
}

func newClockBench() *clockBench {
	b := &clockBench{host: 1_700_000_000_123_456_789, msip: make([]bool, 2)}
	clock := func() uint64 { return b.now }
	changed := func() { b.changed++ }
	b.aclint = NewACLINT(2, clock, ACLINTLines{
		SetMSIP: func(hart int, level bool) { b.msip[hart] = level },
		Changed: changed,
	})
	b.rtc = NewRTC(RTCPorts{
		Clock:     clock,
		HostClock: func() uint64 { b.hostAsked++; return b.host },
		IRQ:       func(level bool) { b.irq = level },
		Changed:   changed,
	})
	return b
}

func TestACLINTVisitsItsState(t *testing.T) { statecheck.Check(t, newClockBench().aclint) }

func TestACLINTDeadline(t *testing.T) {
	b := newClockBench()
	b.now = 12_345
	put(t, b.aclint, 0x4008, 200, 8)
	if b.changed != 1 {
		t.Errorf("a write to mtimecmp was announced %d times", b.changed)
	}
	ns, never := b.aclint.Deadline(b.aclint.Compare(1))
	if ns != 20_000 || never {
		t.Errorf("deadline %d, %v, want 20000 ns", ns, never)
	}
	for _, now := range []uint64{19_999, 20_000} {
		b.now = now
		if got := mtip(b.aclint, 1); got != (now == ns) {
			t.Errorf("MTIP is %v at %d ns", got, now)
		}
	}
	if ns, never := b.aclint.Deadline(b.aclint.Compare(1)); ns != b.now || never {
		t.Errorf("deadline %d, %v once it is reached, want now", ns, never)
	}

	// mtime set: the deadline moves with it.
	put(t, b.aclint, 0xbff8, 150, 8)
	if ns, _ := b.aclint.Deadline(b.aclint.Compare(1)); ns != 25_000 || mtip(b.aclint, 1) {
		t.Errorf("deadline %d ns after mtime was set back, want 25000", ns)
	}
}

func TestACLINTDeadlineThatNeverComes(t *testing.T) {
	b := newClockBench()
	b.now = 1_000_000
	const last = math.MaxUint64/TickNS - 10_000 // ticks from now to the end of virtual time
	for _, test := range []struct {
		mtime, tick uint64
		never       bool
	}{
		{0, last, false},
		{0, last + 1, true},
		{0, math.MaxUint64, true},
		{math.MaxUint64 - 5, math.MaxUint64, false},
		{math.MaxUint64, 0, false},
	} {
		put(t, b.aclint, 0xbff8, test.mtime, 8)
		ns, never := b.aclint.Deadline(test.tick)
		if never != test.never {
			t.Errorf("from mtime %d to %d: %d ns, never %v", test.mtime, test.tick, ns, never)
		}
	}
}

func TestACLINTReset(t *testing.T) {
	b := newClockBench()
	put(t, b.aclint, 4, 1, 4)
	put(t, b.aclint, 0x4000, 77, 8)
	if !b.msip[1] || !b.aclint.MSIP(1) || b.aclint.MSIP(0) {
		t.Errorf("MSIP lines %v", b.msip)
	}
	b.now = 5000
	b.aclint.Reset()
	if b.msip[1] || b.aclint.MSIP(1) || b.aclint.Time() != 0 || !mtip(b.aclint, 0) {
		t.Errorf("after a reset: MSIP %v, mtime %d", b.msip, b.aclint.Time())
	}
	b.now = 6000
	if got := b.aclint.Time(); got != 10 {
		t.Errorf("mtime %d, 1000 ns after a reset", got)
	}
}

func TestRTCVisitsItsState(t *testing.T) { statecheck.Check(t, newClockBench().rtc) }

func TestRTCAsksTheHostOnlyWhenReset(t *testing.T) {
	b := newClockBench()
	get(t, b.rtc, rtcTimeLow, 4)
	if b.hostAsked != 0 {
		t.Error("the host was asked before the first reset")
	}
	b.now = 1000
	b.rtc.Reset()
	b.host += 5_000_000_000
	b.now += 500
	if got, want := get(t, b.rtc, rtcTimeLow, 8), uint64(1_700_000_000_123_457_289); got != want {
		t.Errorf("time %d, want %d", got, want)
	}
	if b.hostAsked != 1 {
		t.Errorf("the host was asked %d times", b.hostAsked)
	}
}

func TestRTCLatchesTheHighHalf(t *testing.T) {
	b := newClockBench()
	put(t, b.rtc, rtcTimeHigh, 7, 4)
	put(t, b.rtc, rtcTimeLow, 0xfffffff0, 4)
	if got := get(t, b.rtc, rtcTimeLow, 4); got != 0xfffffff0 {
		t.Errorf("low half %#x", got)
	}
	b.now += 0x20
	if got, _ := b.rtc.Peek(rtcTimeLow, 8); got != 0x8_0000_0010 {
		t.Errorf("peeked %#x", got)
	}
	if got := get(t, b.rtc, rtcTimeHigh, 4); got != 7 {
		t.Errorf("high half %#x, want 7, as of the reading of the low half", got)
	}
	get(t, b.rtc, rtcTimeLow, 4)
	if got := get(t, b.rtc, rtcTimeHigh, 4); got != 8 {
		t.Errorf("high half %#x, want 8", got)
	}
}

func TestRTCAlarm(t *testing.T) {
	b := newClockBench()
	put(t, b.rtc, rtcIRQEnabled, 1, 4)
	b.changed = 0
	put(t, b.rtc, rtcAlarmLow, 5000, 8)
	if ns, never := b.rtc.Deadline(); ns != 5000 || never || b.changed != 1 {
		t.Errorf("deadline %d, %v, announced %d times", ns, never, b.changed)
	}
	b.now = 4999
	b.rtc.Expire()
	if b.irq {
		t.Error("the alarm went off early")
	}
	b.now = 5000
	b.rtc.Expire()
	if _, never := b.rtc.Deadline(); !b.irq || !never || b.changed != 2 {
		t.Errorf("interrupt %v, deadline gone %v, announced %d times", b.irq, never, b.changed)
	}
	put(t, b.rtc, rtcClearInterrupt, 0, 4)
	if b.irq {
		t.Error("interrupt after it was acknowledged")
	}

	put(t, b.rtc, rtcAlarmLow, 9000, 4)
	put(t, b.rtc, rtcClearAlarm, 0, 4)
	if ns, never := b.rtc.Deadline(); !never {
		t.Errorf("deadline %d of a cleared alarm", ns)
	}

	put(t, b.rtc, rtcTimeLow, 0, 8) // virtual time ends before the alarm
	put(t, b.rtc, rtcAlarmHigh, math.MaxUint32, 4)
	put(t, b.rtc, rtcAlarmLow, math.MaxUint32, 4)
	if ns, never := b.rtc.Deadline(); !never || get(t, b.rtc, rtcAlarmStatus, 4) != 1 {
		t.Errorf("deadline %d, want an armed alarm that never goes off", ns)
	}
}

func TestRTCReset(t *testing.T) {
	b, fresh := newClockBench(), newClockBench()
	fresh.rtc.Reset()
	put(t, b.rtc, rtcIRQEnabled, 1, 4)
	put(t, b.rtc, rtcAlarmLow, 0, 4)
	put(t, b.rtc, rtcAlarmHigh, 1, 4)
	if !b.irq {
		t.Fatal("no interrupt for an alarm of now")
	}
	b.rtc.Reset()
	if b.irq {
		t.Error("interrupt after a reset")
	}
	if !slices.Equal(state.Save(nil, b.rtc), state.Save(nil, fresh.rtc)) {
		t.Error("the state after a reset is not that of power-on")
	}
}

func TestFinisher(t *testing.T) {
	type request struct {
		kind FinisherKind
		code uint16
	}
	var got []request
	f := NewFinisher(func(kind FinisherKind, code uint16) { got = append(got, request{kind, code}) })
	statecheck.Check(t, f)
	for _, value := range []uint64{0x5555, 0xabcd_5555, 0x002a_3333, 0x7777, 0x1234} {
		put(t, f, 0, value, 4)
	}
	put(t, f, 0, 0x002a_3333, 2)
	put(t, f, 4, 0x5555, 4)
	want := []request{{FinisherPass, 0}, {FinisherPass, 0}, {FinisherFail, 42}, {FinisherReset, 0}, {FinisherFail, 0}}
	if !slices.Equal(got, want) {
		t.Errorf("requests %v, want %v", got, want)
	}
	for kind, name := range map[FinisherKind]string{FinisherPass: "pass", FinisherFail: "fail", FinisherReset: "reset", 0: "unknown"} {
		if kind.String() != name {
			t.Errorf("%#x is called %s, want %s", uint16(kind), kind, name)
		}
	}
}
