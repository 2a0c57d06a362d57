package gdbstub

import "io"

// link writes packets and keeps the rules of acknowledgement (gdb manual,
// "Overview" and "Packet Acknowledgment"). It belongs to one goroutine.
type link struct {
	w     io.Writer
	noAck bool
	// unacked are packets without a '+' yet, oldest first. Only the first has
	// been written: a '-' then leaves no doubt which one it means.
	unacked [][]byte
	err     error // the first error of w; nothing is written after it
}

// send hands a packet over.
func (l *link) send(payload string) {
	packet := appendPacket(nil, payload)
	if l.noAck {
		l.write(packet)
		return
	}
	l.unacked = append(l.unacked, packet)
	if len(l.unacked) == 1 {
		l.write(packet)
	}
}

// accept answers a frame as the rules ask, and returns the payload of one that
// is a packet to be served. A packet too long comes out as the empty command,
// which no stub supports.
func (l *link) accept(f frame) (payload string, ok bool) {
	switch f.kind {
	case frameAck:
		l.acked()
	case frameNack:
		if len(l.unacked) > 0 {
			l.write(l.unacked[0])
		}
	case frameCorrupt:
		if l.noAck {
			return f.payload, true
		}
		l.write([]byte{'-'})
	case framePacket, frameTooLong:
		if !l.noAck {
			l.write([]byte{'+'})
		}
		l.flush() // a peer that asks something new has seen the earlier answers
		return f.payload, true
	case frameInterrupt:
	}
	return "", false
}

// acked drops the oldest packet and writes the next.
func (l *link) acked() {
	if len(l.unacked) == 0 {
		return
	}
	l.unacked = l.unacked[1:]
	if len(l.unacked) > 0 {
		l.write(l.unacked[0])
	}
}

// flush writes all packets that wait, and no longer expects a '+' for any.
func (l *link) flush() {
	for len(l.unacked) > 0 {
		l.acked()
	}
}

// stopAcks begins the mode without acknowledgements. The answer that
// agrees to it has been sent before, and its '+' is then ignored.
func (l *link) stopAcks() {
	l.flush()
	l.noAck = true
}

func (l *link) write(p []byte) {
	if l.err == nil {
		_, l.err = l.w.Write(p)
	}
}
