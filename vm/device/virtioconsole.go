package device

import (
	"encoding/binary"

	"reprise/vm/state"
)

// The queues of a console, and its features (virtio 1.2, 5.3).
const (
	consoleReceive   = 0
	consoleTransmit  = 1
	consoleQueueSize = 128

	featureEmergency = 1 << 2 // a byte can be written without a queue

	consoleConfigSize = 12
	consoleEmergency  = 8 // offset of the register for that
	consoleCopySize   = 64 << 10
)

// VirtioConsole is a console with one port (virtio 1.2, 5.3), as qemu's
// virtio-serial-device with max_ports=1 and a virtconsole on it.
//
// Output goes to a backend as the driver hands it over. If that does not take
// all, the rest waits where the driver put it, and nothing more is taken from
// the queue before [VirtioConsole.Ready].
type VirtioConsole struct {
	virtio
	out  func(p []byte) (taken int) `state:"-"`
	copy []byte                     `state:"-"`

	sending bool   // the backend has not taken all of a request
	head    uint16 // that request
	sent    uint64 // bytes of it that it took
}

// NewVirtioConsole returns a console in its power-on state. out offers bytes to
// the backend, which it must not keep, and returns how many it took, 0 to
// len(p); it must not call back.
func NewVirtioConsole(ports VirtioPorts, out func(p []byte) (taken int)) *VirtioConsole {
	c := &VirtioConsole{out: out, copy: make([]byte, consoleCopySize)}
	c.attach(c, ports)
	return c
}

// Visit implements state.Component.
func (c *VirtioConsole) Visit(v *state.Visitor) {
	c.virtio.Visit(v)
	v.Bool(&c.sending)
	v.Uint16(&c.head)
	v.Uint64(&c.sent)
}

// describe implements virtioKind.
func (c *VirtioConsole) describe() (id uint32, features uint64, queues []uint16) {
	return 3, featureEmergency, []uint16{consoleReceive: consoleQueueSize, consoleTransmit: consoleQueueSize}
}

// config implements virtioKind (5.3.4).
func (c *VirtioConsole) config() []byte {
	var p [consoleConfigSize]byte
	binary.LittleEndian.PutUint32(p[4:], 1) // ports
	return p[:]
}

// setConfig implements virtioKind: a byte that is written without a queue is
// lost if the backend does not take it.
func (c *VirtioConsole) setConfig(off, value uint64, _ int) {
	if off == consoleEmergency {
		c.out([]byte{byte(value)})
	}
}

// forget implements virtioKind. What was not sent is lost.
func (c *VirtioConsole) forget() { c.sending, c.head, c.sent = false, 0, 0 }

// notified implements virtioKind.
func (c *VirtioConsole) notified(queue int) {
	if queue == consoleReceive {
		c.inspect(queue)
		return
	}
	c.transmit()
}

// transmit sends what the driver has handed over, as far as the backend takes
// it.
func (c *VirtioConsole) transmit() {
	done := false
	for range virtqueueMax {
		if !c.sending {
			head, ok := c.take(consoleTransmit)
			if !ok {
				break
			}
			c.sending, c.head, c.sent = true, head, 0
		}
		r, ok := c.open(consoleTransmit, c.head)
		if !ok || !c.send(r.read) {
			break
		}
		c.finish(consoleTransmit, c.head, 0)
		c.forget()
		done = true
	}
	if done {
		c.tell(consoleTransmit)
	}
}

// send sends what is left of a request, and reports whether that was all.
func (c *VirtioConsole) send(p buffers) (all bool) {
	for rest := p.from(c.sent); len(rest) > 0; rest = p.from(c.sent) {
		n := rest.load(c.ports.Memory, c.copy)
		taken := c.out(c.copy[:n])
		c.sent += uint64(taken)
		if taken < n {
			return false
		}
	}
	return true
}

// Refused reports whether the backend has refused bytes that wait for
// [VirtioConsole.Ready].
func (c *VirtioConsole) Refused() bool { return c.sending }

// Ready says that the backend can take bytes again. If none wait it does
// nothing.
func (c *VirtioConsole) Ready() {
	if c.sending {
		c.transmit()
	}
}

// CanReceive returns how many bytes [VirtioConsole.Receive] has room for now:
// those of the next buffer that the driver offers.
func (c *VirtioConsole) CanReceive() int {
	r, ok := c.next(consoleReceive)
	if !ok {
		return 0
	}
	return int(min(r.write.size(), consoleCopySize))
}

// Receive takes bytes from the backend, for which there is room.
func (c *VirtioConsole) Receive(p []byte) {
	head, ok := c.take(consoleReceive)
	if !ok {
		return
	}
	if r, ok := c.open(consoleReceive, head); ok {
		c.finish(consoleReceive, head, uint32(r.write.store(c.ports.Memory, p)))
		c.tell(consoleReceive)
	}
}
