package device

import "reprise/vm/state"

// UARTSize is the length of the UART's register window in bytes.
const UARTSize = 8

// Registers of the 16550A, all of a byte. With LCR's divisor latch bit, the
// first two are the divisor.
const (
	uartData    = 0 // RBR to read, THR to write
	uartIER     = 1
	uartIIR     = 2 // to read; FCR to write
	uartLCR     = 3
	uartMCR     = 4
	uartLSR     = 5
	uartMSR     = 6
	uartScratch = 7
)

// Bits of the registers.
const (
	ierReceive  = 1 << 0 // received data, and character timeout
	ierTransmit = 1 << 1 // transmitter holding register empty
	ierLine     = 1 << 2 // receiver line status
	ierAll      = 0x0f

	iirNone     = 0x01
	iirTransmit = 0x02
	iirReceive  = 0x04
	iirLine     = 0x06
	iirTimeout  = 0x0c
	iirFIFOs    = 0xc0 // both set while the FIFOs are enabled

	fcrEnable        = 1 << 0
	fcrResetReceive  = 1 << 1
	fcrResetTransmit = 1 << 2
	fcrKept          = 0xc9 // what is remembered: trigger level, DMA mode, enable

	lcrBreak   = 1 << 6
	lcrDivisor = 1 << 7

	mcrDTR  = 1 << 0
	mcrRTS  = 1 << 1
	mcrOut1 = 1 << 2
	mcrOut2 = 1 << 3
	mcrLoop = 1 << 4
	mcrAll  = 0x1f

	lsrData    = 1 << 0
	lsrOverrun = 1 << 1
	lsrBreak   = 1 << 4
	lsrTHRE    = 1 << 5
	lsrTEMT    = 1 << 6

	msrCTS = 1 << 4
	msrDSR = 1 << 5
	msrRI  = 1 << 6
	msrDCD = 1 << 7
)

const (
	uartFIFO    = 16 // depth of each FIFO
	uartDivisor = 12 // at power-on
)

// What LSR is to tell, once, of the line.
const (
	uartOverrun = 1 << iota // a received byte found no room
	uartBreak               // the other side has sent a break
)

// uartTriggers is the number of received bytes that interrupt, by FCR's level.
var uartTriggers = [4]int{1, 4, 8, 14}

// UART is a 16550A (National Semiconductor PC16550D) whose wire is as fast as
// its backend: a byte written is offered at once, and if it is taken, THRE and
// TEMT never fall. A byte that is refused stays, with what the guest writes
// after it, THRE and TEMT are clear, and nothing is offered again before
// [UART.Ready]; what finds no room is lost.
//
// The character timeout takes no time: received bytes fewer than the trigger
// level interrupt as a character timeout at once, as long as any are left,
// where qemu waits for four character times. So nothing here depends on the
// time, there is no deadline, and no guest waits for a byte that has arrived.
//
// Two more differences from qemu: [UART.CanReceive] offers the whole free FIFO
// and not only up to the trigger level, and in loopback nothing is received
// from outside.
type UART struct {
	irq func(level bool)           `state:"-"`
	out func(p []byte) (taken int) `state:"-"`

	ier, fcr, lcr, mcr, scratch uint8

	divisor  uint16
	rbr      uint8  // last byte received without FIFO
	received []byte // up to 16, without FIFO 1
	refused  []byte // written and not taken: up to 16, without FIFO 1
	errors   uint8  // of the line, since LSR was read: uartOverrun, uartBreak
	drained  bool   // the transmitter became empty, which was not seen in IIR
}

// NewUART returns a UART in its power-on state. irq sets its interrupt line.
// out offers bytes to the backend, which it must not keep, and returns how many
// it took, 0 to len(p); it must not call back.
func NewUART(irq func(level bool), out func(p []byte) (taken int)) *UART {
	u := &UART{irq: irq, out: out}
	u.powerOn()
	return u
}

func (u *UART) powerOn() {
	*u = UART{irq: u.irq, out: u.out, mcr: mcrOut2, divisor: uartDivisor}
}

// Visit implements state.Component.
func (u *UART) Visit(v *state.Visitor) {
	v.Uint8(&u.ier)
	v.Uint8(&u.fcr)
	v.Uint8(&u.lcr)
	v.Uint8(&u.mcr)
	v.Uint8(&u.scratch)
	v.Uint16(&u.divisor)
	v.Uint8(&u.rbr)
	v.Bytes(&u.received, uartFIFO)
	v.Bytes(&u.refused, uartFIFO)
	v.Uint8(&u.errors)
	v.Bool(&u.drained)
}

// Reset implements [Device]. What was refused is lost.
func (u *UART) Reset() {
	u.powerOn()
	u.update()
}

// CanReceive returns how many bytes [UART.Receive] has room for now.
func (u *UART) CanReceive() int {
	if u.mcr&mcrLoop != 0 {
		return 0
	}
	return max(0, u.depth()-len(u.received))
}

// Receive takes bytes from the backend. What finds no room is lost and sets
// the overrun bit; without FIFO it replaces what is there.
func (u *UART) Receive(p []byte) {
	for _, b := range p {
		u.receive(b)
	}
	u.update()
}

func (u *UART) receive(b byte) {
	room := len(u.received) < u.depth()
	if !room {
		u.errors |= uartOverrun
	}
	switch {
	case !u.fifos():
		u.rbr = b
		u.received = append(u.received[:0], b)
	case room:
		u.received = append(u.received, b)
	}
}

// Break says that the other side has sent a break: a byte of zeros longer than
// any. As in qemu LSR tells at once, and not only when the byte is the next to
// be read. There has to be room for the byte.
func (u *UART) Break() {
	u.receive(0)
	u.errors |= uartBreak
	u.update()
}

// Refused reports whether the backend has refused bytes that wait for
// [UART.Ready].
func (u *UART) Refused() bool { return len(u.refused) > 0 }

// Ready says that the backend can take bytes again: those it refused are
// offered once more, in one write. Without any it does nothing.
func (u *UART) Ready() {
	if len(u.refused) == 0 {
		return
	}
	taken := u.out(u.refused)
	u.refused = append(u.refused[:0], u.refused[taken:]...)
	u.drained = len(u.refused) == 0
	u.update()
}

// transmit takes a byte that the guest wrote.
func (u *UART) transmit(b byte) {
	u.drained = false
	switch {
	case len(u.refused) > 0:
		if len(u.refused) < u.depth() {
			u.refused = append(u.refused, b)
		}
	case u.mcr&mcrLoop != 0:
		u.receive(b)
		u.drained = true
	case u.out([]byte{b}) == 0:
		u.refused = append(u.refused, b)
	default:
		u.drained = true
	}
	u.update()
}

// Read implements [Device]. Loads of all sizes read one register.
func (u *UART) Read(off uint64, size int) (uint64, bool) {
	value, ok := u.Peek(off, size)
	if !ok {
		return 0, false
	}
	switch {
	case off == uartData && u.lcr&lcrDivisor == 0:
		if len(u.received) > 0 {
			u.received = append(u.received[:0], u.received[1:]...)
		}
	case off == uartIIR && value&0x0f == iirTransmit:
		u.drained = false
	case off == uartLSR && u.errors != 0:
		u.errors = 0
	default:
		return value, true
	}
	u.update()
	return value, true
}

// Peek implements [Device].
func (u *UART) Peek(off uint64, size int) (uint64, bool) {
	if !within(off, size, UARTSize) {
		return 0, false
	}
	latch := u.lcr&lcrDivisor != 0
	var value uint8
	switch {
	case off == uartData && latch:
		value = uint8(u.divisor)
	case off == uartIER && latch:
		value = uint8(u.divisor >> 8)
	case off == uartData:
		value = u.next()
	case off == uartIER:
		value = u.ier
	case off == uartIIR:
		value = u.cause()
		if u.fifos() {
			value |= iirFIFOs
		}
	case off == uartLCR:
		value = u.lcr
	case off == uartMCR:
		value = u.mcr
	case off == uartLSR:
		value = u.lineStatus()
	case off == uartMSR:
		value = u.modemStatus()
	case off == uartScratch:
		value = u.scratch
	}
	return uint64(value), true
}

// Write implements [Device]. Stores of all sizes write one register.
func (u *UART) Write(off, value uint64, size int) bool {
	if !within(off, size, UARTSize) {
		return false
	}
	latch := u.lcr&lcrDivisor != 0
	b := uint8(value)
	switch {
	case off == uartData && latch:
		u.divisor = u.divisor&0xff00 | uint16(b)
	case off == uartIER && latch:
		u.divisor = u.divisor&0x00ff | uint16(b)<<8
	case off == uartData:
		u.transmit(b)
	case off == uartIER:
		if changed := (u.ier ^ b) & ierTransmit; changed != 0 {
			u.drained = b&ierTransmit != 0 && len(u.refused) == 0
		}
		u.ier = b & ierAll
	case off == uartIIR:
		u.controlFIFOs(b)
	case off == uartLCR:
		u.lcr = b
	case off == uartMCR:
		u.mcr = b & mcrAll
	case off == uartScratch:
		u.scratch = b
	}
	u.update()
	return true
}

// controlFIFOs is a write to FCR. Enabling or disabling the FIFOs empties
// them. The first byte refused is in the shift register, not in the FIFO.
func (u *UART) controlFIFOs(b uint8) {
	if (b^u.fcr)&fcrEnable != 0 {
		b |= fcrResetReceive | fcrResetTransmit
	}
	if b&fcrResetReceive != 0 {
		u.received = u.received[:0]
	}
	if b&fcrResetTransmit != 0 {
		u.refused = u.refused[:min(1, len(u.refused))]
		u.drained = len(u.refused) == 0
	}
	u.fcr = b & fcrKept
}

func (u *UART) fifos() bool { return u.fcr&fcrEnable != 0 }

// depth returns how many bytes there is room for in each direction.
func (u *UART) depth() int {
	if u.fifos() {
		return uartFIFO
	}
	return 1
}

// next returns what reading RBR gives.
func (u *UART) next() uint8 {
	switch {
	case !u.fifos():
		return u.rbr
	case len(u.received) > 0:
		return u.received[0]
	default:
		return 0
	}
}

func (u *UART) lineStatus() uint8 {
	var status uint8
	if len(u.received) > 0 {
		status |= lsrData
	}
	if u.errors&uartOverrun != 0 {
		status |= lsrOverrun
	}
	if u.errors&uartBreak != 0 {
		status |= lsrBreak
	}
	if len(u.refused) == 0 {
		status |= lsrTHRE | lsrTEMT
	}
	return status
}

// modemStatus returns MSR: a modem that is always ready or, in loopback, the
// outputs of MCR. It has no changes to report.
func (u *UART) modemStatus() uint8 {
	if u.mcr&mcrLoop == 0 {
		return msrDCD | msrDSR | msrCTS
	}
	var status uint8
	for _, wire := range [...]struct{ from, to uint8 }{
		{mcrDTR, msrDSR}, {mcrRTS, msrCTS}, {mcrOut1, msrRI}, {mcrOut2, msrDCD},
	} {
		if u.mcr&wire.from != 0 {
			status |= wire.to
		}
	}
	return status
}

// cause returns the interrupt that IIR shows, by priority.
func (u *UART) cause() uint8 {
	switch {
	case u.ier&ierLine != 0 && u.errors != 0:
		return iirLine
	case u.ier&ierReceive != 0 && len(u.received) > 0:
		if u.fifos() && len(u.received) < uartTriggers[u.fcr>>6] {
			return iirTimeout
		}
		return iirReceive
	case u.ier&ierTransmit != 0 && u.drained:
		return iirTransmit
	default:
		return iirNone
	}
}

// update announces the interrupt line.
func (u *UART) update() { u.irq(u.cause() != iirNone) }
