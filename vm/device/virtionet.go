package device

import "encoding/binary"

// The queues of a network card, and its features (virtio 1.2, 5.1).
const (
	netReceive   = 0
	netTransmit  = 1
	netQueueSize = 256

	featureMAC       = 1 << 5
	featureNetStatus = 1 << 16

	netConfigSize = 8
	netLinkUp     = 1

	netHeader       = 12 // in front of each frame; without VERSION_1 less by ...
	netHeaderLegacy = 10 // ... the number of buffers

	// FrameMax is the size of the largest frame in bytes.
	FrameMax = 64 << 10
)

// VirtioNet is a network card (virtio 1.2, 5.1) with a queue for each
// direction and no offloads. It has no state besides the transport's: frames
// are sent as the driver hands them over, and what is received goes straight
// to where the driver wants it.
type VirtioNet struct {
	virtio
	mac  [6]byte            `state:"-"`
	send func(frame []byte) `state:"-"`
	copy []byte             `state:"-"`
}

// NewVirtioNet returns a network card with a hardware address, in its power-on
// state. send sends a frame, which it must not keep.
func NewVirtioNet(ports VirtioPorts, mac [6]byte, send func(frame []byte)) *VirtioNet {
	n := &VirtioNet{mac: mac, send: send, copy: make([]byte, netHeader+FrameMax)}
	n.attach(n, ports)
	return n
}

// describe implements virtioKind.
func (n *VirtioNet) describe() (id uint32, features uint64, queues []uint16) {
	return 1, featureMAC | featureNetStatus, []uint16{netReceive: netQueueSize, netTransmit: netQueueSize}
}

// config implements virtioKind (5.1.4).
func (n *VirtioNet) config() []byte {
	var c [netConfigSize]byte
	copy(c[:], n.mac[:])
	binary.LittleEndian.PutUint16(c[6:], netLinkUp)
	return c[:]
}

// forget implements virtioKind.
func (n *VirtioNet) forget() {}

// header is the number of bytes in front of a frame (5.1.6).
func (n *VirtioNet) header() int {
	if n.features&featureVersion1 != 0 {
		return netHeader
	}
	return netHeaderLegacy
}

// notified implements virtioKind.
func (n *VirtioNet) notified(queue int) {
	if queue == netReceive {
		n.inspect(queue)
		return
	}
	done := false
	for range virtqueueMax {
		head, ok := n.take(netTransmit)
		if !ok {
			break
		}
		r, ok := n.open(netTransmit, head)
		if !ok {
			break
		}
		if size := r.read.size(); size < uint64(n.header()) {
			n.fail()
			break
		} else if size <= uint64(len(n.copy)) {
			r.read.load(n.ports.Memory, n.copy)
			n.send(n.copy[n.header():size])
		}
		n.finish(netTransmit, head, 0)
		done = true
	}
	if done {
		n.tell(netTransmit)
	}
}

// CanReceive reports whether the driver offers a buffer for a frame.
func (n *VirtioNet) CanReceive() bool {
	_, ok := n.next(netReceive)
	return ok
}

// Receive takes a frame from the network, of at most [FrameMax] bytes. One for
// which the buffer is too small is lost, and the buffer stays.
func (n *VirtioNet) Receive(frame []byte) {
	size := n.header() + len(frame)
	if r, ok := n.next(netReceive); !ok || r.write.size() < uint64(size) {
		return
	}
	head, _ := n.take(netReceive)
	r, _ := n.open(netReceive, head)
	p := n.copy[:size]
	clear(p[:netHeader])
	if n.header() == netHeader {
		p[netHeaderLegacy] = 1 // buffer
	}
	copy(p[n.header():], frame)
	n.finish(netReceive, head, uint32(r.write.store(n.ports.Memory, p)))
	n.tell(netReceive)
}
