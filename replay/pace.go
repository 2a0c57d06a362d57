package replay

import "time"

// lagKept is how far virtual time may fall behind before the rest is forgiven,
// so that the wait of an idle machine lasts real time.
const lagKept = 50 * time.Millisecond

// pacer keeps virtual time from running ahead of the host's. Time in which the
// machine is paused does not count.
type pacer struct {
	enabled bool
	epoch   time.Time // the host's time at which virtual time was 0
}

// resume starts or goes on at the given virtual time in ns.
func (p *pacer) resume(virtual uint64) {
	p.epoch = time.Now().Add(-time.Duration(virtual))
}

// ahead tells how long the host needs to catch up with the virtual time; a
// negative answer is a lag.
func (p *pacer) ahead(virtual uint64) time.Duration {
	if !p.enabled {
		return 0
	}
	return time.Until(p.epoch.Add(time.Duration(virtual)))
}

// forgive gives up most of the lag of a machine that is too busy to keep up. A
// machine that waits has none: its virtual time passes when the wait ends.
func (p *pacer) forgive(virtual uint64) {
	if lag := -p.ahead(virtual); lag > lagKept {
		p.epoch = p.epoch.Add(lag - lagKept)
	}
}

// virtual is the virtual time that the host's time allows, at least the given.
func (p *pacer) virtual(atLeast uint64) uint64 {
	if !p.enabled {
		return atLeast
	}
	return max(atLeast, uint64(max(0, time.Since(p.epoch))))
}
