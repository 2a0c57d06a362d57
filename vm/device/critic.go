package device

import "fmt"

// Critic is a [Device] that can say what an access asks for in vain. Like Peek
// it changes nothing.
type Critic interface {
	// Criticise tells, before an access is made that the device takes, what of it
	// will have no effect, in words that do not depend on the value but for the
	// bits that are ignored; empty for nothing. unimplemented means that a real
	// device would do it.
	Criticise(off, value uint64, size int, write bool) (text string, unimplemented bool)
}

// ignored is what is said of the bits of a value that a register does not have.
func ignored(register string, value, known uint64) string {
	if extra := value &^ known; extra != 0 {
		return fmt.Sprintf("bits %#x of %s are ignored", extra, register)
	}
	return ""
}

const (
	noRegister = "there is no register at this offset"
	readOnly   = "%s is read-only"
)

// uartWritten are the names of the registers as they are written.
var uartWritten = [UARTSize]string{"THR", "IER", "FCR", "LCR", "MCR", "LSR", "MSR", "SCR"}

// Criticise implements [Critic].
func (u *UART) Criticise(off, value uint64, size int, write bool) (string, bool) {
	if !write || off >= UARTSize {
		return "", false
	}
	name, known := uartWritten[off], uint64(0xff)
	latch := u.lcr&lcrDivisor != 0
	switch off {
	case uartIER:
		if !latch {
			known = ierAll
		}
	case uartIIR:
		known = fcrKept | fcrResetReceive | fcrResetTransmit
	case uartMCR:
		known = mcrAll
	case uartLSR, uartMSR:
		return fmt.Sprintf(readOnly, name), false
	case uartLCR:
		if value&lcrBreak != 0 {
			return "a break is not sent", true
		}
	}
	return ignored(name, truncate(value, size), known), false
}

// Criticise implements [Critic].
func (f *Finisher) Criticise(off, value uint64, size int, write bool) (string, bool) {
	if !write {
		return "", false
	}
	switch FinisherKind(truncate(value, size) & 0xffff) {
	case FinisherFail, FinisherPass, FinisherReset:
		if off == 0 {
			return "", false
		}
		return noRegister, false
	}
	return "the value asks for nothing that it can do", false
}

// Criticise implements [Critic].
func (p *PLIC) Criticise(off, value uint64, size int, write bool) (string, bool) {
	value = truncate(value, size)
	switch context, register := p.context(off); {
	case off >= plicContext && (context == nil || register != 0 && register != 4):
		return noRegister, false
	case off >= plicContext && write && register == 0:
		return ignored("the threshold", value, plicPriorities), false
	case off >= plicContext && write && value >= PLICSources:
		return "the source that is completed does not exist", false
	case off >= plicContext || p.enableWord(off) != nil:
		return "", false
	case off >= plicPending && (off-plicPending)/4 < plicWords:
		if write {
			return fmt.Sprintf(readOnly, "the word of pending sources"), false
		}
		return "", false
	case off/4 >= PLICSources || off == 0 && write:
		return noRegister, false
	case write:
		return ignored("the priority", value, plicPriorities), false
	}
	return "", false
}

// Criticise implements [Critic].
func (a *ACLINT) Criticise(off, value uint64, size int, write bool) (string, bool) {
	harts := uint64(len(a.harts))
	switch {
	case off < aclintTimer && off/4 >= harts, off >= aclintTimer && off&^7 != aclintTime && (off-aclintTimer)/8 >= harts:
		return noRegister, false
	case off < aclintTimer && write:
		return ignored("msip", truncate(value, size), 1), false
	}
	return "", false
}

// Criticise implements [Critic].
func (r *RTC) Criticise(off, value uint64, size int, write bool) (string, bool) {
	switch {
	case off > rtcClearInterrupt:
		return noRegister, true
	case write && off == rtcAlarmStatus:
		return fmt.Sprintf(readOnly, "the alarm's status"), true
	case write && off == rtcIRQEnabled:
		return ignored("the interrupt enable", truncate(value, size), 1), false
	case !write && (off == rtcClearAlarm || off == rtcClearInterrupt):
		return "the register is write-only", true
	}
	return "", false
}

// Criticise implements [Critic].
func (f *Flash) Criticise(_, value uint64, _ int, write bool) (string, bool) {
	if !write || f.second || f.buffer != nil {
		return "", false
	}
	switch command := uint8(value); command {
	case flashArray, flashProgram, flashErase, flashProgram2, flashClearStatus, flashLock, flashReadStatus, flashReadID,
		flashQuery, flashBuffer, flashCancel, flashConfirm:
		return "", false
	default:
		return fmt.Sprintf("command %#x is not implemented", command), true
	}
}

// Criticise implements [Critic].
func (EmptyVirtio) Criticise(_, _ uint64, _ int, write bool) (string, bool) {
	if write {
		return "there is no device in this slot", false
	}
	return "", false
}

// Criticise implements [Critic].
func (d *virtio) Criticise(off, value uint64, size int, write bool) (string, bool) {
	switch {
	case d.broken && write && off == virtioQueueNotify:
		return "the driver has broken the rules: the device does nothing until it is reset", false
	case off >= virtioConfig:
		if !write && off-virtioConfig+uint64(size) > uint64(len(d.kind.config())) {
			return "the configuration space ends before", false
		}
		return "", false
	case size < 4:
		return "registers are 4 bytes wide", false
	case !write:
		return "", false
	}
	return d.criticiseStore(off, value)
}

// criticiseStore is about a store to a register.
func (d *virtio) criticiseStore(off, value uint64) (string, bool) {
	modern := !d.ports.Legacy
	switch off {
	case virtioFeaturesSel, virtioDriverSel, virtioQueueNotify, virtioInterruptAck, virtioStatus, virtioDriver, virtioSHMSel:
		return "", false
	case virtioQueueSel:
		if value >= uint64(len(d.queues)) {
			return "the device does not have the queue that is selected", false
		}
		return "", false
	case virtioQueueReady, virtioQueueDescLow, virtioQueueDescHigh, virtioQueueAvailLow, virtioQueueAvailHigh,
		virtioQueueUsedLow, virtioQueueUsedHigh:
		if !modern {
			return "the legacy interface does not have this register", false
		}
	case virtioPageSize:
		if modern {
			return "only the legacy interface has this register", false
		}
		return "", false
	case virtioQueueAlign, virtioQueuePFN:
		if modern {
			return "only the legacy interface has this register", false
		}
	case virtioQueueNum:
	case virtioMagic, virtioVersion, virtioDeviceID, virtioVendor, virtioFeatures, virtioQueueMax, virtioInterrupt, virtioGeneration,
		virtioSHMLenLow, virtioSHMLenHigh:
		return fmt.Sprintf(readOnly, "the register"), false
	default:
		return noRegister, false
	}
	if d.queue() == nil {
		return "no queue is selected that the device has", false
	}
	return "", false
}
