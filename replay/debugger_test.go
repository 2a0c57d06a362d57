package replay

import (
	"testing"
	"time"

	"reprise/assets"
)

// TestPutOffStatus looks at a machine too soon after it was shown, as it does
// before it waits: it is woken to be shown, though nothing else happens.
func TestPutOffStatus(t *testing.T) {
	tl, _ := record(t, assets.Keys(), nil)
	d := &Debugger{timeline: tl, requests: make(chan func())}
	for !d.putOff { // on a busy host it may not be too soon
		d.publish()
		d.serve()
	}
	select {
	case <-tl.session.woken:
	case <-time.After(time.Minute):
		t.Error("the session is not woken to be shown")
	}
	if d.serve(); d.putOff {
		t.Error("woken too soon")
	}
	closed(t, tl)
}
