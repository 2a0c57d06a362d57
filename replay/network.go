package replay

import (
	"bytes"
	"fmt"
	"sync"

	"reprise/vm"
)

// Network is a network card of the machine and what it is connected to.
type Network struct {
	ID      uint8
	Name    string
	Backend NetBackend // nil for nothing
}

// NetBackend is the host's side of a network card. Nothing in it blocks: what
// cannot be carried is lost, as on any network.
type NetBackend interface {
	// Start opens the host's side. receive takes frames for the guest, from any
	// goroutine; the slice is only valid during the call.
	Start(receive func(frame []byte)) error
	// Send takes a frame from the guest, which it does not keep.
	Send(frame []byte)
	// Close ends everything.
	Close() error
}

// NetCounters say what became of frames.
type NetCounters struct {
	Name     string
	Sent     uint64 // by the guest
	Received uint64 // by the guest
	Dropped  uint64 // that came for the guest and found the queue full
}

// netQueueLimit is how many bytes of frames wait for a guest before more are
// dropped.
const netQueueLimit = 4 << 20

// network is a network card in use. Its queue is where the backend's goroutines
// meet the session.
type network struct {
	Network
	wake func() // tells the session that something is there

	mu       sync.Mutex
	frames   [][]byte
	waiting  int // bytes
	counters NetCounters
}

// receive is what the backend calls.
func (n *network) receive(frame []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.waiting+len(frame) > netQueueLimit || len(frame) > vm.FrameMax {
		n.counters.Dropped++
		return
	}
	n.frames = append(n.frames, bytes.Clone(frame))
	n.waiting += len(frame)
	n.wake()
}

// waits reports whether a frame waits.
func (n *network) waits() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.frames) > 0
}

// take removes the frame that has waited longest.
func (n *network) take() []byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	frame := n.frames[0]
	n.frames[0] = nil
	n.frames = n.frames[1:]
	n.waiting -= len(frame)
	n.counters.Received++
	return frame
}

// startNetworks connects the network cards of a live session. A replay needs no
// network.
func (s *Session) startNetworks() error {
	for _, card := range s.options.Networks {
		n := &network{Network: card, wake: s.wake, counters: NetCounters{Name: card.Name}}
		s.networks = append(s.networks, n)
		if n.Backend == nil || s.mode == ModePlay {
			continue
		}
		if err := n.Backend.Start(n.receive); err != nil {
			return fmt.Errorf("%s: %w", n.Name, err)
		}
	}
	return nil
}

// closeNetworks disconnects them.
func (s *Session) closeNetworks() (errs []error) {
	for _, n := range s.networks {
		if n.Backend != nil && s.mode != ModePlay {
			errs = append(errs, n.Backend.Close())
		}
	}
	return errs
}

// frameWaits reports whether there is a frame that the machine can take now.
func (s *Session) frameWaits(n *network) bool {
	return n.waits() && s.machine.CanReceiveFrame(n.ID)
}

// NetSend implements [vm.Host]. What a guest sends is not in the log: it follows
// from the rest. It goes out once, and never in a replay.
func (d *door) NetSend(_ vm.Step, device uint8, frame []byte) {
	s := d.session()
	if s.following {
		return
	}
	for _, n := range s.networks {
		if n.ID != device {
			continue
		}
		n.mu.Lock()
		n.counters.Sent++
		n.mu.Unlock()
		if n.Backend != nil {
			n.Backend.Send(frame)
		}
	}
}

// Networks says what became of the frames of each network card.
func (t *Timeline) Networks() []NetCounters {
	var list []NetCounters
	for _, n := range t.session.networks {
		n.mu.Lock()
		list = append(list, n.counters)
		n.mu.Unlock()
	}
	return list
}
