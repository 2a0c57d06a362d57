package device

// rngMost is the most entropy in bytes that one buffer gets: the device may use
// less than there is room for (virtio 1.2, 5.4.6).
const rngMost = 4096

// VirtioRNG is a source of entropy (virtio 1.2, 5.4). It has no state besides
// the transport's: a buffer is filled when the driver tells of it.
type VirtioRNG struct {
	virtio
	random func(p []byte) `state:"-"`
}

// NewVirtioRNG returns a source of entropy, which it asks of random, in its
// power-on state.
func NewVirtioRNG(ports VirtioPorts, random func(p []byte)) *VirtioRNG {
	r := &VirtioRNG{random: random}
	r.attach(r, ports)
	return r
}

// describe implements virtioKind.
func (r *VirtioRNG) describe() (id uint32, features uint64, queues []uint16) {
	return 4, 0, []uint16{8}
}

// config implements virtioKind: there is none.
func (r *VirtioRNG) config() []byte { return nil }

// forget implements virtioKind.
func (r *VirtioRNG) forget() {}

// notified implements virtioKind.
func (r *VirtioRNG) notified(queue int) {
	done := false
	for range virtqueueMax {
		head, ok := r.take(queue)
		if !ok {
			break
		}
		req, ok := r.open(queue, head)
		if !ok {
			break
		}
		p := make([]byte, min(req.write.size(), rngMost))
		if len(p) > 0 {
			r.random(p)
		}
		r.finish(queue, head, uint32(req.write.store(r.ports.Memory, p)))
		done = true
	}
	if done {
		r.tell(queue)
	}
}
