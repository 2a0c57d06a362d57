package device

import "reprise/vm/state"

// RTCSize is the length of the RTC's register window in bytes.
const RTCSize = 0x24

// Registers of the goldfish RTC (Goldfish virtual hardware, section on the
// real-time clock), all of 4 bytes. An access of 8 bytes is one to each of two
// registers, the lower first.
const (
	rtcTimeLow        = 0x00 // low half of the time in ns; reading it latches the high half
	rtcTimeHigh       = 0x04
	rtcAlarmLow       = 0x08 // writing it arms the alarm
	rtcAlarmHigh      = 0x0c
	rtcIRQEnabled     = 0x10
	rtcClearAlarm     = 0x14
	rtcAlarmStatus    = 0x18
	rtcClearInterrupt = 0x1c
)

// RTCPorts is what an RTC asks and drives.
type RTCPorts struct {
	// Clock returns the virtual time in ns.
	Clock func() uint64
	// HostClock returns the host's time in ns since 1970. It is asked once by
	// each Reset, and at no other time.
	HostClock func() uint64
	// IRQ sets the interrupt line.
	IRQ func(level bool)
	// Changed is called when the alarm was armed or disarmed: the owner asks
	// Deadline again.
	Changed func()
}

// RTC is the goldfish real-time clock. It is set from the host when it is
// reset, and runs on virtual time from then on, so that reading it asks nobody
// (qemu's runs on the host's clock, which under record/replay is an event for
// every reading).
//
// The alarm does not go off by itself: the owner calls [RTC.Expire] at the
// step at which virtual time has reached [RTC.Deadline].
type RTC struct {
	ports RTCPorts `state:"-"`

	offset   uint64 // the clock's time minus virtual time, modulo 2^64
	alarm    uint64 // the alarm registers
	deadline uint64 // virtual time at which an armed alarm goes off
	armed    bool   // the alarm is running
	distant  bool   // armed, but virtual time never gets there
	pending  bool   // the alarm went off and was not acknowledged
	enabled  bool   // the interrupt is enabled
	timeHigh uint32 // high half of the time, latched by reading the low half
}

// NewRTC returns an RTC that stands at 1970. It asks the host nothing, so that
// a machine about to be restored consumes no event; [RTC.Reset] at power-on
// sets it.
func NewRTC(ports RTCPorts) *RTC { return &RTC{ports: ports} }

// Visit implements state.Component.
func (r *RTC) Visit(v *state.Visitor) {
	v.Uint64(&r.offset)
	v.Uint64(&r.alarm)
	v.Uint64(&r.deadline)
	v.Bool(&r.armed)
	v.Bool(&r.distant)
	v.Bool(&r.pending)
	v.Bool(&r.enabled)
	v.Uint32(&r.timeHigh)
}

// Reset implements [Device]: the clock is set to the host's, the alarm is off.
func (r *RTC) Reset() {
	*r = RTC{ports: r.ports, offset: r.ports.HostClock() - r.ports.Clock()}
	r.update()
	r.ports.Changed()
}

// Deadline returns the virtual time in ns at which the alarm goes off; never
// is true if it is not armed.
func (r *RTC) Deadline() (ns uint64, never bool) {
	if !r.armed || r.distant {
		return 0, true
	}
	return r.deadline, false
}

// Expire lets the alarm go off if its deadline has come.
func (r *RTC) Expire() {
	if ns, never := r.Deadline(); never || ns > r.ports.Clock() {
		return
	}
	r.ring()
	r.ports.Changed()
}

// Read implements [Device]. It takes 4 or 8 bytes.
func (r *RTC) Read(off uint64, size int) (uint64, bool) {
	value, ok := r.Peek(off, size)
	if ok && off == rtcTimeLow {
		r.timeHigh = uint32(r.time() >> 32)
	}
	return value, ok
}

// Peek implements [Device].
func (r *RTC) Peek(off uint64, size int) (uint64, bool) {
	switch {
	case !rtcTakes(off, size):
		return 0, false
	case size == 4:
		return truncate(r.register(off), 4), true
	case off == rtcTimeLow: // reading the low half latches the high half
		return r.time(), true
	default:
		return withHigh(r.register(off), r.register(off+4)), true
	}
}

// register returns a register, in the low half.
func (r *RTC) register(off uint64) uint64 {
	var value uint64
	switch off {
	case rtcTimeLow:
		value = r.time()
	case rtcTimeHigh:
		value = uint64(r.timeHigh)
	case rtcAlarmLow:
		value = r.alarm
	case rtcAlarmHigh:
		value = r.alarm >> 32
	case rtcIRQEnabled:
		value = bit(r.enabled)
	case rtcAlarmStatus:
		value = bit(r.armed)
	}
	return value
}

// Write implements [Device]. Setting the time does not move an armed alarm.
func (r *RTC) Write(off, value uint64, size int) bool {
	if !rtcTakes(off, size) {
		return false
	}
	r.setRegister(off, value)
	if size == 8 {
		r.setRegister(off+4, value>>32)
	}
	return true
}

// rtcTakes reports whether the RTC takes an access.
func rtcTakes(off uint64, size int) bool {
	return within(off, size, RTCSize) && (size == 4 || size == 8)
}

// setRegister stores the low half of value.
func (r *RTC) setRegister(off, value uint64) {
	switch off {
	case rtcTimeLow:
		r.offset += withLow(r.time(), value) - r.time()
	case rtcTimeHigh:
		r.offset += withHigh(r.time(), value) - r.time()
	case rtcAlarmLow:
		r.alarm = withLow(r.alarm, value)
		r.arm()
	case rtcAlarmHigh:
		r.alarm = withHigh(r.alarm, value)
	case rtcIRQEnabled:
		r.enabled = value&1 != 0
		r.update()
	case rtcClearAlarm:
		r.armed, r.distant, r.deadline = false, false, 0
		r.ports.Changed()
	case rtcClearInterrupt:
		r.pending = false
		r.update()
	}
}

// time returns the clock's time in ns.
func (r *RTC) time() uint64 { return r.offset + r.ports.Clock() }

// arm sets the alarm, which goes off at once if its time has passed.
func (r *RTC) arm() {
	if now := r.time(); r.alarm <= now {
		r.ring()
	} else {
		r.deadline, r.distant = after(r.ports.Clock(), r.alarm-now)
		r.armed = true
	}
	r.ports.Changed()
}

// ring is the moment the alarm goes off.
func (r *RTC) ring() {
	r.armed, r.distant, r.deadline = false, false, 0
	r.pending = true
	r.update()
}

// update announces the interrupt line.
func (r *RTC) update() { r.ports.IRQ(r.pending && r.enabled) }

// bit returns a flag as a number.
func bit(flag bool) uint64 {
	if flag {
		return 1
	}
	return 0
}
