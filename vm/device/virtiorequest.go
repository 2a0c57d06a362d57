package device

// kick is a notification of the driver's.
func (d *virtio) kick(queue uint32) {
	if queue < uint32(len(d.queues)) && d.usable(int(queue)) {
		d.kind.notified(int(queue))
	}
}

// usable reports whether a queue may be worked on. Drivers of the legacy
// interface use queues before they say that they are ready (3.1.2).
func (d *virtio) usable(queue int) bool {
	return d.queues[queue].ready && !d.broken && (d.ports.Legacy || d.status&statusDriverOK != 0)
}

// fail is what becomes of a driver that broke the rules.
func (d *virtio) fail() {
	d.broken = true
	if d.ports.Legacy {
		return
	}
	d.status |= statusNeedsReset
	if d.status&statusDriverOK != 0 {
		d.generation++
		d.interrupt |= interruptUsed | interruptConfig
		d.ports.IRQ(true)
	}
}

// take takes the next request of a queue and returns the descriptor at which it
// begins. ok is false if there is none.
func (d *virtio) take(queue int) (head uint16, ok bool) {
	if !d.usable(queue) {
		return 0, false
	}
	q := &d.queues[queue]
	n, err := q.waiting(d.ports.Memory)
	if err == nil && n > 0 {
		if head, err = q.head(d.ports.Memory); err == nil {
			q.taken++
			return head, true
		}
	}
	if err != nil {
		d.fail()
		return 0, false
	}
	q.wantKick(d.ports.Memory, d.features&featureEventIdx != 0)
	return 0, false
}

// open reads a request that was taken. ok is false if the driver broke the
// rules.
func (d *virtio) open(queue int, head uint16) (r request, ok bool) {
	if !d.usable(queue) {
		return request{}, false
	}
	r, err := d.queues[queue].request(d.ports.Memory, head)
	if err != nil {
		d.fail()
		return request{}, false
	}
	return r, true
}

// next looks at the next request of a queue without taking it, and changes
// nothing. ok is false if there is none, or none that follows the rules.
func (d *virtio) next(queue int) (r request, ok bool) {
	r, ok, err := d.look(queue)
	return r, ok && err == nil
}

// inspect fails if the next request of a queue breaks the rules. It is for
// queues whose requests wait for something else than the driver's kick.
func (d *virtio) inspect(queue int) {
	if _, _, err := d.look(queue); err != nil {
		d.fail()
	}
}

// look is next, with the reason.
func (d *virtio) look(queue int) (r request, ok bool, err error) {
	if !d.usable(queue) {
		return request{}, false, nil
	}
	q := &d.queues[queue]
	n, err := q.waiting(d.ports.Memory)
	if err != nil || n == 0 {
		return request{}, false, err
	}
	head, err := q.head(d.ports.Memory)
	if err != nil {
		return request{}, false, err
	}
	r, err = q.request(d.ports.Memory, head)
	return r, err == nil, err
}

// finish returns a request.
func (d *virtio) finish(queue int, head uint16, written uint32) {
	if q := &d.queues[queue]; q.ready && q.inRAM(d.ports.Memory) {
		q.putBack(d.ports.Memory, head, written)
	}
}

// tell interrupts the driver for the requests that were returned, if it wants.
func (d *virtio) tell(queue int) {
	q := &d.queues[queue]
	if !d.usable(queue) || !q.inRAM(d.ports.Memory) {
		return
	}
	if q.wantsNotification(d.ports.Memory, d.features&featureEventIdx != 0) {
		d.interrupt |= interruptUsed
		d.ports.IRQ(true)
	}
}
